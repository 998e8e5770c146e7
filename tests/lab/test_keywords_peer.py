# SPDX-License-Identifier: GPL-2.0-or-later
"""Every keyword with good, limiting and wrong values, read by keepalived too.

The cases are those of tests/golden/goldens.py.  Where Tandem reports an error,
keepalived has to complain as well, unless the difference is meant: it is one
of ON_PURPOSE then.
"""

import json
import os
import pathlib
import re
import subprocess

import pytest

from tandemlab.directors import build_dir
from test_corpus import here

BUILD = build_dir()
TOP = pathlib.Path(__file__).resolve().parents[2]
ON_PURPOSE = re.compile("|".join([
    "there is no script",             # keepalived drops the script, and with it the check
    "'{' is missing after this",      # an empty list
    "is out of range",                # absurd numbers: 256 announcements, checks once a month
    "is neither on nor off",          # words that 2.2.7 does not look at
    r"is not known here \[(vrrp_|regex_options)",
    r"(value|status code) is missing",
    r"is no whole number \[regex_",   # read as 0
    "a prefix of interface names has",  # the interfaces cannot be made, later
    "is not the whole path of a FIFO",  # relative to wherever the daemon was started
    "is no absolute path",
    r"cannot read '.*\[(certificate|key)",  # each SSL_GET fails, later
    "for the sync daemon",            # the daemon never starts, and nobody says so
]))


def cases():
    env = {**os.environ, "srcdir": str(TOP)}
    done = subprocess.run(["/usr/bin/python3", "-B", TOP / "tests/golden/goldens.py", "cases"],
                          cwd=BUILD, env=env, check=True, capture_output=True, text=True)
    return [(f"{block}: {row['title']}", row["line"], row["config"])
            for block, rows in json.loads(done.stdout).items() for row in rows
            if "(outside)" not in row["title"] and "(in '" not in row["title"]]


def errors(rows):
    """Index of a case -> the errors that Tandem reports at its line."""
    text = "".join(f"== {i}\t{line}\n{config}" for i, (_, line, config) in enumerate(rows))
    done = subprocess.run([BUILD / "tests/golden/check-cases"], input=text, check=True,
                          capture_output=True, text=True)
    found, now = {}, None
    for line in done.stdout.splitlines():
        if line.isdigit():
            now = int(line)
        elif re.match(r"    \d+: error: ", line):
            found.setdefault(now, []).append(line.strip())
    return found


def accepted(paths):
    """Those of which keepalived says nothing; one namespace serves many."""
    each = ('for f; do keepalived -t -f "$f" 2>"$f.said" && ! grep -q . "$f.said" && echo "$f"; '
            'done; :')
    quiet = set()
    for at in range(0, len(paths), 100):
        done = here("sh", "-c", each, "-", *paths[at:at + 100])
        assert done.returncode == 0, done.stderr
        quiet |= set(done.stdout.splitlines())
    return quiet


# keepalived is started once for each mistake, and more keywords have some.
@pytest.mark.limit(180)
def test_keepalived_complains_of_what_is_an_error(tmp_path):
    rows = cases()
    assert len(rows) > 2000
    found = {i: said for i, said in errors(rows).items()
             if not all(ON_PURPOSE.search(text) for text in said)}
    paths = {}
    for i in found:
        paths[i] = tmp_path / f"{i}.conf"
        paths[i].write_text(rows[i][2])
    paths["good"] = tmp_path / "good.conf"
    paths["good"].write_text("global_defs {\n    router_id x\n}\n")
    quiet = accepted(list(paths.values()))
    assert str(paths["good"]) in quiet, "it says nothing of what is good"
    wrong = [f"{rows[i][0]}: {found[i][0]}" for i in found if str(paths[i]) in quiet]
    assert not wrong, "\n".join(wrong)
