# SPDX-License-Identifier: GPL-2.0-or-later
"""The main job: traffic through the VIP that survives what dies.

The kernel's own table, as ipvsadm prints it, is the witness. Times are
generous: the user-mode kernel has one CPU and slow system calls.
"""

import os
import signal
import time

import pytest

from tandemlab import (Prober, Topology, http_get, virtual_server, vrrp_config, vrrp_instance,
                       wait_until)

pytestmark = pytest.mark.ipvs

VIP, VIP6 = Topology.VIP, Topology.VIP6
ADVERT = 0.2
HTTP_CHECK = ("HTTP_GET {\n    url {\n        path /health\n        status_code 200\n    }\n"
              "    connect_timeout 1\n    retry 1\n    delay_before_retry 1\n}")


def key(address, port=80):
    return f"TCP [{address}]:{port}" if ":" in address else f"TCP {address}:{port}"


def real(address, port=80):
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def servers_of(topology, vip=VIP):
    return [node.addr6 if ":" in vip else node.addr for node in topology.servers]


def pair_config(topology, priority, forwarding="NAT", vip=VIP, advert=ADVERT, globals_extra=(),
                **kwargs):
    """VIP and gateway in one instance, one virtual server over all servers."""
    six = ":" in vip
    vips = ["fe80::51", vip, topology.GATEWAY6] if six else [vip, topology.GATEWAY]
    return vrrp_config(
        vrrp_instance(priority=priority, advert=advert, vips=vips),
        virtual_server(vip, servers=servers_of(topology, vip), forwarding=forwarding, **kwargs),
        version=3, globals_extra=globals_extra)


def weights(node, vip=VIP, port=80):
    """{real server: weight} of the kernel's table; empty if there is no service."""
    service = node.ipvs().get(key(vip, port), {"servers": {}})
    return {name: row["weight"] for name, row in service["servers"].items()}


def wait_table(director, expected, vip=VIP, port=80, deadline=10):
    wait_until(lambda: weights(director.node, vip, port) == expected,
               f"{director.node.name} has {expected}", deadline, 0.05,
               lambda: f"{director.node.run('ipvsadm', '-Ln').stdout}{director.log_tail()}")


def all_up(topology, vip=VIP, weight=1):
    return {real(address): weight for address in servers_of(topology, vip)}


@pytest.mark.limit(90)
@pytest.mark.parametrize("vip", [VIP, VIP6], ids=["ipv4", "ipv6"])
@pytest.mark.parametrize("forwarding", ["NAT", "DR", "TUN"])
def test_traffic_survives_a_server_and_a_director(topology, start_director, forwarding, vip):
    topology.prepare_servers(forwarding.lower(), [vip])
    web = topology.start_web()
    b = start_director(topology.b, pair_config(topology, 100, forwarding, vip))
    a = start_director(topology.a, pair_config(topology, 150, forwarding, vip))
    a.wait_address(vip)
    b.wait_address(vip, present=False)
    for director in (a, b):
        wait_table(director, all_up(topology, vip), vip)
    methods = {row["forward"] for row in a.node.ipvs()[key(vip)]["servers"].values()}
    assert methods == {{"NAT": "Masq", "DR": "Route", "TUN": "Tunnel"}[forwarding]}

    with Prober(topology.client, vip, interval=0.02, timeout=3.5) as prober:
        prober.wait_answers(30, 20)
        counts = prober.servers()
        assert set(counts) == {"s1", "s2", "s3"}
        assert max(counts.values()) <= min(counts.values()) + 5, "round robin"
        assert not prober.lost

        web[1].kill()
        alive = all_up(topology, vip)
        del alive[real(servers_of(topology, vip)[1])]
        wait_table(a, alive, vip)
        out = time.monotonic() + 0.1
        wait_table(b, alive, vip)
        prober.wait_answers(30, 20)
        assert set(prober.servers(out)) == {"s1", "s3"}

        web[1].start()
        wait_table(a, all_up(topology, vip), vip)
        wait_until(lambda: "s2" in prober.servers(out), "s2 answers again", 10, 0.1)

        killed = time.monotonic()
        topology.cut(topology.a)
        b.wait_address(vip, deadline=5)
        taken = time.monotonic() + 0.1
        wait_until(lambda: len(prober.servers(taken)) == 3, "all three answer through b", 20, 0.1,
                   prober.summary)
    assert not [row for row in prober.lost if row.start > taken], prober.summary()
    quiet = [row for row in prober.lost if out < row.start < killed - 0.1]
    assert not quiet, f"none is lost while nothing dies: {quiet}"


@pytest.mark.limit(90)
def test_planned_stop_loses_no_request(topology, start_director):
    """Nor one that is in flight: both directors choose the same server for it."""
    topology.prepare_servers("dr")
    topology.start_web()
    shape = {"forwarding": "DR", "scheduler": "mh", "extra": ["mh-port"]}
    for node in (topology.a, topology.b):
        node.sysctl({"ipv4/vs/sloppy_tcp": 1})
    b = start_director(topology.b, pair_config(topology, 100, **shape))
    a = start_director(topology.a, pair_config(topology, 150, **shape))
    a.wait_address(VIP)
    b.wait_address(VIP, present=False)
    for director in (a, b):
        wait_table(director, all_up(topology))
    with Prober(topology.client, VIP, interval=0.01, timeout=3.5) as prober:
        prober.wait_answers(50, 20)
        assert a.stop(20) == 0
        b.wait_address(VIP, deadline=5)
        stopped = time.monotonic()
        wait_until(lambda: sum(prober.servers(stopped).values()) > 50, "b answers", 20, 0.1)
    assert a.node.ipvs() == {}
    assert not prober.lost, prober.summary()


def test_http_check_follows_the_page(topology, start_director):
    topology.prepare_servers("nat")
    web = topology.start_web()
    a = start_director(topology.a, pair_config(topology, 150, check=HTTP_CHECK))
    wait_table(a, all_up(topology))
    web[0].set_health(False)
    alive = all_up(topology)
    del alive[real(web[0].node.addr)]
    wait_table(a, alive)
    assert http_get(topology.client, web[0].node.addr).server == "s1", "nginx itself lives"
    web[0].set_health(True)
    wait_table(a, all_up(topology))


def test_inhibit_on_failure_keeps_the_entry_at_weight_0(topology, start_director):
    topology.prepare_servers("nat")
    web = topology.start_web()
    a = start_director(topology.a, pair_config(topology, 150, weight=7,
                                               real_extra=["inhibit_on_failure"]))
    wait_table(a, all_up(topology, weight=7))
    web[2].kill()
    wait_table(a, {**all_up(topology, weight=7), real(web[2].node.addr): 0})
    web[2].start()
    wait_table(a, all_up(topology, weight=7))


def test_sorry_server_serves_when_quorum_is_lost(topology, start_director):
    topology.prepare_servers("nat")
    web = topology.start_web()
    sorry = web.pop()
    servers = [server.node.addr for server in web]
    config = vrrp_config(
        vrrp_instance(priority=150, advert=ADVERT, vips=[VIP, topology.GATEWAY]),
        virtual_server(servers=servers, extra=["quorum 2", f"sorry_server {sorry.node.addr} 80"]),
        version=3)
    a = start_director(topology.a, config)
    a.wait_address(VIP)
    wait_table(a, {real(address): 1 for address in servers})
    web[0].kill()
    wait_until(lambda: real(sorry.node.addr) in weights(a.node), "the sorry server is in", 10,
               0.05, a.log_tail)
    web[0].start()
    wait_table(a, {real(address): 1 for address in servers})


def test_stop_empties_the_table(topology, start_director):
    topology.prepare_servers("nat")
    topology.start_web()
    a = start_director(topology.a, pair_config(topology, 150))
    a.wait_address(VIP)
    wait_table(a, all_up(topology))
    assert a.stop(20) == 0
    assert a.node.ipvs() == {}
    assert not a.node.has_address(VIP)


def test_schedulers_persistence_and_udp_reach_the_kernel(topology, start_director):
    blocks = [virtual_server(VIP, 8000 + i, servers=[topology.servers[0].addr], check=None,
                             scheduler=name, extra=["persistence_timeout 77"] if i == 0 else [])
              for i, name in enumerate(["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh",
                                        "sed", "nq", "fo", "ovf", "mh"])]
    blocks.append(virtual_server(VIP, 53, servers=[topology.servers[1].addr], check=None,
                                 protocol="UDP", scheduler="rr"))
    blocks.append(virtual_server("fwmark", 5, servers=[topology.servers[2].addr], check=None,
                                 real_port=0))
    a = start_director(topology.a, vrrp_config(*blocks))
    wait_until(lambda: len(a.node.ipvs()) == 15, "15 services", 10, 0.1,
               lambda: f"{a.node.ipvs()}{a.log_tail()}")
    table = a.node.ipvs()
    for i, name in enumerate(["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed",
                              "nq", "fo", "ovf", "mh"]):
        assert table[key(VIP, 8000 + i)]["scheduler"] == name
    assert table[key(VIP, 8000)]["flags"] == ["persistent", "77"]
    assert f"UDP {VIP}:53" in table and "FWM 5" in table


# What only Tandem does, or says.

def tandem_pair(topology, start_tandem, **kwargs):
    topology.prepare_servers("nat")
    web = topology.start_web()
    a = start_tandem(topology.a, pair_config(topology, 150, **kwargs))
    a.wait_address(VIP)
    wait_table(a, all_up(topology))
    return a, web


def test_status_tells_the_state_of_servers_and_why(topology, start_tandem):
    a, web = tandem_pair(topology, start_tandem)
    wait_until(lambda: a.service(VIP, 80)["state"] == "up", "the service is up", poll=0.1)
    web[0].kill()
    server = wait_until(
        lambda: (row := a.real_server((VIP, 80), web[0].node.addr))["state"] == "down" and row,
        "s1 is down", 10, 0.1, a.log_tail)
    assert server["effective_weight"] == 0
    assert server["checks"][0]["state"] == "down"
    assert server["checks"][0]["reason"] == "connection-refused"
    service = a.service(VIP, 80)
    assert service["state"] == "degraded"
    assert service["weight_up"] == 2 and service["scheduler"] == "rr"
    good = a.real_server((VIP, 80), web[1].node.addr)
    assert good["state"] == "up" and good["effective_weight"] == 1


@pytest.mark.parametrize("role", ["healthcheck", "ipvs", "vrrp"])
@pytest.mark.parametrize("how", ["KILL", "STOP"])
def test_a_role_that_dies_or_hangs_leaves_table_and_traffic(topology, start_tandem, role, how):
    a, web = tandem_pair(topology, start_tandem)
    before = a.role(role)
    expected = all_up(topology)
    with topology.a.watch_addresses() as watch, \
            Prober(topology.client, VIP, interval=0.02, timeout=3.5) as prober:
        prober.wait_answers(10, 20)
        a.signal_role(role, how)

        def replaced():
            assert weights(a.node) == expected or pytest.fail("the table changed")
            now = a.role(role)
            return now["pid"] != before["pid"] and a.role_is_up(now)
        wait_until(replaced, f"{role} is restarted", 10, 0.05, a.log_tail)
        prober.wait_answers(50, 20)
        assert not watch.removed(VIP)
    assert not prober.lost, prober.summary()
    # The new one does the work of the old one.
    web[0].kill()
    del expected[real(web[0].node.addr)]
    wait_table(a, expected, deadline=15)


def test_supervisor_that_dies_and_comes_again_leaves_table_and_traffic(topology, start_tandem):
    """With roles that stay meanwhile: a dead server is not put back for a moment."""
    words = {"advert": 1, "globals_extra": ["supervisor_death leave"]}
    a, web = tandem_pair(topology, start_tandem, **words)
    b = start_tandem(topology.b, pair_config(topology, 100, **words))
    web[0].kill()
    expected = all_up(topology)
    del expected[real(web[0].node.addr)]
    wait_table(a, expected, deadline=15)
    with topology.a.watch_addresses() as watch, topology.b.watch_addresses() as at_twin, \
            Prober(topology.client, VIP, interval=0.02, timeout=3.5) as prober:
        prober.wait_answers(10, 20)
        os.kill(a.pid, signal.SIGKILL)
        a.process.wait()
        prober.wait_answers(20, 20)
        a.start()

        def settled():
            assert weights(a.node) == expected or pytest.fail("the table changed")
            return a.service(VIP, 80)["state"] == "degraded"
        wait_until(settled, "the service is what it was", 10, 0.05, a.log_tail)
        prober.wait_answers(100, 20)
        settled()
        assert not watch.removed(VIP)
        assert not [event for event in at_twin.events() if event[1] == VIP]
    assert not prober.lost, prober.summary()
    assert b.instance()["state"] == "BACKUP"
    # The new one does the work of the old one.
    web[1].kill()
    del expected[real(web[1].node.addr)]
    wait_table(a, expected, deadline=15)


def test_foreign_entries_are_left_alone(topology, start_tandem):
    foreign = f"{VIP}:9999"
    topology.a.run("ipvsadm", "-A", "-t", foreign, "-s", "wlc")
    a, _ = tandem_pair(topology, start_tandem)
    assert f"TCP {foreign}" in a.node.ipvs()
    assert a.stop(20) == 0
    assert list(a.node.ipvs()) == [f"TCP {foreign}"]


def test_entries_removed_by_others_are_repaired(topology, start_tandem):
    a, web = tandem_pair(topology, start_tandem)
    a.node.run("ipvsadm", "-d", "-t", f"{VIP}:80", "-r", real(web[0].node.addr))
    wait_table(a, all_up(topology), deadline=30)
    a.node.run("ipvsadm", "-e", "-t", f"{VIP}:80", "-r", real(web[1].node.addr), "-m",
               "-w", "99")
    wait_table(a, all_up(topology), deadline=30)
    a.node.run("ipvsadm", "-D", "-t", f"{VIP}:80")
    wait_table(a, all_up(topology), deadline=30)


def test_reload_touches_only_what_changed(topology, start_tandem):
    """Connections counted by an entry show that it was not made anew."""
    a, web = tandem_pair(topology, start_tandem)
    for _ in range(6):
        http_get(topology.client, VIP)
    generation = a.status()["generation"]
    a.write(pair_config(topology, 150).replace(
        f"real_server {web[2].node.addr} 80 {{\n        weight 1",
        f"real_server {web[2].node.addr} 80 {{\n        weight 5"))
    a.ctl("reload")
    wait_table(a, {**all_up(topology), real(web[2].node.addr): 5})
    assert a.status()["generation"] > generation

    def connections():
        stats = a.node.run("ipvsadm", "-Ln", "--stats").stdout
        return [int(line.split()[2]) for line in stats.splitlines()
                if line.split()[:1] == ["->"] and line.split()[1][0].isdigit()]

    # The kernel sums its counters up every two seconds.
    wait_until(lambda: connections() == [2, 2, 2], "counters went on", 10, 0.2)
