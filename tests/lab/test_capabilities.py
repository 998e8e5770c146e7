# SPDX-License-Identifier: GPL-2.0-or-later
"""A container or a unit took a capability: named once, and the rest goes on."""

import subprocess

import pytest

from tandemlab import Tandem, Topology, virtual_server, vrrp_config, vrrp_instance, wait_until

VIP = Topology.VIP
NUMBERS = {"kill": 5, "setpcap": 8, "net_admin": 12, "net_raw": 13}
# healthcheck: without PING_CHECK and fwmark.
ROLES = {"vrrp": {12, 13}, "healthcheck": set(), "ipvs": {12}, "runner": {5, 6, 7}}


class Without(Tandem):
    """As root of a container that lacks one capability."""

    def __init__(self, node, config, lost, **kwargs):
        super().__init__(node, config, **kwargs)
        self.lost = lost

    def argv(self):
        return ["setpriv", f"--bounding-set=-{self.lost}", f"--inh-caps=-{self.lost}", "--",
                *super().argv()]


def config(node, *blocks):
    script = 'MISC_CHECK {\n misc_path "/bin/true"\n misc_timeout 5\n}'
    return vrrp_config(*blocks, virtual_server(servers=[node.addr]),
                       virtual_server(port=81, servers=[node.addr], check=script), version=3)


def checks_of(tandem, port):
    """Those of the only real server at PORT, as soon as there is one."""
    if not tandem.running or tandem.ctl_raw("status").returncode:
        return []
    return [check for service in tandem.status()["services"] if service["port"] == port
            for real in service["real_servers"] for check in real["checks"]]


def wait_passes(tandem, *ports):
    for port in ports:
        wait_until(lambda port=port: [check for check in checks_of(tandem, port)
                                      if check["state"] == "up"],
                   f"the check at port {port} passes", 10, 0.05, tandem.log_tail)


def capabilities(pid, *kinds):
    """The sets of these KINDS of a process, and all fields of its status."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        fields = dict(line.split(":\t", 1) for line in file if ":\t" in line)
    return {kind: {bit for bit in range(64) if int(fields[kind], 16) >> bit & 1}
            for kind in kinds}, fields


def check_roles(tandem):
    """None died, and none has more than it needs."""
    for role in tandem.status()["roles"]:
        if role["name"] not in ROLES or not role["pid"]:
            continue
        assert role["restarts"] == 0, role
        have, fields = capabilities(role["pid"], "CapInh", "CapPrm", "CapEff", "CapAmb")
        wanted = ROLES[role["name"]] - {NUMBERS[tandem.lost]}
        assert have["CapPrm"] == have["CapEff"] == wanted, (role["name"], have)
        assert not have["CapInh"] and not have["CapAmb"], (role["name"], have)
        assert fields["Uid"].split()[0] != "0"
        assert fields["NoNewPrivs"].strip() == ("0" if role["name"] == "runner" else "1")


def check_said(tandem):
    text = f"CAP_{tandem.lost.upper()} is missing: "
    lines = [line for line in tandem.log().splitlines() if text in line]
    assert len(lines) == 1 and "hint: " in lines[0], lines
    assert sum(problem.startswith(text) for problem in tandem.status()["problems"]) == 1
    assert " died: " not in tandem.log()


@pytest.mark.parametrize("lost", ["setuid", "setgid"])
def test_what_nothing_works_without_is_refused_once_and_by_name(topology, lost):
    tandem = Without(topology.a, config(topology.servers[0], vrrp_instance()), lost)
    done = topology.a.run(*tandem.argv(), check=False)
    assert done.returncode == 4
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert f"CAP_{lost.upper()} is missing: " in done.stderr and "hint: " in done.stderr
    assert not list(tandem.run_dir.iterdir()), "nothing was begun"


def test_root_that_cannot_become_another_user_is_refused_once(topology):
    """Of a user namespace without other users: all capabilities, and yet no way down."""
    tandem = Tandem(topology.a, config(topology.servers[0], vrrp_instance()))
    done = subprocess.run(["unshare", "-r", "-n", *tandem.argv()], text=True, capture_output=True,
                          timeout=20, stdin=subprocess.DEVNULL)
    assert done.returncode == 4
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "cannot give up root's privileges for user " in done.stderr
    assert not list(tandem.run_dir.iterdir())


@pytest.mark.parametrize("lost", ["setpcap", "kill"])
def test_vrrp_and_checks_go_on_without(topology, lost):
    topology.start_web()
    node = topology.servers[0]
    tandem = Without(topology.a, config(node, vrrp_instance(advert=0.1)), lost).start()
    tandem.wait_address(VIP)
    wait_passes(tandem, 80, 81)  # of healthcheck's own, and a script's
    check_said(tandem)
    check_roles(tandem)
    assert tandem.stop() == 0
    assert not topology.a.processes()
    tandem.check_log()


@pytest.mark.parametrize("lost", ["net_raw", "net_admin"])
def test_checks_go_on_when_vrrp_cannot(topology, lost):
    """The instance says why it takes no part, and tries again."""
    topology.start_web()
    node = topology.servers[0]
    tandem = Without(topology.a, config(node, vrrp_instance(advert=0.1)), lost).start()
    tandem.wait_vrrp("FAULT")
    assert tandem.instance()["reason"] == "no-permission"
    wait_passes(tandem, 80, 81)
    check_said(tandem)
    check_roles(tandem)
    assert not topology.a.has_address(VIP)
    assert tandem.stop() == 0
    assert not topology.a.processes()
    tandem.check_log()


@pytest.mark.parametrize("lost", ["net_raw", "net_admin"])
def test_checks_alone_go_on_without(topology, lost):
    topology.start_web()
    node = topology.servers[0]
    tandem = Without(topology.a, config(node), lost, options=["-C"]).start(wait=False)
    wait_passes(tandem, 80, 81)  # of healthcheck's own, and a script's
    check_said(tandem)
    check_roles(tandem)
    assert tandem.stop() == 0
    assert not topology.a.processes()
    tandem.check_log()


@pytest.mark.parametrize("options", [["-C"], ["-C", "-R"]], ids=["plain", "no-respawn"])
def test_healthcheck_has_net_raw_while_a_check_needs_it(topology, start_tandem, options):
    """The reload that brings one changes no verdict, and it is no death, not even with -R."""
    topology.start_web()
    node = topology.servers[0]
    ping = virtual_server(port=82, servers=[node.addr], check="PING_CHECK {\n}")
    tandem = start_tandem(topology.a, config(node), options=options, wait=False)
    wait_passes(tandem, 80, 81)  # of healthcheck's own, and a script's
    before = {port: tandem.real_server((VIP, port), node.addr) for port in (80, 81)}
    pid = tandem.role("healthcheck")["pid"]
    assert capabilities(pid, "CapPrm")[0]["CapPrm"] == set()

    tandem.write(config(node, ping))
    tandem.ctl("reload")
    wait_passes(tandem, 82)
    role = tandem.role("healthcheck")
    assert role["restarts"] == 1 and role["pid"] != pid
    assert capabilities(role["pid"], "CapPrm")[0]["CapPrm"] == {NUMBERS["net_raw"]}
    for port, row in before.items():
        now = tandem.real_server((VIP, port), node.addr)
        assert (now["state"], now["since"]) == (row["state"], row["since"])
    assert "healthcheck[" in tandem.log() and "begins anew: " in tandem.log()
    assert " died: " not in tandem.log()

    tandem.write(config(node))
    tandem.ctl("reload")
    assert tandem.role("healthcheck")["pid"] == role["pid"], "to give up takes no new process"
    assert capabilities(role["pid"], "CapPrm")[0]["CapPrm"] == set()
    assert tandem.stop() == 0
