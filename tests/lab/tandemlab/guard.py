# SPDX-License-Identifier: GPL-2.0-or-later
"""A process that cleans up after this one, however this one ends.

Most of the lab ends by itself: namespaces live by our descriptors, and
programs that we start die with us. A daemon's own children do not. The guard
is told of each namespace and process group; when its standard input closes
(we ended, or were killed) it kills what is still in them and ends.

It knows namespaces by inode and the process group by the start time of its
leader, so that it never ends anything that is not ours.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from tandemlab.kernel import pids_in_netns

_guard = None


def end_on_signals():
    """The signals that end us do it by way of our cleaning up, and only once."""
    numbers = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)

    def end(number, _):
        for other in numbers:
            signal.signal(other, signal.SIG_IGN)
        sys.exit(128 + number)

    for number in numbers:
        signal.signal(number, end)


def start_time(pid):
    """When the process started, in ticks since boot; None if there is none."""
    with contextlib.suppress(OSError):
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[19].decode()
    return None


def kill_netns(inodes, deadline=5.0):
    """Kill all processes in the namespaces; what is left after deadline."""
    end = time.monotonic() + deadline
    while True:
        left = pids_in_netns(inodes)
        if not left or time.monotonic() > end:
            return left
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.005)


def _tell(line):
    global _guard
    if os.environ.get("TANDEM_LAB_UML"):
        return  # the whole kernel ends with us
    if _guard is None or _guard.poll() is not None:
        _guard = subprocess.Popen([sys.executable, "-B", os.path.abspath(__file__)],
                                  stdin=subprocess.PIPE, start_new_session=True,
                                  stdout=subprocess.DEVNULL, text=True)
    _guard.stdin.write(line + "\n")
    _guard.stdin.flush()


def watch_netns(inode):
    _tell(f"netns {inode}")


def forget_netns(inode):
    _tell(f"-netns {inode}")


def watch_dir(path):
    """A directory to be removed when we end."""
    _tell(f"dir {path}")


def forget_dir(path):
    _tell(f"-dir {path}")


def watch_group(pid):
    """The process group that the process pid leads."""
    _tell(f"group {pid}:{start_time(pid)}")


def forget_group(pid):
    _tell(f"-group {pid}:{start_time(pid)}")


def stop_guard():
    global _guard
    if _guard is not None:
        _guard.stdin.close()
        _guard.wait(30)
        _guard = None


def main():
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    watched = {"netns": set(), "group": {}, "dir": set()}
    for line in sys.stdin:
        kind, _, what = line.strip().partition(" ")
        if kind == "netns":
            watched["netns"].add(int(what))
        elif kind == "-netns":
            watched["netns"].discard(int(what))
        elif kind == "dir":
            watched["dir"].add(what)
        elif kind == "-dir":
            watched["dir"].discard(what)
        elif kind == "group":
            pid, _, started = what.partition(":")
            watched["group"][int(pid)] = started
        elif kind == "-group":
            watched["group"].pop(int(what.partition(":")[0]), None)
    for pid, started in watched["group"].items():
        if start_time(pid) == started:
            with contextlib.suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
    kill_netns(watched["netns"])
    for path in watched["dir"]:
        shutil.rmtree(path, ignore_errors=True)


if __name__ == "__main__":
    main()
