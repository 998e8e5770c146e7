# SPDX-License-Identifier: GPL-2.0-or-later
"""Notify FIFOs: the lines, their order, and what happens when nobody reads."""

import fcntl
import gzip
import os
import pathlib
import select
import signal
import stat
import threading

import pytest

from tandemlab import Tandem, virtual_server, vrrp_config, vrrp_instance, wait_until

ADVERT = 0.1
VIPS = {"VI_1": "10.77.0.100", "VI_2": "10.77.0.101", "VI_3": "10.77.0.102"}


class Reader:
    """Reads a FIFO as it fills; its lines so far."""

    def __init__(self, path):
        wait_until(path.exists, f"{path} is there")
        self._fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self.inode = os.fstat(self._fd).st_ino
        self._text = b""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        while not self._stop.is_set():
            if any(event & select.POLLIN for _, event in poll.poll(20)):
                self._text += os.read(self._fd, 65536)
            else:
                self._stop.wait(0.01)

    @property
    def lines(self):
        return self._text.decode().splitlines()

    def about(self, name):
        return [line for line in self.lines if f'"{name}"' in line]

    def wait(self, line, deadline=5.0):
        wait_until(lambda: line in self.lines, f"{line!r} is written", deadline,
                   detail=lambda: "\n".join(self.lines))

    def close(self):
        self._stop.set()
        self._thread.join()
        os.close(self._fd)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def fifo_config(path, *, only=(), words="notify_fifo {}", globals_extra=(), extra=()):
    names = [name for name in VIPS if not only or name in only]
    blocks = [vrrp_instance(name, vrid=50 + int(name[-1]), vips=(VIPS[name],),
                            advert=ADVERT, version=3, extra=extra) for name in names]
    if {"VI_1", "VI_2"} <= set(names):
        blocks.append("vrrp_sync_group G {\n group {\n VI_1\n VI_2\n }\n}")
    return vrrp_config(*blocks, globals_extra=[words.format(path), *globals_extra])


def go_through_states(node, director, path):
    """MASTER, FAULT, MASTER, STOP; what each subject was said to be."""
    with Reader(path) as reader:
        masters = [f'INSTANCE "{name}" MASTER 100' for name in VIPS]
        for line in [*masters, 'GROUP "G" MASTER 0']:
            reader.wait(line)
        node.link("down")
        for line in ['INSTANCE "VI_3" FAULT 100', 'GROUP "G" FAULT 0']:
            reader.wait(line)
        node.link("up")
        wait_until(lambda: all(reader.lines.count(line) == 2
                               for line in [*masters, 'GROUP "G" MASTER 0']), "MASTER again")
        assert director.stop() == 0
        reader.wait('GROUP "G" STOP 0')
        return {name: reader.about(name) for name in [*VIPS, "G"]}


def test_lines_are_those_of_keepalived(topology, start_keepalived, start_tandem, lab_dir):
    node = topology.a
    said = {}
    for name, start in (("keepalived", start_keepalived), ("tandem", start_tandem)):
        path = lab_dir / name
        director = start(node, fifo_config(path), **(
            {"vrrp_only": True} if name == "keepalived" else {}))
        said[name] = go_through_states(node, director, path)
        assert name == "keepalived" or not path.exists(), "who made it removes it"
    assert said["tandem"] == said["keepalived"]


def test_fifo_that_is_there_is_kept_as_it_is(topology, start_tandem, lab_dir):
    path = lab_dir / "mine"
    os.mkfifo(path, 0o640)
    os.chown(path, 65534, 65534)
    before = os.stat(path)
    tandem = start_tandem(topology.a, fifo_config(path, only=["VI_3"]))
    with Reader(path) as reader:
        reader.wait('INSTANCE "VI_3" MASTER 100')
        tandem.write(fifo_config(path, only=["VI_1"]))
        tandem.ctl("reload")
        reader.wait('INSTANCE "VI_3" FAULT 100')
        reader.wait('INSTANCE "VI_1" MASTER 100')
        tandem.write(fifo_config(path, only=["VI_1"], globals_extra=[
            "fifo_write_vrrp_states_on_reload"]))
        tandem.ctl("reload")
        wait_until(lambda: reader.lines.count('INSTANCE "VI_1" MASTER 100') == 2, "told again")
        tandem.stop()
        reader.wait('INSTANCE "VI_1" STOP 100')
    after = os.stat(path)
    assert (after.st_ino, after.st_mode, after.st_uid) == (
        before.st_ino, before.st_mode, before.st_uid)


def test_fifo_is_made_for_its_user_and_goes_with_its_word(topology, start_tandem, lab_dir):
    path, other = lab_dir / "made", lab_dir / "other"
    tandem = start_tandem(topology.a, fifo_config(path, only=["VI_3"], words=(
        "vrrp_notify_fifo {} nobody nogroup")))
    made = os.stat(path)
    assert stat.S_ISFIFO(made.st_mode) and stat.S_IMODE(made.st_mode) == 0o600
    assert made.st_uid == 65534
    tandem.write(fifo_config(other, only=["VI_3"]))
    plan = {(row["action"], row["subject"]): row["detail"] for row in tandem.ctl("plan")["plan"]}
    assert plan == {("add", "notify_fifo"): f"notify_fifo {other}",
                    ("remove", "vrrp_notify_fifo"): f"vrrp_notify_fifo {path} nobody nogroup"}
    tandem.ctl("reload")
    wait_until(lambda: not path.exists(), "the old one is gone")
    assert other.exists()
    tandem.write(fifo_config(tandem.conf, only=["VI_3"]))
    refused = tandem.ctl_raw("reload")
    assert refused.returncode != 0
    assert "is there and is no FIFO" in refused.stdout + refused.stderr
    assert f"{tandem.conf.name}:" in refused.stdout + refused.stderr
    assert other.exists() and tandem.conf.is_file()


def set_priority(lab_dir, number):
    """By a tracked file: 100 and NUMBER."""
    (lab_dir / "prio.new").write_text(f"{number}\n")
    os.replace(lab_dir / "prio.new", lab_dir / "prio")


def priority_config(path, lab_dir):
    set_priority(lab_dir, 0)
    text = fifo_config(path, only=["VI_3"], extra=["track_file {\n prio\n}"],
                       globals_extra=["vrrp_notify_priority_changes on"])
    return text + f"track_file prio {{\n file {lab_dir}/prio\n weight 1\n}}\n"


def fill(fd):
    """As a reader that does not read lets it be; a small pipe is full soon."""
    fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, 4096)
    for size in (100, 1):
        try:
            while True:
                os.write(fd, b"x" * (size - 1) + b"\n")
        except BlockingIOError:
            pass


def read_until(fd, last):
    text = b""
    while last not in text:
        assert select.select([fd], [], [], 5)[0], text
        text += os.read(fd, 65536)
    return [line for line in text.decode().splitlines() if line.strip("x")]


def test_slow_reader_loses_nothing_and_the_next_runner_goes_on(topology, start_tandem, lab_dir):
    path = lab_dir / "slow"
    tandem = start_tandem(topology.a, priority_config(path, lab_dir))

    def fifo():
        return tandem.status()["runner"]["fifos"][0]
    fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    try:
        tandem.wait_vrrp("ACTIVE", "VI_3")
        fill(fd)
        for number in range(1, 21):
            set_priority(lab_dir, number)
            wait_until(lambda: fifo()["waiting"] == number, "the line waits")
        assert any("wait for its reader" in text for text in tandem.status()["problems"])
        old = tandem.signal_role("runner", "KILL")
        wait_until(lambda: tandem.role_is_up(tandem.role("runner")) and
                   tandem.role("runner")["pid"] != old, "the next runner")
        assert (fifo()["waiting"], fifo()["lost"]) == (20, 0)
        set_priority(lab_dir, 21)
        lines = read_until(fd, b" 121\n")
        assert lines[-21:] == [f'INSTANCE "VI_3" MASTER_PRIORITY {100 + number}'
                               for number in range(1, 22)]
        wait_until(lambda: fifo()["waiting"] == 0, "all is written")
        assert not any("wait for its reader" in text for text in tandem.status()["problems"])
    finally:
        os.close(fd)


def test_script_reads_and_is_started_again(topology, start_tandem, lab_dir):
    path, log = lab_dir / "fifo", lab_dir / "log"
    script = lab_dir / "reader.sh"
    script.write_text(f"#!/bin/sh\ntrap 'echo ended $1 >> {log}; exit' TERM\n"
                      f"echo started \"$@\" >> {log}\n"
                      f"while read line; do echo \"$line\" >> {log}; done < $2\n")
    script.chmod(0o755)
    words = f"notify_fifo {{}}\n    notify_fifo_script \"{script} first\""
    tandem = start_tandem(topology.a, fifo_config(path, only=["VI_3"], words=words))

    def lines():
        return log.read_text().splitlines() if log.exists() else []
    wait_until(lambda: 'INSTANCE "VI_3" MASTER 100' in lines(), "the script has it",
               detail=tandem.log)
    assert lines()[0] == f"started first {path}"
    row = tandem.status()["runner"]["fifos"][0]
    os.kill(row["script_pid"], signal.SIGKILL)
    wait_until(lambda: sum(line.startswith("started") for line in lines()) == 2, "again")
    tandem.ctl("reload")
    assert tandem.status()["runner"]["fifos"][0]["script_starts"] == 2, "a reload leaves it"
    tandem.write(fifo_config(path, only=["VI_3"], words=words.replace("first", "second")))
    tandem.ctl("reload")
    wait_until(lambda: f"started second {path}" in lines() and "ended first" in lines(),
               "another one reads", detail=lambda: str(lines()))
    tandem.stop()
    assert lines()[-2:] == ['INSTANCE "VI_3" STOP 100', "ended second"]


def lvs_config(path, flag, servers=("10.77.0.21",), globals_extra=()):
    """Three kinds of services with a check that FLAG is there."""
    check = f'MISC_CHECK {{\n misc_path "/usr/bin/test -e {flag}"\n}}'
    options = {"check": check, "delay": 0.2, "extra": ["warmup 0", "omega"]}
    group = "virtual_server_group GR {\n 10.77.0.103 80\n 10.77.0.104 81\n}"
    return vrrp_config(
        virtual_server(servers=servers, **options),
        virtual_server("fwmark", 7, servers=["10.77.0.22"], real_port=8080, **options),
        virtual_server("group", "GR", servers=["fd77::21"], real_port=80, **options), group,
        globals_extra=[f"lvs_notify_fifo {path}", *globals_extra])


# As keepalived 2.2.7 writes them for these services.
LVS_LINES = ["VS [10.77.0.100]:tcp:80 {}", "RS [10.77.0.21]:tcp:80 [10.77.0.100]:tcp:80 {}",
             "VS FWM 7 {}", "RS [10.77.0.22]:none:8080 FWM 7 {}",
             "VS [GR]:0 {}", "RS [fd77::21]:tcp:80 [GR]:0 {}"]


def test_services_and_servers_are_told(topology, start_tandem, lab_dir):
    path, flag = lab_dir / "lvs", lab_dir / "flag"
    flag.write_text("")
    tandem = start_tandem(topology.a, lvs_config(path, flag))
    with Reader(path) as reader:
        for line in LVS_LINES[::2]:
            reader.wait(line.format("UP"))
        assert not any(line.startswith("RS") for line in reader.lines), reader.lines
        flag.unlink()
        for line in LVS_LINES:
            reader.wait(line.format("DOWN"))
        flag.write_text("")
        for line in LVS_LINES[1::2]:
            reader.wait(line.format("UP"))
        first = [line for line in reader.lines if "10.77.0.100" in line]
        assert first == [LVS_LINES[0].format("UP"), LVS_LINES[1].format("DOWN"),
                         LVS_LINES[0].format("DOWN"), LVS_LINES[1].format("UP"),
                         LVS_LINES[0].format("UP")]
        tandem.write(lvs_config(path, flag, servers=["10.77.0.21", "10.77.0.23"]))
        tandem.ctl("reload")
        tandem.write(lvs_config(path, flag, servers=["10.77.0.23"]))
        tandem.ctl("reload")
        removed = LVS_LINES[1].format("DOWN")
        wait_until(lambda: reader.lines.count(removed) == 2, "the removed server is down")
        before = len(reader.lines)
        tandem.stop()
        reader.wait("RS [10.77.0.23]:tcp:80 [10.77.0.100]:tcp:80 DOWN")
        stopped = reader.lines[before:]
        assert sorted(stopped) == sorted(line.format("DOWN").replace(".21]", ".23]")
                                         for line in LVS_LINES)


SAMPLE = pathlib.Path("/usr/share/doc/keepalived/samples/sample_notify_fifo.sh.gz")


def test_reader_of_keepalived_s_samples_works(topology, start_tandem, lab_dir):
    """As Debian ships it, but for the place of its log."""
    script = lab_dir / "sample.sh"
    text = gzip.decompress(SAMPLE.read_bytes()).decode()
    assert "LOG_FILE=/tmp/" in text
    script.write_text(text.replace("LOG_FILE=/tmp/", f"LOG_FILE={lab_dir}/"))
    script.chmod(0o755)
    path, log = lab_dir / "events", lab_dir / "events.log"
    tandem = start_tandem(topology.a, fifo_config(
        path, only=["VI_3"], words=f"notify_fifo {{}}\n    notify_fifo_script {script}"))

    def lines():
        text = log.read_text() if log.exists() else ""
        return [line.split("] ", 1)[1] for line in text.splitlines()]
    wait_until(lambda: lines() == ["INSTANCE VI_3 BACKUP 100", "INSTANCE VI_3 MASTER 100"],
               "the sample has both", detail=lambda: f"{lines()}\n{tandem.log()}")
    tandem.ctl("reload")
    tandem.stop()
    assert lines()[2:] == ["INSTANCE VI_3 STOP 100", "STOPPING"]


class Confined(Tandem):
    """As root that may not pass over the modes of files: what the unit allows."""

    def argv(self):
        return ["setpriv", "--bounding-set", "-dac_override,-dac_read_search,-fowner", "--",
                *super().argv()]


def test_fifo_of_somebody_else_is_opened_without_power_over_files(topology, lab_dir):
    path = lab_dir / "mine"
    os.mkfifo(path, 0o600)
    os.chown(path, 65534, 65534)
    os.chown(lab_dir, 0, 0)
    tandem = Confined(topology.a, fifo_config(path, only=["VI_3"])).start()
    with Reader(path) as reader:
        reader.wait('INSTANCE "VI_3" MASTER 100')
        assert tandem.stop() == 0
    tandem.check_log()


@pytest.mark.parametrize("name", ["vrrp", "ipvs", "healthcheck"])
def test_role_that_dies_says_nothing_twice(topology, start_tandem, lab_dir, name):
    path, flag = lab_dir / "all", lab_dir / "flag"
    flag.write_text("")
    text = lvs_config(path, flag).replace("lvs_notify_fifo", "notify_fifo") + vrrp_instance(
        "VI_1", vrid=51, advert=ADVERT, version=3) + "\n"
    tandem = start_tandem(topology.a, text)
    with Reader(path) as reader:
        reader.wait('INSTANCE "VI_1" MASTER 100')
        reader.wait(LVS_LINES[0].format("UP"))
        before = reader.lines
        old = tandem.signal_role(name, "KILL")
        wait_until(lambda: tandem.role_is_up(tandem.role(name)) and
                   tandem.role(name)["pid"] != old, "its successor")
        wait_until(lambda: all(check["state"] == "up" for check in tandem.real_server(
            (VIPS["VI_1"], 80), "10.77.0.21")["checks"]), "checks go on")
        flag.unlink()
        for line in LVS_LINES:
            reader.wait(line.format("DOWN"))
        assert sorted(reader.lines[len(before):]) == sorted(
            line.format("DOWN") for line in LVS_LINES)
