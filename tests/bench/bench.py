#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares Tandem with Debian's keepalived on this machine, in one run.

    tests/bench/bench.py [PART...]

One line a figure: "name: value unit, peer value unit, ratio R". Lower is
better for all of them; a ratio above 1 means that keepalived needs so many
times as much. Each part runs in a process of its own, within a time; exit
status 1 when one of them failed. doc/measurements.md tells what they measure.
"""

import resource
import subprocess
import sys

sys.dont_write_bytecode = True

from benchlib import TOP  # noqa: E402

FAILOVER = TOP / "tests" / "lab" / "failover.py"
# Seconds that each may take; the whole stays below eight minutes.
PARTS = {"config": 60, "checks": 120, "vrrp": 90, "routes": 40, "failover": 200}


def run_part(part):
    """In this process."""
    if part == "config":
        import bench_config as module
    elif part == "checks":
        import bench_checks as module
    elif part == "routes":
        import bench_routes as module
    else:
        import bench_vrrp as module
    module.run()


def start_part(part):
    """In another one; True if it succeeded in time."""
    argv = [sys.executable, "-B", FAILOVER] if part == "failover" else \
        [sys.executable, "-B", __file__, "--part", part]
    try:
        done = subprocess.run(argv, timeout=PARTS[part], stdin=subprocess.DEVNULL, check=False)
    except subprocess.TimeoutExpired:
        # The lab's guard ends what it had started.
        print(f"bench: {part} was not done in {PARTS[part]} s", file=sys.stderr)
        return False
    return done.returncode == 0


def main():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.argv[1:2] == ["--part"]:
        run_part(sys.argv[2])
        return 0
    parts = sys.argv[1:] or list(PARTS)
    if any(part not in PARTS for part in parts):
        print(f"usage: bench.py [{'|'.join(PARTS)}]...", file=sys.stderr)
        return 2
    return 0 if all([start_part(part) for part in parts]) else 1


if __name__ == "__main__":
    sys.exit(main())
