#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares Tandem with Debian's keepalived on this machine, in one run.

One line a figure: "name: value unit, peer value unit, ratio R".  Lower is
better for all of them; a ratio above 1 means that keepalived needs so many
times as much.
"""

import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("TANDEM_BUILD", TOP / "build"))
TANDEMD = BUILD / "daemon" / "tandemd"
RUNS = 5


def report(name, value, peer, unit):
    ratio = peer / value if value else float("inf")
    print(f"{name}: {value:.3f} {unit}, peer {peer:.3f} {unit}, "
          f"ratio {ratio:.1f}", flush=True)


def services(n_services, n_servers):
    """A file with N_SERVICES virtual servers of N_SERVERS real servers."""
    out = ["global_defs {\n    router_id bench\n}\n"]
    for i in range(n_services):
        out.append(f"virtual_server 10.{i >> 8 & 255}.{i & 255}.1 80 {{\n"
                   "    delay_loop 10\n    lb_algo wrr\n    lb_kind NAT\n"
                   "    protocol TCP\n")
        for j in range(n_servers):
            out.append(f"    real_server 172.{16 + (j >> 16)}.{j >> 8 & 255}"
                       f".{j & 255} {1024 + i} {{\n        weight 1\n"
                       "        TCP_CHECK {\n            connect_timeout 3\n"
                       "        }\n    }\n")
        out.append("}\n")
    return "".join(out)


def instances(n):
    """A file with N VRRP instances on four interfaces' worth of VRIDs."""
    out = ["global_defs {\n    vrrp_version 3\n    dynamic_interfaces\n}\n"]
    for i in range(n):
        out.append(f"vrrp_instance VI_{i} {{\n    state BACKUP\n"
                   f"    interface bench{i // 250}\n"
                   f"    virtual_router_id {i % 250 + 1}\n    priority 100\n"
                   "    advert_int 1\n    virtual_ipaddress {\n"
                   f"        10.99.{i >> 8}.{i & 255}/32\n    }}\n}}\n")
    return "".join(out)


def cost(argv):
    """Median wall seconds and largest resident MiB of RUNS runs."""
    walls, peaks = [], []
    for _ in range(RUNS):
        start = time.monotonic()
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(child.pid, 0)
        child.returncode = 0
        walls.append(time.monotonic() - start)
        peaks.append(usage.ru_maxrss / 1024)
    return statistics.median(walls), max(peaks)


def bench_config(directory):
    cases = {
        "config-4000x20": services(4000, 20),
        "config-10x8000": services(10, 8000),
        "config-1000-vrrp": instances(1000),
    }
    for name, text in cases.items():
        path = pathlib.Path(directory) / f"{name}.conf"
        path.write_text(text)
        mine, mine_mib = cost([TANDEMD, "-t", "-f", path])
        peer, peer_mib = cost(["keepalived", "-t", "-f", path])
        report(f"{name}-check", mine, peer, "s")
        report(f"{name}-memory", mine_mib, peer_mib, "MiB")


def main():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory(dir=BUILD) as directory:
        bench_config(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
