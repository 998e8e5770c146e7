# SPDX-License-Identifier: GPL-2.0-or-later
"""ipvlan, VRF and the rest that needs another kernel than many hosts have."""

import pytest

from tandemlab import Capture, vrrp_config, vrrp_instance, wait_until
from test_vrrp_vmac import LL6, MAC4, VIP, VIP6, addresses, config, links, neighbour

pytestmark = pytest.mark.ipvs


def test_ipvlans_speak_from_their_own_address(topology, start_tandem):
    a, b, router = topology.a, topology.b, topology.router
    own = {}
    with Capture(router, "lan") as lan:
        directors = []
        for node, priority, last in ((a, 150, 61), (b, 100, 62)):
            own[node.name] = f"10.77.0.{last}"
            directors.append(start_tandem(node, config(
                priority, vmac=f"use_ipvlan vip {own[node.name]}/24 bridge")))
        high, low = directors
        high.wait_vrrp("ACTIVE")
        wait_until(lambda: low.instance()["adverts_received"] > 0, "adverts are heard")
        low.wait_vrrp("BACKUP")
        assert {VIP, own["a"]} <= addresses(a, "vip")
        assert VIP not in addresses(b, "vip") and own["b"] in addresses(b, "vip")
        mac = links(a)["eth0"]["address"]
        assert links(a)["vip"]["address"] == mac
        assert neighbour(router, VIP) == mac
        assert {p.source for p in lan.vrrp(priority=150)} == {own["a"]}
        index = links(a)["vip"]["ifindex"]
        high.kill()
        high.start()
        high.wait_vrrp("ACTIVE")
        assert links(a)["vip"]["ifindex"] == index
    assert high.stop() == 0
    assert "vip" not in links(a)


def test_ipvlans_of_ipv6_need_no_address(topology, start_tandem):
    a = topology.a
    tandem = start_tandem(a, config(150, True, vmac="use_ipvlan"))
    tandem.wait_vrrp("ACTIVE")
    wait_until(lambda: {VIP6, LL6} <= addresses(a, "vrrp6.51"), "the addresses are there")
    assert tandem.instance()["source"] in addresses(a, "vrrp6.51")
    wait_until(lambda: tandem.instance()["adverts_sent"] > 0, "adverts are sent")


def test_a_vrf_is_said_or_that_of_the_interface(topology, start_tandem):
    a = topology.a
    tandem = start_tandem(a, config(extra=["vrf red"]))
    tandem.wait_vrrp("FAULT")
    assert any("red is no VRF" in text for text in tandem.status()["problems"])
    a.ip("link add red type vrf table 77", "link set red up")
    tandem.wait_vrrp("ACTIVE")
    wait_until(lambda: VIP in addresses(a, "vrrp.51"), "the address is there")
    index = links(a)["vrrp.51"]["ifindex"]
    assert links(a)["vrrp.51"]["master"] == "red"
    a.ip("link set eth0 master red")
    tandem.write(config())
    tandem.ctl("reload")
    wait_until(lambda: links(a).get("vrrp.51", {}).get("ifindex", index) != index,
               "another is made")
    tandem.wait_vrrp("ACTIVE")
    assert links(a)["vrrp.51"]["master"] == "red"
    assert tandem.stop() == 0
    assert "vrrp.51" not in links(a)


def test_a_virtual_mac_of_both_families_on_another_kernel(topology, start_tandem):
    a, router = topology.a, topology.router
    tandem = start_tandem(a, vrrp_config(vrrp_instance(
        vips=[VIP, VIP6], advert=0.2, priority=150, extra=["use_vmac"]), version=3))
    tandem.wait_vrrp("ACTIVE")
    wait_until(lambda: {VIP, VIP6} <= addresses(a, "vrrp.51"), "the addresses are there")
    assert neighbour(router, VIP) == MAC4 and neighbour(router, VIP6) == MAC4
