# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks that look at this host: its addresses and its files."""

import pytest

from tandemlab import Topology, virtual_server, vrrp_config, wait_until

VIP = Topology.VIP
SERVER = "10.77.0.21"


def service(*extra, check=None):
    return virtual_server(VIP, 80, servers=[SERVER], check=check, extra=extra)


def first_check(tandem):
    return tandem.real_server((VIP, 80), SERVER)["checks"][0]


def test_checks_rest_until_the_address_is_here(topology, start_tandem):
    a = start_tandem(topology.a, vrrp_config(service("ha_suspend", "warmup 0", check="tcp")))
    assert first_check(a).get("resting")
    assert first_check(a)["last_run"] is None
    assert "rests: the address" in a.ctl_raw("explain", f"{SERVER}:80").stdout
    link = topology.a.ip_json("route", "get", SERVER)[0]["dev"]
    topology.a.run("ip", "address", "add", f"{VIP}/24", "dev", link)
    wait_until(lambda: first_check(a)["last_run"] is not None, "it is run", 5, 0.05, a.log_tail)
    assert not first_check(a).get("resting")
    topology.a.run("ip", "address", "del", f"{VIP}/24", "dev", link)
    wait_until(lambda: first_check(a).get("resting"), "it rests again", 5, 0.05, a.log_tail)


@pytest.mark.ipvs
def test_number_in_a_file_is_added_to_the_weight(topology, start_tandem, lab_dir):
    path = lab_dir / "load"
    text = vrrp_config(f"track_file load {{\n file {path}\n weight -1\n}}", service())
    assert text.count("weight 1\n") == 1
    text = text.replace("weight 1\n", "weight 10\nFILE_CHECK {\ntrack_file load\n}\n")
    a = start_tandem(topology.a, text)

    def weight(expected):
        def has():
            servers = a.node.ipvs().get(f"TCP {VIP}:80", {}).get("servers", {})
            return [s["weight"] for s in servers.values()] == [expected]
        wait_until(has, f"weight {expected}", 5, 0.05, a.log_tail)
    weight(10)
    path.write_text("4\n")
    weight(6)
    path.write_text("40\n")
    weight(0)
    path.unlink()
    weight(10)
