# SPDX-License-Identifier: GPL-2.0-or-later
"""pytest plugin: a test runs in a kernel that fits its mark.

Tests marked "ipvs" want a kernel with IPVS, those marked "no_ipvs" one
without. Where this kernel fits, they run here like any other test. Where it
does not, all of them that were selected run in one boot of the user-mode
kernel, in a pytest of its own, whose report of each test is passed out while
it runs and becomes the outcome of that test here. A test that was skipped
inside, or that never reported, has failed.
"""

import json
import os
import sys
import time

import pytest

from . import has_ipvs, uml
from .directors import build_dir

REPORTS = "reports.jsonl"
TIMEOUT_S = 540
ENV_PASSED = ("TANDEM_LAB_DIRECTOR", "ASAN_OPTIONS", "UBSAN_OPTIONS",
              "LSAN_OPTIONS")


class InsideReporter:
    """Inside: writes each report as one line of JSON."""

    def __init__(self, config, path):
        self._config = config
        self._file = open(path, "w", encoding="utf-8")

    def pytest_runtest_logreport(self, report):
        data = self._config.hook.pytest_report_to_serializable(config=self._config,
                                                               report=report)
        self._file.write(json.dumps({"nodeid": report.nodeid, "when": report.when,
                                     "report": data}) + "\n")
        self._file.flush()


class OutsideRouter:
    """Outside: boots, and turns the lines into reports.

    mark: of the tests that do not fit this kernel.
    """

    def __init__(self, config, directory, mark):
        self._config = config
        self._mark = mark
        self._dir = directory
        self._uml = None
        self._seen = {}
        self._offset = 0
        self._failure = None

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items):
        away = [item for item in items if item.get_closest_marker(self._mark)]
        for item in away:
            # Time is kept inside, and by the boot's own limit.
            item.add_marker(pytest.mark.limit(0), append=False)
        items[:] = [item for item in items if item not in away] + away
        self._away = [item.nodeid for item in away]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        """Boot first: that kernel works beside the tests that run here."""
        if self._away and not session.config.option.collectonly:
            try:
                self._boot()
            except uml.UmlError as error:
                self._failure = str(error)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item):
        if item.nodeid not in self._away:
            return None
        hook = item.ihook
        hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for report in self._reports_of(item):
            hook.pytest_runtest_logreport(report=report)
        hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def pytest_unconfigure(self):
        if self._uml is not None:
            self._uml.close()

    def _boot(self):
        root = str(self._config.rootpath)
        self._dir.mkdir()
        argv = [sys.executable, "-B", "-m", "pytest", "-v", "--rootdir", root,
                "-c", str(self._config.inipath), "--basetemp=/dev/shm/lab",
                "--color=no", *(f"{root}/{nodeid}" for nodeid in self._away)]
        env = {key: os.environ[key] for key in ENV_PASSED if key in os.environ}
        env["TANDEM_BUILD"] = str(build_dir())
        env["TANDEM_LAB_REPORTS"] = f"/mnt/{REPORTS}"
        modules = uml.NETWORK_MODULES + (uml.IPVS_MODULES if self._mark == "ipvs" else [])
        self._uml = uml.Uml(argv, self._dir, env, modules=modules)
        self._deadline = time.monotonic() + TIMEOUT_S

    def _reports_of(self, item):
        """The reports of one test, as soon as it is over."""
        while True:
            over = self._failure is not None or not self._uml.running
            self._read()
            reports = self._seen.get(item.nodeid, [])
            if reports and reports[-1].when == "teardown":
                return [self._no_skip(report) for report in reports]
            if over:
                self._failure = self._failure or "the user-mode kernel ended before this test did"
                break
            if time.monotonic() > self._deadline:
                self._uml.kill()
                self._failure = f"the user-mode kernel took more than {TIMEOUT_S} s"
            time.sleep(0.02)
        tail = self._uml.console_tail(8000) if self._uml else ""
        return [self._failed(item, f"{self._failure}\n{tail}")]

    def _read(self):
        path = self._dir / REPORTS
        if not path.exists():
            return
        with open(path, encoding="utf-8") as file:
            file.seek(self._offset)
            while (line := file.readline()).endswith("\n"):
                self._offset = file.tell()
                row = json.loads(line)
                report = self._config.hook.pytest_report_from_serializable(
                    config=self._config, data=row["report"])
                self._seen.setdefault(row["nodeid"], []).append(report)

    @staticmethod
    def _no_skip(report):
        if report.outcome == "skipped":
            report.outcome = "failed"
            report.longrepr = f"skipped inside the user-mode kernel: {report.longrepr}"
        return report

    @staticmethod
    def _failed(item, text):
        return pytest.TestReport(item.nodeid, item.location, {}, "failed", text, "call")


def configure(config):
    """Register what this kernel needs; called by conftest.py."""
    reports = os.environ.get("TANDEM_LAB_REPORTS")
    if reports:
        config.pluginmanager.register(InsideReporter(config, reports), "lab-inside")
        return
    mark = "no_ipvs" if has_ipvs() else "ipvs"
    router = OutsideRouter(config, config._lab_dir / "uml-boot", mark)
    config.pluginmanager.register(router, "lab-outside")

