# SPDX-License-Identifier: GPL-2.0-or-later
"""nftables_ipvs: groups that are served by mark.

No kernel of the lab has both IPVS and nf_tables for IPv4 or IPv6 (the
user-mode kernel has the latter for bridges alone): each half is seen in the
one that has it. Here, which packets get which mark; there, with tc as what
marks the same packets, where connections with that mark end.
"""

import json
import socket

import pytest

from tandemlab import Topology, http_get, virtual_server, vrrp_config, wait_until

VIP = Topology.VIP
VIP6 = Topology.VIP6
SERVER = "10.77.0.21"
GROUP = f"virtual_server_group web {{\n {VIP} 80-81\n {VIP} 90\n fd77::100 80\n}}"
WATCH = "\n".join(line for family in ("ip", "ip6") for line in (
    f"table {family} watch {{", "chain in {", "type filter hook input priority 0;",
    "meta mark 1000 counter", "}", "}"))


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


def connect(node, port, address=VIP, kind=socket.SOCK_STREAM):
    with node.inside():
        sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
    with sock:
        sock.settimeout(2)
        sock.connect_ex((address, port))
        if kind == socket.SOCK_DGRAM:
            sock.send(b"?")


def packets(node, family="ip"):
    rows = json.loads(node.run("nft", "-j", "list", "table", family, "watch").stdout)["nftables"]
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


@pytest.mark.parametrize("vip", [VIP, VIP6], ids=["ipv4", "ipv6"])
def test_packets_of_the_group_are_marked_and_no_others(topology, start_tandem, vip):
    node = topology.a
    family = "ip6" if ":" in vip else "ip"
    other = "fd77::101" if ":" in vip else "10.77.0.101"
    group = f"virtual_server_group web {{\n {vip} 80-81\n}}"
    a = start_tandem(node, config("nftables_ipvs", group=group))
    wait_until(lambda: len(marked(node)) == 2, "the table", 5, 0.05, a.log_tail)
    for address in (vip, other):
        node.run("ip", "address", "add", f"{address}/{64 if ':' in vip else 24}", "dev", "eth0",
                 *(["nodad"] if ":" in vip else []))
    node.run("nft", "-f", "-", input=WATCH)
    connect(topology.client, 82, vip)
    connect(topology.client, 80, other)
    connect(topology.client, 80, vip, socket.SOCK_DGRAM)
    connect(node, 82, vip)
    assert packets(node, family) == 0
    seen = 0
    # From elsewhere, and from the director itself.
    for where, port in ((topology.client, 80), (topology.client, 81), (node, 80)):
        connect(where, port, vip)
        wait_until(lambda: packets(node, family) > seen, f"the mark of port {port}", 3, 0.05)
        seen = packets(node, family)


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


def mark_with_tc(node, address, port, mark):
    """What the table of nftables does, of one entry."""
    node.run("tc", "filter", "add", "dev", "eth0", "ingress", "protocol",
             "ipv6" if ":" in address else "ip", "flower", "dst_ip", address, "ip_proto", "tcp",
             "dst_port", str(port), "action", "skbedit", "mark", str(mark))


def reaches(topology, address, port):
    """The server that answers the client there, or None."""
    try:
        return http_get(topology.client, address, port).server
    except OSError:
        return None


@pytest.mark.ipvs
def test_what_has_the_mark_reaches_the_group(topology, start_tandem):
    """By IPv4 and IPv6, and while a reload puts another group in front."""
    def served(name, server):
        return virtual_server(VIP, 80, servers=[server], check=None).replace(
            f"virtual_server {VIP} 80", f"virtual_server group {name}")

    node, (first, second, third) = topology.a, topology.servers
    groups = ["virtual_server_group four {\n 10.77.0.100 80-81\n}",
              "virtual_server_group six {\n fd77::100 80\n}"]
    services = [served("four", first.addr), served("six", second.addr6)]
    topology.prepare_servers("nat")
    topology.start_web()
    for address in (VIP, Topology.GATEWAY):
        node.run("ip", "address", "add", f"{address}/24", "dev", "eth0")
    for address in (VIP6, Topology.GATEWAY6):
        node.run("ip", "address", "add", f"{address}/64", "dev", "eth0", "nodad")
    a = start_tandem(node, vrrp_config(*groups, *services, globals_extra=["nftables_ipvs"]))
    wait_until(lambda: sorted(node.ipvs()) == ["FWM 1000", "FWM 1001"], "two services", 10, 0.05,
               lambda: (node.ipvs(), a.log_tail()))
    assert reaches(topology, VIP, 80) is None
    node.run("tc", "qdisc", "add", "dev", "eth0", "clsact")
    entries = {(VIP, 80): 1000, (VIP, 81): 1000, (VIP6, 80): 1001}
    for (address, port), mark in entries.items():
        mark_with_tc(node, address, port, mark)

    def answers():
        return [reaches(topology, *entry) for entry in entries]

    wait_until(lambda: answers() == ["s1", "s1", "s2"], "each reaches its server", 10, 0.05,
               lambda: (answers(), node.run("ipvsadm", "-Ln").stdout))
    assert reaches(topology, VIP, 82) is None
    a.write(vrrp_config("virtual_server_group new {\n 10.77.0.99 80\n}", *groups,
                        served("new", third.addr), *services, globals_extra=["nftables_ipvs"]))
    a.ctl("reload")
    assert [row["fwmark"] for row in a.status()["services"]] == [1002, 1000, 1001]
    assert answers() == ["s1", "s1", "s2"]
