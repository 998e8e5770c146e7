# SPDX-License-Identifier: GPL-2.0-or-later
"""tandem.service as it is installed, under a systemd that is real.

systemd is the first process of a process namespace in the user-mode kernel, so
it meets no other; systemd-machine.sh is what happens there.
"""

import os
import pathlib

import pytest

from tandemlab import uml
from tandemlab.directors import build_dir
from tandemlab.tools import SOURCE_DIR

EXPECTED = {
    "boot": "0",
    # Type=notify, sandbox, scripts, tuning of processes without CAP_SYS_RESOURCE
    "start": "0", "active": "active", "vrrp": "0", "user": "tandem", "seccomp": "2",
    "fifo": "nobody 600 fifo", "line": "0", "mail": "0", "line_after_restart": "0",
    "vrrp_priority": "7", "checker_nice": "-3",
    "notes": "notify MASTER nobody,startup nobody,",
    # ExecReload tells the outcome; a bad file changes nothing
    "reload": "0", "generation": "3,", "bad_reload": "1", "after_bad_reload": "active",
    "journal": "0",
    # supervisor_death leave
    "given_up": "0", "stayed": "0", "went_on": "0", "old_one_left": "1",
    "watchdog": "0", "watchdog_pid": "0", "old_address_gone": "0", "namespace_address": "0",
    "stop": "0", "result": "success", "address_left": "1", "processes_left": "1",
    "last_notes": "notify STOP nobody,shutdown nobody,",
}


@pytest.mark.limit(130)
def test_the_unit_works_as_it_is_installed(lab_dir):
    assert pathlib.Path("/lib/systemd/systemd").exists(), "install systemd"
    machine = uml.Uml([str(SOURCE_DIR / "systemd-machine.sh"), str(build_dir()),
                       str(SOURCE_DIR.parent.parent)], lab_dir, modules=["veth", "autofs4"],
                      env={"TMPDIR": "/run"})
    try:
        machine.wait(120)
        lines = (lab_dir / "results").read_text().splitlines()
        found = dict(line.split("=", 1) for line in lines)
        locked = found.pop("checker_locked")
        detail = (lab_dir / "journal").read_text() if (lab_dir / "journal").exists() else ""
        assert found == EXPECTED, f"{detail}\n{machine.console_tail()}"
        if "san" not in os.path.basename(str(build_dir())):
            assert int(locked) > 0
    finally:
        machine.close()
