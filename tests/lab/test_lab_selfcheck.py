# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab proves itself with programs that are known to work."""

import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from tandemlab import (Capture, Injector, LabTimeout, Prober, Topology, has_ipvs, http_get,
                       kernel, uml, vrrp_advert, vrrp_config, vrrp_instance, wait_until)

VIP, VIP6 = Topology.VIP, Topology.VIP6


def pair_config(priority, **kwargs):
    return vrrp_config(vrrp_instance(priority=priority, advert=0.1, **kwargs), version=3)


def test_client_reaches_each_server(topology):
    topology.start_web()
    for node in topology.servers:
        assert http_get(topology.client, node.addr).server == node.name
        assert http_get(topology.client, node.addr6).server == node.name


def test_prober_counts_what_a_dead_server_loses(topology):
    first = topology.start_web()[0]
    with Prober(topology.client, topology.servers[0].addr) as prober:
        prober.wait_answers(100)
        assert not prober.lost
        first.kill()
        wait_until(lambda: len(prober.lost) > 50, "refused requests")
        first.start()
        prober.wait_answers(100)
    assert {row.outcome for row in prober.lost} <= {"ECONNREFUSED", "ECONNRESET", "short"}
    assert prober.longest_gap() > 0.05
    starts = [row.start for row in prober.requests]
    pace = sorted(b - a for a, b in zip(starts, starts[1:]))
    assert pace[len(pace) // 2] < 0.002, "half of the requests start within 2 ms"


def test_two_keepalived_elect_and_take_over(topology, start_keepalived):
    high = start_keepalived(topology.a, pair_config(150), vrrp_only=True)
    low = start_keepalived(topology.b, pair_config(100), vrrp_only=True)
    high.wait_address(VIP)
    wait_until(lambda: not topology.b.has_address(VIP), "only one holds the VIP")
    with Capture(topology.router, "lan") as capture:
        start = time.monotonic()
        high.kill()
        low.wait_address(VIP, deadline=2)
        assert time.monotonic() - start < 1.0
        wait_until(lambda: capture.vrrp(source=topology.b.addr, version=3, priority=100),
                   "adverts of the new active")
        wait_until(lambda: capture.gratuitous_arps(VIP), "gratuitous ARP")


def test_ipv6_adverts_are_seen(topology, start_keepalived):
    with Capture(topology.router, "lan") as capture:
        start_keepalived(topology.a, pair_config(150, vips=("fe80::51", VIP6)),
                         vrrp_only=True).wait_address(VIP6)
        wait_until(lambda: capture.vrrp(family=6, version=3, ttl=255), "an IPv6 advert")
        wait_until(lambda: capture.unsolicited_nas(VIP6), "unsolicited NA")
    assert VIP6 in capture.vrrp(family=6)[0].addresses


@pytest.mark.parametrize("version", [2, 3])
def test_injected_advert_is_believed(topology, start_keepalived, version):
    """keepalived gives way to our hand-made advert: the bytes are right."""
    advert = 1 if version == 2 else 0.1
    config = vrrp_config(vrrp_instance(priority=100, advert=advert), version=version)
    start_keepalived(topology.a, config, vrrp_only=True).wait_address(VIP)
    with Injector(topology.b) as wire:
        def given_way():
            wire.send(vrrp_advert(topology.b.addr, [VIP], priority=200, version=version,
                                  interval_cs=int(advert * 100)))
            return not topology.a.has_address(VIP)
        wait_until(given_way, "keepalived is backup", poll=0.02)


def test_a_dead_run_leaves_nothing(topology, lab_dir):
    """A run that is killed takes daemons' children with it."""
    script = lab_dir / "victim.py"
    script.write_text(
        "import sys, time, pathlib\n"
        f"sys.path.insert(0, {str(os.path.dirname(os.path.abspath(__file__)))!r})\n"
        "from tandemlab import Topology\n"
        "topo = Topology(sys.argv[1])\n"
        "topo.a.spawn('sh', '-c', 'setsid sleep 1000 & setsid sleep 1000 & wait')\n"
        "while len(topo.a.processes()) < 3: time.sleep(0.01)\n"
        "print(topo.a.inode, flush=True)\n"
        "time.sleep(1000)\n")
    with subprocess.Popen([sys.executable, "-B", str(script), str(lab_dir / "victim")],
                          stdout=subprocess.PIPE, text=True) as victim:
        inode = int(victim.stdout.readline())
        assert len(kernel.pids_in_netns([inode])) == 3
        victim.kill()
    wait_until(lambda: not kernel.pids_in_netns([inode]), "no process is left")


def command_line(pid):
    """Of a process that lives; a zombie has none."""
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGKILL])
def test_a_kernel_that_is_ended_leaves_nothing(lab_dir, number):
    """A terminal that is closed, as the rest."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("TANDEM_LAB_")}
    mine = lab_dir / "uml-signal"
    mine.mkdir()
    with subprocess.Popen([sys.executable, "-B", uml.__file__, "--", "sleep", "1000"],
                          env={**env, "TMPDIR": str(mine)}) as run:
        status = wait_until(lambda: list(mine.glob("tandemlab-uml-*/uml/lab/pid")), "it runs")
        kernel_pid = int(status[0].read_text())
        run.send_signal(number)
        assert run.wait(20) == (-number if number == signal.SIGKILL else 128 + number)
    wait_until(lambda: not list(mine.glob("tandemlab-uml-*")), "no directory is left")
    wait_until(lambda: not command_line(kernel_pid), "no kernel is left")
    mine.rmdir()


def test_wait_until_fails_with_reason():
    with pytest.raises(LabTimeout, match="not within 0.05 s: the moon; last seen: KeyError"):
        wait_until(lambda: {}["full"], "the moon",
                   deadline=0.05)


@pytest.mark.ipvs
def test_this_kernel_has_ipvs():
    assert has_ipvs()


@pytest.mark.ipvs
@pytest.mark.parametrize("vip", [VIP, VIP6], ids=["ipv4", "ipv6"])
@pytest.mark.parametrize("forwarding", ["nat", "dr", "tun"])
def test_ipvs_carries_http(topology, forwarding, vip):
    """A table made by hand spreads real requests over three nginx."""
    six = ":" in vip
    topology.prepare_servers(forwarding, [vip])
    topology.start_web()
    gateway = topology.GATEWAY6 if six else topology.GATEWAY
    topology.a.ip(f"addr add {vip}/{128 if six else 32} dev eth0",
                  f"addr add {gateway}/{128 if six else 32} dev eth0")
    flag = {"nat": "-m", "dr": "-g", "tun": "-i"}[forwarding]
    host = "[{}]:80" if six else "{}:80"
    service = host.format(vip)
    topology.a.run("ipvsadm", "-A", "-t", service, "-s", "rr")
    for node in topology.servers:
        real = host.format(node.addr6 if six else node.addr)
        topology.a.run("ipvsadm", "-a", "-t", service, "-r", real, flag)
    seen = [http_get(topology.client, vip).server for _ in range(6)]
    assert sorted(seen) == ["s1", "s1", "s2", "s2", "s3", "s3"]
    table = topology.a.ipvs()[f"TCP {service}"]
    assert len(table["servers"]) == 3
    assert sum(row["active"] + row["inactive"] for row in table["servers"].values()) == 6


OUTCOMES = '''
import os, pytest
pytestmark = pytest.mark.ipvs
def test_good(topology): topology.a.run("ipvsadm", "-Ln")
def test_bad(): assert 1 == 2, "one is not two"
def test_skipped(): pytest.skip("no such thing")
def test_bad_setup(nothing): pass
def test_kernel_dies():
    assert os.environ.get("TANDEM_LAB_UML"), "never on a real kernel"
    open("/proc/sysrq-trigger", "w").write("o")
    import time; time.sleep(30)
def test_never_reached(): pass
'''


def test_failures_inside_come_out(lab_dir):
    """Each way in which a test can fail inside is a failure outside."""
    here = os.path.dirname(os.path.abspath(__file__))
    for name in ("conftest.py", "pytest.ini", "tandemlab"):
        (lab_dir / name).symlink_to(os.path.join(here, name))
    (lab_dir / "test_outcomes.py").write_text(OUTCOMES)
    env = {k: v for k, v in os.environ.items() if not k.startswith("TANDEM_LAB_")}
    env["TMPDIR"] = str(lab_dir)
    done = subprocess.run([sys.executable, "-B", "-m", "pytest", "-v", "--color=no",
                           "."], cwd=lab_dir, env=env, text=True, capture_output=True,
                          timeout=55)
    outcome = {line.split("::")[1].split()[0]: line.split()[1]
               for line in done.stdout.splitlines() if line.startswith("test_outcomes.py::")}
    assert outcome.pop("test_good") == "PASSED", done.stdout
    assert set(outcome.values()) <= {"FAILED", "ERROR"} and len(outcome) == 5, done.stdout
    assert done.returncode == 1
    assert "one is not two" in done.stdout and "the user-mode kernel ended" in done.stdout
