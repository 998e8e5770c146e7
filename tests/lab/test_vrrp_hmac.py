# SPDX-License-Identifier: GPL-2.0-or-later
"""auth_hmac: signed adverts between two directors, and those of somebody else.

HmacSigner, written from the description of the trailer, is the witness: it
verifies what is sent, and what it signs is believed.
"""

import signal
import time

import pytest

from tandemlab import (Capture, HmacSigner, Injector, Topology, vrrp_advert, vrrp_config,
                       vrrp_instance, wait_until)

VIP, VIP6 = Topology.VIP, Topology.VIP6
LINK_LOCAL = "fe80::99"
KEY = bytes(range(1, 33))
OTHER = b"another key that has 35 bytes in it"
ADVERT = 0.1


def auth(*lines, keys=((1, KEY),), active=1):
    keys = [f"key {number} hex:{key.hex()}" for number, key in keys]
    active = [f"active_key {active}"] if active else []
    return ["\n".join(["auth_hmac {", *keys, *active, *lines, "}"])]


def make_config(node, peer, priority, extra, *, family=4, version=3, unicast=False,
                advert=ADVERT):
    own, other = ((node.addr6, peer.addr6) if family == 6 else (node.addr, peer.addr))
    where = {"source": own, "peers": [other]} if unicast else {}
    vips = ("fe80::51", VIP6) if family == 6 else (VIP,)
    return vrrp_config(vrrp_instance(priority=priority, advert=advert, vips=vips, extra=extra,
                                     **where), version=version)


def start_both(topology, start_tandem, extra, **kwargs):
    a, b = topology.a, topology.b
    # The owner does not wait for three adverts, each a second in version 2.
    priority = 255 if kwargs.get("version") == 2 else 150
    high = start_tandem(a, make_config(a, b, priority, extra, **kwargs))
    high.wait_vrrp("ACTIVE")
    low = start_tandem(b, make_config(b, a, 100, extra, **kwargs))
    wait_until(lambda: low.instance()["adverts_received"] > 1, "it hears the other")
    assert low.instance()["state"] == "BACKUP"
    return high, low


@pytest.mark.parametrize("family, version, unicast", [
    (4, 3, False), (4, 3, True), (6, 3, False), (6, 3, True), (4, 2, False)],
    ids=["v3-ipv4", "v3-ipv4-unicast", "v3-ipv6", "v3-ipv6-unicast", "v2"])
def test_two_that_sign(topology, start_tandem, family, version, unicast):
    with Capture(topology.b) as capture:
        a, b = start_both(topology, start_tandem, auth(), family=family, version=version,
                          unicast=unicast, advert=1 if version == 2 else ADVERT)
        now = b.instance()
        assert now["drops"] == {}
        assert now["auth_hmac"]["verified"] == now["adverts_received"] > 0
        assert now["auth_hmac"]["unsigned_taken"] == 0
        assert abs(now["auth_hmac"]["clock_skew_ms"]) < 1000
        a.stop()
        b.wait_address(VIP6 if family == 6 else VIP, deadline=2)
    adverts = capture.vrrp(vrid=51)
    assert {p.priority for p in adverts} == {255 if version == 2 else 150, 100, 0}
    assert all(HmacSigner(KEY).has_signed(p) for p in adverts)


BAD = {
    "missing": (None, "authentication-missing"),
    "other-key": (HmacSigner(OTHER), "authentication-failed"),
    "unknown-key": (HmacSigner(KEY, key_id=9), "authentication-key-unknown"),
    "type": (HmacSigner(KEY, type_=2), "authentication-malformed"),
    "old": (HmacSigner(KEY, ahead=-20), "authentication-stale"),
    "too-new": (HmacSigner(KEY, ahead=20), "authentication-stale"),
}


@pytest.mark.parametrize("family", [4, 6], ids=["ipv4", "ipv6"])
def test_what_is_not_believed_is_counted(topology, start_tandem, family):
    a, b = topology.a, topology.b
    vips, source = (["fe80::51", VIP6], LINK_LOCAL) if family == 6 else ([VIP], b.addr)
    tandem = start_tandem(a, make_config(a, b, 100, auth(), family=family))
    tandem.wait_vrrp("ACTIVE")
    before = tandem.instance()
    good = {"source": source, "vips": vips, "interval_cs": 10}
    with Injector(b) as wire:
        for signer, reason in BAD.values():
            had = tandem.instance()["drops"].get(reason, 0)
            wire.send(vrrp_advert(**good, priority=254, signer=signer))
            wait_until(lambda: tandem.instance()["drops"].get(reason) == had + 1,
                       f"one more of {reason}", 5, 0.02)
        assert any(f"adverts of {source} are dropped: authentication-" in problem
                   for problem in tandem.status()["problems"])
        # A good one of low priority, and then again: it says who is there, twice.
        frame = vrrp_advert(**good, priority=1, signer=HmacSigner(KEY))
        for _ in range(3):
            wire.send(frame)
        wait_until(lambda: tandem.instance()["drops"].get("replayed") == 2, "two replays", 5,
                   0.02)
        now = tandem.instance()
        assert now["state"] == "ACTIVE"
        assert now["since"] == pytest.approx(before["since"], abs=0.05)
        assert now["auth_hmac"]["verified"] == 1
        wire.send(vrrp_advert(**good, priority=254, signer=HmacSigner(KEY)))
        tandem.wait_vrrp("BACKUP")

def test_clocks_that_drift_are_named_before_it_is_too_late(topology, start_tandem):
    a, b = topology.a, topology.b
    tandem = start_tandem(a, make_config(a, b, 100, auth("time_window 10")))
    tandem.wait_vrrp("ACTIVE")
    with Injector(b) as wire:
        wire.send(vrrp_advert(b.addr, [VIP], priority=1, interval_cs=10,
                              signer=HmacSigner(KEY, ahead=7)))
        wait_until(lambda: tandem.instance()["auth_hmac"]["verified"] == 1, "it is taken")
        wait_until(lambda: f"the clock of {b.addr} is" in tandem.log(), "it is named")
        # One whose clock is right is between them; the other is not named each time.
        for ahead, source in ((0, "10.77.0.99"), (7, b.addr)) * 3:
            had = tandem.instance()["auth_hmac"]["verified"]
            wire.send(vrrp_advert(source, [VIP], priority=1, interval_cs=10,
                                  signer=HmacSigner(KEY, ahead=ahead)))
            wait_until(lambda: tandem.instance()["auth_hmac"]["verified"] > had, "it is taken")
    assert tandem.log().count("the clock of") == 1
    skew = tandem.instance()["auth_hmac"]["clock_skew_ms"]
    assert -7500 < skew < -6000


@pytest.mark.parametrize("replay", ["time", "monotonic"])
def test_the_successor_of_a_killed_role_is_no_replay(topology, start_tandem, replay):
    high, low = start_both(topology, start_tandem, auth(f"anti_replay {replay}"))
    for director in (high, low):
        before = director.role("vrrp")["restarts"]
        director.signal_role("vrrp", "KILL")
        wait_until(lambda: director.role("vrrp")["restarts"] > before, "the role is back")
        heard = low.instance()["adverts_received"]
        wait_until(lambda: low.instance()["adverts_received"] > heard + 3, "adverts go on")
    assert low.instance()["drops"] == {}
    assert [high.instance()["state"], low.instance()["state"]] == ["ACTIVE", "BACKUP"]


def test_the_successor_of_a_killed_role_takes_no_replay(topology, start_tandem):
    a, b = topology.a, topology.b
    tandem = start_tandem(a, make_config(a, b, 100, auth("anti_replay monotonic")))
    tandem.wait_vrrp("ACTIVE")
    with Injector(b) as wire:
        frame = vrrp_advert(b.addr, [VIP], priority=1, interval_cs=10, signer=HmacSigner(KEY))
        wire.send(frame)
        wait_until(lambda: tandem.instance()["auth_hmac"]["verified"] == 1, "it is taken")
        tandem.signal_role("vrrp", "KILL")
        wait_until(lambda: tandem.role("vrrp")["restarts"] == 1, "the role is back")
        tandem.wait_vrrp("ACTIVE")
        wire.send(frame)
        wait_until(lambda: tandem.instance()["drops"].get("replayed") == 1, "it is refused")


@pytest.mark.parametrize("active", ["tandem", "keepalived"])
def test_receive_only_lives_with_a_twin_that_does_not_sign(topology, start_tandem,
                                                           start_keepalived, active):
    """The first step of the introduction, with a keepalived that knows no auth_hmac."""
    a, b = topology.a, topology.b
    high, low = (150, 100) if active == "tandem" else (100, 150)
    tandem = start_tandem(a, make_config(a, b, high, auth("mode receive-only")))
    keepalived = start_keepalived(b, make_config(b, a, low, ()), vrrp_only=True)
    holder, other = (tandem, keepalived) if active == "tandem" else (keepalived, tandem)
    holder.wait_address(VIP)
    other.wait_address(VIP, present=False)
    if active == "keepalived":
        assert tandem.instance()["auth_hmac"]["unsigned_taken"] > 0
        assert b.addr in tandem.ctl_raw("explain", "VI_1").stdout
    assert holder.stop() == 0
    other.wait_address(VIP, deadline=2)
    if active == "keepalived":
        assert tandem.instance()["drops"] == {}


def gaps(capture, since):
    times = [p.time for p in capture.vrrp(priority=150) if p.time > since]
    return max(after - before for before, after in zip(times, times[1:]))


def reload_all(directors, topology, extra):
    nodes = (topology.a, topology.b)
    for director, node, priority in zip(directors, nodes, (150, 100)):
        peer = topology.b if node is topology.a else topology.a
        director.write(make_config(node, peer, priority, extra))
        director.ctl("reload")


def test_introduction_and_rotation_without_a_gap(topology, start_tandem):
    """From no signature to enforced ones and to another key: nobody notices."""
    stages = [
        auth("mode receive-only", active=None),
        auth("mode permissive"),
        auth("mode enforce"),
        auth(keys=[(1, KEY), (2, OTHER)], active=1),
        auth(keys=[(1, KEY), (2, OTHER)], active=2),
        auth(keys=[(2, OTHER)], active=2),
    ]
    with Capture(topology.b) as capture:
        a, b = start_both(topology, start_tandem, ())
        before = [a.instance()["since"], b.instance()["since"]]
        start = time.monotonic()
        for extra in stages:
            reload_all((a, b), topology, extra)
            heard = b.instance()["adverts_received"]
            wait_until(lambda: b.instance()["adverts_received"] > heard + 1, "adverts go on",
                       poll=0.02)
        assert [a.instance()["state"], b.instance()["state"]] == ["ACTIVE", "BACKUP"]
        assert [a.instance()["since"], b.instance()["since"]] == pytest.approx(before, abs=0.05)
        assert a.instance()["drops"] == {} and b.instance()["drops"] == {}
        assert not capture.vrrp(priority=100)
        assert gaps(capture, start) < 3 * ADVERT
        signed = [p for p in capture.vrrp(priority=150) if len(p.body) > 12]
        assert HmacSigner(KEY).has_signed(signed[0])
        assert HmacSigner(OTHER, key_id=2).has_signed(signed[-1])
    counters = b.instance()["auth_hmac"]
    assert counters["unsigned_taken"] > 0 and counters["keys"] == [2]


def test_keys_are_shown_nowhere(topology, start_tandem):
    a, b = topology.a, topology.b
    path = topology.dir / "vrrp.key"
    path.write_text("hex:" + OTHER.hex() + "\n")
    path.chmod(0o600)
    tandem = start_tandem(a, make_config(a, b, 100, auth()))
    tandem.wait_vrrp("ACTIVE")
    lines = auth(keys=[(1, KEY)])[0].replace("}", f"key 2 file:{path}\n}}")
    tandem.write(make_config(a, b, 100, [lines]))
    said = [tandem.ctl_raw("plan").stdout]
    assert "auth_hmac key 2 added" in said[0]
    tandem.ctl("reload")
    said += [tandem.ctl_raw(*words).stdout for words in (
        ["show", "config"], ["status"], ["--json", "status"], ["explain", "VI_1"],
        ["show", "log"])]
    assert all(said) and "auth_hmac" in said[1]
    for number, name in ((signal.SIGUSR1, "data"), (signal.SIGUSR2, "stats"),
                         (signal.SIGRTMIN + 2, "json")):
        tandem.process.send_signal(number)
        said.append(wait_until((tandem.run_dir / f"tandem.{name}").read_text,
                               f"the dump tandem.{name}"))
    for text in (*said, tandem.log()):
        assert KEY.hex()[:12] not in text and OTHER.hex()[:12] not in text
