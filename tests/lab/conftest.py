# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of the lab; see README.md."""

import itertools
import os
import pathlib
import signal
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import pytest

from tandemlab import Keepalived, Tandem, Topology, guard, routing

LIMIT_S = 60
_numbers = itertools.count(1)


def pytest_configure(config):
    # Short, so that control sockets fit into sockaddr_un; private to this run.
    config._lab_dir = pathlib.Path(tempfile.mkdtemp(prefix="tandemlab-"))
    config._lab_dir.chmod(0o755)  # roles do not run as root
    guard.watch_dir(config._lab_dir)
    routing.configure(config)


def pytest_report_header(config):
    return f"lab: files in {config._lab_dir}, kernel {os.uname().release}"


def pytest_sessionfinish(session, exitstatus):
    if exitstatus not in (0, 5) or os.environ.get("TANDEM_LAB_KEEP"):
        guard.forget_dir(session.config._lab_dir)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure():
    guard.stop_guard()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item):
    """No test hangs: after its limit it fails where it stands."""
    marker = item.get_closest_marker("limit")
    seconds = marker.args[0] if marker else LIMIT_S

    def expire(*_):
        pytest.fail(f"the test took more than {seconds} s")

    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds, 5)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows the end of each program's log; nothing is skipped."""
    report = (yield).get_result()
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"the lab skips nothing: {report.longrepr}"
    if call.when == "call":
        item._lab_failed = report.failed
    topology = item.funcargs.get("topology") if hasattr(item, "funcargs") else None
    if report.failed and topology is not None:
        for path in sorted(topology.dir.glob("**/*.log")):
            text = path.read_text(errors="replace")
            if text.strip():
                report.sections.append((str(path.relative_to(topology.dir)), text[-3000:]))


@pytest.fixture
def lab_dir(request):
    """A short, empty directory of this test's own."""
    path = request.config._lab_dir / f"t{next(_numbers)}"
    path.mkdir()
    return path


@pytest.fixture
def topology(lab_dir):
    """A fresh Topology, gone after the test."""
    with Topology(lab_dir) as made:
        yield made


@pytest.fixture
def start_keepalived(topology):
    """start_keepalived(node, config, vrrp_only=False) -> Keepalived."""
    def start(node, config, **kwargs):
        return Keepalived(node, config, **kwargs).start()

    return start


@pytest.fixture
def start_tandem(topology):
    """start_tandem(node, config, options=(), wait=True) -> Tandem, all roles up."""
    started = []

    def start(node, config, options=(), wait=True, **kwargs):
        director = Tandem(node, config, options, **kwargs)
        started.append(director)
        return director.start(wait=wait)

    yield start
    for director in started:
        director.check_log()


@pytest.fixture
def start_director(request):
    """start_tandem, or with TANDEM_LAB_DIRECTOR=keepalived the peer instead.

    The second is how a test is tried on a program that is known to work. Tests
    that use this fixture look at the kernel and at packets only.
    """
    if os.environ.get("TANDEM_LAB_DIRECTOR") == "keepalived":
        start = request.getfixturevalue("start_keepalived")
        return lambda node, config: start(node, config,
                                          vrrp_only="virtual_server" not in config)
    return request.getfixturevalue("start_tandem")
