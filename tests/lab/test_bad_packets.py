# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets that must not be believed: counted by reason, nothing else happens.

Each would, were it believed, make the director give way: it carries priority
254. The test ends with a good one, which is believed: the injector works.
"""

import time

import pytest

from tandemlab import (Capture, Injector, Topology, vrrp_advert, vrrp_config, vrrp_instance,
                       wait_until)

VIP, VIP6 = Topology.VIP, Topology.VIP6
STRANGER = "10.77.0.99"
OTHER_VIP = "10.77.0.177"


def count_of(tandem, reason):
    """The sum of all counters named by reason in what the daemon says of VRRP."""
    total = 0
    todo = [tandem.status()]
    while todo:
        item = todo.pop()
        if isinstance(item, dict):
            value = item.get(reason)
            total += value if isinstance(value, int) else 0
            todo += item.values()
        elif isinstance(item, list):
            todo += item
    return total


def expect_drop(topology, tandem, vip, frame, reason):
    before = count_of(tandem, reason)
    state = tandem.instance()
    with topology.a.watch_addresses() as watch, Injector(topology.b) as wire, \
            Capture(topology.b) as capture:
        for _ in range(3):
            wire.send(frame)
        wait_until(lambda: count_of(tandem, reason) == before + 3, f"3 more of {reason}",
                   5, 0.05, lambda: f"{tandem.status()['vrrp']}\n{tandem.log_tail()}")
        # Had it been believed, adverts would end here.
        heard = len(capture.vrrp(priority=100))
        wait_until(lambda: len(capture.vrrp(priority=100)) > heard + 2, "adverts go on")
        assert not watch.events()
    now = tandem.instance()
    assert now["state"] == "ACTIVE" and now["since"] == state["since"]


def expect_believed(topology, tandem, vip, **fields):
    with Injector(topology.b) as wire:
        def given_way():
            wire.send(vrrp_advert(priority=254, **fields))
            return not topology.a.has_address(vip)
        wait_until(given_way, "the good advert is believed", poll=0.05)
    assert tandem.instance()["state"] == "BACKUP"


BAD = {
    "ttl": ({"ttl": 254}, "wrong-ttl"),
    "version-of-the-other": ({"version": 2}, "wrong-version"),
    "version-unheard-of": ({"version": 9}, "wrong-version"),
    "type": ({"type_": 2}, "unknown-type"),
    "checksum": ({"bad_checksum": True}, "wrong-checksum"),
    "shorter-than-a-header": ({"truncate": 5}, "too-short"),
    "shorter-than-its-count": ({"truncate": 8}, "wrong-length"),
    "count-too-high": ({"count": 200}, "wrong-length"),
    "no-addresses": ({"vips": []}, "no-addresses"),
    "vrid": ({"vrid": 99}, "unknown-vrid"),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("family", [4, 6], ids=["ipv4", "ipv6"])
def test_bad_multicast_advert(topology, start_tandem, family, name):
    vips, source = ((["fe80::51", VIP6], "fe80::99") if family == 6 else ([VIP], STRANGER))
    tandem = start_tandem(topology.a, vrrp_config(
        vrrp_instance(priority=100, advert=0.1, vips=vips), version=3))
    tandem.wait_address(vips[-1])
    fields, reason = BAD[name]
    good = {"source": source, "vips": vips, "interval_cs": 10}
    expect_drop(topology, tandem, vips[-1],
                vrrp_advert(**{**good, "priority": 254, **fields}), reason)
    assert any("dropped" in line and reason in line
               for line in tandem.ctl("explain", "VI_1")["explain"])
    expect_believed(topology, tandem, vips[-1], **good)


def test_unicast_advert_of_a_stranger(topology, start_tandem):
    a, b = topology.a, topology.b
    tandem = start_tandem(a, vrrp_config(
        vrrp_instance(priority=100, advert=0.1, source=a.addr, peers=[b.addr],
                      extra=["check_unicast_src"]), version=3))
    tandem.wait_address(VIP)
    mac = a.ip_json("link", "show", "eth0")[0]["address"]
    good = {"vips": [VIP], "interval_cs": 10, "destination": a.addr, "dst_mac": mac,
            "src_mac": "02:00:00:00:00:99"}
    expect_drop(topology, tandem, VIP, vrrp_advert(STRANGER, priority=254, **good),
                "source-not-a-peer")
    expect_believed(topology, tandem, VIP, source=b.addr, **good)


SOURCES = {
    "zero": ("0.0.0.0", "wrong-source"),
    "broadcast-of-the-network": ("10.77.0.255", "source-not-on-link"),
    "another-network": ("198.51.100.1", "source-not-on-link"),
    "class-e": ("240.0.0.1", "source-not-on-link"),
    "ipv6-unspecified": ("::", "wrong-source"),
    "ipv6-not-link-local": ("2001:db8:77::99", "source-not-on-link"),
}


@pytest.mark.parametrize("name", SOURCES)
def test_multicast_advert_of_a_wrong_source(topology, start_tandem, name):
    """Keepalived believes each of these."""
    source, reason = SOURCES[name]
    vips, good = ((["fe80::51", VIP6], "fe80::99") if ":" in source else ([VIP], STRANGER))
    tandem = start_tandem(topology.a, vrrp_config(
        vrrp_instance(priority=100, advert=0.1, vips=vips), version=3))
    tandem.wait_address(vips[-1])
    rest = {"vips": vips, "interval_cs": 10}
    for priority in (254, 255, 0):
        expect_drop(topology, tandem, vips[-1],
                    vrrp_advert(source, priority=priority, **rest), reason)
    # Two routers that do not believe each other would both be Active.
    told = [p for p in tandem.status()["problems"] if source in p and reason in p]
    assert bool(told) == (reason == "source-not-on-link"), tandem.status()["problems"]
    expect_believed(topology, tandem, vips[-1], source=good, **rest)


@pytest.mark.parametrize("how", ["check-is-off", "source-from-elsewhere"])
def test_off_link_routers_can_be_a_pair(topology, start_tandem, how):
    """Where that is said, or is how this director is set up itself."""
    extra = ["check_mcast_src off"] if how == "check-is-off" else ["mcast_src_ip 203.0.113.1"]
    topology.a.run("ip", "address", "add", "203.0.113.1/32", "dev", "lo")
    tandem = start_tandem(topology.a, vrrp_config(
        vrrp_instance(priority=100, advert=0.1, vips=[VIP], extra=extra), version=3))
    tandem.wait_address(VIP)
    rest = {"vips": [VIP], "interval_cs": 10}
    expect_drop(topology, tandem, VIP, vrrp_advert("0.0.0.0", priority=254, **rest),
                "wrong-source")
    expect_believed(topology, tandem, VIP, source="198.51.100.1", **rest)


def test_the_networks_of_a_link_change(topology, start_tandem):
    """An address more: its network counts; the address is gone: it does not."""
    a = topology.a
    tandem = start_tandem(a, vrrp_config(
        vrrp_instance(priority=100, advert=0.1, vips=[VIP]), version=3))
    tandem.wait_address(VIP)
    rest = {"vips": [VIP], "interval_cs": 10}
    frame = vrrp_advert("198.51.100.1", priority=254, **rest)
    expect_drop(topology, tandem, VIP, frame, "source-not-on-link")
    a.run("ip", "address", "add", "198.51.100.7/24", "dev", "eth0")
    expect_believed(topology, tandem, VIP, source="198.51.100.1", **rest)
    a.run("ip", "address", "del", "198.51.100.7/24", "dev", "eth0")
    tandem.wait_vrrp("ACTIVE")
    expect_drop(topology, tandem, VIP, frame, "source-not-on-link")


def test_an_unlisted_unicast_sender_is_told(topology, start_tandem):
    """As keepalived, Tandem believes it without check_unicast_src; but it says so."""
    a, b = topology.a, topology.b
    tandem = start_tandem(a, vrrp_config(
        vrrp_instance(priority=100, advert=0.1, source=a.addr, peers=[b.addr]), version=3))
    tandem.wait_address(VIP)
    assert tandem.status()["problems"] == []
    mac = a.ip_json("link", "show", "eth0")[0]["address"]
    expect_believed(topology, tandem, VIP, source=STRANGER, vips=[VIP], interval_cs=10,
                    destination=a.addr, dst_mac=mac, src_mac="02:00:00:00:00:99")
    assert [p for p in tandem.status()["problems"]
            if STRANGER in p and "no unicast_peer" in p], tandem.status()["problems"]


@pytest.mark.parametrize("family", [4, 6], ids=["ipv4", "ipv6"])
def test_multicast_advert_for_a_unicast_instance(topology, start_tandem, family):
    """The group that others use on the same wire is none of its business."""
    a, b = topology.a, topology.b
    vips = ["fe80::51", VIP6] if family == 6 else [VIP]
    own, peer = (a.addr6, b.addr6) if family == 6 else (a.addr, b.addr)
    # Another instance has the group joined on this interface.
    other = vrrp_instance("VI_2", vrid=77, advert=0.1,
                          vips=["fe80::77"] if family == 6 else [OTHER_VIP])
    tandem = start_tandem(a, vrrp_config(
        vrrp_instance(priority=100, advert=0.1, vips=vips, source=own, peers=[peer]), other,
        version=3))
    tandem.wait_address(vips[-1])
    mac = a.ip_json("link", "show", "eth0")[0]["address"]
    unicast = {"destination": own, "dst_mac": mac, "src_mac": "02:00:00:00:00:99"}
    with Injector(b) as wire:
        wire.send(vrrp_advert(peer, vips, priority=254, interval_cs=10))
        # Read behind it, if it were read at all.
        wire.send(vrrp_advert(peer, [], priority=254, interval_cs=10, **unicast))
        wait_until(lambda: "no-addresses" in tandem.instance()["drops"], "the other is dropped")
    now = tandem.instance()
    assert (now["state"], now["adverts_received"]) == ("ACTIVE", 0)
    assert now["drops"] == {"no-addresses": 1}


@pytest.mark.parametrize("family", [4, 6], ids=["ipv4", "ipv6"])
def test_advert_to_the_group_of_another_instance(topology, start_tandem, family):
    """Two instances with one VRID on one wire, told apart by their groups alone."""
    a, b = topology.a, topology.b
    six = family == 6
    groups = ("ff02::12", "ff02::42") if six else ("224.0.0.18", "224.0.0.42")
    vips = (["fe80::51"], ["fe80::52"]) if six else ([VIP], [OTHER_VIP])
    tandem = start_tandem(a, vrrp_config(
        *(vrrp_instance(f"VI_{i}", priority=100, advert=0.1, vips=vips[i],
                        extra=[f"mcast_dst_ip {groups[i]}"]) for i in (0, 1)), version=3))
    for i in (0, 1):
        tandem.wait_vrrp("ACTIVE", f"VI_{i}")
    source = "fe80::99" if six else STRANGER
    mac = "33:33:00:00:00:42" if six else "01:00:5e:00:00:2a"
    with Injector(b) as wire:
        def given_way():
            wire.send(vrrp_advert(source, vips[1], priority=254, interval_cs=10,
                                  destination=groups[1], dst_mac=mac))
            return tandem.instance("VI_1")["state"] == "BACKUP"
        wait_until(given_way, "the one whose group it is believes it", poll=0.05)
    other = tandem.instance("VI_0")
    assert (other["state"], other["adverts_received"], other["drops"]) == ("ACTIVE", 0, {})


def test_interval_of_version_2_must_match(topology, start_tandem):
    tandem = start_tandem(topology.a, vrrp_config(
        vrrp_instance(priority=100, advert=1), version=2))
    tandem.wait_address(VIP)
    good = {"source": STRANGER, "vips": [VIP], "version": 2, "interval_cs": 100}
    expect_drop(topology, tandem, VIP,
                vrrp_advert(**{**good, "interval_cs": 500, "priority": 254}),
                "interval-mismatch")
    expect_believed(topology, tandem, VIP, **good)


def test_a_flood_of_rubbish_does_not_delay_adverts(topology, start_tandem):
    """20,000 packets of random bytes: adverts keep their pace, the daemon its state.

    How late the machine itself makes adverts meanwhile is seen from a second
    director, on the node that floods, which does not get the flood.
    """
    tandem = start_tandem(topology.a, vrrp_config(
        vrrp_instance(priority=100, advert=0.1), version=3))
    tandem.wait_address(VIP)
    other = start_tandem(topology.b, vrrp_config(
        vrrp_instance(vrid=77, priority=101, advert=0.1, vips=(OTHER_VIP,)), version=3))
    other.wait_address(OTHER_VIP)
    pids = {role["name"]: role["pid"] for role in tandem.status()["roles"]}
    good = vrrp_advert(STRANGER, [VIP], priority=254)
    with Capture(topology.b) as capture, Injector(topology.b) as wire:
        start = time.monotonic()
        seed = 12345
        for _ in range(20000):
            seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
            length = 1 + seed % 60
            noise = seed.to_bytes(4, "big") * 16
            wire.send(good[:34] + noise[:length])
        end = time.monotonic()
        wait_until(lambda: len([p for p in capture.vrrp(source=topology.a.addr, priority=100)
                                if p.time > end]) > 5, "adverts after the flood")
        gaps = {}
        for node, priority in ((topology.a, 100), (topology.b, 101)):
            times = [p.time for p in capture.vrrp(source=node.addr, priority=priority)
                     if p.time > start]
            gaps[node.name] = max(b - a for a, b in zip(times, times[1:]))
    late = gaps[topology.b.name]
    assert gaps[topology.a.name] < max(0.3, 2 * late), f"{gaps}"
    assert tandem.instance()["state"] == "ACTIVE"
    assert {role["name"]: role["pid"] for role in tandem.status()["roles"]} == pids
