# SPDX-License-Identifier: GPL-2.0-or-later
"""startup_script before everything else, shutdown_script after it."""

import json
import socket
import os
import signal
import time

import pytest

from tandemlab import Topology, virtual_server, vrrp_config, vrrp_instance, wait_until

VIP = Topology.VIP


def script(topology, name, body):
    path = topology.dir / f"{name}.sh"
    path.write_text(f"#!/bin/bash\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def notes(topology):
    """A file that any account may write to."""
    path = topology.dir / "notes"
    path.touch()
    path.chmod(0o666)
    return path


def config(*lines, user="nobody", **kwargs):
    text = vrrp_config(vrrp_instance(priority=150, vips=(VIP,), advert=0.1, **kwargs), version=3,
                       globals_extra=lines)
    return text.replace("script_user root", f"script_user {user}")


def test_both_run_as_the_script_user_and_in_their_order(topology, start_tandem, notes):
    """The first brings the interface that the file needs, the second sees the address gone."""
    first = script(topology, "first", "ip link add made0 type veth peer name made1 || exit\n"
                                      "ip addr add 10.66.0.1/24 dev made0; ip link set made1 up\n"
                                      "ip link set made0 up\n"
                                      f"sleep 0.3; echo first $(id -un) >> {notes}")
    begun = script(topology, "begun", f"echo begun $(id -un) >> {notes}")
    last = script(topology, "last",
                  f"ip -o addr show | grep -c '{VIP}' | sed 's/^/last /' >> {notes}")
    tandem = start_tandem(topology.a, config(
        f'startup_script "{first}" root', f'shutdown_script "{last}"',
        interface="made0", extra=[f'notify_backup "{begun}"']))
    wait_until(lambda: "begun" in notes.read_text(), "the instance begins")
    assert notes.read_text().splitlines() == ["first root", "begun nobody"]
    tandem.wait_address(VIP)
    assert tandem.stop() == 0
    assert notes.read_text().splitlines()[2:] == ["last 0"]
    assert not topology.a.processes()


def ask_until_ready(tandem, deadline=8):
    """Questions from the first moment on, one after the other; the states of the last answer."""
    states = {}

    def ready():
        assert tandem.running, tandem.log_tail()
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
            try:
                sock.connect(str(tandem.run_dir / "control.sock"))
            except OSError:
                return False
            sock.sendall(b'{"command":"status"}\n')
            answer = b""
            while not answer.endswith(b"\n"):
                answer += sock.recv(65536) or b"\n"
        roles = json.loads(answer).get("roles", [])
        states.update({role["name"]: role["state"] for role in roles})
        return roles and all(role["state"] == "ready" for role in roles)
    wait_until(ready, "all roles are ready", deadline, 0.001, lambda: str(states))


def test_questions_at_the_start_delay_nothing(topology, start_tandem):
    """The ipvs role looks at the kernel for an answer, before it has a generation.

    Without ip_vs it looks again 10 s later, and must be ready before.
    """
    servers = virtual_server(servers=[node.addr for node in topology.servers[:1]])
    for _ in range(6):
        tandem = start_tandem(topology.a, vrrp_config(
            vrrp_instance(advert=0.1), servers, version=3), wait=False)
        ask_until_ready(tandem)
        assert tandem.stop() == 0


def test_scripts_that_fail_or_hang_stop_nothing(topology, start_tandem):
    first = script(topology, "first", "exec sleep 60")
    last = script(topology, "last", "exit 3")
    began = time.monotonic()
    tandem = start_tandem(topology.a, config(
        f'startup_script "{first}"', "startup_script_timeout 1", f'shutdown_script "{last}"'))
    assert time.monotonic() - began >= 1
    assert "startup_script was ended after" in tandem.log()
    assert tandem.stop() == 0
    assert "shutdown_script ended with exit status 3" in tandem.log()
    assert not topology.a.processes()


def test_a_stop_during_the_first_ends_it_and_runs_the_second(topology, start_tandem, notes):
    first = script(topology, "first", f"echo first >> {notes}; exec sleep 60")
    last = script(topology, "last", f"echo last >> {notes}")
    tandem = start_tandem(topology.a, config(
        f'startup_script "{first}"', "startup_script_timeout 1", f'shutdown_script "{last}"'),
        wait=False)
    wait_until(lambda: "first" in notes.read_text(), "startup_script runs", detail=tandem.log_tail)
    assert "waiting for startup_script" in tandem.status()["problems"]
    assert tandem.stop() == 0
    assert notes.read_text().splitlines() == ["first", "last"]
    assert not topology.a.has_address(VIP)


def test_a_reload_changes_what_is_run_at_the_end(topology, start_tandem, notes):
    first = script(topology, "first", f"echo first >> {notes}")
    last = script(topology, "last", f"echo last >> {notes}")
    tandem = start_tandem(topology.a, config(f'startup_script "{first}"'))
    assert notes.read_text().splitlines() == ["first"]
    tandem.write(config(f'startup_script "{first}"', f'shutdown_script "{last}"'))
    tandem.ctl("reload")
    assert tandem.stop() == 0
    assert notes.read_text().splitlines() == ["first", "last"]


@pytest.mark.parametrize("deaths", [1, 3])
def test_the_second_runs_though_the_runner_has_just_died(topology, start_tandem, notes, deaths):
    """Before it has the generation again (1), or while it waits for a restart (3)."""
    last = script(topology, "last", f"echo last >> {notes}")
    tandem = start_tandem(topology.a, config(f'shutdown_script "{last}"'))
    tandem.wait_address(VIP)
    for left in reversed(range(deaths)):
        pid = tandem.signal_role("runner", "KILL")
        if left:
            wait_until(lambda: tandem.role("runner")["pid"] not in (0, pid), "another runner", 10)
    if deaths > 1:
        wait_until(lambda: tandem.role("runner")["state"] == "waiting", "it waits", 5, 0.02)
    assert tandem.stop(20) == 0
    assert notes.read_text().splitlines() == ["last"], tandem.log_tail()
    assert not topology.a.processes()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_before_the_loop_runs_is_in_order(topology, start_tandem, number):
    """Held at the second pid file, a FIFO that nobody reads: the first one is there by then."""
    path = topology.dir / "pid"
    os.mkfifo(path)
    tandem = start_tandem(topology.a, config(), options=["-p", path], wait=False)
    own = tandem.run_dir / "tandemd.pid"
    wait_until(lambda: own.exists() and own.read_text().strip(), "its pid is there", 10, 0.01)
    os.kill(int(own.read_text()), number)
    with open(path, encoding="ascii") as reader:
        assert int(reader.read()) == tandem.pid, "it goes on until it can stop"
    assert tandem.process.wait(10) == 0, tandem.log_tail()
    assert f"stopping (SIG{number.name[3:]})" in tandem.log()
    assert not list(tandem.run_dir.glob("*.pid")) and not path.exists()
    assert not topology.a.processes()
