# SPDX-License-Identifier: GPL-2.0-or-later
"""use_vmac: virtual MACs on the wire, and what is made and put back for them."""

import json
import socket

import pytest

from tandemlab import Capture, Topology, vrrp_config, vrrp_instance, wait_until

VIP, VIP6, LL6 = Topology.VIP, Topology.VIP6, "fe80::100"
MAC4, MAC6 = "00:00:5e:00:01:33", "00:00:5e:00:02:33"
PARENT = {"arp_ignore": 1, "arp_filter": 1, "arp_announce": 2}
CONF = "/proc/sys/net/ipv4/conf"


def config(priority=150, six=False, vmac="use_vmac", extra=(), **kw):
    vips = [LL6, VIP6] if six else [VIP]
    return vrrp_config(vrrp_instance(priority=priority, vips=vips, advert=0.1,
                                     extra=[vmac, *extra], **kw), version=3)


def links(node):
    return {row["ifname"]: row for row in json.loads(node.run("ip", "-d", "-j", "link").stdout)}


def addresses(node, interface):
    rows = json.loads(node.run("ip", "-j", "addr", "show", "dev", interface).stdout)
    return {a["local"] for row in rows for a in row.get("addr_info", ())}


def setting(node, interface, name):
    return int(node.run("cat", f"{CONF}/{interface}/{name}").stdout)


def neighbour(node, address):
    """The MAC that NODE has for ADDRESS, asked anew."""
    node.run("ip", "neigh", "flush", "all")
    with node.inside(), socket.socket(
            socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"?", (address, 9))

    def answer():
        rows = json.loads(node.run("ip", "-j", "neigh", "show", address).stdout)
        return rows and rows[0].get("lladdr")
    return wait_until(answer, f"{address} answers", 3)


@pytest.mark.parametrize("six", [False, True], ids=["v4", "v6"])
def test_a_virtual_mac_speaks_and_answers(topology, start_tandem, six):
    a, router = topology.a, topology.router
    name, mac = ("vrrp6.51", MAC6) if six else ("vrrp.51", MAC4)
    vip = VIP6 if six else VIP
    before = {key: setting(a, "eth0", key) for key in PARENT}
    with Capture(router, "lan") as lan:
        tandem = start_tandem(a, config(six=six))
        tandem.wait_vrrp("ACTIVE")
        wait_until(lambda: vip in addresses(a, name), "the address is on the virtual MAC")
        assert vip not in addresses(a, "eth0")
        link = links(a)[name]
        assert link["address"] == mac
        assert link["linkinfo"]["info_data"]["mode"] == "private"
        assert neighbour(router, vip) == mac
        wait_until(lambda: lan.vrrp(src_mac=mac), "an advert has the virtual MAC")
        assert not [p for p in lan.vrrp() if p.src_mac != mac]
        found = lan.unsolicited_nas(vip) if six else lan.gratuitous_arps(vip)
        assert found and {m for _, m in found} == {mac}
        source = {p.source for p in lan.vrrp()}
        assert len(source) == 1 and source <= addresses(a, "eth0")
        if not six:
            assert [setting(a, name, key) for key in (
                "arp_ignore", "accept_local", "rp_filter", "promote_secondaries")] == [1, 1, 0, 1]
            assert {key: setting(a, "eth0", key) for key in PARENT} == PARENT
        assert tandem.stop() == 0
    assert name not in links(a)
    assert {key: setting(a, "eth0", key) for key in before} == before


@pytest.mark.parametrize("six", [False, True], ids=["v4", "v6"])
def test_twins_hand_over(topology, start_tandem, six):
    a, b, router = topology.a, topology.b, topology.router
    name, mac = ("vrrp6.51", MAC6) if six else ("vrrp.51", MAC4)
    vip = VIP6 if six else VIP
    high = start_tandem(a, config(150, six))
    low = start_tandem(b, config(100, six))
    high.wait_vrrp("ACTIVE")
    low.wait_vrrp("BACKUP")
    wait_until(lambda: low.instance()["adverts_received"] > 0, "adverts are heard")
    assert vip not in addresses(b, name)
    with Capture(router, "lan") as lan:
        assert high.stop() == 0
        low.wait_vrrp("ACTIVE", deadline=2)
        assert neighbour(router, vip) == mac
        high.start()
        high.wait_vrrp("ACTIVE")
        low.wait_vrrp("BACKUP")
        assert neighbour(router, vip) == mac
        assert {p.src_mac for p in lan.vrrp()} == {mac}
    assert low.instance()["drops"] == {} and high.instance()["drops"] == {}


@pytest.mark.parametrize("active, six, base", [
    ("tandem", False, ()), ("keepalived", False, ("vmac_xmit_base",)),
    ("keepalived", True, ()), ("tandem", True, ("vmac_xmit_base",))])
def test_keepalived_is_the_twin(topology, start_tandem, start_keepalived, six, base, active):
    """base: Tandem sends from the interface, keepalived from the virtual MAC."""
    a, b = topology.a, topology.b
    name, vip = ("vrrp6.51", VIP6) if six else ("vrrp.51", VIP)
    first = active == "tandem"
    tandem = start_tandem(a, config(150 if first else 100, six, extra=base))
    keepalived = start_keepalived(b, config(100 if first else 150, six),
                                  vrrp_only=True)
    high, low = (tandem, keepalived) if first else (keepalived, tandem)
    high.wait_address(vip)
    low.wait_address(vip, present=False)
    tandem.wait_vrrp("ACTIVE" if first else "BACKUP")
    if not first:
        wait_until(lambda: tandem.instance()["adverts_received"] > 0, "it is heard")
    assert high.stop() == 0
    low.wait_address(vip, deadline=3)
    high.start()
    high.wait_address(vip)
    low.wait_address(vip, present=False)
    if first:
        assert vip in addresses(a, name)


def test_a_killed_role_finds_its_interface_again(topology, start_tandem):
    a, router = topology.a, topology.router
    tandem = start_tandem(a, config(extra=["garp_master_delay 0"]))
    tandem.wait_vrrp("ACTIVE")
    wait_until(lambda: VIP in addresses(a, "vrrp.51"), "the address is there")
    index = links(a)["vrrp.51"]["ifindex"]
    with Capture(router, "lan") as lan:
        old = tandem.signal_role("vrrp", "KILL")
        wait_until(lambda: tandem.role("vrrp")["pid"] not in (0, old), "it has a successor")
        tandem.wait_vrrp("ACTIVE")
        wait_until(lambda: len(lan.vrrp(src_mac=MAC4)) > 1, "adverts go on")
    assert links(a)["vrrp.51"]["ifindex"] == index
    assert VIP in addresses(a, "vrrp.51")
    assert tandem.stop() == 0
    assert "vrrp.51" not in links(a)
    assert setting(a, "eth0", "arp_ignore") == 0


def test_what_a_crash_left_is_adopted(topology, start_tandem):
    a = topology.a
    tandem = start_tandem(a, config())
    tandem.wait_vrrp("ACTIVE")
    wait_until(lambda: VIP in addresses(a, "vrrp.51"), "the address is there")
    index = links(a)["vrrp.51"]["ifindex"]
    tandem.kill()
    tandem.start()
    tandem.wait_vrrp("ACTIVE")
    assert links(a)["vrrp.51"]["ifindex"] == index
    assert tandem.stop() == 0
    assert "vrrp.51" not in links(a)


def test_what_is_in_the_way_is_said_and_waited_for(topology, start_tandem):
    a = topology.a
    a.ip("link add mine type veth peer name other")
    tandem = start_tandem(a, config(vmac="use_vmac mine"))
    tandem.wait_vrrp("FAULT")
    assert tandem.instance()["reason"] == "no-virtual-mac-interface"
    assert any("mine is another kind of interface" in text
               for text in tandem.status()["problems"])
    a.ip("link del mine")
    tandem.wait_vrrp("ACTIVE")
    wait_until(lambda: VIP in addresses(a, "mine"), "the address is there")


def test_others_remove_and_rename_it(topology, start_tandem):
    a = topology.a
    tandem = start_tandem(a, config())
    tandem.wait_vrrp("ACTIVE")
    wait_until(lambda: VIP in addresses(a, "vrrp.51"), "the address is there")
    a.ip("link set vrrp.51 down", "link set vrrp.51 name renamed", "link set renamed up")
    tandem.wait_vrrp("ACTIVE")
    wait_until(lambda: VIP in addresses(a, "renamed"), "the address is there")
    a.ip("link del renamed")
    wait_until(lambda: "vrrp.51" in links(a), "it is made again")
    tandem.wait_vrrp("ACTIVE")
    wait_until(lambda: VIP in addresses(a, "vrrp.51"), "the address is there")
    assert tandem.stop() == 0
    assert not {"vrrp.51", "renamed"} & set(links(a))


def test_a_reload_touches_only_what_changed(topology, start_tandem):
    a = topology.a
    other = vrrp_instance("VI_2", vrid=52, vips=[Topology.VIP2], advert=0.1, extra=["use_vmac"])

    def both(vmac):
        return vrrp_config(vrrp_instance(advert=0.1, extra=vmac), other, version=3)

    tandem = start_tandem(a, both([]))
    tandem.wait_vrrp("ACTIVE")
    tandem.wait_vrrp("ACTIVE", "VI_2")
    index = links(a)["vrrp.52"]["ifindex"]
    assert VIP in addresses(a, "eth0")
    for vmac, place in ((["use_vmac"], "vrrp.51"), (["use_vmac mine"], "mine"), ([], "eth0")):
        tandem.write(both(vmac))
        tandem.ctl("reload")
        tandem.wait_vrrp("ACTIVE")
        wait_until(lambda: VIP in addresses(a, place), f"the address is on {place}")
        wait_until(lambda: set(links(a)) & {"vrrp.51", "mine"} <= {place}, "the old one is gone")
        assert place == "eth0" or VIP not in addresses(a, "eth0")
    assert "FAULT" not in tandem.log()
    assert links(a)["vrrp.52"]["ifindex"] == index
    assert tandem.instance("VI_2")["became_active"] == 1


def test_a_strict_reverse_path_filter_is_moved_and_put_back(topology, start_tandem):
    a, b = topology.a, topology.b
    for node in (a, b):
        node.sysctl({"ipv4/conf/all/rp_filter": 1, "ipv4/conf/lo/rp_filter": 2})
    high = start_tandem(a, config(150))
    low = start_tandem(b, config(100))
    high.wait_vrrp("ACTIVE")
    wait_until(lambda: low.instance()["adverts_received"] > 0, "adverts are heard")
    low.wait_vrrp("BACKUP")
    assert [setting(a, name, "rp_filter") for name in ("all", "default", "eth0", "lo")] == [
        0, 1, 1, 2]
    assert neighbour(topology.router, VIP) == MAC4
    assert high.stop() == 0
    assert [setting(a, name, "rp_filter") for name in ("all", "default", "eth0", "lo")] == [
        1, 0, 0, 2]


def test_addresses_elsewhere_have_virtual_macs_too(topology, start_tandem):
    a = topology.a
    a.ip("link add eth1 type veth peer name far", "link set eth1 up", "link set far up")
    tandem = start_tandem(a, vrrp_config(vrrp_instance(
        vips=[VIP, "10.88.0.1 dev eth1", VIP6], advert=0.1,
        extra=["use_vmac", "use_vmac_addr"]), version=3))
    tandem.wait_vrrp("ACTIVE")
    wait_until(lambda: VIP in addresses(a, "vrrp.51"), "the main one is there")
    wait_until(lambda: "10.88.0.1" in addresses(a, "vrrp1.51"), "that of eth1 is there")
    wait_until(lambda: VIP6 in addresses(a, "vrrp6.51"), "that of IPv6 is there")
    all_links = links(a)
    assert all_links["vrrp1.51"]["link"] == "eth1"
    assert all_links["vrrp6.51"]["address"] == MAC6
    assert tandem.stop() == 0
    assert not {"vrrp.51", "vrrp1.51", "vrrp6.51"} & set(links(a))


def test_two_with_one_mac_share_an_interface(topology, start_tandem):
    a = topology.a
    a.ip("link add eth1 type veth peer name far", "link set eth1 up", "link set far up",
         "addr add 10.88.0.11/24 dev eth1")

    def text(vmac):
        return vrrp_config(
            vrrp_instance(advert=0.1, extra=[vmac]),
            vrrp_instance("VI_2", interface="eth1", advert=0.1, extra=["use_vmac"],
                          vips=["10.88.0.1", "10.77.0.99 dev eth0 use_vmac"]), version=3)

    tandem = start_tandem(a, text("use_vmac"))
    for vmac, place in (("use_vmac", "vrrp.51"), ("use_vmac mine", "mine")):
        tandem.write(text(vmac))
        tandem.ctl("reload")
        for name in ("VI_1", "VI_2"):
            tandem.wait_vrrp("ACTIVE", name)
        wait_until(lambda: addresses(a, place) == {VIP, "10.77.0.99"}, f"both are on {place}",
                   detail=tandem.log_tail)
    assert tandem.status()["problems"] == [] or "vrrp" not in str(tandem.status()["problems"])
    assert "FAULT" not in tandem.log()


def test_unicast_goes_from_the_interface_itself(topology, start_tandem):
    a, b, router = topology.a, topology.b, topology.router
    high = start_tandem(a, config(150, extra=["vmac_xmit_base"], source=a.addr, peers=[b.addr]))
    low = start_tandem(b, config(100, extra=["vmac_xmit_base"], source=b.addr, peers=[a.addr]))
    high.wait_vrrp("ACTIVE")
    wait_until(lambda: low.instance()["adverts_received"] > 0, "adverts are heard")
    low.wait_vrrp("BACKUP")
    assert neighbour(router, VIP) == MAC4


def test_others_on_the_network_do_not_matter(topology, start_tandem, start_keepalived):
    """Twins without virtual MACs, and virtual routers of others."""
    a, b = topology.a, topology.b
    other = vrrp_instance("VI_2", vrid=52, vips=[Topology.VIP2], advert=0.1, priority=90)
    mine = vrrp_instance("VI_2", vrid=52, vips=[Topology.VIP2], advert=0.1, priority=150,
                         extra=["use_vmac"])
    keepalived = start_keepalived(b, vrrp_config(
        vrrp_instance(priority=150, advert=0.1), other, version=3), vrrp_only=True)
    keepalived.wait_address(VIP)
    tandem = start_tandem(a, vrrp_config(
        vrrp_instance(priority=100, advert=0.1, extra=["use_vmac"]), mine, version=3,
        globals_extra=["log_unknown_vrids"]))
    tandem.wait_vrrp("BACKUP")
    tandem.wait_vrrp("ACTIVE", "VI_2")
    wait_until(lambda: tandem.instance()["adverts_received"] > 5, "the twin is heard")
    assert tandem.instance()["state"] == "BACKUP" and tandem.instance()["drops"] == {}
    assert "not configured here" not in tandem.log()
    assert keepalived.stop() == 0
    tandem.wait_vrrp("ACTIVE")


def test_on_an_interface_that_is_a_macvlan(topology, start_tandem):
    a = topology.a
    a.ip("link add link eth0 name mv0 type macvlan mode bridge", "link set mv0 up",
         "addr add 10.77.0.61/24 dev mv0")
    tandem = start_tandem(a, config(interface="mv0"))
    tandem.wait_vrrp("ACTIVE")
    wait_until(lambda: VIP in addresses(a, "vrrp.51"), "the address is there")
    index = links(a)["vrrp.51"]["ifindex"]
    assert neighbour(topology.router, VIP) == MAC4
    tandem.kill()
    tandem.start()
    tandem.wait_vrrp("ACTIVE")
    assert links(a)["vrrp.51"]["ifindex"] == index
    assert tandem.stop() == 0
    assert "vrrp.51" not in links(a)


def test_its_interface_comes_and_goes(topology, start_tandem):
    a = topology.a
    make = ["link add eth1 type veth peer name far", "addr add 10.88.0.11/24 dev eth1"]
    tandem = start_tandem(a, vrrp_config(
        vrrp_instance(interface="eth1", vips=["10.88.0.1"], advert=0.1, extra=["use_vmac"]),
        version=3, globals_extra=["dynamic_interfaces"]))
    tandem.wait_vrrp("FAULT")
    assert tandem.instance()["reason"] == "interface-missing"
    a.ip(*make)
    wait_until(lambda: "vrrp.51" in links(a), "the virtual MAC is made")
    assert tandem.instance()["state"] == "FAULT"
    a.ip("link set eth1 up", "link set far up")
    tandem.wait_vrrp("ACTIVE")
    wait_until(lambda: "10.88.0.1" in addresses(a, "vrrp.51"), "the address is there")
    a.ip("link del eth1")
    tandem.wait_vrrp("FAULT")
    a.ip(*make, "link set eth1 up", "link set far up")
    tandem.wait_vrrp("ACTIVE")
    wait_until(lambda: "10.88.0.1" in addresses(a, "vrrp.51"), "the address is there")
    assert setting(a, "eth1", "arp_ignore") == 1
    assert tandem.stop() == 0
    assert setting(a, "eth1", "arp_ignore") == 0


def test_what_is_told_to_stay_stays(topology, start_tandem):
    a = topology.a
    tandem = start_tandem(a, config(), options=["-V"])
    tandem.wait_vrrp("ACTIVE")
    wait_until(lambda: VIP in addresses(a, "vrrp.51"), "the address is there")
    index = links(a)["vrrp.51"]["ifindex"]
    assert tandem.stop() == 0
    assert VIP in addresses(a, "vrrp.51")
    assert neighbour(topology.router, VIP) == MAC4
    tandem.start()
    tandem.wait_vrrp("ACTIVE")
    assert links(a)["vrrp.51"]["ifindex"] == index


def test_an_address_of_the_other_family_does_not_disturb(topology, start_tandem):
    a, router = topology.a, topology.router
    tandem = start_tandem(a, config())
    tandem.wait_vrrp("ACTIVE")
    wait_until(lambda: VIP in addresses(a, "vrrp.51"), "the address is there")
    index = links(a)["vrrp.51"]["ifindex"]
    for more, there in (([VIP, VIP6], True), ([VIP], False)):
        tandem.write(vrrp_config(vrrp_instance(vips=more, advert=0.1, priority=150,
                                               extra=["use_vmac"]), version=3))
        tandem.ctl("reload")
        wait_until(lambda: (VIP6 in addresses(a, "vrrp.51")) == there, "IPv6 follows")
        assert not there or neighbour(router, VIP6) == MAC4
    assert links(a)["vrrp.51"]["ifindex"] == index
    assert tandem.instance()["became_active"] == 1


def test_virtual_macs_of_one_interface_share_its_pace(topology, start_tandem):
    instances = [vrrp_instance(f"VI_{vrid}", vrid=vrid, vips=[f"10.77.0.{vrid}"], advert=0.1,
                               extra=["use_vmac", "garp_master_delay 0"]) for vrid in (101, 102)]
    with Capture(topology.router, "lan") as lan:
        tandem = start_tandem(topology.a, vrrp_config(
            *instances, version=3, globals_extra=["vrrp_garp_interval 0.1",
                                                  "vrrp_garp_master_repeat 4"]))
        for vrid in (101, 102):
            tandem.wait_vrrp("ACTIVE", f"VI_{vrid}")

        def garps():
            return sorted(when for vrid in (101, 102)
                          for when, _ in lan.gratuitous_arps(f"10.77.0.{vrid}"))
        wait_until(lambda: len(garps()) == 8, "all are announced", detail=tandem.log_tail)
        times = garps()
    assert min(after - before for before, after in zip(times, times[1:])) > 0.08


def test_virtual_macs_of_both_families_move_together(topology, start_tandem):
    a, b, router = topology.a, topology.b, topology.router

    def text(priority):
        kwargs = {"priority": priority, "advert": 0.1, "extra": ["use_vmac"]}
        return vrrp_config(vrrp_instance("V4", **kwargs),
                           vrrp_instance("V6", vips=[LL6, VIP6], **kwargs),
                           "vrrp_sync_group G {\n group {\n V4\n V6\n }\n}\n", version=3)

    def wait(here, state):
        for name in ("V4", "V6"):
            here.wait_vrrp(state, name)

    def answers(node):
        wait_until(lambda: VIP in addresses(node, "vrrp.51") and
                   VIP6 in addresses(node, "vrrp6.51"), "the addresses are there")
        # Each by its own, whichever hears the question first.
        for _ in range(3):
            assert neighbour(router, VIP) == MAC4 and neighbour(router, VIP6) == MAC6

    high, low = start_tandem(a, text(150)), start_tandem(b, text(100))
    wait(high, "ACTIVE")
    wait(low, "BACKUP")
    answers(a)
    a.ip("link set vrrp6.51 down")
    wait(high, "FAULT")
    wait(low, "ACTIVE")
    answers(b)
    a.ip("link set vrrp6.51 up")
    wait(high, "ACTIVE")
    wait(low, "BACKUP")
    answers(a)
    topology.cut(a)
    wait(low, "ACTIVE")
    answers(b)


def test_others_write_rp_filter(topology, start_tandem):
    """As udev does for new interfaces, and who loads sysctl.conf anew."""
    a = topology.a
    tandem = start_tandem(a, config())
    tandem.wait_vrrp("ACTIVE")
    a.sysctl({"ipv4/conf/vrrp.51/rp_filter": 2})
    wait_until(lambda: setting(a, "vrrp.51", "rp_filter") == 0, "it is put back")
    a.sysctl({"ipv4/conf/all/rp_filter": 1})
    wait_until(lambda: [setting(a, name, "rp_filter") for name in ("all", "default", "eth0")] ==
               [0, 1, 1], "it is moved")
    assert setting(a, "vrrp.51", "rp_filter") == 0
    a.sysctl({"ipv4/conf/all/rp_filter": 2})
    wait_until(lambda: setting(a, "all", "rp_filter") == 0, "and moved again")
    assert tandem.stop() == 0
    assert setting(a, "all", "rp_filter") == 2 and setting(a, "eth0", "rp_filter") == 0
