# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab: machines made of network namespaces, and what is done to them.

A Topology is a router, a client, two directors and three real servers. Each
machine is a Node: a network namespace held open by a descriptor of this
process and by nothing else, so that it is gone when this process is.
"""

from .client import HttpReply, Prober, http_get
from .config import virtual_server, vrrp_config, vrrp_instance
from .directors import Keepalived, Tandem
from .kernel import has_ipvs
from .node import Node
from .packets import Capture, HmacSigner, Injector, VrrpPacket, vrrp_advert
from .process import Process
from .servers import WebServer
from .topology import Topology
from .wait import LabTimeout, wait_until

__all__ = [
    "Capture", "HmacSigner", "HttpReply", "Injector", "Keepalived", "LabTimeout", "Node",
    "Prober", "Process", "Tandem", "Topology", "VrrpPacket", "WebServer",
    "has_ipvs", "http_get", "virtual_server", "vrrp_advert", "vrrp_config",
    "vrrp_instance", "wait_until",
]
