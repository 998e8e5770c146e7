# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel with IPVS, as a process: user-mode linux.

    python3 -B tests/lab/tandemlab/uml.py [-m MEMORY] [-t SECONDS] -- COMMAND...

runs COMMAND in such a kernel, with the machine's own files to read and a
throw-away layer over them to write, and gives its exit status.
"""

import argparse
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from tandemlab import guard
from tandemlab.tools import tool

KERNEL = "linux.uml"
MODULE_ROOT = pathlib.Path("/usr/lib/uml/modules")
NETWORK_MODULES = ["af_packet_diag", "bridge", "veth", "dummy", "macvlan", "ipvlan", "vrf", "ipip",
                   "ip6_tunnel", "gre", "fou", "8021q", "sch_netem", "nf_conntrack"]
IPVS_MODULES = ["ip_vs"] + [f"ip_vs_{name}" for name in (
    "rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh",
    "pe_sip")]
# tc marks packets there: that kernel has nf_tables for bridges alone.
IPVS_MODULES += ["sch_ingress", "cls_flower", "act_skbedit"]
# Most of a plain boot is spent on benchmarks and devices that nobody needs.
BOOT_OPTIONS = [
    "rootfstype=hostfs", "rootflags=/", "ro", "con0=fd:0,fd:1", "con=null", "ssl=null",
    "pty.legacy_count=0", "initcall_blacklist=raid6_select_algo,calibrate_xor_blocks,"
    "init_btrfs_fs,init_zswap,init_xfs_fs,init_jfs_fs", "quiet", "loglevel=3"]
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
NO_STATUS = 125


class UmlError(AssertionError):
    """The kernel did not boot, or did not come back in time."""


def module_tree():
    trees = sorted(MODULE_ROOT.glob("*/modules.dep"))
    if not trees or not shutil.which(KERNEL):
        raise UmlError("no user-mode kernel here: install Debian's user-mode-linux")
    return trees[-1].parent


class Uml:
    """One boot that runs one command.

    directory: a fresh one of ours; it is /mnt, writable, inside. The command's
    output and the console are directory/console.log, or the given stdout.
    """

    def __init__(self, argv, directory, env=None, memory="512M", modules=None, stdout=None,
                 stdin=subprocess.DEVNULL):
        self.dir = pathlib.Path(directory).resolve()
        self.console = self.dir / "console.log"
        tree = module_tree()
        modules = NETWORK_MODULES + IPVS_MODULES if modules is None else modules
        variables = {"PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8", "TMPDIR": "/dev/shm",
                     "PYTHONDONTWRITEBYTECODE": "1", "TANDEM_LAB_UML": "1",
                     "TANDEM_LAB_BIN": os.path.dirname(tool("labexec")), **(env or {})}
        tool("httpprobe")
        (self.dir / "uml").mkdir()
        (self.dir / "modules").write_text("".join(f"{name}\n" for name in modules))
        (self.dir / "argv").write_bytes(b"".join(os.fsencode(a) + b"\0" for a in argv))
        (self.dir / "environ").write_bytes(b"".join(
            os.fsencode(f"{k}={v}") + b"\0" for k, v in variables.items()))
        command = [KERNEL, f"mem={memory}", *BOOT_OPTIONS, f"init={tool('uml-init')}",
                   f"uml_dir={self.dir}/uml", "umid=lab", f"LAB_DIR={self.dir}",
                   f"LAB_MODULES={tree}"]
        with contextlib.ExitStack() as stack:
            output = stdout or stack.enter_context(open(self.console, "wb"))
            self.started = time.monotonic()
            self._popen = subprocess.Popen(command, stdin=stdin, stdout=output,
                                           stderr=subprocess.STDOUT, start_new_session=True)
        guard.watch_group(self._popen.pid)

    @property
    def running(self):
        return self._popen.poll() is None

    def wait(self, timeout):
        """The command's exit status; UmlError after timeout or a failed boot."""
        try:
            self._popen.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise UmlError(f"not done within {timeout:g} s\n{self.console_tail()}") from None
        return self.status()

    def status(self):
        path = self.dir / "status"
        if not path.exists():
            raise UmlError(f"the kernel ended without a status\n{self.console_tail()}")
        return int(path.read_text())

    def console_tail(self, size=4000):
        if not self.console.exists():
            return ""
        return f"--- end of console\n{self.console.read_text(errors='replace')[-size:]}"

    def kill(self):
        """End the kernel and all of its processes, and nothing else."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()

    def close(self):
        if self.running:
            self.kill()
        guard.forget_group(self._popen.pid)


def run(argv, memory="512M", timeout=600, env=None, stdout=None, stdin=subprocess.DEVNULL):
    """Run argv in a kernel with IPVS, output to ours; its exit status."""
    directory = tempfile.mkdtemp(prefix="tandemlab-uml-")
    guard.watch_dir(directory)
    uml = None
    try:
        uml = Uml(argv, directory, env=env, memory=memory, stdin=stdin,
                  stdout=stdout or sys.stdout.buffer)
        return uml.wait(timeout)
    finally:
        if uml is not None:
            uml.close()
        shutil.rmtree(directory, ignore_errors=True)
        guard.forget_dir(directory)


def main():
    parser = argparse.ArgumentParser(description="run a command in a kernel with IPVS")
    parser.add_argument("-m", "--memory", default="512M")
    parser.add_argument("-t", "--timeout", type=float, default=600)
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    passed = {k: v for k, v in os.environ.items() if k.startswith(("TANDEM_", "TERM"))}
    try:
        return run(options.command, options.memory, options.timeout, passed)
    except UmlError as error:
        print(f"uml: {error}", file=sys.stderr)
        return NO_STATUS
    finally:
        guard.stop_guard()


if __name__ == "__main__":
    guard.end_on_signals()
    sys.exit(main())
