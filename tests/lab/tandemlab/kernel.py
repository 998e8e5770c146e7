# SPDX-License-Identifier: GPL-2.0-or-later
"""What the lab asks of the kernel directly, without starting a program."""

import contextlib
import ctypes
import ipaddress
import os
import shutil
import socket
import struct
import subprocess

CLONE_NEWNET = 0x40000000
PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)

RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR, NLMSG_DONE, NLMSG_ERROR = 20, 21, 22, 3, 2
NLM_F_REQUEST_DUMP = 0x301
IFA_ADDRESS, IFA_LOCAL = 1, 2


def _check(result, what):
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")


def become_subreaper():
    """Orphans below us become our children, so that reap() can wait for them.

    Nobody else may: where process 1 does not, a dead daemon stays a zombie,
    and to a pid file check a zombie lives.
    """
    _check(_libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl")


def reap(pids):
    """Wait for those of pids that are (by now) children of ours."""
    for pid in pids:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)


def _current_netns():
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def new_netns():
    """A new network namespace, as a descriptor; this thread does not stay."""
    home = _current_netns()
    try:
        _check(_libc.unshare(CLONE_NEWNET), "unshare")
        try:
            return _current_netns()
        finally:
            _check(_libc.setns(home, CLONE_NEWNET), "setns")
    finally:
        os.close(home)


@contextlib.contextmanager
def inside_netns(fd):
    """This thread is in the namespace; sockets made here stay in it."""
    home = _current_netns()
    try:
        _check(_libc.setns(fd, CLONE_NEWNET), "setns")
        try:
            yield
        finally:
            _check(_libc.setns(home, CLONE_NEWNET), "setns")
    finally:
        os.close(home)


def netns_inode(fd):
    return os.fstat(fd).st_ino


def pids_in_netns(inodes):
    """Every process, but this one, whose network namespace is one of inodes."""
    wanted = {f"net:[{inode}]" for inode in inodes}
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            if os.readlink(f"/proc/{entry}/ns/net") in wanted:
                found.append(int(entry))
    return found


def _netlink_messages(sock):
    while True:
        data = sock.recv(65536)
        offset = 0
        while offset + 16 <= len(data):
            length, kind = struct.unpack_from("=IH", data, offset)
            if kind in (NLMSG_DONE, NLMSG_ERROR):
                return
            yield kind, data[offset + 16:offset + length]
            offset += (length + 3) & ~3


def _address_of(body):
    family, prefix, _flags, _scope, index = struct.unpack_from("=BBBBI", body)
    offset, found = 8, {}
    while offset + 4 <= len(body):
        length, kind = struct.unpack_from("=HH", body, offset)
        if length < 4:
            break
        found[kind] = body[offset + 4:offset + length]
        offset += (length + 3) & ~3
    raw = found.get(IFA_LOCAL, found.get(IFA_ADDRESS))
    if family not in (socket.AF_INET, socket.AF_INET6) or raw is None:
        return None
    return index, str(ipaddress.ip_address(raw)), prefix


def addresses(fd):
    """[(interface, address, prefix length)] of the namespace fd."""
    with inside_netns(fd):
        sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        names = dict(socket.if_nameindex())
    with sock:
        sock.settimeout(5)
        request = struct.pack("=IHHII", 24, RTM_GETADDR, NLM_F_REQUEST_DUMP, 1, 0)
        sock.send(request + bytes(8))
        rows = [_address_of(body) for kind, body in _netlink_messages(sock)
                if kind == RTM_NEWADDR]
    return [(names.get(row[0], str(row[0])), row[1], row[2]) for row in rows if row]


class AddressWatch:
    """Every address that comes or goes in a namespace, from now on.

    What polling can miss, an address that is away for a moment, is here.
    """

    GROUPS = 0x10 | 0x100  # RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR

    def __init__(self, fd):
        with inside_netns(fd):
            self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        self._socket.bind((0, self.GROUPS))
        self._socket.setblocking(False)
        self._events = []

    def events(self):
        """[("added" or "removed", address)] so far, in order."""
        while True:
            try:
                data = self._socket.recv(65536)
            except BlockingIOError:
                return self._events
            offset = 0
            while offset + 16 <= len(data):
                length, kind = struct.unpack_from("=IH", data, offset)
                row = _address_of(data[offset + 16:offset + length])
                if row and kind in (RTM_NEWADDR, RTM_DELADDR):
                    self._events.append(
                        ("added" if kind == RTM_NEWADDR else "removed", row[1]))
                offset += (length + 3) & ~3

    def removed(self, address):
        return ("removed", str(ipaddress.ip_address(address))) in self.events()

    def close(self):
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def has_ipvs():
    """Does the kernel that this runs on have IPVS (or a module of it)?"""
    if not os.path.exists("/proc/net/ip_vs") and shutil.which("modprobe"):
        subprocess.run(["modprobe", "-q", "ip_vs"], check=False)
    return os.path.exists("/proc/net/ip_vs")
