#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How long clients wait when the active director goes, beside keepalived.

    tests/lab/failover.py [RUNS [KIND...]]

Both in the same namespaces of this kernel, by turns, version 3, priorities 150
and 100, a client that sends a request every millisecond. One line a figure, as
./bootstrap bench prints them: the median of RUNS (default 5), in ms.

  stop   SIGTERM of the active: the longest time without an answer
  link   its link goes down: the same
  kill   SIGKILL of all of it: until the other has the address (the dead
         one's kernel goes on answering meanwhile)
  role   SIGKILL of the vrrp role (keepalived: its vrrp child): the longest
         time without an answer
"""

import os
import shutil
import signal
import statistics
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from tandemlab import (Keepalived, Prober, Tandem, Topology, WebServer, guard, vrrp_config,
                       vrrp_instance, wait_until)

VIP = Topology.VIP
ADVERTS_S = (0.01, 0.1)
CAUSES = ("stop", "link", "kill", "role")


class Pair:
    """Two directors of one kind; a has the address between the runs."""

    def __init__(self, topology, kind, advert):
        def config(priority):
            return vrrp_config(vrrp_instance(priority=priority, advert=advert), version=3)

        self.topology = topology
        extra = {"vrrp_only": True} if kind is Keepalived else {}
        self.a = kind(topology.a, config(150), name=f"{kind.kind}-{advert}", **extra)
        self.b = kind(topology.b, config(100), name=f"{kind.kind}-{advert}", **extra)
        self.a.start()
        self.b.start()
        self.settle()

    def settle(self):
        self.a.wait_address(VIP)
        self.b.wait_address(VIP, present=False)

    def vrrp_pid(self):
        if isinstance(self.a, Tandem):
            pid = self.a.role("vrrp")["pid"]
            assert pid > 1, "the role does not run"
            return pid
        return self.a.children()[0]

    def lose(self, cause):
        """Make it happen; the seconds until b has the address, if it gets it."""
        begin = time.monotonic()
        if cause == "stop":
            self.a.stop()
        elif cause == "link":
            self.topology.cut(self.topology.a)
        elif cause == "kill":
            self.a.kill()
        elif cause == "role":
            os.kill(self.vrrp_pid(), signal.SIGKILL)
            return begin
        self.b.wait_address(VIP, deadline=10)
        return begin

    def restore(self, cause):
        if cause in ("stop", "kill"):
            self.a.start()
        elif cause == "link":
            self.topology.mend(self.topology.a)
        self.settle()

    def close(self):
        self.a.stop()
        self.b.stop()


def one_run(pair, cause):
    """Milliseconds of one failover."""
    with Prober(pair.topology.client, VIP, timeout=1.5) as prober:
        prober.wait_answers(50)
        begin = pair.lose(cause)
        took = time.monotonic() - begin
        done = time.monotonic()
        wait_until(lambda: any(row.start > done + 0.6 for row in prober.answered),
                   "answers after the failover", 10, 0.02, prober.summary)
    pair.restore(cause)
    return 1000 * (took if cause == "kill" else prober.longest_gap(begin - 0.05))


def measure(topology, kind, advert, runs):
    pair = Pair(topology, kind, advert)
    try:
        return {cause: [one_run(pair, cause) for _ in range(runs)] for cause in CAUSES}
    finally:
        pair.close()


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    kinds = [kind for kind in (Tandem, Keepalived)
             if not sys.argv[2:] or kind.kind in sys.argv[2:]]
    directory = tempfile.mkdtemp(prefix="tandemlab-failover-")
    os.chmod(directory, 0o755)
    try:
        with Topology(directory) as topology:
            for node in (topology.a, topology.b):
                WebServer(node).start()
            for advert in ADVERTS_S:
                rows = {kind.kind: measure(topology, kind, advert, runs) for kind in kinds}
                for cause in CAUSES:
                    report(f"failover-{cause}-advert-{advert * 1000:.0f}ms",
                           {name: row[cause] for name, row in rows.items()})
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        guard.stop_guard()


def report(name, values):
    medians = {kind: statistics.median(row) for kind, row in values.items()}
    if len(medians) == 2:
        mine, peer = medians["tandem"], medians["keepalived"]
        print(f"{name}: {mine:.1f} ms, peer {peer:.1f} ms, ratio {peer / mine:.1f}", flush=True)
    else:
        kind, row = next(iter(values.items()))
        print(f"{name}: {kind} {medians[kind]:.1f} ms, worst {max(row):.1f} ms", flush=True)


if __name__ == "__main__":
    main()
