# SPDX-License-Identifier: GPL-2.0-or-later
"""One program that runs in the lab, with its output in a file."""

import contextlib
import os
import pathlib
import signal
import subprocess
import time


class Process:
    """A running program. It dies with this process."""

    def __init__(self, argv, log, pass_fds=(), env=None, stdout=None):
        self.argv = [str(arg) for arg in argv]
        self.log_path = pathlib.Path(log)
        with open(self.log_path, "ab") as output:
            self._popen = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=stdout or output,
                stderr=output, pass_fds=pass_fds, start_new_session=True, env=env)
        self.started = time.monotonic()

    @property
    def pid(self):
        return self._popen.pid

    @property
    def stdout(self):
        return self._popen.stdout

    @property
    def returncode(self):
        return self._popen.poll()

    @property
    def running(self):
        return self._popen.poll() is None

    def send_signal(self, number):
        self._popen.send_signal(number)

    def freeze(self):
        self.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.send_signal(signal.SIGCONT)

    def kill(self):
        """SIGKILL, and wait: the program is gone when this returns."""
        with contextlib.suppress(ProcessLookupError):
            self._popen.kill()
        return self._popen.wait(10)

    def stop(self, number=signal.SIGTERM, deadline=10.0):
        """Ask it to end; its exit status. After deadline it is killed."""
        if not self.running:
            return self._popen.returncode
        self.send_signal(number)
        return self.wait(deadline)

    def wait(self, deadline=10.0):
        try:
            return self._popen.wait(deadline)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{os.path.basename(self.argv[-1])}: did not end within "
                                 f"{deadline:g} s\n{self.log()[-4000:]}") from None

    def log(self):
        return self.log_path.read_text(errors="replace")
