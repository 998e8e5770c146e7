# SPDX-License-Identifier: GPL-2.0-or-later
"""Dumps after signals are those that programs know from keepalived."""

import json
import os
import signal

import pytest

from tandemlab import vrrp_config, vrrp_instance, wait_until

# What the machine, the moment or the version decides.
OWN = {"last_transition", "advert_sent", "auth_data", "vmac_ifname", "script", "track_script",
       "vroutes", "vrules"}


def config(vrid):
    script = "vrrp_script ok {\n    script /bin/true\n    interval 1\n    weight 5\n}"
    extra = ["authentication {\n    auth_type PASS\n    auth_pass secret\n}", "smtp_alert",
             "track_interface {\n    lo weight 3\n}", "track_script {\n    ok\n}",
             "notify /bin/true",
             "virtual_routes {\n    10.8.0.0/24 via 10.77.0.254 dev eth0\n}",
             "virtual_rules {\n    from 10.9.0.0/24 table 100 priority 5000\n}"]
    first = vrrp_instance("A", vrid=vrid, priority=150, extra=extra,
                          vips=(f"10.77.0.{vrid}/24", f"10.77.1.{vrid}",
                                f"fd77::{vrid}/64"))
    second = vrrp_instance("B", vrid=vrid + 1, priority=90, advert=0.5, version=3,
                           vips=(f"10.77.2.{vrid}",),
                           extra=["garp_master_delay 0", "preempt_delay 3"])
    return vrrp_config(script, first, second)


def dump(director, path, number):
    """The file, as it is written anew."""
    path.unlink(missing_ok=True)
    os.kill(director.pid, number)
    wait_until(path.exists, f"{path} is written", 5, detail=director.log_tail)
    assert path.stat().st_mode & 0o777 == 0o600
    return path.read_text()


def written_whole(keepalived, path):
    """2.2.7 writes its file in place: it is there before it is whole."""
    dump(keepalived, path, signal.SIGRTMIN + 2)
    return wait_until(lambda: path.read_text().rstrip().endswith("]") and path.read_text(),
                      "all of it", 5)


@pytest.fixture
def both(topology, start_tandem, start_keepalived):
    return (start_tandem(topology.a, config(61)), start_keepalived(topology.b, config(61 + 10)))


def test_json_has_the_keys_and_values_of_keepalived(both):
    own, other = both
    for director, vrid in ((own, 61), (other, 71)):
        director.wait_address(f"10.77.0.{vrid}")
        director.wait_address(f"10.77.2.{vrid}")
    own = json.loads(dump(own, own.run_dir / "tandem.json", signal.SIGRTMIN + 2))
    other = json.loads(written_whole(other, other.dir / "keepalived.json"))
    assert [row["data"]["iname"] for row in own] == ["A", "B"]
    for mine, theirs in zip(own, other):
        for part in ("data", "stats"):
            # The other one is older and has no counters of auth_hmac.
            keys = [key for key in mine[part] if not key.startswith("auth_ext_")]
            assert keys == list(theirs[part])
            for key in set(keys) - OWN:
                expected = json.dumps(theirs[part][key])
                for digit in ("2", "1", "0", "::"):
                    expected = expected.replace(f"{digit}.71", f"{digit}.61")
                expected = expected.replace("::71", "::61")
                if key == "vrid":
                    expected = json.dumps(theirs[part][key] - 10)
                assert json.dumps(mine[part][key]) == expected, key


def test_named_files_and_cleared_counters(topology, start_tandem):
    path = topology.dir / "named.json"
    text = config(61).replace("script_user root", "script_user root\n    json_version 2\n"
                              f"    json_dump_file {path}\n    stats_dump_file counters")
    tandem = start_tandem(topology.a, text)
    tandem.wait_vrrp("ACTIVE", "A")
    assert [*json.loads(dump(tandem, path, signal.SIGRTMIN + 2))] == ["vrrp", "track_process"]
    counters = tandem.run_dir / "counters"
    assert "  Became master: 1\n" in dump(tandem, counters, signal.SIGRTMAX - 1)
    assert "  Became master: 1\n" not in dump(tandem, counters, signal.SIGUSR2)
