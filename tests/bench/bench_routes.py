# SPDX-License-Identifier: GPL-2.0-or-later
"""1,000 routes and 1,000 rules of one instance: put in, kept at a reload, taken out."""

import time

from benchlib import lab_directory, report

from tandemlab import Keepalived, Tandem, Topology, vrrp_config, vrrp_instance, wait_until

N = 1000


def text():
    nets = [f"20.{i // 250}.{i % 250}.0/24" for i in range(N)]
    routes = "\n".join(f"{net} via {Topology.ROUTER} dev eth0" for net in nets)
    rules = "\n".join(f"from {net} table 100 preference {1000 + i}" for i, net in enumerate(nets))
    return vrrp_config(vrrp_instance(advert=0.1, extra=[
        f"virtual_routes {{\n{routes}\n}}", f"virtual_rules {{\n{rules}\n}}"]), version=3)


def count(node):
    """Of both kinds, by the number that both programs give them."""
    return sum(node.run("ip", "-N", *words).stdout.count("proto 18")
               for words in (("route", "show"), ("rule", "show")))


def measure(kind, topology):
    node = topology.a
    director = kind(node, text(), name=f"{kind.kind}-routes",
                    **({"vrrp_only": True} if kind is Keepalived else {}))
    row = {}
    director.start(**({"wait": False} if kind is Tandem else {}))
    wait_until(lambda: node.has_address(Topology.VIP), "it is active", 30, 0.001)
    begin = time.monotonic()
    wait_until(lambda: count(node) == 2 * N, "all are there", 30, 0.001)
    row["start"] = time.monotonic() - begin
    begin = time.monotonic()
    assert director.stop() == 0
    row["stop"] = time.monotonic() - begin
    assert count(node) == 0
    return row


def run():
    with lab_directory() as directory, Topology(directory, servers=0) as topology:
        mine, peer = measure(Tandem, topology), measure(Keepalived, topology)
    report("routes-1000-and-rules-until-there", mine["start"], peer["start"], "s", 3)
    report("routes-1000-and-rules-stop", mine["stop"], peer["stop"], "s", 3)
