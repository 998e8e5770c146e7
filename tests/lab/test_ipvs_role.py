# SPDX-License-Identifier: GPL-2.0-or-later
"""What the ipvs role does with the kernel's table, seen through ipvsadm.

Real servers are addresses where nothing listens: checks are absent, or fail.
"""

import os
import time

import pytest

from tandemlab import Tandem, Topology, virtual_server, vrrp_config, vrrp_instance, wait_until

pytestmark = pytest.mark.ipvs

VIP = Topology.VIP
SERVERS = [f"10.77.0.{host}" for host in (21, 22, 23)]


def service(port, servers=None, **kwargs):
    kwargs.setdefault("check", None)
    return virtual_server(VIP, port, servers=servers or SERVERS, **kwargs)


def writes(tandem):
    return tandem.status()["ipvs"]["netlink_writes"]


def looks(tandem):
    """How often it has read the kernel's table."""
    counters = tandem.status()["ipvs"]
    return counters["glances"] + counters["dumps"]


def wait_settled(tandem):
    """All is written and the first look behind it is done."""
    wait_until(lambda: tandem.status()["ipvs"]["glances"] > 0, "it looks at the table", 10, 0.1,
               tandem.log_tail)


def wait_services(node, n, deadline=10):
    wait_until(lambda: len(node.ipvs()) == n, f"{n} services", deadline, 0.05,
               lambda: node.run("ipvsadm", "-Ln").stdout)


def test_unchanged_reload_writes_nothing_and_one_server_one_message(topology, start_tandem):
    blocks = [service(8000 + i) for i in range(200)]
    a = start_tandem(topology.a, vrrp_config(*blocks))
    wait_services(a.node, 200)
    wait_settled(a)
    before = writes(a)
    assert before == 800
    a.ctl("reload")
    assert writes(a) == before
    blocks[17] = service(8017, [*SERVERS, "10.77.0.24"])
    a.write(vrrp_config(*blocks))
    a.ctl("reload")
    wait_until(lambda: len(a.node.ipvs()[f"TCP {VIP}:8017"]["servers"]) == 4, "the fourth server",
               5, 0.05)
    assert writes(a) == before + 1


def test_plan_names_what_changes_and_changes_nothing(topology, start_tandem):
    a = start_tandem(topology.a, vrrp_config(service(80), service(81)))
    wait_services(a.node, 2)
    wait_settled(a)
    before = writes(a)
    a.write(vrrp_config(service(80, SERVERS[:2]), service(82)))
    plan = [(row["action"], row["subject"]) for row in a.ctl("plan")["plan"]]
    assert ("remove", f"server {SERVERS[2]}:80 of tcp {VIP}:80") in plan
    assert ("remove", f"service tcp {VIP}:81") in plan
    assert ("add", f"service tcp {VIP}:82") in plan
    assert len(plan) == 6, plan
    assert writes(a) == before
    assert set(a.node.ipvs()) == {f"TCP {VIP}:80", f"TCP {VIP}:81"}


def test_emptied_table_is_repaired_by_the_first_look_at_it(topology, start_tandem):
    a = start_tandem(topology.a, vrrp_config(*(service(8000 + i) for i in range(20))))
    wait_services(a.node, 20)
    wait_settled(a)
    before = looks(a)
    a.node.run("ipvsadm", "-C")
    wait_until(lambda: len(a.node.ipvs()) == 20, "all 20 again", 10, 0.05)
    # It looks once a second.  Counted and not timed, which a busy machine would
    # stretch: one look may have been under way, the next sees that something
    # is amiss, a whole dump what; the question itself may be worth another.
    assert looks(a) <= before + 4, a.log_tail()
    assert a.status()["ipvs"]["repairs"] == 20
    assert a.log().count("somebody else changed the IPVS table") == 1


@pytest.mark.parametrize("policy", ["adopt", "leave", "flush"])
def test_foreign_service_is_treated_as_configured(topology, start_tandem, policy):
    foreign = f"TCP {VIP}:9999"
    topology.a.run("ipvsadm", "-A", "-t", f"{VIP}:9999", "-s", "wlc")
    a = start_tandem(topology.a, vrrp_config(service(80),
                                             globals_extra=[f"lvs_foreign {policy}"]))
    wait_until(lambda: f"TCP {VIP}:80" in a.node.ipvs(), "our service", 10, 0.05)
    if policy == "flush":
        wait_until(lambda: foreign not in a.node.ipvs(), "the foreign one is gone", 10, 0.05)
        return
    assert foreign in a.node.ipvs()
    wait_settled(a)
    shown = a.ctl_raw("show", "services").stdout.splitlines()[-1]
    assert shown == (f"tcp {VIP}:9999 " + {"adopt": "adopted", "leave": "foreign, left alone"}[
        policy] + ", in no configuration, 0 real servers")
    if policy == "leave":
        return
    a.node.run("ipvsadm", "-D", "-t", f"{VIP}:9999")
    wait_until(lambda: foreign in a.node.ipvs(), "the adopted one is restored", 10, 0.05,
               a.log_tail)
    assert a.stop(20) == 0
    assert a.node.ipvs() == {}


def test_failed_server_stays_out_when_the_role_is_killed(topology, start_tandem):
    a = start_tandem(topology.a, vrrp_config(service(80, SERVERS[:1], check="tcp"),
                                             service(81, SERVERS[:1])))
    key = f"TCP {VIP}:80"
    wait_until(lambda: a.node.ipvs()[key]["servers"] == {}, "the server is out", 15, 0.05,
               a.log_tail)
    known, quiet = a.service(VIP, 80), a.service(VIP, 81)
    before = a.role("ipvs")
    a.signal_role("ipvs", "KILL")

    def replaced():
        table = a.node.ipvs()
        assert table[key]["servers"] == {} or pytest.fail("a dead server is in the table")
        assert len(table) == 2 or pytest.fail("a service vanished")
        now = a.role("ipvs")
        return now["pid"] != before["pid"] and a.role_is_up(now)
    wait_until(replaced, "the role is restarted", 15, 0.02, a.log_tail)
    end = time.monotonic() + 4
    while time.monotonic() < end:
        replaced()
        time.sleep(0.05)
    assert writes(a) == 0, f"the successor had nothing to change: {a.status()['ipvs']}"
    after = a.service(VIP, 80)
    assert after["state"] == known["state"]
    assert after["since"] == pytest.approx(known["since"], abs=0.01)
    assert after["real_servers"][0]["since"] == pytest.approx(
        known["real_servers"][0]["since"], abs=0.01)
    assert after["real_servers"][0]["reason"] == known["real_servers"][0]["reason"]
    assert "up -> down" in a.ctl_raw("explain", f"server {SERVERS[0]}:80").stdout
    assert a.service(VIP, 81)["since"] == pytest.approx(quiet["since"], abs=0.5)


def test_attributes_are_edited_in_place(topology, start_tandem):
    a = start_tandem(topology.a, vrrp_config(service(80, scheduler="rr")))
    wait_services(a.node, 1)
    wait_settled(a)
    before = writes(a)
    a.write(vrrp_config(service(80, scheduler="mh", extra=["mh-port", "persistence_timeout 77"])))
    a.ctl("reload")
    wait_until(lambda: a.node.ipvs()[f"TCP {VIP}:80"]["scheduler"] == "mh", "mh", 5, 0.05)
    assert "77" in a.node.ipvs()[f"TCP {VIP}:80"]["flags"]
    assert writes(a) == before + 1


def test_plan_names_the_weight_of_a_server_that_is_down(topology, start_tandem):
    text = vrrp_config(service(80, SERVERS[:2], check="tcp"))
    assert text.count("weight 1") == 2
    a = start_tandem(topology.a, text)
    wait_until(lambda: a.node.ipvs()[f"TCP {VIP}:80"]["servers"] == {}, "both are out", 15, 0.05,
               a.log_tail)
    assert f"server {SERVERS[0]}:80 of tcp {VIP}:80: up -> down" in a.log()
    a.write(text.replace("weight 1", "weight 7", 1))
    rows = a.ctl("plan")["plan"]
    assert [(row["action"], row["subject"], row["detail"]) for row in rows] == [
        ("edit", f"server {SERVERS[0]}:80 of tcp {VIP}:80", "weight 1 -> 7, not in use now (down)")]


def foreign_service(node):
    node.run("ipvsadm", "-A", "-t", f"{VIP}:9999", "-s", "wlc")
    node.run("ipvsadm", "-a", "-t", f"{VIP}:9999", "-r", f"{SERVERS[0]}:80", "-m")
    return f"TCP {VIP}:9999"


@pytest.mark.parametrize("words, left", [("", 1), ("lvs_flush_on_stop VS", 1),
                                         ("lvs_flush_on_stop", 0)])
def test_a_stop_flushes_as_configured(topology, start_tandem, words, left):
    foreign = foreign_service(topology.a)
    a = start_tandem(topology.a, vrrp_config(service(80), service(81), globals_extra=[words]))
    wait_services(a.node, 3)
    assert a.stop(20) == 0
    table = a.node.ipvs()
    assert set(table) == {foreign} if left else table == {}
    if left:
        assert len(table[foreign]["servers"]) == 1


def test_flush_at_start_spares_what_comes_later(topology, start_tandem):
    foreign = foreign_service(topology.a)
    a = start_tandem(topology.a, vrrp_config(service(80), globals_extra=["lvs_flush"]))
    wait_until(lambda: set(a.node.ipvs()) == {f"TCP {VIP}:80"}, "the foreign one is gone", 10,
               0.05, a.log_tail)
    wait_settled(a)
    foreign_service(a.node)
    a.ctl("reload")
    before = a.role("ipvs")["pid"]
    a.signal_role("ipvs", "KILL")
    wait_until(lambda: a.role("ipvs")["pid"] not in (0, before) and a.role_is_up(a.role("ipvs")),
               "the role is restarted", 15, 0.05, a.log_tail)
    wait_settled(a)
    assert set(a.node.ipvs()) == {f"TCP {VIP}:80", foreign}


def timeouts(node):
    """tcp, tcpfin, udp in seconds, as ipvsadm tells them."""
    return [int(word) for word in
            node.run("ipvsadm", "-L", "--timeout").stdout.split(":")[1].split()]


def test_timeouts_are_set_and_restored_at_a_stop(topology, start_tandem):
    topology.a.run("ipvsadm", "--set", "901", "121", "301")
    a = start_tandem(topology.a, vrrp_config(
        service(80), globals_extra=["lvs_timeouts tcp 7200 udp 60"]))
    wait_until(lambda: timeouts(a.node) == [7200, 121, 60], "the timeouts are set", 10, 0.1,
               a.log_tail)
    wait_settled(a)
    before = a.role("ipvs")["pid"]
    a.signal_role("ipvs", "KILL")
    wait_until(lambda: a.role("ipvs")["pid"] not in (0, before) and a.role_is_up(a.role("ipvs")),
               "the role is restarted", 15, 0.05, a.log_tail)
    wait_settled(a)
    assert timeouts(a.node) == [7200, 121, 60]
    assert a.stop(20) == 0
    assert timeouts(a.node) == [901, 121, 301]


def daemons(node):
    return [line.split(" sync daemon ")[0] + " " + line.split(" sync daemon ")[1]
            for line in node.run("ipvsadm", "-L", "--daemon").stdout.splitlines()]


def test_sync_daemon_follows_its_instance(topology, start_tandem):
    words = "lvs_sync_daemon eth0 VI_1 port 8849 ttl 2 group 224.0.0.82 maxlen 1400"
    a = start_tandem(topology.a, vrrp_config(vrrp_instance(), service(80),
                                             globals_extra=[words]))
    options = "(mcast=eth0, syncid=51, maxlen=1400, group=224.0.0.82, port=8849, ttl=2)"
    wait_until(lambda: daemons(a.node) == [f"master {options}"], "the master daemon", 15, 0.1,
               lambda: str(daemons(a.node)) + a.log_tail())
    wait_settled(a)
    a.node.run("ipvsadm", "--stop-daemon", "master")
    wait_until(lambda: daemons(a.node) == [f"master {options}"], "it runs again", 5, 0.1,
               a.log_tail)
    a.node.link("down")
    wait_until(lambda: daemons(a.node) == [f"backup {options}"], "the backup daemon", 10, 0.1,
               lambda: str(daemons(a.node)) + a.log_tail())
    a.node.link("up")
    wait_until(lambda: daemons(a.node) == [f"master {options}"], "master again", 15, 0.1,
               a.log_tail)
    a.write(vrrp_config(vrrp_instance(), service(80)))
    a.ctl("reload")
    wait_until(lambda: daemons(a.node) == [], "no daemon", 5, 0.1, a.log_tail)
    a.write(vrrp_config(vrrp_instance(), service(80), globals_extra=["lvs_sync_daemon eth0"]))
    a.ctl("reload")
    wait_until(lambda: len(daemons(a.node)) == 2, "both", 5, 0.1, a.log_tail)
    assert a.stop(20) == 0
    assert daemons(a.node) == []


def saved(node):
    """The table as ipvsadm would restore it, one line each."""
    return node.run("ipvsadm", "-Sn").stdout.splitlines()


def test_every_attribute_reaches_the_kernel(topology, start_tandem):
    one = SERVERS[:1]
    group = (f"virtual_server_group web {{\n{VIP}-101 9000-9001\nfwmark 7\n}}\n")
    blocks = [
        service(80, one, forwarding="TUN type gue port 6080 nocsum"),
        service(81, one, forwarding="TUN type gue port 6081 remcsum"),
        service(82, one, forwarding="TUN type gre csum"),
        service(83, one, forwarding="TUN"),
        service(84, one, scheduler="sh", extra=["sh-port", "sh-fallback"]),
        service(85, one, scheduler="mh", extra=["mh-port", "mh-fallback"]),
        service(86, one, scheduler="rr", extra=["flag-1", "flag-2", "flag-3"]),
        service(87, one, protocol="UDP", extra=["ops"]),
        service(5060, one, protocol="UDP", extra=["persistence_timeout 60",
                                                  "persistence_engine sip"]),
        service(88, one, real_extra=["uthreshold 50", "lthreshold 20"]),
        service(89, one, extra=["persistence_timeout 90",
                                "persistence_granularity 255.255.255.0"]),
        group + virtual_server("group", "web", servers=one, check=None, real_port=80),
    ]
    a = start_tandem(topology.a, vrrp_config(*blocks))
    wait_services(a.node, 16)
    wait_settled(a)
    rule = f"-r {SERVERS[0]}"
    expected = [
        f"-a -t {VIP}:80 {rule}:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum",
        f"-a -t {VIP}:81 {rule}:81 -i -w 1 --tun-type gue --tun-port 6081 --tun-remcsum",
        f"-a -t {VIP}:82 {rule}:82 -i -w 1 --tun-type gre --tun-csum",
        f"-a -t {VIP}:83 {rule}:83 -i -w 1 --tun-type ipip",
        f"-A -t {VIP}:84 -s sh -b sh-fallback,sh-port",
        f"-A -t {VIP}:85 -s mh -b mh-fallback,mh-port",
        f"-A -t {VIP}:86 -s rr -b flag-1,flag-2,flag-3",
        f"-A -u {VIP}:87 -s rr -o",
        f"-A -u {VIP}:5060 -s rr -p 60 --pe sip",
        f"-A -t {VIP}:89 -s rr -p 90 -M 255.255.255.0",
        "-A -f 7 -s rr",
        *(f"-a -t 10.77.0.{host}:{port} {rule}:80 -m -w 1"
          for host in (100, 101) for port in (9000, 9001)),
    ]
    have = saved(a.node)
    missing = [line for line in expected if line not in have]
    assert not missing, "\n".join(missing + ["--- of"] + have)
    limits = [line.split()[1:4] for line in
              a.node.run("ipvsadm", "-Ln", "--thresholds").stdout.splitlines()]
    assert [f"{SERVERS[0]}:88", "50", "20"] in limits, limits
    # What was written is what is read back: nothing is repaired or written again.
    before = writes(a)
    a.ctl("reload")
    assert a.status()["ipvs"]["repairs"] == 0 and writes(a) == before


class ElsewhereTandem(Tandem):
    """With another machine's network namespace under the name blue."""

    other = None

    def _binds(self):
        (self.run_dir / "netns").mkdir(exist_ok=True)
        (self.run_dir / "netns" / "blue").touch()
        return [*super()._binds(), (f"/proc/{os.getpid()}/fd/{self.other.fd}", "/run/netns/blue")]


def test_table_is_kept_in_another_network_namespace(topology):
    a = ElsewhereTandem(topology.a, "net_namespace_ipvs blue\n" + vrrp_config(service(80)))
    a.other = topology.b
    a.start()
    wait_services(topology.b, 1)
    assert topology.a.ipvs() == {}
    before = a.role("ipvs")["pid"]
    a.signal_role("ipvs", "KILL")
    wait_until(lambda: a.role("ipvs")["pid"] not in (0, before) and a.role_is_up(a.role("ipvs")),
               "another ipvs", 15, 0.05, a.log_tail)
    assert len(topology.b.ipvs()) == 1
    assert a.stop(20) == 0
    assert topology.b.ipvs() == {}
    assert topology.a.ipvs() == {}
    a.write("net_namespace_ipvs green\n" + vrrp_config(service(80)))
    a.start(wait=False)
    wait_until(lambda: not a.running, "it refuses to start", 10, 0.05, a.log_tail)
    assert "no network namespace green for IPVS" in a.log()
