# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine of the lab: one network namespace."""

import contextlib
import ipaddress
import json
import os
import pathlib
import subprocess

from . import guard, kernel
from .process import Process
from .tools import tool
from .wait import wait_until


class Node:
    """A network namespace with a name and a directory for its files.

    The namespace is the descriptor fd of this process. To look inside from a
    shell: nsenter --net=/proc/PID/fd/FD, see describe().
    """

    def __init__(self, name, directory):
        self.name = name
        self.dir = pathlib.Path(directory)
        self.dir.mkdir(parents=True, exist_ok=True)
        self.fd = kernel.new_netns()
        self.inode = kernel.netns_inode(self.fd)
        guard.watch_netns(self.inode)
        self.addr = None   # IPv4 and IPv6 address in the LAN, set by the topology
        self.addr6 = None

    def __repr__(self):
        return f"<Node {self.name}>"

    @property
    def path(self):
        """The namespace as a path that ip and nsenter take."""
        return f"/proc/{os.getpid()}/fd/{self.fd}"

    def describe(self):
        return f"{self.name}: nsenter --net={self.path}"

    def close(self):
        """Kill what runs here and let the namespace go."""
        if self.fd is None:
            return
        left = guard.kill_netns([self.inode])
        os.close(self.fd)
        self.fd = None
        guard.forget_netns(self.inode)
        if left:
            raise AssertionError(f"{self.name}: processes that would not die: {left}")

    # Programs

    def inside(self):
        """Context: this thread is in the namespace; sockets made stay there."""
        return kernel.inside_netns(self.fd)

    def command(self, argv, binds=()):
        """argv as it is started here: the process keeps the pid of labexec."""
        extra = [word for src, target in binds for word in ("-b", f"{src}={target}")]
        return [tool("labexec"), "-n", str(self.fd), "-h", self.name, "-p", *extra,
                "--", *map(str, argv)]

    def run(self, *argv, check=True, input=None, timeout=20, binds=()):
        """Run to the end; a CompletedProcess with text output."""
        done = subprocess.run(self.command(argv, binds), pass_fds=[self.fd], text=True,
                              input=input, capture_output=True, timeout=timeout,
                              stdin=None if input is not None else subprocess.DEVNULL)
        if check and done.returncode != 0:
            raise AssertionError(f"{self.name}: {' '.join(map(str, argv))} gave "
                                 f"{done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def spawn(self, *argv, log=None, binds=(), env=None, stdout=None):
        """Start in the background; a Process, output in DIR/<program>.log."""
        log = log or self.dir / f"{os.path.basename(str(argv[0]))}.log"
        return Process(self.command(argv, binds), log, [self.fd], env, stdout)

    # The network

    def ip(self, *lines):
        """Run many ip(8) commands at once."""
        self.run("ip", "-batch", "-", input="\n".join(lines) + "\n")

    def ip_json(self, *words):
        return json.loads(self.run("ip", "-j", *words).stdout or "[]")

    def sysctl(self, values):
        """{path below /proc/sys/net: value}"""
        with self.inside():
            for key, value in values.items():
                pathlib.Path("/proc/sys/net", key).write_text(f"{value}\n")

    def addresses(self, interface=None):
        """[(interface, address, prefix length)], IPv4 and IPv6."""
        return [row for row in kernel.addresses(self.fd)
                if interface is None or row[0] == interface]

    def has_address(self, address):
        wanted = str(ipaddress.ip_address(address))
        return any(row[1] == wanted for row in kernel.addresses(self.fd))

    def wait_address(self, address, present=True, deadline=10.0, detail=None):
        wait_until(lambda: self.has_address(address) == present,
                   f"{self.name} {'has' if present else 'is without'} {address}",
                   deadline, poll=0.001, detail=detail or self._addresses_text)

    def watch_addresses(self):
        """An AddressWatch: what comes and goes from now on."""
        return kernel.AddressWatch(self.fd)

    def _addresses_text(self):
        return "\n".join(f"  {i} {a}/{p}" for i, a, p in self.addresses())

    def link(self, state, interface="eth0"):
        self.run("ip", "link", "set", "dev", interface, state)

    def processes(self):
        return kernel.pids_in_netns([self.inode])

    def ipvs(self):
        """The kernel's IPVS table as ipvsadm prints it: the independent witness.

        {"TCP 10.77.0.100:80": {"scheduler": "rr", "servers":
            {"10.77.0.21:80": {"forward": "Masq", "weight": 1, ...}}}}
        """
        table, service = {}, None
        for line in self.run("ipvsadm", "-Ln").stdout.splitlines():
            words = line.split()
            if len(words) >= 3 and words[0] in ("TCP", "UDP", "SCTP", "FWM"):
                service = table[f"{words[0]} {words[1]}"] = {
                    "scheduler": words[2], "flags": words[3:], "servers": {}}
            elif len(words) == 6 and words[0] == "->" and service is not None:
                service["servers"][words[1]] = {
                    "forward": words[2], "weight": int(words[3]),
                    "active": int(words[4]), "inactive": int(words[5])}
        return table

    def neighbours_flush(self):
        with contextlib.suppress(AssertionError):
            self.run("ip", "neigh", "flush", "all")
