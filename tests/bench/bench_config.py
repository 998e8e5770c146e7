# SPDX-License-Identifier: GPL-2.0-or-later
"""What it costs to check a configuration file: tandemd -t and keepalived -t.

CPU seconds, because the machine may be shared; the fastest of several runs.
"""

import os
import tempfile

from benchlib import BUILD, instances, report, services

TANDEMD = BUILD / "daemon" / "tandemd"
RUNS = {TANDEMD: 9, "keepalived": 3}
MILLION = 1000000


def run_once(argv):
    """CPU seconds and largest resident MiB of one run."""
    null = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_RDWR, 0) for fd in (0, 1, 2)]
    pid = os.posix_spawnp(argv[0], argv, os.environ, file_actions=null)
    usage = os.wait4(pid, 0)[2]
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def cost(program, path):
    """The least CPU seconds and MiB of some runs.

    A program starts with the peak of the process that started it: this one's,
    which therefore stays small (the files are written by another process).
    """
    rows = [run_once([str(program), "-t", "-f", path]) for _ in range(RUNS[program])]
    return min(row[0] for row in rows), min(row[1] for row in rows)


def wide(i, j):
    return f"172.{16 + (j >> 16)}.{j >> 8 & 255}.{j & 255} {1024 + i}"


def write(path, make):
    """Write make() to path, in a process of its own."""
    pid = os.fork()
    if not pid:
        status = 1
        try:
            with open(path, "w", encoding="ascii") as file:
                file.write(make())
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(pid, 0)[1] == 0, path


def million_lines():
    text = services(MILLION // 127, 21, wide)
    return text + "\n" * (MILLION - text.count("\n"))


def run():
    cases = {
        "config-4000x20": lambda: services(4000, 20, wide),
        "config-10x8000": lambda: services(10, 8000, wide),
        "config-1000-vrrp": lambda: instances(1000, "bench{}".format,
                                              words="dynamic_interfaces"),
        "config-1000000-lines": million_lines,
    }
    with tempfile.TemporaryDirectory(dir=BUILD, prefix="bench-") as directory:
        for name, make in cases.items():
            path = os.path.join(directory, f"{name}.conf")
            write(path, make)
            mine, mine_mib = cost(TANDEMD, path)
            peer, peer_mib = cost("keepalived", path)
            size = os.path.getsize(path) / (1 << 20)
            report(f"{name}-check", mine, peer, "s")
            if size > 1:
                report(f"{name}-memory-for-{size:.1f}-MiB", mine_mib, peer_mib, "MiB", 1)
            os.unlink(path)
