# SPDX-License-Identifier: GPL-2.0-or-later
"""Routes and rules: with the addresses, behind them, and nobody else's.

The witness is `ip -j route` and `ip -j rule`; keepalived, given the same
configuration, is the measure of what they should say.
"""

import signal

import pytest

from tandemlab import Topology, vrrp_config, vrrp_instance, wait_until

VIP, VIP6 = Topology.VIP, Topology.VIP6
GW, GW6 = "10.77.0.254", "fd77::254"
ADVERT = 0.1


def block(name, lines):
    return f"{name} {{\n" + "\n".join(lines) + "\n}"


def config(routes=(), rules=(), priority=100, statics=(), static_rules=(), extra=(),
           advert=ADVERT, **kwargs):
    kwargs.setdefault("vips", (VIP, f"{VIP6}"))
    inside = [*extra]
    if routes:
        inside.append(block("virtual_routes", routes))
    if rules:
        inside.append(block("virtual_rules", rules))
    blocks = [vrrp_instance(priority=priority, advert=advert, extra=inside, **kwargs)]
    if statics:
        blocks.append(block("static_routes", statics))
    if static_rules:
        blocks.append(block("static_rules", static_rules))
    return vrrp_config(*blocks, version=3)


def ip_text(node, *words):
    return node.run("ip", "-N", *words).stdout


def routes_of(node, protocol=18):
    """All routes of our number, each a line as `ip` tells it, sorted."""
    lines = []
    for family in ("-4", "-6"):
        text = ip_text(node, family, "route", "show", "table", "all", "proto", str(protocol))
        # Parts of a multipath route stand on lines of their own.
        lines += text.replace("\n\t", " ").splitlines()
    return sorted(" ".join(line.split()) for line in lines)


def rules_of(node):
    lines = []
    for family in ("-4", "-6"):
        lines += ip_text(node, family, "rule", "show").splitlines()
    return sorted(" ".join(line.split()) for line in lines if "proto 18" in line)


def state(node):
    return routes_of(node) + rules_of(node)


def wait_state(node, predicate, what, **kwargs):
    return wait_until(lambda: predicate(state(node)), what, **kwargs)


ROUTES = [
    f"192.0.2.0/24 via {GW} dev eth0",
    f"192.0.3.0/24 via {GW} dev eth0 src {VIP} metric 50 mtu 1400 advmss 1000",
    f"src {VIP} to 192.0.4.0/24 gw {GW} dev eth0 table 100",
    "blackhole 192.0.5.0/24",
    f"192.0.6.0/24 table 100 nexthop via {GW} dev eth0 weight 2 nexthop via 10.77.0.253 dev eth0",
    "192.0.7.0/24 dev eth0 scope link tos 0x04",
    f"unreachable 192.0.8.0/24 metric 7 no_track",
    f"192.0.9.0/24 via {GW} dev eth0 protocol static no_track",
    f"192.0.10.0/24 via 10.77.9.9 dev eth0 onlink realms 3/4 mtu lock 1300 initcwnd 20 quickack 1",
    f"2001:db8:1::/48 via {GW6} dev eth0",
    f"2001:db8:2::/48 via {GW6} dev eth0 metric 30 mtu 1300 src {VIP6} pref high",
    "unreachable 2001:db8:3::/48",
    f"192.0.11.0/24 via {GW} or 10.77.0.253",
    f"default via {GW} dev eth0 table 101 window 5000 hoplimit 9 congctl reno",
    f"192.0.12.0/24 via {GW} dev eth0 append",
]
RULES = [
    f"from {VIP} table 100 preference 1000",
    "from 192.0.2.0/24 to 192.0.3.0/25 iif eth0 oif lo fwmark 0x10/0xff table 100 priority 1001",
    "to 2001:db8:9::/48 table 100 priority 1002",
    "not from 192.0.9.0/24 tos 0x10 blackhole order 1003",
    "fwmark 7 lookup 100 preference 1004 suppress_prefixlength 8",
    "iif eth0 goto 1500 priority 1005",
    "from 192.0.2.5 nop priority 1500",
    "ipproto tcp dport 80-90 uidrange 5-6 table main priority 1501",
    "l3mdev priority 1502",
    "from 192.0.2.6 prohibit priority 1503",
    "from 192.0.2.7 table 100",
]


def test_the_kernel_holds_what_it_holds_with_keepalived(topology, start_tandem, start_keepalived):
    """The same text for both: the same routes and rules, and then none."""
    text = config(ROUTES, RULES, statics=[f"192.0.20.0/24 via {GW} dev eth0 metric 3"],
                  static_rules=["from 192.0.20.0/24 table 100 preference 999"])
    a = topology.a
    before = ip_text(a, "route", "show", "table", "all"), ip_text(a, "rule", "show")
    other = start_keepalived(a, text, vrrp_only=True)
    a.wait_address(VIP)
    # The last of the file comes last.
    want = wait_until(lambda: "192.0.2.7" in str(rules_of(a)) and state(a), "rules of keepalived")
    want_static = routes_of(a, 4)
    assert other.stop() == 0
    tandem = start_tandem(a, text)
    a.wait_address(VIP)
    wait_until(lambda: len(state(a)) >= len(want), "as many as of keepalived",
               detail=lambda: "\n".join(sorted(set(want) ^ set(state(a)))) + tandem.log_tail())
    assert state(a) == want
    assert routes_of(a, 4) == want_static and "192.0.9.0/24" in want_static[0]
    assert tandem.stop() == 0
    assert (ip_text(a, "route", "show", "table", "all"), ip_text(a, "rule", "show")) == before


def start(topology, start_tandem, *args, node=None, **kwargs):
    tandem = start_tandem(node or topology.a, config(*args, **kwargs))
    tandem.wait_vrrp("ACTIVE")
    return tandem


class Monitor:
    """What changes of routes and rules, as `ip monitor` tells it."""

    def __init__(self, node, path):
        self.node, self.path = node, path
        self.process = node.spawn("ip", "-N", "monitor", "route", "rule", log=path)
        self.mark("first")

    def lines(self):
        return [line for line in self.path.read_text().splitlines()
                if "proto 18" in line or "proto 2 " not in line]

    def mark(self, name):
        """Something of our own, so that all before it is known to be read."""
        pref = {"first": "40001", "last": "40002"}[name]

        def heard():
            # Again and again, since it may not listen yet.
            self.node.run("ip", "rule", "add", "from", "192.0.99.1", "table", "9", "pref", pref)
            self.node.run("ip", "rule", "del", "pref", pref)
            return f"{pref}:" in self.path.read_text()
        wait_until(heard, "the monitor's mark")

    def stop(self):
        """All lines but the marks and what the kernel does by itself."""
        self.mark("last")
        self.process.stop(signal.SIGTERM)
        return [line for line in self.lines() if "192.0.99.1" not in line and "proto 18" in line]


@pytest.fixture
def monitor(lab_dir):
    made = []

    def make(node):
        made.append(Monitor(node, lab_dir / f"monitor{len(made)}"))
        return made[-1]
    yield make
    for one in made:
        if one.process.running:
            one.process.stop(signal.SIGTERM)


FEW = ([f"192.0.2.0/24 via {GW} dev eth0 src {VIP}", f"2001:db8:1::/48 via {GW6} dev eth0",
        f"default via {GW} dev eth0 table 100"],
       [f"from {VIP} table 100 preference 1000", f"from {VIP6} table 100 preference 1000"])


def test_routes_and_rules_move_with_the_addresses(topology, start_tandem):
    a, b = topology.a, topology.b
    second = start_tandem(b, config(*FEW, priority=100))
    second.wait_vrrp("ACTIVE")
    there = wait_state(b, lambda s: len(s) == 5 and s, "all five") and state(b)
    first = start_tandem(a, config(*FEW, priority=150))
    first.wait_vrrp("ACTIVE")
    wait_state(a, lambda s: s == there, "all five move")
    wait_state(b, lambda s: not s, "none is left")
    topology.cut(a)
    wait_state(b, lambda s: s == there, "they are back")
    wait_state(a, lambda s: not s, "none is left without a link")
    topology.mend(a)
    wait_state(a, lambda s: s == there, "they move again")
    assert first.stop() == 0
    assert not state(a)
    wait_state(b, lambda s: s == there, "after a planned stop")
    assert [o["present"] for o in second.instance()["routes"]] == [True] * 5


def test_what_somebody_removes_is_handled_as_by_keepalived(topology, start_tandem):
    a = topology.a
    tandem = start(topology, start_tandem, [FEW[0][0], f"192.0.3.0/24 via {GW} dev eth0 no_track"],
                   FEW[1], statics=[f"192.0.20.0/24 via {GW} dev eth0 metric 3"],
                   static_rules=["from 192.0.20.0/24 table 100 preference 999"])
    there = wait_state(a, lambda s: len(s) == 6 and s, "all six") and state(a)
    since = tandem.instance()["since"] + 0.001
    # Static ones are put back.
    a.run("ip", "route", "del", "192.0.20.0/24")
    a.run("ip", "rule", "del", "pref", "999")
    wait_state(a, lambda s: s == there, "static ones are put back")
    # No matter without tracking, and not put back.
    a.run("ip", "route", "del", "192.0.3.0/24")
    wait_until(lambda: "somebody removed route 192.0.3.0/24" in tandem.log(), "it is noticed")
    assert tandem.instance()["since"] < since and "192.0.3.0/24" not in str(state(a))
    # A tracked one: Backup, and then Active with all of them.
    a.run("ip", "route", "del", "192.0.2.0/24")
    wait_state(a, lambda s: s == there, "all are back")
    assert tandem.instance()["since"] > since
    assert "ACTIVE -> BACKUP (route-or-rule-removed)" in tandem.log()
    a.run("ip", "rule", "del", "pref", "1000")
    wait_until(lambda: tandem.log().count("(route-or-rule-removed)") == 2, "for a rule, too")
    wait_state(a, lambda s: s == there, "all are back")


def test_a_reload_writes_what_changed_only(topology, start_tandem, monitor):
    a = topology.a
    routes = [f"198.51.{i}.0/24 via {GW} dev eth0" for i in range(100)]
    rules = [f"from 198.51.{i}.0/24 table 100 preference {2000 + i}" for i in range(100)]
    tandem = start(topology, start_tandem, routes, rules)
    wait_state(a, lambda s: len(s) == 200, "all")
    watch = monitor(a)
    tandem.write(config(routes, rules, extra=["garp_master_refresh 9"]))
    tandem.ctl("reload")
    routes[17] = routes[17].replace(GW, "10.77.0.253")
    rules[33] = rules[33].replace("table 100", "table 101")
    tandem.write(config(routes, rules))
    plan = tandem.ctl_raw("plan").stdout
    assert "10.77.0.253" in plan and plan.count("198.51.") == 4
    tandem.ctl("reload")
    wait_state(a, lambda s: "10.77.0.253" in str(s) and "lookup 101" in str(s) and len(s) == 200,
               "the new ones", detail=lambda: str(len(state(a))) + tandem.log_tail())
    seen = watch.stop()
    assert len(seen) == 4, seen
    # A way that changes is never missing: the new one comes first.
    order = ["Deleted" in line for line in seen if "198.51.17.0" in line]
    assert order == [False, True]
    assert tandem.instance()["state"] == "ACTIVE"


@pytest.mark.parametrize("edit, family", [("metric", 4), ("mtu", 4), ("src", 4), ("mtu", 6),
                                          ("gateway", 6)])
def test_an_edited_route_is_there_once(topology, start_tandem, edit, family):
    a = topology.a
    base = f"192.0.2.0/24 via {GW} dev eth0" if family == 4 else f"2001:db8:1::/48 via {GW6} dev eth0"
    after = {"metric": base + " metric 5", "mtu": base + " mtu 1300",
             "src": base + f" src {VIP}", "gateway": base.replace(GW6, "fd77::253")}[edit]
    tandem = start(topology, start_tandem, [base])
    before = wait_state(a, lambda s: len(s) == 1 and s, "the route") and state(a)
    tandem.write(config([after]))
    tandem.ctl("reload")
    now = wait_until(lambda: state(a) != before and len(state(a)) == 1 and state(a), "the new one",
                     detail=lambda: str(state(a)) + tandem.log_tail())
    tandem.write(config([base]))
    tandem.ctl("reload")
    wait_state(a, lambda s: s == before, "as before")
    assert now != before


def test_a_killed_role_leaves_routes_that_its_successor_adopts(topology, start_tandem, monitor):
    a = topology.a
    extra = f"192.0.9.0/24 via {GW} dev eth0 protocol static no_track"
    tandem = start(topology, start_tandem, [*FEW[0], extra], FEW[1],
                   static_rules=["from 192.0.20.0/24 table 100 preference 999"])
    there = wait_state(a, lambda s: len(s) == 6 and s, "all six") and state(a)
    watch = monitor(a)
    pid = tandem.signal_role("vrrp", "KILL")
    wait_until(lambda: tandem.role("vrrp")["pid"] not in (0, pid), "a successor")
    tandem.wait_vrrp("ACTIVE")
    wait_until(lambda: all(o["present"] for o in tandem.instance()["routes"]), "all are adopted")
    assert watch.stop() == []
    assert state(a) == there
    assert tandem.stop() == 0
    assert not state(a) and not routes_of(a, 4)


def test_what_is_not_ours_stays(topology, start_tandem):
    """The same route of somebody else, and others with our number."""
    a = topology.a
    a.run("ip", "route", "add", "192.0.2.0/24", "via", GW, "proto", "4", "src", a.addr)
    a.run("ip", "-6", "route", "add", "2001:db8:1::/48", "via", GW6, "proto", "4")
    a.run("ip", "route", "add", "192.0.50.0/24", "via", GW, "proto", "18")
    a.run("ip", "rule", "add", "from", VIP, "table", "100", "pref", "1000")
    a.run("ip", "rule", "add", "from", "192.0.50.1", "table", "100", "pref", "7", "protocol", "18")
    before = ip_text(a, "route"), ip_text(a, "rule"), ip_text(a, "-6", "route")
    tandem = start(topology, start_tandem, *FEW)
    wait_until(lambda: all(o["present"] for o in tandem.instance()["routes"]), "all are there",
               detail=tandem.log_tail)
    assert tandem.stop() == 0
    assert (ip_text(a, "route"), ip_text(a, "rule"), ip_text(a, "-6", "route")) == before


@pytest.mark.parametrize("rival", ["keepalived", "tandem"])
def test_leftovers_of_a_killed_daemon_are_adopted(topology, start_tandem, start_keepalived, rival,
                                                  monitor):
    a = topology.a
    text = config(*FEW, static_rules=["from 192.0.20.0/24 table 100 preference 999"])
    other = (start_tandem(a, text) if rival == "tandem" else
             start_keepalived(a, text, vrrp_only=True))
    there = wait_state(a, lambda s: len(s) == 6 and s, "all six") and state(a)
    other.kill()
    assert state(a) == there
    watch = monitor(a)
    tandem = start_tandem(a, text, name="second")
    tandem.wait_vrrp("ACTIVE")
    assert watch.stop() == []
    assert state(a) == there
    assert tandem.stop() == 0
    assert not state(a)


def test_a_route_that_is_refused_is_tried_again(topology, start_tandem):
    a = topology.a
    text = config(["192.0.2.0/24 via 10.99.99.1 dev eth0", "192.0.3.0/24 dev later no_track"])
    tandem = start_tandem(a, text + block("static_ipaddress", ["10.66.0.1/32 dev later"]))
    tandem.wait_vrrp("ACTIVE")
    problems = wait_until(lambda: [p for p in tandem.status()["problems"] if "192.0." in p][1:]
                          and tandem.status()["problems"], "problems are told")
    assert any("192.0.2.0/24" in p and "unreachable" in p for p in problems), problems
    assert any("192.0.3.0/24" in p and "interface is missing" in p for p in problems), problems
    assert "static_ipaddress: the interface of 10.66.0.1 is missing" in problems
    assert tandem.log().count("cannot add route 192.0.2.0/24") == 1
    a.ip("addr add 10.99.99.2/24 dev eth0", "link add later type veth peer name lat2",
         "link set later up", "link set lat2 up")
    wait_state(a, lambda s: len(s) == 2, "both are there")
    a.wait_address("10.66.0.1")
    assert not [p for p in tandem.status()["problems"] if "192.0." in p or "10.66" in p]


def test_a_lost_static_route_of_a_track_group_is_a_fault(topology, start_tandem):
    a = topology.a
    group = block("track_group G", ["group {", "VI_1", "}"])
    text = config(statics=["192.0.2.0/24 via 10.99.99.1 dev eth0 track_group G"]) + group
    tandem = start_tandem(a, text)
    tandem.wait_vrrp("FAULT")
    assert tandem.instance()["reason"] == "static-route-or-rule-missing"
    a.ip("addr add 10.99.99.2/24 dev eth0")
    tandem.wait_vrrp("ACTIVE")
    a.ip("addr del 10.99.99.2/24 dev eth0")
    a.run("ip", "route", "del", "192.0.2.0/24")
    tandem.wait_vrrp("FAULT")


def test_a_tracked_route_tracks_its_interface(topology, start_tandem):
    a = topology.a
    a.ip("link add side type veth peer name side2", "link set side up", "link set side2 up")
    tandem = start(topology, start_tandem, ["192.0.2.0/24 dev side", "192.0.3.0/24 dev side2 no_track"])
    wait_state(a, lambda s: len(s) == 2, "both")
    a.ip("link set side down")
    tandem.wait_vrrp("FAULT")
    wait_state(a, lambda s: not s, "none is left")
    a.ip("link set side up")
    tandem.wait_vrrp("ACTIVE")
    wait_state(a, lambda s: len(s) == 2, "both")
    assert "somebody" not in tandem.log()


def test_a_route_over_a_virtual_mac_interface(topology, start_tandem):
    """The interface is made first and goes last; a killed role's successor has both."""
    a = topology.a
    tandem = start(topology, start_tandem, [f"192.0.2.0/24 via {GW} dev vrrp.51"],
                   ["iif vrrp.51 table 100 preference 1000"], vips=(f"{VIP}/24",),
                   extra=["use_vmac"])
    there = wait_state(a, lambda s: len(s) == 2 and s, "both") and state(a)
    assert "does not exist" not in tandem.log()
    pid = tandem.signal_role("vrrp", "KILL")
    wait_until(lambda: tandem.role("vrrp")["pid"] not in (0, pid), "a successor")
    tandem.wait_vrrp("ACTIVE")
    assert state(a) == there
    assert tandem.stop() == 0
    assert not state(a)
