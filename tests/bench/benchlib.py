# SPDX-License-Identifier: GPL-2.0-or-later
"""What the parts of the benchmark share: the line, CPU time, the lab."""

import contextlib
import os
import pathlib
import shutil
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("TANDEM_BUILD", TOP / "build"))

sys.dont_write_bytecode = True
sys.path.insert(0, str(TOP / "tests" / "lab"))

from tandemlab import guard  # noqa: E402


def report(name, value, peer, unit, digits=3):
    """One figure, lower being better: name: value unit, peer value unit, ratio R."""
    ratio = f"{peer / value:.1f}" if value else "inf"
    print(f"{name}: {value:.{digits}f} {unit}, peer {peer:.{digits}f} {unit}, "
          f"ratio {ratio}", flush=True)


def cpu_seconds(pid):
    """CPU time of a process so far."""
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0]) / 1e9


def resident_mib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    raise AssertionError(f"no VmRSS of {pid}")


@contextlib.contextmanager
def lab_directory():
    """A directory for the lab's files; what runs in it goes with it."""
    directory = tempfile.mkdtemp(prefix="tandemlab-bench-")
    guard.watch_dir(directory)
    os.chmod(directory, 0o755)
    try:
        yield pathlib.Path(directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        guard.stop_guard()


# Configurations

def services(n_services, n_servers, server, delay=10):
    """A file with N_SERVICES virtual servers of N_SERVERS real servers.

    server(i, j) is the address and port of a real server.
    """
    out = ["global_defs {\n    router_id bench\n}\n"]
    for i in range(n_services):
        out.append(f"virtual_server 10.{i >> 8 & 255}.{i & 255}.1 80 {{\n"
                   f"    delay_loop {delay}\n    lb_algo wrr\n    lb_kind NAT\n"
                   "    protocol TCP\n")
        for j in range(n_servers):
            out.append(f"    real_server {server(i, j)} {{\n        weight 1\n"
                       "        TCP_CHECK {\n            connect_timeout 3\n"
                       "        }\n    }\n")
        out.append("}\n")
    return "".join(out)


def instances(n, interface, priority=100, words=""):
    """A file with N VRRP instances of 250 VRIDs on each interface(number).

    words: more of global_defs.
    """
    out = [f"global_defs {{\n    vrrp_version 3\n    {words}\n}}\n"]
    for i in range(n):
        out.append(f"vrrp_instance VI_{i} {{\n    state BACKUP\n"
                   f"    interface {interface(i // 250)}\n"
                   f"    virtual_router_id {i % 250 + 1}\n    priority {priority}\n"
                   "    advert_int 1\n    virtual_ipaddress {\n"
                   f"        10.100.{i >> 8}.{i & 255}/32\n    }}\n}}\n")
    return "".join(out)
