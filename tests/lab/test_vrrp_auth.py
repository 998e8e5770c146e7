# SPDX-License-Identifier: GPL-2.0-or-later
"""Authentication of version 2, with keepalived as the twin and as the witness."""

import pytest

from tandemlab import Capture, Topology, vrrp_config, vrrp_instance, wait_until

AH, VRRP = 51, 112


def make_config(own, peer, priority, kind, transport="multicast", password="secret"):
    unicast = {"source": own.addr, "peers": [peer.addr]} if transport == "unicast" else {}
    auth = ["authentication {", f"auth_type {kind}", f"auth_pass {password}", "}"]
    return vrrp_config(vrrp_instance(priority=priority, extra=auth, **unicast), version=2)


def protocols(capture):
    """The IP protocols of what went to the VRRP group or between the twins."""
    return {frame[23] for _, frame in list(capture.frames)
            if frame[12:14] == b"\x08\x00" and frame[23] in (AH, VRRP)}


@pytest.mark.parametrize("active", ["tandem", "keepalived"])
@pytest.mark.parametrize("transport", ["multicast", "unicast"])
@pytest.mark.parametrize("kind", ["AH", "PASS"])
def test_twins_with_authentication(topology, start_tandem, start_keepalived, kind, transport,
                                   active):
    a, b = topology.a, topology.b
    first = active == "tandem"
    with Capture(a) as at_a:
        tandem = start_tandem(a, make_config(a, b, 150 if first else 100, kind, transport))
        keepalived = start_keepalived(
            b, make_config(b, a, 100 if first else 150, kind, transport), vrrp_only=True)
        high, low = (tandem, keepalived) if first else (keepalived, tandem)
        high.wait_address(Topology.VIP)
        low.wait_address(Topology.VIP, present=False)
        tandem.wait_vrrp("ACTIVE" if first else "BACKUP")

        # The lower one hears the priority 0, and then obeys the one that is back.
        assert high.stop() == 0
        low.wait_address(Topology.VIP, deadline=2)
        high.start()
        high.wait_address(Topology.VIP)
        low.wait_address(Topology.VIP, present=False)
        tandem.wait_vrrp("ACTIVE" if first else "BACKUP")
        if not first:
            assert tandem.instance()["adverts_received"] > 0
            assert tandem.instance()["drops"] == {}
        assert protocols(at_a) == {AH if kind == "AH" else VRRP}


@pytest.mark.parametrize("kind", ["AH", "PASS"])
def test_another_password_is_counted_and_not_obeyed(topology, start_tandem, start_keepalived,
                                                    kind):
    a, b = topology.a, topology.b
    tandem = start_tandem(a, make_config(a, b, 100, kind))
    tandem.wait_vrrp("ACTIVE")
    start_keepalived(b, make_config(b, a, 150, kind, password="other"), vrrp_only=True)
    # One will do: keepalived 2.2.7 sends next to none while it refuses those it hears.
    wait_until(lambda: tandem.instance()["drops"].get("authentication-failed"),
               "its advert is dropped", deadline=10)
    assert tandem.instance()["state"] == "ACTIVE"


def test_the_successor_of_a_killed_role_is_heard(topology, start_tandem, start_keepalived):
    """Its numbers go on, so that keepalived does not take them for a replay."""
    a, b = topology.a, topology.b
    tandem = start_tandem(a, make_config(a, b, 150, "AH"))
    keepalived = start_keepalived(b, make_config(b, a, 100, "AH"), vrrp_only=True)
    tandem.wait_vrrp("ACTIVE")
    wait_until(lambda: tandem.instance()["adverts_sent"] > 2, "keepalived hears it")
    before = tandem.role("vrrp")["restarts"]
    tandem.signal_role("vrrp", "KILL")
    wait_until(lambda: tandem.role("vrrp")["restarts"] > before, "the role is back")
    tandem.wait_vrrp("ACTIVE")
    wait_until(lambda: tandem.instance()["adverts_sent"] > 4, "the successor sends")
    keepalived.wait_address(Topology.VIP, present=False)
    assert "MASTER STATE" not in keepalived.log()


def test_a_reload_to_ah_and_back(topology, start_tandem):
    a, b = topology.a, topology.b
    tandem = start_tandem(a, make_config(a, b, 150, "PASS"))
    tandem.wait_vrrp("ACTIVE")
    for kind, protocol in (("AH", AH), ("PASS", VRRP)):
        with Capture(a) as capture:
            tandem.write(make_config(a, b, 150, kind))
            tandem.ctl("reload")
            wait_until(lambda: protocol in protocols(capture), "adverts of the new kind")
            assert a.has_address(Topology.VIP)
            assert tandem.instance()["state"] == "ACTIVE"
