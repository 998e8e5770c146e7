# SPDX-License-Identifier: GPL-2.0-or-later
"""The operator's tool and the service manager: what they are told."""

import json
import os
import signal
import socket

import pytest

from tandemlab import Topology, virtual_server, vrrp_config, vrrp_instance, wait_until
from tandemlab.directors import program

VIP = Topology.VIP


@pytest.fixture
def active(topology, start_tandem):
    topology.start_web()
    servers = [node.addr for node in topology.servers[:2]] + ["10.77.0.199"]
    tandem = start_tandem(topology.a, vrrp_config(
        vrrp_instance(priority=150, advert=0.1),
        virtual_server(servers=servers), version=3))
    tandem.wait_address(VIP)
    wait_until(lambda: [tandem.real_server((VIP, 80), address)["state"] for address in servers]
               == ["up", "up", "down"], "the checks have spoken", 15, 0.1, tandem.log_tail)
    return tandem


def test_status_has_the_keys_of_the_contract(active):
    status = active.status()
    assert set(status) >= {"version", "generation", "uptime_s", "config_file", "roles", "vrrp",
                           "services"}
    assert status["config_file"] == str(active.conf)
    names = {role["name"] for role in status["roles"]}
    assert names >= {"vrrp", "healthcheck", "ipvs", "runner"}
    for role in status["roles"]:
        assert set(role) >= {"name", "pid", "state", "restarts", "last_ping_ms"}
        os.kill(role["pid"], 0)
    row = active.instance()
    assert set(row) >= {"name", "vrid", "family", "version", "interface", "state", "priority",
                        "effective_priority", "since", "reason", "addresses", "active_router",
                        "adverts_sent", "adverts_received"}
    assert (row["vrid"], row["version"], row["interface"], row["priority"]) == (51, 3, "eth0", 150)
    assert row["adverts_sent"] > 0 and row["state"] == "ACTIVE"
    service = active.service(VIP, 80)
    assert set(service) >= {"name", "protocol", "address", "port", "fwmark", "scheduler",
                            "forwarding", "state", "quorum", "weight_up", "real_servers"}
    for server in service["real_servers"]:
        assert set(server) >= {"address", "port", "state", "weight", "effective_weight", "since",
                               "reason", "checks", "active_connections", "inactive_connections"}
        for check in server["checks"]:
            assert set(check) >= {"kind", "state", "reason", "latency_ms", "last_run"}


@pytest.mark.parametrize("what", ["vrrp", "services", "roles", "config", "log"])
def test_show_answers_people_and_programs(active, what):
    people = active.ctl_raw("show", what)
    assert people.returncode == 0, people.stderr
    assert people.stdout.strip()
    programs = active.ctl_raw("--json", "show", what)
    assert programs.returncode == 0, programs.stderr
    json.loads(programs.stdout)


def test_the_running_configuration_is_shown_as_its_file(active):
    options = ("--origin", "--defaults", "show", "config")
    for form in ((), ("--json",)):
        running = active.ctl_raw(*form, *options)
        of_file = active.ctl_raw(*form, *options, active.conf)
        assert running.returncode == of_file.returncode == 0, running.stderr + of_file.stderr
        if form:
            assert json.loads(running.stdout)["config"] == json.loads(of_file.stdout)["config"]
        else:
            assert running.stdout == of_file.stdout
    (instance,) = [block for block in json.loads(of_file.stdout)["config"]
                   if block["keyword"] == "vrrp_instance"]
    values = {one["keyword"]: one["value"] for one in instance["children"] if "value" in one}
    row = active.instance()
    assert (values["virtual_router_id"], values["version"], values["priority"],
            values["interface"]) == (row["vrid"], row["version"], row["priority"],
                                     row["interface"])


def test_status_for_people_names_everything(active):
    done = active.ctl_raw("status")
    assert done.returncode == 0
    for word in ("VI_1", "ACTIVE", VIP, "10.77.0.199"):
        assert word in done.stdout


@pytest.mark.parametrize("subject", ["VI_1", "10.77.0.199", f"{VIP}:80"])
def test_explain_gives_the_reason(active, subject):
    done = active.ctl_raw("explain", subject)
    assert done.returncode == 0, done.stderr
    reason = {"VI_1": active.instance()["reason"],
              "10.77.0.199": active.real_server((VIP, 80), "10.77.0.199")["checks"][0]["reason"],
              f"{VIP}:80": ""}[subject]
    assert reason in done.stdout and len(done.stdout.splitlines()) >= 1


@pytest.mark.parametrize("subject", [
    "instance VI_1", "vrrp_instance VI_1", f"service tcp:{VIP}:80", f"tcp {VIP}:80",
    f"virtual_server {VIP} 80", "real_server 10.77.0.199:80", "server 10.77.0.199 80"])
def test_explain_takes_the_names_of_logs_plans_and_configurations(active, subject):
    done = active.ctl_raw("explain", *subject.split())
    assert done.returncode == 0, done.stderr
    name = "instance VI_1" if "VI_1" in subject else \
        f"service tcp {VIP}:80" if VIP in subject else "server 10.77.0.199:80 of"
    assert name in done.stdout


def test_explain_tells_of_groups_and_of_what_is_tracked(topology, start_tandem):
    blocks = ["vrrp_script chk {\n    script /usr/bin/false\n    interval 1\n    fall 1\n"
              "    weight -20\n}",
              "vrrp_track_file level {\n    file /proc/sys/kernel/threads-max-not-there\n}",
              "vrrp_sync_group G {\n    group {\n        VI_1\n        VI_2\n    }\n"
              "    sync_group_tracking_weight\n}"]
    track = ["track_script {\n    chk\n}", "track_interface {\n    lo weight 3\n}",
             "track_file {\n    level weight 1\n}"]
    tandem = start_tandem(topology.a, vrrp_config(
        *blocks, vrrp_instance(priority=150, advert=0.1, extra=track),
        vrrp_instance("VI_2", vrid=52, priority=150, advert=0.1, vips=(Topology.VIP2,)),
        version=3))
    tandem.wait_address(VIP)

    def explain(*subject):
        done = tandem.ctl_raw("explain", *subject)
        assert done.returncode == 0, done.stderr
        return done.stdout

    wait_until(lambda: "script chk is down: exit status 1" in explain("script", "chk"),
               "it has run", 5, 0.1)
    for subject in (["chk"], ["vrrp_script", "chk"]):
        text = explain(*subject)
        assert "tracked by instance VI_1, which is ACTIVE with priority 133" in text, text
        assert "0 of 1 runs in a row said otherwise, which would make it up" in text
    for subject in (["G"], ["group", "G"], ["vrrp_sync_group", "G"]):
        text = explain(*subject)
        assert text.startswith("group G is ACTIVE"), text
        assert "instance VI_1 is ACTIVE" in text and "instance VI_2 is ACTIVE" in text
    assert "interface lo is up" in explain("interface", "lo")
    assert "file level is" in explain("track_file", "level")
    done = tandem.ctl_raw("explain", "script", "G")
    assert done.returncode == 1 and "script G" in done.stderr


def test_explain_while_instances_end(topology, start_tandem):
    """One is gone, the other waits for its twin: nobody tracks any more."""
    track = ["track_interface {\n    lo weight 3\n}"]
    tandem = start_tandem(topology.a, vrrp_config(
        vrrp_instance(priority=150, advert=3, extra=track),
        vrrp_instance("VI_2", vrid=52, priority=100, advert=3, vips=(Topology.VIP2,),
                      extra=track), version=3))
    tandem.wait_vrrp("ACTIVE", deadline=30)
    assert "tracked by instance VI_1" in tandem.ctl_raw("explain", "interface", "lo").stdout
    os.kill(tandem.pid, signal.SIGTERM)
    wait_until(lambda: tandem.log().count("INITIALIZE (shutdown)") == 2, "both have begun to end")
    done = tandem.ctl_raw("explain", "interface", "lo")
    assert done.returncode == 0 and "interface lo is up" in done.stdout, done.stderr
    assert "tracked by" not in done.stdout
    assert tandem.stop() == 0


def test_explain_of_the_unknown_is_a_refusal(active):
    done = active.ctl_raw("explain", "no-such-thing")
    assert done.returncode == 1 and "no-such-thing" in done.stderr


def test_plan_shows_services_with_and_without_ipvs(active, lab_dir):
    """The kernel's table is compared where there is one, else the wanted one."""
    path = lab_dir / "other.conf"
    path.write_text(active.conf.read_text().replace("weight 1\n", "weight 3\n"))
    done = active.ctl_raw("plan", str(path))
    assert done.returncode == 0, done.stderr
    assert "NAT, weight 1 -> 3" in done.stdout
    down = next(line for line in done.stdout.splitlines() if "10.77.0.199" in line)
    assert "weight 1 -> 3, not in use now (down)" in down
    path.write_text(active.conf.read_text())
    assert "no changes" in active.ctl_raw("plan", str(path)).stdout


def test_check_needs_no_daemon_and_places_mistakes(active, lab_dir):
    path = lab_dir / "other.conf"
    path.write_text(vrrp_config(vrrp_instance()))
    assert active.ctl_raw("check", str(path)).returncode == 0
    path.write_text(vrrp_config(vrrp_instance()).replace("advert_int", "advert_intt"))
    active.stop()
    done = active.ctl_raw("check", str(path))
    assert done.returncode == 1
    assert f"{path}:" in done.stderr + done.stdout and "advert_int" in done.stderr + done.stdout


def test_service_manager_is_told_ready_reloading_and_stopping(topology, start_tandem):
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    path = topology.dir / "notify"
    manager.bind(str(path))
    manager.setblocking(False)
    seen = []

    def told(word):
        while True:
            try:
                seen.extend(manager.recv(4096).decode().splitlines())
            except BlockingIOError:
                break
        return word in seen

    with manager:
        tandem = start_tandem(topology.a, vrrp_config(vrrp_instance(advert=0.1), version=3),
                              env={"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "2000000"})
        wait_until(lambda: told("READY=1"), "READY=1", 10, detail=lambda: str(seen))
        wait_until(lambda: told("WATCHDOG=1"), "WATCHDOG=1", 10, detail=lambda: str(seen))
        seen.clear()
        tandem.reload()
        wait_until(lambda: told("RELOADING=1"), "RELOADING=1", 10, detail=lambda: str(seen))
        wait_until(lambda: told("READY=1"), "READY=1 again", 10, detail=lambda: str(seen))
        assert tandem.stop() == 0
        assert told("STOPPING=1")


def test_without_n_it_goes_to_the_background_when_ready(topology):
    conf, run_dir = topology.dir / "tandem.conf", topology.dir / "run"
    run_dir.mkdir()
    conf.write_text(vrrp_config(vrrp_instance(advert=0.1), version=3))
    topology.a.run(program("tandemd"), "-f", conf, "--runtime-dir", run_dir, "-l")
    pid_file = run_dir / "tandemd.pid"
    pid = int(pid_file.read_text())
    topology.a.wait_address(VIP)
    os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not topology.a.processes(), "all is gone", 10)
    assert not topology.a.has_address(VIP) and not pid_file.exists()


def test_a_second_daemon_on_the_same_directory_is_refused(topology, start_tandem):
    tandem = start_tandem(topology.a, vrrp_config(vrrp_instance(advert=0.1), version=3))
    tandem.wait_address(VIP)
    with topology.a.watch_addresses() as watch:
        done = topology.a.run(program("tandemd"), "-n", "-l", "-f", tandem.conf, "--runtime-dir",
                              tandem.run_dir, check=False, timeout=10)
        assert done.returncode == 1, done.stderr
        assert not watch.events()
    assert tandem.instance()["state"] == "ACTIVE"
