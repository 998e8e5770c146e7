# SPDX-License-Identifier: GPL-2.0-or-later
"""Configurations of all styles, read by keepalived and by Tandem.

What keepalived accepts without a word may not be refused, whatever Tandem
warns of; and everything in the corpus loads, since keepalived runs it.
"""

import json
import pathlib
import subprocess

import pytest

from tandemlab.directors import program

CORPUS = pathlib.Path(__file__).resolve().parent.parent / "golden" / "corpus"
FILES = sorted(CORPUS.glob("*.conf"))
SAMPLES = sorted(pathlib.Path("/usr/share/doc/keepalived/samples").glob("keepalived.conf*"))
INTERFACES = ("eth0", "eth1", "eth2", "bond0", "vmbr0")
# Script security: keepalived and Tandem say 6, and both would start.
STARTS = (0, 6)


def here(*argv, directory="."):
    """Runs argv in a network namespace of its own that has INTERFACES."""
    make = " && ".join(f"ip link add {name} type bridge && ip link set {name} up"
                       for name in INTERFACES)
    return subprocess.run(["unshare", "-n", "sh", "-ec", f'ip link set lo up; {make}; exec "$@"',
                           "-", *map(str, argv)], text=True, capture_output=True, timeout=30,
                          stdin=subprocess.DEVNULL, cwd=directory)


def test_the_corpus_is_large():
    assert len(FILES) >= 60


def errors_of(path):
    """The exit code of tandemd -t for path, and what is wrong with it."""
    done = here(program("tandemd"), "-t", "--json", "-f", path, "-i", "one",
                directory=path.parent)
    return done.returncode, [f"{row['line']}: {row['message']}"
                             for row in json.loads(done.stdout) if row["severity"] == "error"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_corpus_loads(path):
    code, errors = errors_of(path)
    assert code in STARTS and not errors, "\n".join(errors)


@pytest.mark.parametrize("path", FILES + SAMPLES, ids=lambda path: path.name)
def test_what_keepalived_accepts_is_not_refused(path):
    peer = here("keepalived", "-t", "-f", path, "-i", "one", directory=path.parent)
    if peer.returncode or peer.stderr.strip():
        return
    # A script that is missing fails silently in keepalived: an error by intention.
    wrong = [row for row in errors_of(path)[1] if "there is no script" not in row]
    assert not wrong, "\n".join(wrong)
