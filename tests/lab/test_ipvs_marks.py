# SPDX-License-Identifier: GPL-2.0-or-later
"""nftables_ipvs: groups that are served by mark.

No kernel of the lab has both IPVS and nf_tables: each half is seen in the one
that has it.
"""

import json
import socket

import pytest

from tandemlab import Topology, virtual_server, vrrp_config, wait_until

VIP = Topology.VIP
SERVER = "10.77.0.21"
GROUP = f"virtual_server_group web {{\n {VIP} 80-81\n {VIP} 90\n fd77::100 80\n}}"
WATCH = "\n".join([
    "table ip watch {", "chain in {", "type filter hook input priority 0;",
    "meta mark 1000 counter", "}", "}"])


def config(*words, group=GROUP):
    block = virtual_server(VIP, 80, servers=[SERVER], check=None, forwarding="DR")
    return vrrp_config(group, block.replace(f"virtual_server {VIP} 80", "virtual_server group web"),
                       globals_extra=words)


def marked(node):
    """{(address, protocol, port): mark} of the table, as nft shows it."""
    found = {}
    for family in ("ip", "ip6"):
        done = node.run("nft", "-j", "list", "table", family, "tandem_ipvs", check=False)
        if done.returncode:
            continue
        for row in json.loads(done.stdout)["nftables"]:
            for key, mark in row.get("map", {}).get("elem", []):
                found[tuple(key["concat"])] = mark
    return found


def tables(node):
    rows = json.loads(node.run("nft", "-j", "list", "tables").stdout)["nftables"]
    return sorted((row["table"]["family"], row["table"]["name"]) for row in rows if "table" in row)


def connect(node, port):
    with node.inside():
        sock = socket.socket()
    sock.settimeout(2)
    sock.connect_ex((VIP, port))
    sock.close()


def packets(node):
    rows = json.loads(node.run("nft", "-j", "list", "table", "ip", "watch").stdout)["nftables"]
    rule = next(row["rule"] for row in rows if "rule" in row)
    return next(part["counter"]["packets"] for part in rule["expr"] if "counter" in part)


def test_addresses_of_a_group_get_a_mark(topology, start_tandem):
    node = topology.a
    wanted = {(VIP, "tcp", 80): 1000, (VIP, "tcp", 81): 1000, (VIP, "tcp", 90): 1000,
              ("fd77::100", "tcp", 80): 1000}
    a = start_tandem(node, config("nftables_ipvs"))
    wait_until(lambda: marked(node) == wanted, "all have it", 5, 0.05, a.log_tail)
    link = node.ip_json("route", "get", SERVER)[0]["dev"]
    node.run("ip", "address", "add", f"{VIP}/24", "dev", link)
    node.run("nft", "-f", "-", input=WATCH)
    connect(topology.b, 82)
    assert packets(node) == 0
    connect(topology.b, 81)
    wait_until(lambda: packets(node) > 0, "a packet has the mark", 3, 0.05)
    # A successor leaves it, and somebody who removes it finds it again.
    pid = a.role("ipvs")["pid"]
    a.signal_role("ipvs", "KILL")
    wait_until(lambda: a.role("ipvs")["pid"] not in (0, pid) and a.role_is_up(a.role("ipvs")),
               "another ipvs", 15, 0.05, lambda: marked(node) == wanted or a.log_tail())
    assert marked(node) == wanted
    node.run("nft", "delete", "table", "ip", "tandem_ipvs")
    wait_until(lambda: marked(node) == wanted, "it is there again", 15, 0.1, a.log_tail)
    a.write(config("nftables_ipvs", group=GROUP.replace("80-81", "80")))
    a.ctl("reload")
    del wanted[VIP, "tcp", 81]
    wait_until(lambda: marked(node) == wanted, "one address less", 5, 0.05, a.log_tail)
    a.write(config())
    a.ctl("reload")
    wait_until(lambda: marked(node) == {}, "the table is gone", 5, 0.05, a.log_tail)
    a.write(config("nftables_ipvs"))
    a.ctl("reload")
    wait_until(lambda: len(marked(node)) == 4, "and back", 5, 0.05, a.log_tail)
    assert a.stop(20) == 0
    assert marked(node) == {}


def test_a_group_keeps_its_mark(topology, start_tandem):
    """One in front of it does not shift it, nor does a successor of the role."""
    node = topology.a
    first = "virtual_server_group first {\n 10.77.0.99 80\n}"
    block = virtual_server(VIP, 80, servers=[SERVER], check=None, forwarding="DR")
    ours, other = (block.replace(f"virtual_server {VIP} 80", f"virtual_server group {name}")
                   for name in ("web", "first"))
    with_first = vrrp_config(first, GROUP, other, ours, globals_extra=["nftables_ipvs"])
    a = start_tandem(node, config("nftables_ipvs"))
    wait_until(lambda: marked(node).get((VIP, "tcp", 80)) == 1000, "a mark", 5, 0.05, a.log_tail)
    a.write(with_first)
    a.ctl("reload")

    def as_wanted():
        found = marked(node)
        return found.get((VIP, "tcp", 80)) == 1000 and found.get(("10.77.0.99", "tcp", 80)) == 1001

    wait_until(as_wanted, "the other has another", 5, 0.05, lambda: (marked(node), a.log_tail()))
    pid = a.role("ipvs")["pid"]
    a.signal_role("ipvs", "KILL")
    wait_until(lambda: a.role("ipvs")["pid"] not in (0, pid) and a.role_is_up(a.role("ipvs")),
               "another ipvs", 15, 0.05, a.log_tail)
    assert [row["fwmark"] for row in a.status()["services"]] == [1001, 1000, 1000]
    assert as_wanted()


def test_what_an_earlier_daemon_left_goes(topology, start_tandem):
    """A table of its name, whether the word is there or not."""
    node = topology.a
    for family in ("ip", "ip6"):
        node.run("nft", "add", "table", family, "tandem_ipvs")
        node.run("nft", "add", "table", family, "somebodys")
    a = start_tandem(node, config(), options=["-I"])
    wait_until(lambda: tables(node) == [("ip", "somebodys"), ("ip6", "somebodys")],
               "no table", 5, 0.05, lambda: (tables(node), a.log_tail()))
    a.write(config("nftables_ipvs", group=GROUP.replace("fd77::100 80", "")))
    a.ctl("reload")
    wait_until(lambda: len(marked(node)) == 3, "the table", 5, 0.05, a.log_tail)
    assert a.stop(20) == 0
    assert len(marked(node)) == 3
    node.run("nft", "add", "table", "ip6", "tandem_ipvs")
    a = start_tandem(node, config("nftables_ipvs", group=GROUP.replace("fd77::100 80", "")))
    wait_until(lambda: ("ip6", "tandem_ipvs") not in tables(node), "IPv4 alone", 5, 0.05, a.log_tail)
    assert len(marked(node)) == 3


@pytest.mark.ipvs
def test_a_group_is_one_service_in_the_kernel(topology, start_tandem):
    a = start_tandem(topology.a, config("nftables_ipvs", "nftables_ipvs_start_fwmark 77"))
    wait_until(lambda: list(a.node.ipvs()) == ["FWM 77", "FWM 77"] or "FWM 77" in a.node.ipvs(),
               "the service", 10, 0.05, a.log_tail)
    assert not any(name.startswith("TCP") for name in a.node.ipvs())
    assert [row["fwmark"] for row in a.status()["services"]] == [77, 77]
    # This kernel cannot mark, and that is said until nobody asks for it.
    assert any("nftables_ipvs" in text for text in a.status()["problems"])
    a.write(config())
    a.ctl("reload")
    wait_until(lambda: f"TCP {VIP}:80" in a.node.ipvs(), "services by address", 5, 0.05)
    wait_until(lambda: not any("nftables_ipvs" in text for text in a.status()["problems"]),
               "no problem", 5, 0.05, a.log_tail)
