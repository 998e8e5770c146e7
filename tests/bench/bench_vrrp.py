# SPDX-License-Identifier: GPL-2.0-or-later
"""1,000 VRRP instances with an advertisement a second: start, CPU, take-over."""

import time

from benchlib import cpu_seconds, instances, lab_directory, report, resident_mib

from tandemlab import Keepalived, Tandem, Topology, kernel, wait_until

N_INSTANCES = 1000
MEASURE_S = 10
ADDRESS = "10.100."
# From the start until nobody else can be active, RFC 9568, priority 150.
DOWN_S = 3 + (256 - 150) / 256
# The backup's, priority 100, once the active one resigned.
SKEW_S = (256 - 100) / 256


class Pair:
    def __init__(self, kind, topology):
        extra = {"vrrp_only": True} if kind is Keepalived else {}
        self.kind = kind
        self.directors = [
            kind(node, instances(N_INSTANCES, "v{}".format, priority), name=f"{kind.kind}-1000",
                 **extra)
            for node, priority in ((topology.a, 150), (topology.b, 100))]

    def vrrp_pid(self, director):
        if self.kind is Tandem:
            return director.role("vrrp")["pid"]
        return wait_until(director.children, "keepalived has its child", 20, 0.02,
                          director.log_tail)[0]


def n_addresses(node):
    return sum(row[1].startswith(ADDRESS) for row in kernel.addresses(node.fd))


def wait_all(node, what, n=N_INSTANCES):
    wait_until(lambda: n_addresses(node) == n, what, 30, 0.01,
               lambda: f"{n_addresses(node)} addresses")


def measure(kind, topology):
    pair = Pair(kind, topology)
    a, b = pair.directors
    row = {}
    begin = time.monotonic()
    a.start(**({"wait": False} if kind is Tandem else {}))
    wait_all(a.node, "all are active")
    row["start"] = time.monotonic() - begin - DOWN_S
    b.start()
    pids = [pair.vrrp_pid(director) for director in (a, b)]
    time.sleep(5)
    assert n_addresses(b.node) == 0, "the backup is none"
    before = [cpu_seconds(pid) for pid in pids]
    begin = time.monotonic()
    time.sleep(MEASURE_S)
    took = time.monotonic() - begin
    row["active"], row["backup"] = (100 * (cpu_seconds(pid) - old) / took
                                    for pid, old in zip(pids, before))
    row["memory"] = resident_mib(pids[0])
    begin = time.monotonic()
    a.process.send_signal(15)
    wait_all(b.node, "the other has taken over")
    row["takeover"] = time.monotonic() - begin
    a.process.wait(20)
    row["stop"] = time.monotonic() - begin
    b.stop(20)
    return row


def wire(a, b):
    """A wire between the two for each 250 VRIDs."""
    for i in range(N_INSTANCES // 250):
        a.ip(f"link add name v{i} type veth peer name v{i} netns {b.path}")
        for node, host in ((a, 1), (b, 2)):
            node.ip(f"link set v{i} up", f"addr add 10.101.{i}.{host}/24 dev v{i}")


def run():
    with lab_directory() as directory, Topology(directory, servers=0) as topology:
        wire(topology.a, topology.b)
        mine, peer = measure(Tandem, topology), measure(Keepalived, topology)
    name = f"vrrp-{N_INSTANCES}"
    report(f"{name}-start-after-down-interval", mine["start"], peer["start"], "s", 2)
    report(f"{name}-active-cpu", mine["active"], peer["active"], "%", 2)
    report(f"{name}-backup-cpu", mine["backup"], peer["backup"], "%", 2)
    report(f"{name}-memory", mine["memory"], peer["memory"], "MiB", 1)
    report(f"{name}-stop-until-taken-over", mine["takeover"], peer["takeover"], "s", 2)
    report(f"{name}-stop", mine["stop"], peer["stop"], "s", 2)
