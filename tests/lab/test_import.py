# SPDX-License-Identifier: GPL-2.0-or-later
"""What `tandemctl import` makes, against the programs that it imports from."""

import pathlib
import re
import subprocess

import pytest

from tandemlab import wait_until
from tandemlab.directors import program

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden" / "import"


def saved(node):
    return sorted(node.run("ipvsadm-save", "-n").stdout.splitlines())


@pytest.mark.ipvs
def test_a_table_comes_back_as_it_was(topology, start_tandem):
    """ipvsadm -R, ipvsadm-save, import, tandemd: the same table."""
    rules = [line for line in (GOLDEN / "ipvsadm" / "all.rules").read_text().splitlines()
             if line.startswith("-") and not line.startswith("--") and ":5060" not in line]
    node = topology.a
    node.run("ipvsadm", "-R", input="\n".join(rules) + "\n")
    before = saved(node)
    assert len(before) == len(rules)
    for words in (["-"], ["--live"]):
        made = node.run(program("tandemctl"), "import", "ipvsadm", *words,
                        input="\n".join(before) + "\n").stdout
        assert made.count("\treal_server") == len([r for r in rules if r.startswith("-a")])
    node.run("ipvsadm", "-C")
    a = start_tandem(node, made)
    wait_until(lambda: saved(node) == before, "the same table", 15, 0.2,
               lambda: "\n".join([*before, "--- now", *saved(node), a.log_tail()]))


DUMP = """
ip link set lo up
for what in {old} {new}; do
    mkdir -p /run/k/$((n += 1)); cd /run/k/$n
    TMPDIR=/run/k/$n keepalived -C -n -l -p /run/k/p -r /run/k/v -c /run/k/c -f $what >log 2>&1 &
    for i in $(seq 100); do [ -s keepalived_check.data ] && break
        [ -e ../c ] && kill -USR1 $!; sleep 0.3; done
    sleep 1; kill $!; wait $!
    echo THE DUMP; cat keepalived_check.data; echo THE END
done
"""


@pytest.mark.parametrize("name", ["sloppy-unknown-check", "sloppy-values", "sloppy-braces",
                                  "sloppy-tandem-words"])
def test_keepalived_makes_the_same_of_its_import(tmp_path, name):
    """keepalived's own dump of services and checks, of the file and of the import."""
    file = GOLDEN / "keepalived" / f"{name}.conf"
    new = tmp_path / "new.conf"
    new.write_text(subprocess.run([program("tandemctl"), "import", "keepalived", file],
                                  capture_output=True, text=True, timeout=20, check=True,
                                  stdin=subprocess.DEVNULL).stdout)
    uml = pathlib.Path(__file__).parent / "tandemlab" / "uml.py"
    script = DUMP.format(old=file, new=new)
    done = subprocess.run(["/usr/bin/python3", "-B", uml, "-t", "90", "--", "bash", "-c", script],
                          capture_output=True, text=True, timeout=150, stdin=subprocess.DEVNULL)
    dumps = re.findall("^THE DUMP\n(.*?)^THE END", done.stdout.replace("\r", ""), re.S | re.M)
    assert len(dumps) == 2, done.stdout + done.stderr
    topology = [dump.split("------< LVS Topology >------", 1)[1] for dump in dumps]
    assert "10.0.1.1" in topology[0]
    changing = re.compile(r".*([Ll]ast|[Tt]imestamp|0x).*\n")
    assert changing.sub("", topology[0]) == changing.sub("", topology[1])
