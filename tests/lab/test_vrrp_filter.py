# SPDX-License-Identifier: GPL-2.0-or-later
"""no_accept, what leaves a virtual MAC, and the settings and timers beside them."""

import json
import socket
import time

import pytest

from tandemlab import Capture, Topology, vrrp_config, vrrp_instance, wait_until
from test_vrrp_vmac import LL6, MAC4, MAC6, VIP, VIP6, addresses, config, links, neighbour, setting

IGMP, ICMPV6 = 2, 58
REPORTS = {131, 132, 143}


def tables(node):
    rows = json.loads(node.run("nft", "-j", "list", "tables").stdout)["nftables"]
    return {(row["table"]["family"], row["table"]["name"]) for row in rows if "table" in row}


def elements(node, family, name, table="tandem"):
    rows = json.loads(node.run("nft", "-j", "list", "set", family, table, name).stdout)["nftables"]
    return set(next(row["set"] for row in rows if "set" in row).get("elem", []))


def connects(node, address, port=9, timeout=0.3):
    """"refused" by a machine that takes packets, "silence" by one that drops them."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with node.inside(), socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.settimeout(timeout)
        try:
            sock.connect((address, port))
        except ConnectionRefusedError:
            return "refused"
        except TimeoutError:
            return "silence"
    return "connected"


def groups_told(capture):
    """Source MACs of reports of multicast groups, by family; of router solicitations."""
    igmp, mld, solicitations = set(), set(), set()
    for _, frame in list(capture.frames):
        mac = frame[6:12].hex(":")
        if frame[12:14] == b"\x08\x00" and frame[23] == IGMP:
            igmp.add(mac)
        if frame[12:14] == b"\x86\xdd":
            at = 54
            kind = frame[20]
            if kind == 0 and len(frame) > 62:  # hop-by-hop
                kind, at = frame[54], 54 + 8 * (frame[55] + 1)
            if kind == ICMPV6 and len(frame) > at:
                if frame[at] in REPORTS:
                    mld.add(mac)
                if frame[at] == 133:
                    solicitations.add(mac)
    return igmp, mld, solicitations


@pytest.mark.parametrize("six", [False, True], ids=["v4", "v6"])
def test_a_backup_says_nothing_with_the_virtual_mac(topology, start_tandem, six):
    a, b, router = topology.a, topology.b, topology.router
    own = links(b)["eth0"]["address"]
    with Capture(router, "lan") as lan:
        high = start_tandem(a, config(150, six))
        high.wait_vrrp("ACTIVE")
        high.stop()
        lan.frames.clear()
        # Somebody speaks, so that the other stays what it is.
        high.start()
        high.wait_vrrp("ACTIVE")
        low = start_tandem(b, config(100, six))
        low.wait_vrrp("BACKUP")
        wait_until(lambda: own in groups_told(lan)[1 if six else 0],
                   "the groups are told of by the interface itself", 5)
        igmp, mld, solicitations = groups_told(lan)
    assert not {MAC4, MAC6} & (igmp | mld | solicitations)
    assert tables(b) == {("ip6" if six else "ip", "tandem")}
    assert low.stop() == 0
    assert tables(b) == set()


@pytest.mark.parametrize("vmac", [None, "use_vmac"], ids=["plain", "vmac"])
@pytest.mark.parametrize("six", [False, True], ids=["v4", "v6"])
def test_no_accept_answers_for_the_address_and_takes_nothing(topology, start_tandem, six, vmac):
    a, router = topology.a, topology.router
    vip = VIP6 if six else VIP

    def text(*words, priority=150, globals_extra=()):
        vips = [LL6, VIP6] if six else [VIP]
        return vrrp_config(vrrp_instance(vips=vips, advert=0.1, priority=priority,
                                         extra=[*words, *([vmac] if vmac else [])]),
                           version=3, globals_extra=globals_extra)

    tandem = start_tandem(a, text("no_accept"))
    tandem.wait_vrrp("ACTIVE")
    wait_until(lambda: vip in a.run("ip", "addr").stdout, "the address is there")
    assert neighbour(router, vip)
    assert connects(router, vip) == "silence"
    assert connects(router, a.addr6 if six else a.addr) == "refused"
    family = "ip6" if six else "ip"
    assert elements(a, family, "addresses") == {vip}
    if six:
        assert connects(a, VIP6) == "silence"

    # The kernel's firewall is loaded anew.
    a.run("nft", "flush", "ruleset")
    wait_until(lambda: elements(a, family, "addresses") == {vip}, "the filter is there again")
    assert connects(router, vip) == "silence"
    a.run("nft", "flush", "chain", family, "tandem", "in")
    wait_until(lambda: connects(router, vip, timeout=0.05) == "silence", "and its rules")

    for words, kwargs, answer in ((("accept",), {}, "refused"), (("no_accept",), {}, "silence"),
                                  (("no_accept", "accept"), {}, "refused"),
                                  (("accept", "no_accept"),
                                   {"globals_extra": ["nftables mine", "nftables_counters",
                                                      "nftables_ifindex",
                                                      "nftables_priority -7"]}, "silence"),
                                  (("no_accept",), {"priority": 255}, "refused"),
                                  (("strict_mode",), {}, "silence"),
                                  (("strict_mode", "accept"), {}, "refused")):
        tandem.write(text(*words, **kwargs))
        tandem.ctl("reload")
        assert connects(router, vip) == answer, words
    assert tandem.instance()["became_active"] == 1
    assert ("ip", "mine") not in tables(a)
    assert tandem.stop() == 0
    assert tables(a) == set()


def test_filters_outlive_a_killed_role(topology, start_tandem):
    a, router = topology.a, topology.router
    tandem = start_tandem(a, config(extra=["no_accept"]))
    tandem.wait_vrrp("ACTIVE")
    wait_until(lambda: VIP in addresses(a, "vrrp.51"), "the address is there")
    assert connects(router, VIP) == "silence"
    old = tandem.signal_role("vrrp", "KILL")
    assert connects(router, VIP, timeout=0.1) == "silence"
    wait_until(lambda: tandem.role("vrrp")["pid"] not in (0, old), "it has a successor")
    tandem.wait_vrrp("ACTIVE")
    assert connects(router, VIP) == "silence"
    assert tandem.stop() == 0
    assert tables(a) == set()


def test_settings_that_are_asked_for_are_put_back(topology, start_tandem):
    a = topology.a
    path = "/proc/sys/net/ipv4/igmp_link_local_mcast_reports"
    a.sysctl({"ipv4/conf/eth0/promote_secondaries": 0})

    def text(globals_extra, extra):
        return vrrp_config(vrrp_instance(advert=0.1, extra=extra), version=3,
                           globals_extra=globals_extra)

    def now():
        return (int(a.run("cat", path).stdout), setting(a, "eth0", "promote_secondaries"))

    assert now() == (1, 0)
    tandem = start_tandem(a, text(["disable_local_igmp"], ["promote_secondaries"]))
    assert now() == (0, 1)
    tandem.write(text([], []))
    tandem.ctl("reload")
    wait_until(lambda: now() == (1, 0), "they are put back")
    tandem.write(text(["disable_local_igmp"], ["promote_secondaries"]))
    tandem.ctl("reload")
    wait_until(lambda: now() == (0, 1), "they are set")
    # The successor of a killed role knows what they were.
    old = tandem.signal_role("vrrp", "KILL")
    wait_until(lambda: tandem.role("vrrp")["pid"] not in (0, old), "it has a successor")
    tandem.wait_up()
    assert now() == (0, 1)
    assert tandem.stop() == 0
    assert now() == (1, 0)


def test_interfaces_without_adverts_are_announced_again(topology, start_tandem):
    a, router = topology.a, topology.router
    extra = ["vmac_xmit_base", "garp_extra_if 0.2", "garp_master_delay 0", "garp_master_repeat 1"]
    with Capture(router, "lan") as lan:
        tandem = start_tandem(a, config(extra=extra))
        tandem.wait_vrrp("ACTIVE")
        wait_until(lambda: len(lan.gratuitous_arps(VIP)) > 4, "announcements go on", 5)
        assert {mac for _, mac in lan.gratuitous_arps(VIP)} == {MAC4}
        times = [when for when, _ in lan.gratuitous_arps(VIP)][1:]
        assert all(0.15 < after - before < 0.5 for before, after in zip(times, times[1:]))
        # With the virtual MAC in adverts there is no need.
        tandem.write(config(extra=extra[1:]))
        tandem.ctl("reload")
        tandem.wait_vrrp("ACTIVE")
        wait_until(lambda: lan.vrrp(src_mac=MAC4), "adverts have the virtual MAC")
        wait_until(lambda: VIP in addresses(a, "vrrp.51"), "the address is there")
        start = time.monotonic()
        wait_until(lambda: len([p for p in lan.vrrp(src_mac=MAC4) if p.time > start]) > 5,
                   "adverts go on")
        assert len([t for t, _ in lan.gratuitous_arps(VIP) if t > start + 0.1]) == 0
