# SPDX-License-Identifier: GPL-2.0-or-later
"""10,000 real servers with a TCP_CHECK every 2 s, and a reload in between.

All are one listener in a namespace. This kernel need not have IPVS: Tandem
goes on without, keepalived is shown an empty table (no-ipvs.c), and the CPU
time is that of the process that checks alone (healthcheck role, checker).
"""

import os
import pathlib
import subprocess
import sys
import time

from benchlib import cpu_seconds, lab_directory, report, resident_mib, services

from tandemlab import Keepalived, Node, Tandem, wait_until

N_SERVERS = 10000
DELAY_S = 2
RATE = N_SERVERS / DELAY_S
PORT = 9000
SETTLE_S = 3 * DELAY_S
MEASURE_S = 3 * DELAY_S
RELOAD_S = 14
POLL_S = 0.02

LISTENER = f"""
import socket
s = socket.create_server(("0.0.0.0", {PORT}), backlog=4096)
while True:
    s.accept()[0].close()
"""


class Checker(Keepalived):
    """keepalived without VRRP, in a kernel that seems to have IPVS."""

    def argv(self):
        return [*super().argv(), "-C"]

    def checker_pid(self):
        return self.children()[0]


class Checks(Tandem):
    def checker_pid(self):
        return self.role("healthcheck")["pid"]


def server(i, j):
    return f"127.{i + 1}.{j >> 8}.{j & 255} {PORT}"


def connections(node):
    """TCP connections that listeners of the namespace accepted so far."""
    with node.inside(), open("/proc/thread-self/net/snmp", encoding="ascii") as file:
        names, values = [line.split() for line in file if line.startswith("Tcp:")]
    return int(values[names.index("PassiveOpens")])


def shim(directory):
    library = pathlib.Path(directory) / "no-ipvs.so"
    subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", library,
                    pathlib.Path(__file__).with_name("no-ipvs.c")], check=True)
    return str(library)


def standstill(node, seconds):
    """The longest time without a new connection, and their number."""
    first = last = connections(node)
    begin = since = time.monotonic()
    longest = 0.0
    while time.monotonic() < begin + seconds:
        time.sleep(POLL_S)
        now, count = time.monotonic(), connections(node)
        if count - last > 2:
            since, last = now, count
        longest = max(longest, now - since)
    return longest, last - first


def settle(node):
    """All are checked at their rate."""
    def at_rate():
        before = connections(node)
        time.sleep(DELAY_S)
        return connections(node) - before > 0.9 * N_SERVERS
    wait_until(at_rate, f"{RATE:g} checks a second", 30, 0.1)
    time.sleep(SETTLE_S)


def measure(director, node):
    """One director's figures; it is running when this returns."""
    row = {}
    director.start()
    settle(node)
    pid = director.checker_pid()
    count, cpu = connections(node), cpu_seconds(pid)
    time.sleep(MEASURE_S)
    row["checks"] = connections(node) - count
    row["cpu"] = (cpu_seconds(pid) - cpu) / row["checks"] * 1e6
    row["memory"] = resident_mib(pid)
    begin = time.monotonic()
    if isinstance(director, Tandem):
        done = director.ctl_raw("reload", timeout=30)
        assert done.returncode == 0, done.stderr
        row["return"] = time.monotonic() - begin
    else:
        director.reload()
    row["still"], made = standstill(node, RELOAD_S)
    expected = row["checks"] / MEASURE_S * (time.monotonic() - begin)
    row["missed"] = max(0, round(expected) - made)
    return row


def run():
    with lab_directory() as directory:
        node = Node("checks", directory / "checks")
        try:
            node.ip("link set lo up")
            node.spawn(sys.executable, "-S", "-I", "-c", LISTENER)
            config = services(10, N_SERVERS // 10, server, DELAY_S)
            rows = []
            for director in (Checks(node, config),
                             Checker(node, config, env={"LD_PRELOAD": shim(directory)})):
                rows.append(measure(director, node))
                if isinstance(director, Tandem):
                    status = director.ctl("status")
                    down = sum(real["state"] != "up" for service in status["services"]
                               for real in service["real_servers"])
                    print(f"# after the reload {down} of {N_SERVERS} servers are not up")
                director.kill()
            compare(*rows)
        finally:
            node.close()


def compare(mine, peer):
    name = f"checks-{N_SERVERS}-at-{DELAY_S}s"
    report(f"{name}-cpu-a-check", mine["cpu"], peer["cpu"], "us", 1)
    report(f"{name}-memory", mine["memory"], peer["memory"], "MiB", 1)
    print(f"{name}-done: {mine['checks']} checks, peer {peer['checks']} checks, "
          f"of {RATE * MEASURE_S:.0f}")
    # SIGHUP says nothing of when it is done: the peer's is its standstill.
    report("reload-10000-unchanged-returns", mine["return"], peer["still"], "s")
    report("reload-10000-unchanged-standstill", mine["still"], peer["still"], "s")
    report("reload-10000-unchanged-checks-missed", mine["missed"], peer["missed"], "checks", 0)
