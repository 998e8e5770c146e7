# SPDX-License-Identifier: GPL-2.0-or-later
"""The supervisor and the program of its roles: what each links and where it is."""

import os
import re
import shutil
import signal
import subprocess

import pytest

from tandemlab import Tandem, Topology, vrrp_config, vrrp_instance, wait_until
from tandemlab.directors import program

CONFIG = vrrp_config(vrrp_instance(advert=1, vips=(Topology.VIP,)), version=3)


def libraries(path):
    done = subprocess.run(["readelf", "-d", path], text=True, capture_output=True, check=True)
    return set(re.findall(r"\(NEEDED\).*\[(.+?)\.so", done.stdout))


@pytest.fixture
def copy(lab_dir, monkeypatch):
    """A build tree of copies, which a test may change."""
    build = lab_dir / "build"
    for name in ("daemon/tandemd", "daemon/tandem-role", "ctl/tandemctl"):
        path = build / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(program("tandemd").parents[1] / name, path)
    monkeypatch.setenv("TANDEM_BUILD", str(build))
    return build


def test_the_supervisor_maps_no_library_of_the_roles():
    of_roles = {"libssl", "libcrypto", "libmnl", "libnftnl"}
    assert not libraries(program("tandemd")) & of_roles
    assert libraries(program("tandemd").with_name("tandem-role")) >= of_roles


def test_roles_keep_their_version_while_a_package_is_upgraded(topology, start_tandem, copy):
    tandem = start_tandem(topology.a, CONFIG)
    (copy / "daemon" / "tandem-role").unlink()
    (copy / "daemon" / "tandem-role").write_text("of another version")
    old = tandem.signal_role("healthcheck", "KILL")

    def replaced():
        role = tandem.role("healthcheck")
        return role["pid"] != old and tandem.role_is_up(role)
    wait_until(replaced, "healthcheck has a successor", 5, 0.02, tandem.log_tail)


def start_alone(lab_dir):
    """Its end, where no program of the roles is installed."""
    conf = lab_dir / "conf"
    conf.write_text(CONFIG)
    return subprocess.run(
        ["unshare", "-mn", "sh", "-c",
         "for dir in /usr/local/libexec/tandem /usr/libexec/tandem; do"
         " [ ! -d $dir ] || mount -t tmpfs none $dir || exit 99; done; exec \"$@\"", "sh",
         program("tandemd"), "-n", "-l", "-G", "-f", conf, "--runtime-dir", lab_dir / "run"],
        text=True, capture_output=True, timeout=20, stdin=subprocess.DEVNULL)


def test_without_the_program_of_the_roles_it_says_so(lab_dir, copy):
    (copy / "daemon" / "tandem-role").unlink()
    done = start_alone(lab_dir)
    assert done.returncode == 1
    assert "tandem-role" in done.stderr and "No such file" in done.stderr


def test_a_program_that_cannot_be_run_is_not_started_again_and_again(lab_dir, copy):
    (copy / "daemon" / "tandem-role").chmod(0o644)
    done = start_alone(lab_dir)
    assert done.returncode == 1
    assert "tandem-role" in done.stderr and "Permission denied" in done.stderr


def test_programs_of_two_versions_do_not_meet():
    done = subprocess.run(
        [program("tandemd").with_name("tandem-role"), "--role", "vrrp",
         "--boot", "3,2,0,6,0,0.0.1", "--runtime-dir", "/nonexistent"],
        text=True, capture_output=True, timeout=20, stdin=subprocess.DEVNULL)
    assert done.returncode == 1
    assert "install both from one package" in done.stderr


def test_it_comes_up_with_closed_descriptors(topology):
    tandem = Tandem(topology.a, CONFIG)
    done = topology.a.run("sh", "-c", "exec \"$@\" <&- >&- 2>&-", "sh", program("tandemd"),
                          "-f", tandem.conf, "--runtime-dir", tandem.run_dir)
    try:
        assert done.returncode == 0
        wait_until(lambda: all(tandem.role_is_up(role) for role in tandem.status()["roles"]),
                   "all roles are up", 10, 0.05)
    finally:
        os.kill(int((tandem.run_dir / "tandemd.pid").read_text()), signal.SIGTERM)
        wait_until(lambda: not (tandem.run_dir / "tandemd.pid").exists(), "it ended", 10, 0.05)
