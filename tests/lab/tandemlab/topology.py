# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab's network.

    client --- router ===(bridge, LAN)=== a, b (directors), s1, s2, s3 (servers)

The router is the LAN's switch and the way between LAN and client, so clients
reach a virtual address through somebody's neighbour table, as in life. Servers
have their way back through the router (DR, TUN) or through the director that
holds the gateway address (NAT). All addresses are the same in every topology:
namespaces are private, so any number of them run at once.
"""

import os
import pathlib

from .kernel import become_subreaper
from .node import Node
from .servers import WebServer

LAN4, LAN6 = "10.77.0.", "fd77::"
VIP, VIP2, VIP6 = "10.77.0.100", "10.77.0.101", "fd77::100"
GATEWAY, GATEWAY6 = "10.77.0.1", "fd77::1"          # held by the active director (NAT)
ROUTER, ROUTER6 = "10.77.0.254", "fd77::fe"
CLIENT, CLIENT6 = "10.99.0.2", "fd99::2"
CLIENT_ROUTER, CLIENT_ROUTER6 = "10.99.0.1", "fd99::1"
HOSTS = {"a": 11, "b": 12, "s1": 21, "s2": 22, "s3": 23}


class Topology:
    """Router, client, directors a and b, servers s1 to s3, wired and addressed.

    Use as a context manager: on the way out everything that runs in it is
    killed and the namespaces are gone.
    """

    VIP, VIP2, VIP6 = VIP, VIP2, VIP6
    GATEWAY, GATEWAY6 = GATEWAY, GATEWAY6
    ROUTER, ROUTER6 = ROUTER, ROUTER6

    def __init__(self, directory, servers=3):
        become_subreaper()
        self.dir = pathlib.Path(directory)
        self.nodes = {}
        try:
            names = ["router", "client", "a", "b"] + [f"s{i + 1}" for i in range(servers)]
            for name in names:
                self.nodes[name] = Node(name, self.dir / name)
            self.router, self.client = self.nodes["router"], self.nodes["client"]
            self.a, self.b = self.nodes["a"], self.nodes["b"]
            self.servers = [self.nodes[name] for name in names[4:]]
            self._wire()
        except BaseException:
            self.close()
            raise
        self.web = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        failures = []
        for node in self.nodes.values():
            try:
                node.close()
            except AssertionError as error:
                failures.append(str(error))
        self.nodes = {}
        assert not failures, "\n".join(failures)

    def describe(self):
        return "\n".join(node.describe() for node in self.nodes.values())

    # Wires and addresses

    def _wire(self):
        for node in self.nodes.values():
            node.sysctl({"ipv6/conf/all/accept_dad": 0, "ipv6/conf/default/accept_dad": 0,
                         "ipv4/conf/all/rp_filter": 0, "ipv4/conf/default/rp_filter": 0,
                         "ipv4/conf/all/send_redirects": 0,
                         "ipv4/conf/default/send_redirects": 0,
                         "ipv4/conf/all/accept_redirects": 0,
                         "ipv4/conf/default/accept_redirects": 0})
        self.router.sysctl({"ipv4/ip_forward": 1, "ipv6/conf/all/forwarding": 1})
        lan = {name: node for name, node in self.nodes.items() if name in HOSTS}
        self.router.ip(
            "link set lo up",
            "link add lan type bridge forward_delay 0 mcast_snooping 0",
            "link set lan up",
            f"addr add {ROUTER}/24 dev lan",
            f"addr add {ROUTER6}/64 dev lan nodad",
            f"link add name client type veth peer name eth0 netns {self.client.path}",
            "link set client up",
            f"addr add {CLIENT_ROUTER}/24 dev client",
            f"addr add {CLIENT_ROUTER6}/64 dev client nodad",
            *(line for name, node in lan.items() for line in (
                f"link add name {name} type veth peer name eth0 netns {node.path}",
                f"link set dev {name} master lan up")))
        self.client.ip(
            "link set lo up", "link set eth0 up",
            f"addr add {CLIENT}/24 dev eth0", f"addr add {CLIENT6}/64 dev eth0 nodad",
            f"route add default via {CLIENT_ROUTER}",
            f"route add ::/0 via {CLIENT_ROUTER6}")
        for name, node in lan.items():
            node.addr, node.addr6 = f"{LAN4}{HOSTS[name]}", f"{LAN6}{HOSTS[name]}"
            node.ip("link set lo up", "link set eth0 up",
                    f"addr add {node.addr}/24 dev eth0",
                    f"addr add {node.addr6}/64 dev eth0 nodad",
                    f"route add default via {ROUTER}",
                    f"route add ::/0 via {ROUTER6}")
        for node in (self.a, self.b):
            node.sysctl({"ipv4/ip_forward": 1, "ipv6/conf/all/forwarding": 1})

    def cut(self, node):
        """Take a machine's cable out (the far end of its link goes down)."""
        self.router.link("down", node.name)

    def mend(self, node):
        self.router.link("up", node.name)

    def partition(self, *nodes):
        """The given machines hear everybody but each other; links stay up."""
        self.router.ip(*(f"link set dev {node.name} type bridge_slave isolated on"
                         for node in nodes))

    def heal(self, *nodes):
        self.router.ip(*(f"link set dev {node.name} type bridge_slave isolated off"
                         for node in nodes))

    # Real servers

    def start_web(self, **kwargs):
        """nginx on each server; the list of WebServer is also self.web."""
        self.web = [WebServer(node, **kwargs) for node in self.servers]
        for web in self.web:
            web.start(wait=False)
        for web in self.web:
            web.wait_ready()
        return self.web

    def prepare_servers(self, forwarding, vips=(VIP,)):
        """Make the servers fit for "nat", "dr" or "tun".

        nat: the way back is the gateway address that a director holds.
        dr, tun: they own the VIP without answering ARP or ND for it, and
        answer the client through the router. (Were the director their
        gateway, it would drop the answers as martians: it owns their source.)
        """
        for node in self.servers:
            {"nat": self._prepare_nat, "dr": self._prepare_dr,
             "tun": self._prepare_tun}[forwarding](node, vips)

    @staticmethod
    def _prepare_nat(node, _vips):
        node.ip(f"route replace default via {GATEWAY}",
                f"route replace ::/0 via {GATEWAY6}")

    @staticmethod
    def _quiet_arp(node):
        node.sysctl({f"ipv4/conf/{where}/{key}": value for where in ("all", "eth0")
                     for key, value in (("arp_ignore", 1), ("arp_announce", 2))})

    def _prepare_dr(self, node, vips):
        self._quiet_arp(node)
        node.ip(*(f"addr add {vip}/{128 if ':' in vip else 32} dev lo" for vip in vips))

    def _prepare_tun(self, node, vips):
        self._quiet_arp(node)
        lines = []
        if any(":" not in vip for vip in vips):
            lines.append("link set tunl0 up")
        if any(":" in vip for vip in vips):
            lines.append("link set ip6tnl0 up")
        node.ip(*lines, *(f"addr add {vip}/128 dev ip6tnl0 nodad" if ":" in vip else
                          f"addr add {vip}/32 dev tunl0" for vip in vips))
        if os.path.exists("/proc/sys/net/ipv4/conf/all"):
            node.sysctl({"ipv4/conf/tunl0/rp_filter": 0})
