#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the tests in stages and counts them: the work behind ./bootstrap check.

Each stage yields passed and failed counts; the last line of the whole run is
"N passed, N failed".  Labs depend on real time: a test that fails is run once
more, and the output says which ones needed that.  Logs go to build*/ and are shown when a stage fails.

  run.py all           everything
  run.py fast          unit tests, simulation and fuzz corpora, one build
  run.py fuzz SECONDS  every fuzzer for SECONDS
  run.py STAGE...      named stages
"""

import os
import pathlib
import re
import subprocess
import sys
import tarfile
import time
import xml.etree.ElementTree as ElementTree

TOP = pathlib.Path(__file__).resolve().parent.parent
JOBS = f"-j{os.cpu_count()}"
SAN_ENV = {
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:exitcode=99",
    "UBSAN_OPTIONS": "print_stacktrace=1",
}


class Result:
    """Counts of a stage, and the text to show if something failed."""

    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.skipped = 0
        self.again = 0  # passed at the second try, on a busy machine
        self.notes = []

    def add(self, ok, note=""):
        if ok:
            self.passed += 1
        else:
            self.failed += 1
            self.notes.append(note)

    def second_try(self, ok, name, first):
        """A test that failed was run once more; both are told."""
        if ok:
            self.again += 1
            self.notes.append(f"{name}: passed at the second try, at first:\n{first}")


def run(argv, log, cwd=TOP, env=None, timeout=1200):
    """Runs a command with its output in file LOG; True when it exits 0."""
    with open(log, "ab") as out:
        out.write(f"$ {' '.join(map(str, argv))}\n".encode())
        out.flush()
        try:
            done = subprocess.run(
                argv, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.STDOUT, timeout=timeout,
                env={**os.environ, **(env or {})}, check=False)
        except subprocess.TimeoutExpired:
            out.write(f"timed out after {timeout} s\n".encode())
            return False
    return done.returncode == 0


def tail(log, lines=60):
    text = pathlib.Path(log).read_text(errors="replace").splitlines()
    return "\n".join(text[-lines:])


def configured_with(status):
    """What a tree was configured with: one made before the packages of the
    tests were there would leave tests out."""
    done = subprocess.run([status, "--config"], text=True, capture_output=True,
                          check=False)
    return done.stdout


def build(result, name, configure, env=None):
    """Configures and builds build-NAME; False when that failed."""
    directory = TOP / name
    directory.mkdir(exist_ok=True)
    log = directory / "build.log"
    log.unlink(missing_ok=True)
    newest = TOP / "configure"
    if not newest.exists() or newest.stat().st_mtime < (TOP / "configure.ac").stat().st_mtime:
        if not run(["autoreconf", "-i"], log):
            result.add(False, tail(log))
            return None
    status = directory / "config.status"
    ok = True
    configure = ["--enable-unit-tests", *configure]
    if (not status.exists() or status.stat().st_mtime < newest.stat().st_mtime
            or not all(word in configured_with(status) for word in configure)):
        ok = run([newest, "-q", *configure], log, cwd=directory, env=env)
    ok = ok and run(["make", "-s", JOBS, "all"], log, cwd=directory)
    result.add(ok, f"{name} does not build:\n{tail(log)}")
    return directory if ok else None


def make_check(result, directory, env=None):
    """make check; each test program counts."""
    log = directory / "check.log"
    log.unlink(missing_ok=True)
    for old in directory.glob("tests/**/*.trs"):
        old.unlink()
    ok = run(["make", "-s", "-k", JOBS, "check"], log, cwd=directory, env=env)
    results = sorted(directory.glob("tests/**/*.trs"))
    for trs in results:
        good = ":test-result: PASS" in trs.read_text()
        if not good:
            first = tail(trs.with_suffix(".log"))
            program = trs.with_suffix("").relative_to(directory)
            good = run(["make", "-s", "check", f"TESTS={program}"], log,
                       cwd=directory, env=env)
            result.second_try(good, str(program), first)
            ok = ok or good
        result.add(good, "" if good else first)
    if not results or (not ok and not result.failed):
        result.add(False, f"make check in {directory.name}:\n{tail(log)}")


def source_of(classname, paths):
    """The file of a junit class name, which is relative to pytest's root."""
    file = classname.replace(".", "/") + ".py"
    return next(path for path in (TOP / file, *(TOP / p / file for p in paths))
                if path.exists())


def pytest(result, name, paths, env=None, timeout=1500):
    """pytest with its outcomes counted from the junit file."""
    out = TOP / "build" / "pytest"
    out.mkdir(parents=True, exist_ok=True)
    junit = out / f"{name}.xml"
    log = out / f"{name}.log"
    for old in (junit, log):
        old.unlink(missing_ok=True)

    def once(what):
        """{(class, name): "passed", "failed" or "skipped"}; empty on no result."""
        junit.unlink(missing_ok=True)
        run(["/usr/bin/python3", "-m", "pytest", "-q", "-rfE", "-p",
             "no:cacheprovider", f"--junitxml={junit}", *what],
            log, env={"PYTHONDONTWRITEBYTECODE": "1", **(env or {})},
            timeout=timeout)
        cases = {}
        if junit.exists():
            for case in ElementTree.parse(junit).getroot().iter("testcase"):
                bad = any(case.find(word) is not None for word in ("failure", "error"))
                skipped = case.find("skipped") is not None
                key = (case.get("classname"), case.get("name"))
                state = "failed" if bad else "skipped" if skipped else "passed"
                if cases.get(key) != "failed":
                    cases[key] = state
        return cases

    cases = once(paths)
    if not cases:
        result.add(False, f"pytest {name} ended without a result:\n{tail(log)}")
        return
    failed = [key for key, state in cases.items() if state == "failed"]
    first = tail(log, 150)
    if failed and len(failed) <= 5:
        again = once([f"{source_of(key[0], paths)}::{key[1]}" for key in failed])
        for key in failed:
            cases[key] = again.get(key, "failed")
            result.second_try(cases[key] == "passed", "::".join(key), first)
    for key, state in cases.items():
        if state == "skipped":
            result.skipped += 1
        else:
            result.add(state == "passed", "::".join(key))
    if result.failed:
        result.notes.append(first)


def stage_unit(result):
    """gcc build without warnings, unit tests, simulation, fuzz corpora"""
    directory = build(result, "build", ["--enable-werror"])
    if directory:
        make_check(result, directory)


def stage_clang(result):
    """clang build without warnings, tests too"""
    directory = build(result, "build-clang", ["--enable-werror"],
                      env={"CC": "clang"})
    if directory:
        log = directory / "check.log"
        log.unlink(missing_ok=True)
        ok = run(["make", "-s", JOBS, "check", "TESTS="], log, cwd=directory)
        result.add(ok, f"the tests do not build with clang:\n{tail(log)}")


def stage_sanitizers(result):
    """the same tests with ASan and UBSan"""
    directory = build(result, "build-san",
                      ["--enable-werror", "--enable-sanitizers",
                       "CFLAGS=-g -O1"])
    if directory:
        make_check(result, directory, env=SAN_ENV)


def stage_tree(result):
    """rules of the source tree, manuals, unit file, dependencies"""
    pytest(result, "tree", ["tests/tree"], timeout=300)


def stage_lab(result):
    """namespaces and the IPVS kernel, with real peers and servers"""
    pytest(result, "lab", ["tests/lab"], timeout=1500)


def stage_distcheck(result):
    """make distcheck, and every file of the tree is in the archive"""
    directory = build(result, "build", ["--enable-werror"])
    if not directory:
        return
    log = directory / "distcheck.log"
    log.unlink(missing_ok=True)
    ok = run(["make", "-s", JOBS, "distcheck"], log, cwd=directory)
    result.add(ok, f"make distcheck:\n{tail(log)}")
    archives = list(directory.glob("tandem-*.tar.xz"))
    tracked = subprocess.run(["git", "-C", TOP, "ls-files"], text=True,
                             capture_output=True, check=False).stdout.split()
    if not ok or not archives or not tracked:
        return
    with tarfile.open(max(archives, key=os.path.getmtime)) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}
    left_out = [name for name in tracked if name not in packed
                and name != ".gitignore" and not name.startswith(".ci/")]
    result.add(not left_out, f"not in EXTRA_DIST: {' '.join(left_out)}")


def fuzz(seconds):
    """Builds the fuzzers with clang and runs each; exit 1 on a finding."""
    result = Result()
    directory = build(result, "build-fuzz",
                      ["--enable-fuzzers", "--enable-sanitizers",
                       "CFLAGS=-g -O1"], env={"CC": "clang"})
    if not directory:
        print("\n".join(result.notes))
        return 1
    fuzzers = sorted(path for path in directory.glob("tests/fuzz/fuzz-*")
                     if path.is_file() and os.access(path, os.X_OK))
    bad = 0
    for fuzzer in fuzzers:
        name = fuzzer.name.removeprefix("fuzz-")
        seeds = TOP / "tests" / "fuzz" / "corpus" / name
        work = directory / "corpus" / name
        work.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [fuzzer, f"-max_total_time={seconds}", "-timeout=10",
             "-rss_limit_mb=2048", "-print_final_stats=1", work, seeds],
            cwd=directory, check=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        runs = re.search(r"number_of_executed_units: (\d+)", done.stdout)
        print(f"{name}: {'ok' if done.returncode == 0 else 'FINDING'}, "
              f"{runs.group(1) if runs else '?'} runs", flush=True)
        if done.returncode:
            bad += 1
            print(done.stdout[-4000:])
    print(f"{len(fuzzers) - bad} passed, {bad} failed")
    return 1 if bad or not fuzzers else 0


STAGES = {
    "unit": stage_unit,
    "tree": stage_tree,
    "clang": stage_clang,
    "sanitizers": stage_sanitizers,
    "lab": stage_lab,
    "distcheck": stage_distcheck,
}


def main(words):
    if len(words) == 2 and words[0] == "fuzz":
        return fuzz(int(words[1]))
    if words == ["all"]:
        words = list(STAGES)
    elif words == ["fast"]:
        words = ["unit"]
    if not words or any(word not in STAGES for word in words):
        print(__doc__, file=sys.stderr)
        return 2
    passed = failed = skipped = again = 0
    for word in words:
        result = Result()
        start = time.monotonic()
        STAGES[word](result)
        print(f"{word}: {result.passed} passed, {result.failed} failed "
              f"({STAGES[word].__doc__}; {time.monotonic() - start:.0f} s)",
              flush=True)
        for note in result.notes:
            print(note, flush=True)
        passed += result.passed
        failed += result.failed
        skipped += result.skipped
        again += result.again
    if again:
        print(f"{again} of them passed at the second try only")
    print(f"{passed} passed, {failed} failed"
          + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
