# SPDX-License-Identifier: GPL-2.0-or-later
"""Configurations in keepalived's language, which both directors speak."""

from .topology import VIP


def _block(head, lines):
    body = "\n".join("    " + line for text in lines for line in text.split("\n") if line)
    return f"{head} {{\n{body}\n}}"


def vrrp_instance(name="VI_1", *, vrid=51, priority=100, advert=1, version=None,
                  state="BACKUP", interface="eth0", vips=(VIP,), source=None, peers=(),
                  extra=()):
    """A vrrp_instance block. Addresses of the other family are excluded ones.

    peers: unicast peers (then source is the unicast source address).
    """
    first6 = ":" in vips[0]
    same = [vip for vip in vips if (":" in vip) == first6]
    other = [vip for vip in vips if (":" in vip) != first6]
    lines = [f"state {state}", f"interface {interface}", f"virtual_router_id {vrid}",
             f"priority {priority}", f"advert_int {advert}"]
    if version:
        lines.append(f"version {version}")
    if source:
        lines.append(f"unicast_src_ip {source}")
    if peers:
        lines.append(_block("unicast_peer", peers))
    lines.append(_block("virtual_ipaddress", same))
    if other:
        lines.append(_block("virtual_ipaddress_excluded", other))
    return _block(f"vrrp_instance {name}", [*lines, *extra])


def vrrp_config(*blocks, router_id="lab", version=None, globals_extra=()):
    """A whole file: global_defs and the given blocks."""
    lines = [f"router_id {router_id}", "script_user root", *globals_extra]
    if version:
        lines.append(f"vrrp_version {version}")
    return "\n".join([_block("global_defs", lines), *blocks]) + "\n"


def virtual_server(address=VIP, port=80, *, servers, forwarding="NAT", scheduler="rr",
                   check="tcp", protocol="TCP", delay=1, extra=(), real_port=None,
                   weight=1, real_extra=()):
    """A virtual_server block. servers: addresses; check: "tcp", lines, or None."""
    if check == "tcp":
        check = _block("TCP_CHECK", ["connect_timeout 1", "retry 1", "delay_before_retry 1"])
    reals = [_block(f"real_server {server} {real_port or port}",
                    [f"weight {weight}", *real_extra, *([check] if check else [])])
             for server in servers]
    return _block(f"virtual_server {address} {port}",
                  [f"delay_loop {delay}", f"lb_algo {scheduler}", f"lb_kind {forwarding}",
                   f"protocol {protocol}", *extra, *reals])
