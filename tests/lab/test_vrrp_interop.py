# SPDX-License-Identifier: GPL-2.0-or-later
"""Tandem and keepalived as each other's twin, in both directions.

Every combination of protocol version, address family and transport; each time
the one with the higher priority is active, gives way without losing the
address, and has it back.
"""

import pytest

from tandemlab import Capture, Topology, vrrp_config, vrrp_instance, wait_until

ADDRESSES = {4: [Topology.VIP], 6: ["fe80::51", Topology.VIP6]}


def make_config(node, peer, priority, version, family, transport):
    own, other = (node.addr, peer.addr) if family == 4 else (node.addr6, peer.addr6)
    unicast = {"source": own, "peers": [other]} if transport == "unicast" else {}
    return vrrp_config(vrrp_instance(priority=priority, advert=1 if version == 2 else 0.1,
                                     vips=ADDRESSES[family], **unicast), version=version)


@pytest.mark.parametrize("active", ["tandem", "keepalived"])
@pytest.mark.parametrize("transport", ["multicast", "unicast"])
@pytest.mark.parametrize("family", [4, 6], ids=["ipv4", "ipv6"])
@pytest.mark.parametrize("version", [2, 3], ids=["v2", "v3"])
def test_twins(topology, start_tandem, start_keepalived, version, family, transport, active):
    a, b = topology.a, topology.b
    vip = ADDRESSES[family][-1]
    shape = (version, family, transport)
    tandem_high = active == "tandem"
    with Capture(a) as at_a, Capture(b) as at_b:
        tandem = start_tandem(a, make_config(a, b, 150 if tandem_high else 100, *shape))
        keepalived = start_keepalived(b, make_config(b, a, 100 if tandem_high else 150, *shape),
                                      vrrp_only=True)
        high, low = (tandem, keepalived) if tandem_high else (keepalived, tandem)
        seen_by_low = at_b if tandem_high else at_a
        high.wait_address(vip)
        low.wait_address(vip, present=False)
        tandem.wait_vrrp("ACTIVE" if tandem_high else "BACKUP")

        # One sends, the right version by the right way, and the other hears it.
        heard = wait_until(lambda: seen_by_low.vrrp(priority=150)[2:], "adverts are heard")[-1]
        destination = {4: "224.0.0.18", 6: "ff02::12"}[family]
        if transport == "unicast":
            destination = low.node.addr if family == 4 else low.node.addr6
        # vrrp_version 2 is for IPv4: keepalived speaks version 3 in IPv6, and so must we.
        assert (heard.version, heard.family, heard.destination, heard.vrid) == \
            (3 if family == 6 else version, family, destination, 51)
        assert heard.addresses == ADDRESSES[family]
        if not tandem_high:
            wait_until(lambda: tandem.instance()["adverts_received"] > 0, "they are counted")
            assert tandem.instance()["active_router"] == heard.source

        # A planned stop: the other takes over by the priority 0, within the skew.
        assert high.stop() == 0
        low.wait_address(vip, deadline=1.5)
        assert not high.node.has_address(vip)
        assert seen_by_low.vrrp(priority=0)
        if not tandem_high:
            tandem.wait_vrrp("ACTIVE")

        # And back: the lower one obeys the higher priority.
        high.start()
        high.wait_address(vip)
        low.wait_address(vip, present=False)
        tandem.wait_vrrp("ACTIVE" if tandem_high else "BACKUP")


@pytest.mark.parametrize("survivor", ["tandem", "keepalived"])
def test_the_other_takes_over_from_a_dead_twin(topology, start_tandem, start_keepalived,
                                               survivor):
    a, b = topology.a, topology.b
    low_first = survivor == "tandem"
    tandem = start_tandem(a, make_config(a, b, 100 if low_first else 150, 3, 4, "multicast"))
    keepalived = start_keepalived(
        b, make_config(b, a, 150 if low_first else 100, 3, 4, "multicast"), vrrp_only=True)
    dies, lives = (keepalived, tandem) if low_first else (tandem, keepalived)
    dies.wait_address(Topology.VIP)
    lives.wait_address(Topology.VIP, present=False)
    dies.kill()
    lives.wait_address(Topology.VIP, deadline=1)


@pytest.mark.parametrize("active", ["tandem", "keepalived"])
def test_version_2_of_ipv6_is_keepalived_s(topology, start_tandem, start_keepalived, active):
    """Which no RFC has; an instance that asks for it is one virtual router with its twin."""
    vip = ADDRESSES[6][-1]

    def config(priority):
        return vrrp_config(vrrp_instance(priority=priority, version=2, vips=ADDRESSES[6]))
    ours = 150 if active == "tandem" else 100
    tandem = start_tandem(topology.a, config(ours))
    keepalived = start_keepalived(topology.b, config(250 - ours), vrrp_only=True)
    high, low = (tandem, keepalived) if active == "tandem" else (keepalived, tandem)
    high.wait_address(vip)
    low.wait_address(vip, present=False)
    assert high.stop() == 0
    low.wait_address(vip)
    high.start()
    high.wait_address(vip)
    low.wait_address(vip, present=False)
    tandem.wait_vrrp("ACTIVE" if active == "tandem" else "BACKUP")


def test_a_stranger_with_our_vrid_takes_nothing(topology, start_tandem, start_keepalived):
    tandem = start_tandem(topology.a, vrrp_config(vrrp_instance(priority=100)))
    stranger = start_keepalived(
        topology.b, vrrp_config(vrrp_instance(priority=200, vips=("10.77.0.250",))),
        vrrp_only=True)
    tandem.wait_address(Topology.VIP)
    stranger.wait_address("10.77.0.250")
    # Once: keepalived puts its next advert off with each of ours that it does not like.
    wait_until(lambda: tandem.instance()["drops"].get("address-list-mismatch", 0) >= 1,
               "it is counted")
    assert tandem.instance()["state"] == "ACTIVE"
    assert tandem.node.has_address(Topology.VIP)
    assert any("address-list-mismatch" in line for line in tandem.status()["problems"])
