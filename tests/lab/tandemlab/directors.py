# SPDX-License-Identifier: GPL-2.0-or-later
"""The programs under test and their rival, run on a director node."""

import json
import os
import pathlib
import re
import signal
import subprocess

from .kernel import reap
from .tools import SOURCE_DIR
from .wait import wait_until

SANITIZER = re.compile(r"AddressSanitizer|LeakSanitizer|UndefinedBehaviorSanitizer|"
                       r"runtime error:")


def build_dir():
    """Where the programs under test are: TANDEM_BUILD, else SRCDIR/build."""
    given = os.environ.get("TANDEM_BUILD")
    return pathlib.Path(given or SOURCE_DIR.parent.parent / "build").resolve()


def program(name):
    path = build_dir() / {"tandemd": "daemon", "tandemctl": "ctl"}[name] / name
    assert path.exists(), f"no {path}: build first, or set TANDEM_BUILD"
    return path


class _Director:
    """What both kinds have: a config file, a directory, one main process."""

    kind = ""

    def __init__(self, node, config, name=None, env=None):
        self.node = node
        self.env = env or {}
        self.dir = node.dir / (name or self.kind)
        self.run_dir = self.dir / "run"
        self.run_dir.mkdir(parents=True, exist_ok=True)
        self.conf = self.dir / f"{self.kind}.conf"
        self.write(config)
        self.process = None

    def write(self, config):
        """A new text of the config file; nobody is told of it."""
        self.conf.write_text(config)

    @property
    def pid(self):
        return self.process.pid

    @property
    def running(self):
        return self.process is not None and self.process.running

    def _binds(self):
        return [(self.run_dir, "/run")]

    def start(self):
        assert not self.running
        self.process = self.node.spawn(*self.argv(), log=self.dir / "output.log",
                                       binds=self._binds(),
                                       env={**os.environ, "TMPDIR": str(self.dir), **self.env})
        return self

    def argv(self):
        raise NotImplementedError

    def log(self):
        path = self.dir / "output.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def log_tail(self, size=4000):
        return f"--- {self.node.name}: last of {self.kind}'s log\n{self.log()[-size:]}"

    def stop(self, deadline=10.0):
        """SIGTERM; its exit status when it has ended."""
        return self.process.stop(signal.SIGTERM, deadline)

    def kill(self):
        """SIGKILL to everything of it at once: the machine's software is gone."""
        # The main process is held first, so that nobody hears of a death.
        os.kill(self.process.pid, signal.SIGSTOP)
        pids = [*self.children(), self.process.pid]
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        reap(pids)

    def children(self):
        """Pids of all processes below the main one."""
        found, todo = [], [self.process.pid]
        while todo:
            pid = todo.pop()
            try:
                with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
                    kids = [int(word) for word in file.read().split()]
            except OSError:
                kids = []
            found += kids
            todo += kids
        return found

    def reload(self):
        """SIGHUP."""
        self.process.send_signal(signal.SIGHUP)

    def wait_address(self, address, present=True, deadline=10.0):
        self.node.wait_address(address, present, deadline,
                               detail=lambda: self.log_tail())


class Keepalived(_Director):
    """Debian's keepalived: the other director, and the lab's own proof."""

    kind = "keepalived"

    def __init__(self, node, config, vrrp_only=False, **kwargs):
        super().__init__(node, config, **kwargs)
        self._only = ["-P"] if vrrp_only else []

    def argv(self):
        # -l without -G writes to the machine's console as well, which is slow.
        return ["keepalived", "-n", "-l", "-G", "-D", *self._only, "-f", self.conf,
                "-p", self.dir / "main.pid", "-r", self.dir / "vrrp.pid",
                "-c", self.dir / "check.pid"]


class CtlError(AssertionError):
    """tandemctl refused, failed or found no daemon."""

    def __init__(self, argv, done):
        super().__init__(f"tandemctl {' '.join(argv)} gave {done.returncode}: "
                         f"{done.stderr.strip() or done.stdout.strip()}")
        self.status, self.stdout, self.stderr = done.returncode, done.stdout, done.stderr


class Tandem(_Director):
    """tandemd under test."""

    kind = "tandem"

    def __init__(self, node, config, options=(), **kwargs):
        super().__init__(node, config, **kwargs)
        self.options = list(options)

    def argv(self):
        return [program("tandemd"), "-n", "-l", "-D", "-f", self.conf,
                "--runtime-dir", self.run_dir, *self.options]

    def start(self, wait=True):
        super().start()
        if wait:
            self.wait_up()
        return self

    def wait_up(self, deadline=10.0):
        """All roles answer."""
        def up():
            assert self.running, f"tandemd ended with {self.process.returncode}"
            roles = self.status()["roles"]
            return roles and all(self.role_is_up(role) for role in roles) and roles
        wait_until(up, f"tandemd on {self.node.name} has all roles up", deadline, 0.02,
                   self.log_tail)

    @staticmethod
    def role_is_up(role):
        return role["pid"] > 0 and role["state"] in ("up", "ready", "running")

    # tandemctl

    def ctl_raw(self, *words, timeout=10):
        """tandemctl as it is: a CompletedProcess, whatever its status."""
        return subprocess.run(
            [program("tandemctl"), "--runtime-dir", self.run_dir, *words],
            text=True, capture_output=True, timeout=timeout, stdin=subprocess.DEVNULL)

    def ctl(self, *words):
        """tandemctl --json WORDS, parsed; CtlError when it fails."""
        done = self.ctl_raw("--json", *words)
        if done.returncode != 0:
            raise CtlError(words, done)
        return json.loads(done.stdout)

    def status(self):
        return self.ctl("status")

    def role(self, name):
        return next(role for role in self.status()["roles"] if role["name"] == name)

    def signal_role(self, name, number):
        """Send a signal ("KILL", "STOP", ...) to a role, at once; its pid."""
        pid = self.role(name)["pid"]
        assert pid > 1, f"{name} does not run"  # 0 and -1 are more than one process
        os.kill(pid, getattr(signal, f"SIG{number}"))
        return pid

    def instance(self, name="VI_1"):
        return next(row for row in self.status()["vrrp"] if row["name"] == name)

    def service(self, address, port):
        return next(row for row in self.status()["services"]
                    if row["address"] == address and row["port"] == port)

    def real_server(self, service, address):
        """service: (address, port) of the virtual server."""
        return next(row for row in self.service(*service)["real_servers"]
                    if row["address"] == address)

    def wait_vrrp(self, state, name="VI_1", deadline=10.0):
        wait_until(lambda: self.instance(name)["state"] == state,
                   f"{name} on {self.node.name} is {state}", deadline, 0.02,
                   self.log_tail)

    def check_log(self):
        """Fails when a sanitizer or an assertion spoke."""
        found = SANITIZER.search(self.log())
        assert not found, self.log_tail(8000)
