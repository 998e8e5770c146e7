# SPDX-License-Identifier: GPL-2.0-or-later
"""Two directors: who holds the address, and how fast the other has it.

Seen from outside: addresses in the kernel, packets on the wire, requests of a
client. Director a has the higher priority unless a test says otherwise.
"""

import os
import pathlib
import signal
import tempfile
import time

import pytest

from tandemlab import (Capture, Prober, Topology, WebServer, vrrp_config, vrrp_instance,
                       wait_until)

VIP, VIP6 = Topology.VIP, Topology.VIP6
ADDRESSES = {4: (VIP,), 6: ("fe80::51", VIP6)}
ADVERT = 0.1
DOWN = 3 * ADVERT + ADVERT  # never less than the master down interval
# What a loaded machine may add to a time that the protocol sets.
SLACK = 0.3


def config(priority, family=4, version=3, advert=ADVERT, **kwargs):
    return vrrp_config(vrrp_instance(priority=priority, advert=advert,
                                     vips=ADDRESSES[family], **kwargs), version=version)


def vip_of(family):
    return ADDRESSES[family][-1]


def start_pair(topology, start_director, **kwargs):
    """Both directors, a (150) active and b (100) seen to be backup."""
    vip = vip_of(kwargs.get("family", 4))
    b = start_director(topology.b, config(100, **kwargs))
    b.wait_address(vip)
    a = start_director(topology.a, config(150, **kwargs))
    a.wait_address(vip)
    b.wait_address(vip, present=False)
    return a, b


def serve_on_directors(topology):
    """The directors answer for the VIP themselves: no IPVS is needed here."""
    return [WebServer(node).start() for node in (topology.a, topology.b)]


@pytest.mark.parametrize("family", [4, 6], ids=["ipv4", "ipv6"])
def test_higher_priority_holds_the_address_alone(topology, start_director, family):
    with Capture(topology.router, "lan") as capture:
        a, b = start_pair(topology, start_director, family=family)
        mark = time.monotonic()
        wait_until(lambda: capture.vrrp(priority=150), "an advert of a")
        sender = {p.source for p in capture.vrrp(priority=150)}
        wait_until(lambda: len([p for p in capture.vrrp() if p.time > mark + ADVERT]) >= 5,
                   "five more adverts")
    later = [p for p in capture.vrrp() if p.time > mark + ADVERT]
    assert {p.source for p in later} == sender, "one sender only"
    assert {(p.version, p.vrid, p.ttl, p.family) for p in later} == {(3, 51, 255, family)}
    assert {p.interval_cs for p in later} == {10}
    assert later[0].addresses == list(ADDRESSES[family])
    assert a.node.has_address(vip_of(family)) and not b.node.has_address(vip_of(family))


@pytest.mark.parametrize("family", [4, 6], ids=["ipv4", "ipv6"])
def test_backup_takes_over_when_the_active_is_killed(topology, start_director, family):
    a, b = start_pair(topology, start_director, family=family)
    vip = vip_of(family)
    with Capture(topology.router, "lan") as capture:
        killed = time.monotonic()
        a.kill()
        b.wait_address(vip, deadline=DOWN + SLACK)
        assert time.monotonic() - killed > 2 * ADVERT, "not before adverts are missing"
        announced = capture.gratuitous_arps if family == 4 else capture.unsolicited_nas
        wait_until(lambda: announced(vip), f"{vip} is announced")
    assert announced(vip)[0][0] - killed < DOWN + SLACK


def test_clients_follow_when_the_active_loses_its_link(topology, start_director):
    serve_on_directors(topology)
    _, b = start_pair(topology, start_director)
    with Prober(topology.client, VIP, timeout=3.0) as prober:
        wait_until(lambda: set(prober.servers()) == {"a"}, "a answers")
        prober.wait_answers(50)
        cut = time.monotonic()
        topology.cut(topology.a)
        b.wait_address(VIP, deadline=DOWN + SLACK)
        wait_until(lambda: "b" in prober.servers(), "b answers")
        prober.wait_answers(50)
        gap = prober.longest_gap(cut - 0.1)
        assert 2 * ADVERT < gap < DOWN + SLACK, prober.summary()
        topology.mend(topology.a)
        b.wait_address(VIP, present=False)
        topology.a.wait_address(VIP)
        back = time.monotonic()
        wait_until(lambda: prober.servers(back).get("a", 0) > 50, "a answers again")


def test_planned_stop_loses_no_new_request(topology, start_director):
    serve_on_directors(topology)
    a, b = start_pair(topology, start_director)
    with Capture(topology.router, "lan") as capture:
        with Prober(topology.client, VIP, interval=0.002, timeout=3.5) as prober:
            wait_until(lambda: set(prober.servers()) == {"a"}, "a answers")
            prober.wait_answers(50)
            stopped = time.monotonic()
            assert a.stop() == 0
            b.wait_address(VIP, deadline=DOWN + SLACK)
            wait_until(lambda: "b" in prober.servers(), "b answers")
            prober.wait_answers(50)
        zeroes = capture.vrrp(source=topology.a.addr, priority=0)
        first = capture.vrrp(source=topology.b.addr, priority=100)
        first = [packet for packet in first if packet.time > zeroes[0].time][0]
        # The successor's, before a gives the address up because it hears it.
        announced = [when for when, _ in capture.gratuitous_arps(VIP)
                     if when > zeroes[0].time][0]
    assert zeroes, "a resigns with priority 0"
    assert not topology.a.has_address(VIP)
    assert stopped < announced < first.time, "b announces, then it speaks"
    # Requests in flight while the address moves go on to a machine that is
    # not theirs; any other is answered, late by a retransmission at most.
    lost = [row for row in prober.lost if row.start > first.time + 0.005
            or row.end < announced]
    assert not lost, prober.summary()
    assert len(prober.lost) <= 3, prober.summary()


@pytest.mark.parametrize("priorities, winner", [((150, 100), "a"), ((100, 100), "b")],
                         ids=["higher-priority", "equal-priority-higher-address"])
def test_partition_heals_to_one_active(topology, start_director, priorities, winner):
    """Both are active while they cannot hear each other; then one gives way."""
    serve_on_directors(topology)
    pair = [start_director(node, config(priority))
            for node, priority in zip((topology.a, topology.b), priorities)]
    wait_until(lambda: any(d.node.has_address(VIP) for d in pair), "one is active")
    topology.partition(topology.a, topology.b)
    for director in pair:
        director.wait_address(VIP)
    topology.heal(topology.a, topology.b)
    stays, goes = pair if winner == "a" else reversed(pair)
    goes.wait_address(VIP, present=False, deadline=2)
    assert stays.node.has_address(VIP)
    with Prober(topology.client, VIP, timeout=0.2) as prober:
        wait_until(lambda: prober.servers().get(winner, 0) > 20, f"{winner} answers clients", 3,
                   detail=prober.summary)


def test_preemption_returns_to_the_higher_priority(topology, start_director):
    a, b = start_pair(topology, start_director)
    a.stop()
    b.wait_address(VIP, deadline=DOWN + SLACK)
    a.start()
    a.wait_address(VIP)
    b.wait_address(VIP, present=False)


def test_nopreempt_stays_where_it_is(topology, start_director):
    b = start_director(topology.b, config(100, extra=["nopreempt"]))
    b.wait_address(VIP)
    with Capture(topology.router, "lan") as capture, topology.b.watch_addresses() as watch:
        start_director(topology.a, config(150, extra=["nopreempt"]))
        count = len(capture.vrrp())
        wait_until(lambda: len(capture.vrrp()) > count + 15, "fifteen more adverts")
        assert not capture.vrrp(source=topology.a.addr)
        assert not watch.removed(VIP) and not topology.a.has_address(VIP)


def test_preempt_delay_waits(topology, start_director):
    b = start_director(topology.b, config(100))
    b.wait_address(VIP)
    start = time.monotonic()
    a = start_director(topology.a, config(150, extra=["preempt_delay 2"]))
    a.wait_address(VIP)
    assert 1.9 < time.monotonic() - start < 4
    b.wait_address(VIP, present=False)


def test_ten_millisecond_adverts_keep_pace(topology, start_director):
    with topology.a.watch_addresses() as watch:
        start_pair(topology, start_director, advert=0.01)
        assert not watch.removed(VIP)
        with Capture(topology.router, "lan") as capture:
            wait_until(lambda: len(capture.vrrp()) > 200, "200 adverts")
            times = [p.time for p in capture.vrrp(priority=150)]
    steps = sorted(b - a for a, b in zip(times, times[1:]))
    assert 0.0095 < steps[len(steps) // 2] < 0.0105, "the median step is 10 ms"


def test_priority_255_is_active_at_once(topology, start_director):
    start = time.monotonic()
    owner = start_director(topology.a, config(255, state="MASTER", advert=1))
    owner.wait_address(VIP, deadline=2)
    assert time.monotonic() - start < 2, "without waiting for the down interval of 3 s"


def test_tracked_interface_down_is_a_fault(topology, start_director):
    topology.a.ip("link add name t0 type veth peer name t1", "link set t0 up",
                  "link set t1 up")
    track = ["track_interface {\n    t0\n}"]
    b = start_director(topology.b, config(100))
    b.wait_address(VIP)
    a = start_director(topology.a, config(150, extra=track))
    a.wait_address(VIP)
    topology.a.link("down", "t0")
    a.wait_address(VIP, present=False, deadline=1)
    b.wait_address(VIP, deadline=DOWN + SLACK)
    topology.a.link("up", "t0")
    a.wait_address(VIP)
    b.wait_address(VIP, present=False)


@pytest.mark.parametrize("weight, fault", [(None, True), (-60, False), (60, False)],
                         ids=["fault", "minus", "plus"])
def test_tracked_script_moves_the_address(topology, start_director, weight, fault):
    good = topology.dir / "good"
    good.touch()
    script = (f"vrrp_script chk {{\n    script \"/usr/bin/test -e {good}\"\n"
              f"    interval 1\n    fall 1\n    rise 1\n"
              + (f"    weight {weight}\n" if weight else "") + "}")
    priority = 90 if weight == 60 else 150
    mine = vrrp_config(script, vrrp_instance(
        priority=priority, advert=ADVERT, extra=["track_script {\n    chk\n}"]), version=3)
    b = start_director(topology.b, config(100))
    b.wait_address(VIP)
    with Capture(topology.router, "lan") as capture:
        a = start_director(topology.a, mine)
        a.wait_address(VIP)
        good.unlink()
        a.wait_address(VIP, present=False)
        b.wait_address(VIP)
        good.touch()
        a.wait_address(VIP)
        b.wait_address(VIP, present=False)
        sent = {p.priority for p in capture.vrrp(source=topology.a.addr)} - {0}
    assert sent == ({150} if fault else {90, 150})


@pytest.fixture
def open_path():
    """A directory in which the unprivileged roles may read and write."""
    with tempfile.TemporaryDirectory(prefix="tandemlab-") as name:
        os.chmod(name, 0o777)
        yield pathlib.Path(name)


@pytest.mark.parametrize("weight, good, bad, sent", [(0, "0", "1", {150}), (-2, "0", "30", {90, 150})],
                         ids=["fault", "weight"])
def test_tracked_file_moves_the_address(topology, start_tandem, open_path, weight, good, bad, sent):
    number = open_path / "number"
    track = f"track_file load {{\n    file {number}\n    weight {weight}\n    init_file {good}\n}}"
    mine = vrrp_config(track, vrrp_instance(
        priority=150, advert=ADVERT, extra=["track_file {\n    load\n}"]), version=3)
    b = start_tandem(topology.b, config(100))
    b.wait_address(VIP)
    with Capture(topology.router, "lan") as capture:
        a = start_tandem(topology.a, mine)
        a.wait_address(VIP)
        assert number.read_text() == f"{good}\n", "made at the start"
        number.write_text(bad)
        a.wait_address(VIP, present=False)
        b.wait_address(VIP)
        # A reload, and the death of the role, write nothing into it.
        a.reload()
        pid = a.role("vrrp")["pid"]
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: a.role("vrrp")["pid"] not in (pid, 0, None), "another role", 5)
        wait_until(lambda: a.instance()["state"] == ("BACKUP" if weight else "FAULT"),
                   "a goes on as before")
        assert number.read_text() == bad
        fresh = open_path / "fresh"
        fresh.write_text(good)
        fresh.rename(number)
        a.wait_address(VIP)
        b.wait_address(VIP, present=False)
        priorities = {p.priority for p in capture.vrrp(source=topology.a.addr)} - {0}
    assert priorities == sent


def test_garp_group_paces_announcements(topology, start_tandem):
    """Five ARPs for each of two addresses, one each 50 ms."""
    other = "10.77.0.178"
    group = "garp_group {\n    garp_interval 0.05\n    interfaces {\n        eth0\n    }\n}"
    with Capture(topology.router, "lan") as capture:
        start_tandem(topology.a, vrrp_config(group, vrrp_instance(
            advert=ADVERT, vips=(VIP, other), extra=["garp_master_delay 0"]), version=3))

        def times():
            return sorted(when for vip in (VIP, other)
                          for when, _ in capture.gratuitous_arps(vip))

        wait_until(lambda: len(times()) == 10, "ten announcements", 5)
    assert times()[-1] - times()[0] > 9 * 0.05 - 0.02, times()


def test_sync_group_moves_as_one(topology, start_director):
    topology.a.ip("link add name t0 type veth peer name t1", "link set t0 up",
                  "link set t1 up")

    def group(priority, extra=()):
        return vrrp_config(
            "vrrp_sync_group G {\n    group {\n        VI_1\n        VI_2\n    }\n}",
            vrrp_instance(priority=priority, advert=ADVERT, extra=extra),
            vrrp_instance("VI_2", vrid=52, priority=priority, advert=ADVERT,
                          vips=[topology.VIP2]), version=3)

    b = start_director(topology.b, group(100))
    a = start_director(topology.a, group(150, ["track_interface {\n    t0\n}"]))
    both = (VIP, topology.VIP2)
    for vip in both:
        a.wait_address(vip)
        b.wait_address(vip, present=False)
    topology.a.link("down", "t0")
    for vip in both:
        a.wait_address(vip, present=False)
        b.wait_address(vip)
    topology.a.link("up", "t0")
    for vip in both:
        a.wait_address(vip)
        b.wait_address(vip, present=False)


def test_notify_scripts_run_in_order(topology, start_director):
    seen = topology.dir / "seen"
    script = topology.dir / "notify.sh"
    script.write_text(f"#!/bin/sh\necho \"$@\" >>{seen}\n")
    script.chmod(0o755)
    extra = [f"notify {script}", f"notify_master \"{script} to-master\""]

    def lines():
        return seen.read_text().splitlines() if seen.exists() else []

    b = start_director(topology.b, config(100, extra=extra))
    b.wait_address(VIP)
    wait_until(lambda: len(lines()) >= 3, "scripts ran for the first takeover")
    a = start_director(topology.a, config(150))
    a.wait_address(VIP)
    wait_until(lambda: len(lines()) >= 4, "a script ran for the way back", detail=b.log_tail)
    words = [[word.strip('"') for word in line.split()] for line in lines()]
    assert words[0] == ["INSTANCE", "VI_1", "BACKUP", "100"]
    assert sorted(words[1:3]) == [["INSTANCE", "VI_1", "MASTER", "100"], ["to-master"]]
    assert words[3] == ["INSTANCE", "VI_1", "BACKUP", "100"]


def test_addresses_of_the_other_family_follow(topology, start_director):
    both = vrrp_config(vrrp_instance(priority=150, advert=ADVERT, vips=(VIP, VIP6)), version=3)
    with Capture(topology.router, "lan") as capture:
        a = start_director(topology.a, both)
        a.wait_address(VIP)
        a.wait_address(VIP6)
        wait_until(lambda: capture.unsolicited_nas(VIP6), "the IPv6 address is announced")
        wait_until(lambda: capture.vrrp(), "an advert")
    assert capture.vrrp()[0].addresses == [VIP], "and is not in the advert"
    assert a.stop() == 0
    assert not topology.a.has_address(VIP) and not topology.a.has_address(VIP6)
