# SPDX-License-Identifier: GPL-2.0-or-later
"""Links that bounce, unicast without a peer, and peers of long ago."""

import os
import signal
import time

import pytest

from tandemlab import Capture, Topology, vrrp_config, vrrp_instance, wait_until

VIP = Topology.VIP
ADVERT = 0.3


def config(delays="", **kwargs):
    text = vrrp_config(vrrp_instance(priority=100, advert=ADVERT, **kwargs), version=3)
    return text + (f"interface_up_down_delays {{\n{delays}\n}}\n" if delays else "")


def active(topology, start_tandem, delays):
    a = start_tandem(topology.a, config(delays))
    a.wait_vrrp("ACTIVE")
    return a


def test_a_link_that_bounces_changes_nothing(topology, start_tandem):
    a = active(topology, start_tandem, "eth0 0.4 0.4")
    since = a.instance()["since"]
    topology.cut(topology.a)
    wait_until(lambda: "LOWER_UP" not in topology.a.ip_json("link", "show", "eth0")[0]["flags"],
               "the link is down")
    topology.mend(topology.a)
    wait_until(lambda: "LOWER_UP" in topology.a.ip_json("link", "show", "eth0")[0]["flags"],
               "the link is up")
    mark = a.instance()["adverts_sent"]
    wait_until(lambda: a.instance()["adverts_sent"] > mark + 2, "two more adverts")
    assert a.instance()["state"] == "ACTIVE"
    assert a.instance()["since"] == pytest.approx(since, abs=0.01)
    assert topology.a.has_address(VIP)


def test_a_link_that_stays_down_counts_after_the_delay(topology, start_tandem):
    a = active(topology, start_tandem, "eth0 0.3 0.5")
    cut = time.monotonic()
    topology.cut(topology.a)
    a.wait_vrrp("FAULT")
    assert time.monotonic() - cut >= 0.3
    assert not topology.a.has_address(VIP)
    mended = time.monotonic()
    topology.mend(topology.a)
    wait_until(lambda: a.instance()["state"] != "FAULT", "it takes part again")
    assert time.monotonic() - mended >= 0.5


def test_a_delay_that_a_reload_takes_away_is_over(topology, start_tandem):
    a, track = topology.a, {"extra": ["track_interface {", "side", "}"]}
    a.ip("link add side type veth peer name side2", "link set side up", "link set side2 up")
    tandem = start_tandem(a, config("side 60 60", **track))
    tandem.wait_vrrp("ACTIVE")
    a.ip("link set side down")
    tandem.write(config(**track))
    tandem.reload()
    tandem.wait_vrrp("FAULT")


def test_an_interface_that_an_address_names_is_tracked(topology, start_director):
    """As with keepalived: without it the instance is in FAULT."""
    a = topology.a
    a.ip("link add side type veth peer name side2", "link set side up", "link set side2 up")
    director = start_director(a, config(vips=[VIP, "10.88.0.1/24 dev side"]))
    director.wait_address(VIP)
    a.ip("link set side down")
    director.wait_address(VIP, present=False)
    a.ip("link set side up")
    director.wait_address(VIP)
    director.wait_address("10.88.0.1")


def test_unicast_without_a_peer_is_no_multicast(topology, start_tandem):
    extra = ["unicast_fault_no_peer"]
    with Capture(topology.router, "lan") as capture:
        a = start_tandem(topology.a, config(source=topology.a.addr, extra=extra))
        a.wait_vrrp("FAULT")
        assert a.instance()["reason"] == "no-unicast-peer"
        a.write(config(source=topology.a.addr, peers=[topology.b.addr], extra=extra))
        a.reload()
        a.wait_vrrp("ACTIVE")
        a.write(config(source=topology.a.addr, extra=extra))
        a.reload()
        a.wait_vrrp("FAULT")
        assert not topology.a.has_address(VIP)
    assert all(p.destination == topology.b.addr for p in capture.vrrp())


@pytest.mark.parametrize("first", ["tandem", "keepalived"])
def test_old_checksums_are_understood(topology, start_tandem, start_keepalived, first):
    """Whoever is told to use them, the other understands and follows."""
    words = {"tandem": [], "keepalived": []}
    words[first] = ["old_unicast_checksum"]
    a, b = topology.a, topology.b
    high, low = (150, 100) if first == "tandem" else (100, 150)

    def text(priority, own, peer, extra):
        return vrrp_config(vrrp_instance(priority=priority, advert=0.1, source=own.addr,
                                         peers=[peer.addr], extra=extra), version=3)
    tandem = start_tandem(a, text(high, a, b, words["tandem"]))
    keepalived = start_keepalived(b, text(low, b, a, words["keepalived"]), vrrp_only=True)
    winner, loser = (tandem, keepalived) if first == "tandem" else (keepalived, tandem)
    winner.wait_address(VIP)
    loser.wait_address(VIP, present=False)
    # And the other way: the loser becomes active and is obeyed by nobody's mistake.
    assert winner.stop() == 0
    loser.wait_address(VIP)
    if first == "keepalived":
        assert tandem.instance()["drops"].get("wrong-checksum", 0) == 0
        wait_until(lambda: tandem.instance()["state"] == "ACTIVE", "active")
    back = (start_tandem(a, text(high, a, b, words["tandem"])) if first == "tandem" else
            start_keepalived(b, text(low, b, a, words["keepalived"]), vrrp_only=True))
    back.wait_address(VIP)
    loser.wait_address(VIP, present=False)


@pytest.mark.parametrize("word", ["timer_expired_backup", ""], ids=["listens", "goes on"])
def test_a_machine_that_was_paused(topology, start_tandem, word):
    """With nopreempt its successor stays Active, if it is told to listen first."""
    a, b = topology.a, topology.b

    def text(priority):
        return vrrp_config(vrrp_instance(priority=priority, advert=0.1,
                                         extra=["nopreempt", *([word] if word else [])]),
                           version=3)
    first = start_tandem(a, text(150))
    first.wait_vrrp("ACTIVE")
    second = start_tandem(b, text(100))
    second.wait_vrrp("BACKUP")
    pids = [first.pid, *first.children()]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        second.wait_vrrp("ACTIVE")
    finally:
        for pid in reversed(pids):
            os.kill(pid, signal.SIGCONT)
    if word:
        wait_until(lambda: first.instance()["active_router"] == b.addr, "the successor is heard")
        assert first.instance()["state"] == "BACKUP" and not a.has_address(VIP)
        assert "ACTIVE -> BACKUP (was-not-run-in-time)" in first.log()
        assert second.instance()["state"] == "ACTIVE"
        assert "(higher-priority-advert)" not in second.log()
    else:
        second.wait_vrrp("BACKUP")
        assert first.instance()["state"] == "ACTIVE"
