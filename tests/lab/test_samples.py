# SPDX-License-Identifier: GPL-2.0-or-later
"""The configurations that Debian ships with keepalived load.

Errors that remain are scripts and interfaces that are not on this machine, and
the mistakes that two of the files have, which keepalived reports as well.
"""

import json
import os
import pathlib
import re
import subprocess

import pytest

from tandemlab.directors import program

SAMPLES = sorted(pathlib.Path("/usr/share/doc/keepalived/samples").glob("keepalived.conf*"))
NOT_HERE = re.compile(r"script|executable|no such file|does not exist|not found|interface", re.I)
MISTAKES = {
    "keepalived.conf.vrrp.lvs_syncd": {4, 5},  # members on the line of the brace
    "keepalived.conf.vrrp.rules": {11, 26},    # 192.168.100./24, 192.168.200./24
}


def test_the_samples_are_there():
    assert len(SAMPLES) >= 25


def diagnostics(path, *options):
    done = subprocess.run([program("tandemd"), "-t", "--json", *options, "-f", path], text=True,
                          capture_output=True, timeout=20, stdin=subprocess.DEVNULL)
    return done, json.loads(done.stdout)


def test_connections_without_a_script_are_taken():
    path = "/usr/share/doc/keepalived/samples/keepalived.conf.vrrp.localcheck"
    _, rows = diagnostics(path)
    rows = [row for row in rows if row["line"] in (25, 31, 37)]
    assert not [row for row in rows if row["severity"] == "error"], rows
    if os.path.basename(os.path.realpath("/bin/sh")) != "bash":
        assert [row["hint"] for row in rows] == [
            f"script \"bash -c '</dev/tcp/127.0.0.1/{port}'\"" for port in (80, 443, 25)]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_sample_loads(path):
    done, rows = diagnostics(path)
    errors = [row for row in rows if row["severity"] == "error"]
    wrong = [row for row in errors if not NOT_HERE.search(row["message"])
             and row["line"] not in MISTAKES.get(path.name, ())]
    assert not wrong, "\n".join(f"{row['line']}: {row['message']}" for row in wrong)
    assert done.returncode in ((0,) if not errors else (4, 5, 6)), done.stderr


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_sample_runs_leniently(path):
    """Mistakes are set aside, as keepalived does; an interface that is not here
    (4) and insecure scripts (6) are what is left."""
    done, rows = diagnostics(path, "--lenient")
    assert done.returncode in (0, 4, 6), (done.returncode, done.stderr, rows)
    if done.returncode == 4:
        strict, _ = diagnostics(path)
        assert strict.returncode == 4
        assert any(re.search("interface", row["message"]) for row in rows), rows
