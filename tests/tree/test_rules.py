# SPDX-License-Identifier: GPL-2.0-or-later
"""Rules that the source tree itself keeps."""

import pathlib
import re
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
ROLES = {"vrrp", "healthcheck", "ipvs-ctl", "runner"}

# What a file of a folder may include of ours, besides its own folder.
ALLOWED = {
    "lib": set(),
    "config": {"lib"},
    "vrrp": {"lib", "config"},
    "healthcheck": {"lib", "config"},
    "ipvs-ctl": {"lib", "config"},
    "runner": {"lib", "config"},
    "daemon": {"lib", "config", "mail"},
    "mail": {"lib"},
    "ctl": {"lib", "config", "daemon"},
}
# The files that name the roles, for all others.
NAMES_ROLES = {"daemon/role_ops.c", "daemon/language.c"}


def tracked_files():
    """Files of the tree: from git where there is one, else all."""
    done = subprocess.run(["git", "-C", TOP, "ls-files"], text=True,
                          capture_output=True, check=False)
    if done.returncode == 0 and done.stdout:
        return [TOP / name for name in done.stdout.splitlines()]
    made = {"Makefile.in", "configure", "configure~", "aclocal.m4", "config.h.in", "__pycache__"}
    return [path for path in TOP.rglob("*")
            if path.is_file() and not made.intersection(path.parts)
            and not path.relative_to(TOP).parts[0].startswith(("build", "auto", "."))]


def sources(*suffixes):
    return [path for path in tracked_files() if path.suffix in suffixes]


def relative(path):
    return str(path.relative_to(TOP))


def test_includes_follow_the_folders():
    bad = []
    for path in sources(".c", ".h"):
        name = relative(path)
        folder = name.split("/")[0]
        if folder not in ALLOWED:
            continue
        for include in re.findall(r'^#include "([^"]+)"', path.read_text(), re.M):
            target = include.split("/")[0]
            allowed = ALLOWED[folder] | {folder}
            if name in NAMES_ROLES:
                allowed |= ROLES
            if target not in allowed:
                bad.append(f"{name} includes {include}")
    assert not bad, "\n".join(bad)


# Files without a licence line.
UNLICENSED = {
    "LICENSE": "it is the licence",
    "tests/fuzz/corpus/": "inputs: a line more is another input",
    "tests/golden/config-diff/": "inputs, where lines count, and answers to the byte",
    "tests/golden/corpus/": "files as people write them, and answers to the byte",
    "tests/golden/diag/": "inputs, where lines count, and answers to the byte",
    "tests/golden/format/": "inputs, where lines count, and answers to the byte",
    "tests/golden/import/": "inputs, where lines count, and answers to the byte",
    "tests/golden/keywords/": "answers to the byte",
    "tests/golden/lint/": "inputs, where lines count, and answers to the byte",
    "tests/golden/mistakes.": "input, where lines count, and answer to the byte",
}


def test_every_file_has_a_licence_line():
    names = [relative(path) for path in tracked_files() if path.is_file()]
    bad = [name for name in names if not name.startswith(tuple(UNLICENSED))
           and b"SPDX-License-Identifier: GPL-2.0-or-later"
           not in (TOP / name).read_bytes()[:400]]
    stale = [start for start in UNLICENSED if not any(name.startswith(start) for name in names)]
    assert not bad and not stale, "\n".join(bad + stale)


def test_headers_have_no_writable_variables():
    bad = []
    for path in sources(".h"):
        for line in path.read_text().splitlines():
            if line.startswith("extern ") and "(" not in line and "const" not in line:
                bad.append(f"{relative(path)}: {line}")
    assert not bad, "\n".join(bad)


def test_headers_have_guards():
    bad = [relative(path) for path in sources(".h")
           if not re.search(r"^#ifndef TANDEM_\w+_H\n#define TANDEM_\w+_H$",
                            path.read_text(), re.M)]
    assert not bad, "\n".join(bad)


# What decides: no clock, no log, no descriptor (doc/architecture.md).
CORES = ["ctl/config_diff.c", "vrrp/bfd_fsm.c", "vrrp/bfd_packet.c", "vrrp/process_rule.c", "vrrp/debounce.c",
         "vrrp/line_words.c", "vrrp/route_conf.c", "vrrp/route_conf_hops.c", "vrrp/rule_conf.c",
         "lib/netlink_route_match.c",
         "vrrp/fsm.c", "vrrp/fsm_advert.c", "vrrp/fsm_states.c", "vrrp/packet.c", "vrrp/group.c", "vrrp/track.c",
         "healthcheck/verdict.c", "ipvs-ctl/model.c", "ipvs-ctl/model_carry.c",
         "ipvs-ctl/model_events.c", "ipvs-ctl/model_table.c", "ipvs-ctl/subject.c", "ipvs-ctl/marks_plan.c", "ipvs-ctl/diff.c",
         "vrrp/vmac_plan.c", "vrrp/settings_plan.c", "vrrp/filter_plan.c",
         "vrrp/ah.c", "vrrp/hmac.c", "vrrp/mac.c",
         "runner/queue.c", "runner/fifo_queue.c", "runner/event_names.c",
         "runner/event_text.c",
         "runner/mail_text.c", "runner/mail_queue.c", "runner/mail_message.c", "mail/session.c",
         "daemon/reload_fsm.c", "daemon/reload_time.c", "daemon/tuning.c"]
EFFECTS = re.compile(r"\b(time_(monotonic|realtime)_us|clock_gettime|"
                     r"log_(error|warning|notice|info|debug|write|limited)|"
                     r"open|socket|sendmsg|sendto|recvmsg|role_send)\(")


def test_cores_have_no_effects():
    bad = [f"{name}: {match.group(0)}" for name in CORES
           for match in EFFECTS.finditer((TOP / name).read_text())]
    assert not bad, bad


def test_switches_of_the_cores_have_no_default():
    """A new enum value must be a compiler warning, not a silent default."""
    assert "-Wswitch-enum" in (TOP / "configure.ac").read_text()
    bad = [name for name in CORES
           if re.search(r"^\s*default:", (TOP / name).read_text(), re.M)]
    assert not bad, bad


@pytest.mark.parametrize("line", [
    "", "bogus", "build x", "demo --bogus", "demo --keep x", "demo --keep", "check -v",
    "check-fast -v", "bench x", "fuzz", "fuzz x", "fuzz 3 4"])
def test_bootstrap_refuses_what_it_does_not_know(line):
    """And --keep without a terminal: before anything is installed or built."""
    done = subprocess.run([TOP / "bootstrap", *line.split()], text=True, capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=10, check=False)
    assert done.returncode == 2 and not done.stdout
    assert "terminal" in done.stderr if line == "demo --keep" else "Usage:" in done.stderr


def test_packages_are_explained():
    text = (TOP / "bootstrap").read_text()
    packages = set()
    for block in re.findall(r"^\w+_packages=\((.*?)\)", text, re.M | re.S):
        packages.update(block.split())
    explained = (TOP / "doc" / "dependencies.md").read_text()
    missing = sorted(package for package in packages
                     if f"`{package}`" not in explained)
    assert not missing, missing


def test_dependencies_are_used():
    text = (TOP / "bootstrap").read_text()
    explained = re.findall(r"^\| `([^`]+)`",
                           (TOP / "doc" / "dependencies.md").read_text(), re.M)
    stale = [package for package in explained if package not in text]
    assert explained and not stale, stale


def test_manuals_are_clean():
    manuals = sorted((TOP / "doc" / "man").glob("*.[1-8]"))
    assert len(manuals) >= 3
    for manual in manuals:
        done = subprocess.run(["mandoc", "-Tlint", "-W", "warning", manual],
                              text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_names_a_development_machine():
    bad = []
    for path in tracked_files():
        if path.suffix in {".bin", ".pcap"} or path == pathlib.Path(__file__).resolve():
            continue
        text = path.read_text(errors="replace")
        if re.search(r"/work/(main|wt|shared)|/root/", text):
            bad.append(relative(path))
    assert not bad, bad


def test_unit_file_is_confined():
    """systemd's own measure; 10 is worst, keepalived.service has 9.6."""
    unit = TOP / "etc" / "tandem.service.in"
    if not unit.exists():
        unit = TOP / "etc" / "tandem.service"
    text = unit.read_text().replace("@sbindir@", "/usr/sbin").replace(
        "@bindir@", "/usr/bin")
    target = TOP / "build" / "unit"
    target.mkdir(parents=True, exist_ok=True)
    (target / "tandem.service").write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "security", "--no-pager", "--offline=true",
         str(target / "tandem.service")],
        text=True, capture_output=True, check=False)
    match = re.search(r"Overall exposure level for \S+: ([0-9.]+)",
                      done.stdout)
    assert match, done.stdout + done.stderr
    assert float(match.group(1)) <= 4.5, match.group(0)
