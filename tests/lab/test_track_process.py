# SPDX-License-Identifier: GPL-2.0-or-later
"""vrrp_track_process: real processes that end and come back."""

import os
import shutil
import signal
import time

from tandemlab import Topology, vrrp_config, vrrp_instance, wait_until


def tracked(director, name):
    return next(row for row in director.status()["track_processes"] if row["name"] == name)


def test_process_that_dies_moves_the_address(topology, start_tandem, lab_dir):
    a, b = topology.a, topology.b
    # A name that no other process of this machine has.
    name = f"tp{os.getpid()}"
    program = lab_dir / name
    shutil.copy("/bin/sleep", program)
    first = a.spawn(program, "1000")
    second = a.spawn(program, "2000")
    blocks = [f"vrrp_track_process ANY {{\n process {name}\n}}",
              f"vrrp_track_process TWO {{\n process {program} 2000\n weight -60\n}}"]
    high = start_tandem(a, vrrp_config(
        vrrp_instance("VI_1", priority=150, advert=0.1, extra=("track_process {\n ANY\n}",)),
        vrrp_instance("VI_2", vrid=52, priority=150, advert=0.1, vips=(Topology.VIP2,),
                      extra=("track_process {\n TWO\n}",)), *blocks, version=3))
    low = start_tandem(b, vrrp_config(
        vrrp_instance("VI_1", priority=100, advert=0.1),
        vrrp_instance("VI_2", vrid=52, priority=100, advert=0.1, vips=(Topology.VIP2,)),
        version=3))
    for vip in (Topology.VIP, Topology.VIP2):
        high.wait_address(vip)
    assert tracked(high, "ANY")["processes"] == 2 and tracked(high, "TWO")["processes"] == 1

    # The second has a weight only.
    second.send_signal(signal.SIGKILL)
    second.wait()
    low.wait_address(Topology.VIP2, deadline=2)
    assert high.instance("VI_2")["effective_priority"] == 90
    assert high.instance("VI_1")["state"] == "ACTIVE"

    # A role that is killed counts again, and no address goes meanwhile.
    with a.watch_addresses() as watch:
        pid = high.signal_role("vrrp", "KILL")
        wait_until(lambda: high.role("vrrp")["pid"] not in (0, pid) and
                   tracked(high, "ANY")["state"] == "up", "counted again", 5)
        high.wait_vrrp("ACTIVE", "VI_1")
        assert not watch.removed(Topology.VIP)
    assert tracked(high, "TWO")["state"] == "down"

    # The last one: its death is seen at once, whatever the pause of scans.
    killed = time.monotonic()
    first.send_signal(signal.SIGKILL)
    low.wait_address(Topology.VIP, deadline=2)
    assert time.monotonic() - killed < 0.45
    high.wait_vrrp("FAULT", "VI_1")
    assert high.instance("VI_1")["reason"] == "tracked-process-number"
    first.wait()

    third = a.spawn(program, "2000")
    for vip in (Topology.VIP, Topology.VIP2):
        high.wait_address(vip)

    # With a delay, one that comes back at once was never gone.
    high.write(high.conf.read_text().replace(f"process {name}\n",
                                             f"process {name}\n terminate_delay 4\n"))
    high.ctl("reload")
    with a.watch_addresses() as watch:
        third.send_signal(signal.SIGKILL)
        third.wait()
        low.wait_address(Topology.VIP2, deadline=2)
        a.spawn(program, "2000")
        high.wait_address(Topology.VIP2)
        assert not watch.removed(Topology.VIP)
    assert high.instance("VI_1")["state"] == "ACTIVE"
