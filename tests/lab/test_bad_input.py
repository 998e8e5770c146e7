# SPDX-License-Identifier: GPL-2.0-or-later
"""What bad input gets: exit codes and diagnostics at start, and rude clients."""

import json
import os
import re
import socket
import subprocess
import time

import pytest

from tandemlab import Topology, virtual_server, vrrp_config, vrrp_instance, wait_until
from tandemlab.directors import program

VIP = Topology.VIP
GOOD = vrrp_config(vrrp_instance(), version=3)
PLACE = re.compile(r"(\S+):(\d+):(\d+): (error|warning): .+", re.M)


def tandemd(*words, timeout=60):
    return subprocess.run([program("tandemd"), *words], text=True, capture_output=True,
                          timeout=timeout, stdin=subprocess.DEVNULL, errors="replace")


def write(lab_dir, text):
    path = lab_dir / "tandem.conf"
    path.write_text(text)
    return path


def test_good_file_is_good(lab_dir):
    here = GOOD.replace("global_defs {", "global_defs {\n    dynamic_interfaces", 1)
    done = tandemd("-t", "-f", write(lab_dir, here))
    assert done.returncode == 0, done.stderr


def test_interface_that_is_not_there(lab_dir):
    text = GOOD.replace("interface eth0", "interface nosuch0")
    done = tandemd("-t", "--json", "-f", write(lab_dir, text))
    assert done.returncode == 4, done.stderr
    rows = [row for row in json.loads(done.stdout) if row["severity"] == "error"]
    assert len(rows) == 1 and "nosuch0" in rows[0]["message"]
    assert "interface nosuch0" in text.splitlines()[rows[0]["line"] - 1]
    assert "dynamic_interfaces" in rows[0]["hint"]


BAD = {
    "unknown-keyword": (GOOD.replace("advert_int", "advert_intt"), "advert_intt", "advert_int"),
    "out-of-range": (GOOD.replace("priority 100", "priority 256"), "priority", "255"),
    "not-a-number": (GOOD.replace("virtual_router_id 51", "virtual_router_id fifty"),
                     "virtual_router_id", ""),
    "vrid-0": (GOOD.replace("virtual_router_id 51", "virtual_router_id 0"),
               "virtual_router_id", ""),
    "bad-address": (GOOD.replace(VIP, "10.77.0.300"), "10.77.0.300", ""),
    "brace-missing": (GOOD.rstrip()[:-1], "vrrp_instance", ""),
}


@pytest.mark.parametrize("name", BAD)
def test_mistake_is_placed_and_hinted(lab_dir, name):
    text, word, hint = BAD[name]
    path = write(lab_dir, text)
    done = tandemd("-t", "-f", path)
    assert done.returncode in (4, 5), done.stderr
    places = PLACE.findall(done.stderr + done.stdout)
    assert places and places[0][0] == str(path)
    line = int(places[0][1])
    assert word in text.splitlines()[line - 1], "the line is the one with the mistake"
    assert hint in done.stderr + done.stdout
    errors = [place for place in places if place[3] == "error"]
    assert len(errors) == 1, f"one message a cause: {places}"


def test_vrid_used_twice_is_an_error(lab_dir):
    text = GOOD + vrrp_instance("VI_2", vips=(Topology.VIP2,)) + "\n"
    done = tandemd("-t", "-f", write(lab_dir, text))
    assert done.returncode in (4, 5)
    assert PLACE.search(done.stderr + done.stdout) and "51" in done.stderr + done.stdout


def test_start_refuses_a_bad_file(topology):
    path = write(topology.dir, BAD["unknown-keyword"][0])
    run_dir = topology.dir / "run"
    done = topology.a.run(program("tandemd"), "-n", "-l", "-f", path, "--runtime-dir", run_dir,
                          check=False)
    assert done.returncode == 2
    assert f"{path}:" in done.stderr + done.stdout
    assert not topology.a.has_address(VIP)


@pytest.mark.parametrize("kind", ["missing", "empty", "directory", "binary", "itself", "large"])
def test_file_that_is_no_configuration(topology, kind):
    path = topology.dir / "tandem.conf"
    if kind == "empty":
        path.write_text("")
    elif kind == "directory":
        path.mkdir()
    elif kind == "binary":
        path.write_bytes(bytes(range(256)) * 100)
    elif kind == "itself":
        path.write_text(f"include {path}\n")
    elif kind == "large":
        path.write_text("virtual_server 10.0.0.1 80 { real_server }\n" * 1_200_000)
    start = time.monotonic()
    tested = tandemd("-t", "-f", path)
    started = topology.a.run(program("tandemd"), "-n", "-l", "-f", path, "--runtime-dir",
                             topology.dir / "run", check=False, timeout=40)
    for done in (tested, started):
        assert done.returncode > 0, "refused, and not by a signal"
        assert str(path) in done.stderr + done.stdout, "the file is named"
        assert "Sanitizer" not in done.stderr
    assert started.returncode == (6 if kind == "missing" else started.returncode)
    assert started.returncode in (2, 6)
    assert len(tested.stderr + tested.stdout) < 1_000_000, "and the output has an end"
    assert time.monotonic() - start < 40


def test_interface_that_is_not_there_is_refused_with_its_place(topology):
    path = write(topology.dir, GOOD.replace("interface eth0", "interface nothere"))
    done = topology.a.run(program("tandemd"), "-n", "-l", "-f", path, "--runtime-dir",
                          topology.dir / "run", check=False)
    text = done.stderr + done.stdout
    assert done.returncode == 2
    assert PLACE.search(text) and "nothere" in text and "hint: " in text
    assert not topology.a.has_address(VIP)


def test_interface_that_comes_later_is_a_fault_with_a_reason(topology, start_tandem):
    tandem = start_tandem(topology.a, vrrp_config(vrrp_instance(interface="later", advert=0.1),
                                                  version=3,
                                                  globals_extra=["dynamic_interfaces"]))
    wait_until(lambda: tandem.instance()["state"] == "FAULT", "FAULT", 5, 0.05, tandem.log_tail)
    assert tandem.instance()["reason"] == "interface-missing"
    topology.a.ip("link add name later type veth peer name far", "link set far up",
                  "addr add 10.78.0.1/24 dev later", "link set later up")
    tandem.wait_address(VIP)


@pytest.mark.no_ipvs
def test_kernel_without_ipvs_is_said_once_and_the_rest_goes_on(topology, start_tandem):
    topology.start_web()
    node = topology.servers[0]
    tandem = start_tandem(topology.a, vrrp_config(
        vrrp_instance(advert=0.1), virtual_server(servers=[node.addr]), version=3))
    tandem.wait_address(VIP)
    row = wait_until(lambda: [row for row in tandem.real_server((VIP, 80), node.addr)["checks"]
                              if row["state"] == "up"], "the check runs", 10, 0.1,
                     tandem.log_tail)
    assert row
    text = str(tandem.status())
    assert "kernel-has-no-ipvs" in text or "IPVS" in text, "status says it"
    lines = [line for line in tandem.log().splitlines()
             if "no-ipvs" in line or "no IPVS" in line or "without IPVS" in line]
    assert len(lines) == 1, f"said once: {lines}"


@pytest.mark.ipvs
def test_scheduler_that_the_kernel_lacks_is_named_and_the_rest_works(topology, start_tandem):
    node = topology.servers[0]
    tandem = start_tandem(topology.a, vrrp_config(
        virtual_server(VIP, 80, servers=[node.addr], scheduler="twos", check=None),
        virtual_server(VIP, 81, servers=[node.addr], check=None)))
    wait_until(lambda: f"TCP {VIP}:81" in topology.a.ipvs(), "the other service is there", 10,
               0.1, tandem.log_tail)
    wait_until(lambda: "the kernel has no scheduler twos" in str(tandem.status()["problems"]),
               "it is named", 10, 0.1, lambda: f"{tandem.status()}\n{tandem.log_tail()}")
    assert tandem.log().count("scheduler twos") == 1, "said once"
    assert not tandem.service(VIP, 80)["in_kernel"] and tandem.service(VIP, 81)["in_kernel"]


# The control socket

def control_socket(tandem):
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.connect(str(tandem.run_dir / "control.sock"))
    except OSError:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sock.connect(str(tandem.run_dir / "control.sock"))
    sock.settimeout(20)
    return sock


@pytest.mark.parametrize("rubbish", [b"\0" * 4096, b"{" * 100000, b"GET / HTTP/1.0\r\n\r\n",
                                     b'{"command": 7}\n', b'{"command": "no-such"}\n',
                                     os.urandom(65536)],
                         ids=["zeros", "braces", "http", "number", "unknown", "random"])
def test_control_client_that_sends_rubbish_is_cut_off(topology, start_tandem, rubbish):
    tandem = start_tandem(topology.a, GOOD)
    pids = [role["pid"] for role in tandem.status()["roles"]]
    with control_socket(tandem) as client:
        try:
            client.sendall(rubbish)
            client.shutdown(socket.SHUT_WR)
            while client.recv(65536):
                pass  # an error message is fine
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert [role["pid"] for role in tandem.status()["roles"]] == pids


def test_control_clients_that_say_or_read_nothing_block_nobody(topology, start_tandem):
    tandem = start_tandem(topology.a, GOOD)
    clients = [control_socket(tandem) for _ in range(8)]
    try:
        for client in clients[4:]:
            client.setblocking(False)
            for _ in range(2000):
                try:
                    client.send(b'{"command": "status"}\n')
                except OSError:
                    break
        start = time.monotonic()
        assert tandem.status()["generation"] >= 1
        assert time.monotonic() - start < 2
    finally:
        for client in clients:
            client.close()
    assert tandem.instance()["state"] in ("BACKUP", "ACTIVE")


def test_ctl_without_a_daemon(lab_dir):
    done = subprocess.run([program("tandemctl"), "--runtime-dir", lab_dir, "status"], text=True,
                          capture_output=True, timeout=10)
    assert done.returncode == 3 and done.stderr.strip()
    done = subprocess.run([program("tandemctl"), "no-such-command"], text=True,
                          capture_output=True, timeout=10)
    assert done.returncode == 2 and done.stderr.strip()
