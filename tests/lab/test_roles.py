# SPDX-License-Identifier: GPL-2.0-or-later
"""A role that dies or hangs is not an outage; the supervisor's death is orderly.

The tests with a kernel table are in test_ipvs.py.
"""

import os
import signal
import time

import pytest

from tandemlab import Capture, Topology, vrrp_config, vrrp_instance, wait_until

VIP, VIP6 = Topology.VIP, Topology.VIP6
ROLES = ["vrrp", "healthcheck", "ipvs", "runner"]
NOTICED_S = 1.0    # a role that hangs is noticed within a second
RESTARTED_S = 0.5  # and its successor is there soon after, on a loaded machine


def config(priority, **kwargs):
    return vrrp_config(vrrp_instance(priority=priority, advert=1, vips=(VIP, VIP6), **kwargs),
                       version=3)


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] != b"Z"
    except OSError:
        return False


def wait_replaced(tandem, name, old_pid, deadline):
    def replaced():
        role = tandem.role(name)
        return role["pid"] != old_pid and tandem.role_is_up(role) and role
    return wait_until(replaced, f"{name} has a successor", deadline, 0.01, tandem.log_tail)


@pytest.mark.parametrize("how", ["KILL", "STOP"])
def test_vrrp_role_lost_keeps_addresses_and_adverts(topology, start_tandem, how):
    """With adverts of 1 s the twin does not even notice."""
    tandem = start_tandem(topology.a, config(150, state="MASTER"))
    twin = start_tandem(topology.b, config(100))
    for vip in (VIP, VIP6):
        tandem.wait_address(vip)
    since = tandem.instance()["since"]
    restarts = tandem.role("vrrp")["restarts"]
    with topology.a.watch_addresses() as watch, topology.b.watch_addresses() as at_twin, \
            Capture(topology.b) as capture:
        wait_until(lambda: capture.vrrp(source=topology.a.addr), "an advert")
        lost = time.monotonic()
        old = tandem.signal_role("vrrp", how)
        role = wait_replaced(tandem, "vrrp", old, NOTICED_S + RESTARTED_S)
        assert role["restarts"] == restarts + 1
        assert not alive(old)
        wait_until(lambda: len([p for p in capture.vrrp(source=topology.a.addr)
                                if p.time > lost + 0.01]) >= 3, "three more adverts")
        times = [p.time for p in capture.vrrp(source=topology.a.addr)]
        assert max(b - a for a, b in zip(times, times[1:])) < 3, "never three missing"
        assert not [event for event in watch.events() if event[0] == "removed"]
        assert not [event for event in at_twin.events() if event[1] in (VIP, VIP6)]
    assert tandem.instance()["state"] == "ACTIVE"
    assert tandem.instance()["since"] == pytest.approx(since, abs=0.05)
    assert twin.instance()["state"] == "BACKUP"
    # The successor removes what the predecessor added.
    assert tandem.stop() == 0
    assert not topology.a.has_address(VIP) and not topology.a.has_address(VIP6)


@pytest.mark.parametrize("how", ["KILL", "STOP"])
@pytest.mark.parametrize("name", ["healthcheck", "ipvs", "runner"])
def test_any_other_role_lost_is_replaced(topology, start_tandem, name, how):
    tandem = start_tandem(topology.a, config(150))
    tandem.wait_address(VIP)
    vrrp_pid = tandem.role("vrrp")["pid"]
    with topology.a.watch_addresses() as watch:
        old = tandem.signal_role(name, how)
        wait_replaced(tandem, name, old, NOTICED_S + RESTARTED_S)
        assert not alive(old)
        assert not watch.events()
    assert tandem.role("vrrp")["pid"] == vrrp_pid


def test_a_role_that_dies_again_and_again_is_restarted_slower(topology, start_tandem):
    tandem = start_tandem(topology.a, config(150))
    tandem.wait_address(VIP)
    took = []
    for _ in range(4):
        start = time.monotonic()
        old = tandem.signal_role("healthcheck", "KILL")
        wait_replaced(tandem, "healthcheck", old, 20)
        took.append(time.monotonic() - start)
    assert took[-1] > took[0] + 0.1, f"back-off: {took}"
    assert topology.a.has_address(VIP)


def test_sigterm_to_a_role_changes_nothing(topology, start_tandem):
    tandem = start_tandem(topology.a, config(150))
    tandem.wait_address(VIP)
    with topology.a.watch_addresses() as watch:
        old = tandem.signal_role("vrrp", "TERM")
        wait_replaced(tandem, "vrrp", old, NOTICED_S + RESTARTED_S)
        assert not watch.removed(VIP)
    assert tandem.instance()["state"] == "ACTIVE"


def test_supervisor_killed_takes_the_roles_down_in_order(topology, start_tandem):
    tandem = start_tandem(topology.a, config(150))
    tandem.wait_address(VIP)
    pids = [role["pid"] for role in tandem.status()["roles"] if role["pid"] != tandem.pid]
    assert len(pids) == len(ROLES)
    with Capture(topology.b) as capture:
        os.kill(tandem.pid, signal.SIGKILL)
        wait_until(lambda: not any(alive(pid) for pid in pids), "no role is left", 5,
                   detail=tandem.log_tail)
        assert capture.vrrp(source=topology.a.addr, priority=0), "it resigned"
    assert not topology.a.has_address(VIP)
    # And a new one starts where nothing is left in the way.
    tandem.process.wait()
    tandem.start()
    tandem.wait_address(VIP)


def test_supervisor_killed_leaves_everything_when_told_so(topology, start_tandem):
    text = vrrp_config(vrrp_instance(priority=150, advert=1), version=3,
                       globals_extra=["supervisor_death leave"])
    tandem = start_tandem(topology.a, text)
    tandem.wait_address(VIP)
    pid = tandem.role("vrrp")["pid"]
    with topology.a.watch_addresses() as watch, Capture(topology.b) as capture:
        os.kill(tandem.pid, signal.SIGKILL)
        killed = time.monotonic()
        wait_until(lambda: len([p for p in capture.vrrp(source=topology.a.addr)
                                if p.time > killed + 0.5]) >= 2, "adverts go on")
        assert alive(pid) and not watch.removed(VIP)
        assert not capture.vrrp(priority=0)


LEAVE = ["supervisor_death leave"]


def leaving(*blocks):
    return vrrp_config(*blocks, version=3, globals_extra=LEAVE)


def kill_supervisor(tandem):
    """SIGKILL; when the roles go on alone."""
    os.kill(tandem.pid, signal.SIGKILL)
    tandem.process.wait()
    wait_until(lambda: tandem.log().count("going on alone") >= len(ROLES), "all have noticed",
               detail=tandem.log_tail)


@pytest.mark.parametrize("rival", ["keepalived", "tandem"])
def test_next_supervisor_goes_on_where_the_roles_were(request, topology, start_tandem, rival):
    """The twin does not notice, and no script is told twice."""
    notes = topology.a.dir / "notes"
    notify = f'notify "/bin/sh -c \'echo $3 >> {notes}\' x"'
    tandem = start_tandem(topology.a, leaving(vrrp_instance(
        priority=150, advert=1, vips=(VIP, VIP6), extra=[notify])))
    for vip in (VIP, VIP6):
        tandem.wait_address(vip)
    request.getfixturevalue(f"start_{rival}")(topology.b, config(100))
    wait_until(lambda: notes.exists() and "MASTER" in notes.read_text(), "the script ran")
    told, since = notes.read_text(), tandem.instance()["since"]
    with topology.a.watch_addresses() as watch, topology.b.watch_addresses() as at_twin, \
            Capture(topology.b) as capture:
        kill_supervisor(tandem)
        wait_until(lambda: capture.vrrp(source=topology.a.addr), "an advert of an orphan")
        tandem.start()
        started = time.monotonic()
        assert tandem.instance()["state"] == "ACTIVE"
        assert tandem.instance()["since"] == pytest.approx(since, abs=0.05)
        wait_until(lambda: len([p for p in capture.vrrp(source=topology.a.addr)
                                if p.time > started]) >= 4, "four more adverts")
        times = [p.time for p in capture.vrrp(source=topology.a.addr)]
        assert max(b - a for a, b in zip(times, times[1:])) < 3, "never three missing"
        assert not capture.vrrp(source=topology.b.addr), "the twin stays silent"
        assert not capture.vrrp(priority=0)
        assert not [event for event in watch.events() if event[0] == "removed"]
        assert not [event for event in at_twin.events() if event[1] in (VIP, VIP6)]
    assert notes.read_text() == told
    assert tandem.stop() == 0
    assert not topology.a.has_address(VIP) and not topology.a.has_address(VIP6)
    assert not list(tandem.run_dir.glob("*.handover"))


def test_next_supervisor_believes_nothing_of_another_router(topology, start_tandem):
    """Same name, other VRID: it listens first.  An instance that is gone: so is its address."""
    gone = vrrp_instance("GONE", vrid=60, priority=150, vips=(Topology.VIP2,))
    tandem = start_tandem(topology.a, leaving(vrrp_instance(priority=150), gone))
    tandem.wait_address(VIP)
    tandem.wait_address(Topology.VIP2)
    kill_supervisor(tandem)
    tandem.write(leaving(vrrp_instance(priority=150, vrid=52)))
    with topology.a.watch_addresses() as watch:
        tandem.start()
        tandem.wait_address(Topology.VIP2, present=False)
        tandem.wait_vrrp("ACTIVE")
        assert not watch.removed(VIP), "it is kept while it listens"
    log = tandem.log().rpartition("of a former supervisor")[2]
    assert "VI_1: INITIALIZE -> BACKUP" in log, tandem.log_tail()


def test_a_stop_goes_for_roles_without_a_successor_too(topology, start_tandem):
    """They stay while startup_script runs; not when their new supervisor stops meanwhile."""
    tandem = start_tandem(topology.a, leaving(vrrp_instance(priority=150, advert=1)))
    tandem.wait_address(VIP)
    # With a supervisor it is nothing to a role.
    vrrp = tandem.signal_role("vrrp", "USR1")
    kill_supervisor(tandem)
    assert alive(vrrp)
    tandem.write(vrrp_config(
        vrrp_instance(priority=150, advert=1), version=3,
        globals_extra=[*LEAVE, 'startup_script "/bin/sleep 60"', "startup_script_timeout 70"]))
    tandem.start(wait=False)
    wait_until(lambda: "runs startup_script" in tandem.log(), "it has begun", 10,
               detail=tandem.log_tail)
    assert alive(vrrp) and topology.a.has_address(VIP)
    with Capture(topology.b) as capture:
        assert tandem.stop(25) == 0
        assert capture.vrrp(source=topology.a.addr, priority=0), "it resigned"
    assert not topology.a.has_address(VIP)
    assert not topology.a.processes()
    assert not list(tandem.run_dir.glob("*.pid")) and not list(tandem.run_dir.glob("*.handover"))


def test_a_reload_that_says_leave_is_enough(topology, start_tandem):
    tandem = start_tandem(topology.a, config(150))
    tandem.wait_address(VIP)
    tandem.write(leaving(vrrp_instance(priority=150, advert=1, vips=(VIP, VIP6))))
    tandem.ctl("reload")
    since = tandem.instance()["since"]
    kill_supervisor(tandem)
    tandem.start()
    assert tandem.instance()["state"] == "ACTIVE"
    assert tandem.instance()["since"] == pytest.approx(since, abs=0.05)


def test_stop_ends_all_processes(topology, start_tandem):
    tandem = start_tandem(topology.a, config(150))
    tandem.wait_address(VIP)
    assert tandem.stop() == 0
    wait_until(lambda: not topology.a.processes(), "nothing runs on a")
    assert not list(tandem.run_dir.glob("*.sock")) and not list(tandem.run_dir.glob("*.pid"))
    done = tandem.ctl_raw("status")
    assert done.returncode == 3 and done.stderr


def test_roles_look_up_no_account(topology, start_tandem):
    """The libraries of nsswitch would be the largest that most of them have."""
    tandem = start_tandem(topology.a, config(150))
    for name in ("vrrp", "healthcheck", "ipvs"):
        with open(f"/proc/{tandem.role(name)['pid']}/maps", encoding="ascii") as maps:
            assert "libnss" not in maps.read()


def test_roles_have_only_the_capabilities_they_need(topology, start_tandem):
    tandem = start_tandem(topology.a, config(150))
    allowed = {"vrrp": {12, 13}, "healthcheck": {13}, "ipvs": {12}, "runner": {5, 6, 7}}
    for role in tandem.status()["roles"]:
        if role["name"] not in allowed:
            continue
        with open(f"/proc/{role['pid']}/status", encoding="ascii") as file:
            fields = dict(line.split(":\t", 1) for line in file if ":\t" in line)
        for kind in ("CapEff", "CapPrm"):
            bits = int(fields[kind], 16)
            have = {bit for bit in range(64) if bits >> bit & 1}
            # CAP_SYS_NICE (23) and CAP_IPC_LOCK (14) may stay for scheduling.
            assert have - {14, 23} <= allowed[role["name"]], f"{role['name']} {kind}: {have}"
        if role["name"] != "runner":
            assert fields["NoNewPrivs"].strip() == "1"
