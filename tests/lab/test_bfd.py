# SPDX-License-Identifier: GPL-2.0-or-later
"""BFD: with another Tandem, with keepalived, with FRR's bfdd; and what follows it."""

import json
import os
import shutil
import signal
import socket
import struct
import time

import pytest

from tandemlab import Topology, vrrp_config, vrrp_instance, wait_until

ZEBRA, BFDD = "/usr/lib/frr/zebra", "/usr/lib/frr/bfdd"


def bfd(name, neighbour, *, rate=50, multiplier=3, extra=()):
    lines = [f"neighbor_ip {neighbour}", f"min_rx {rate}", f"min_tx {rate}",
             f"multiplier {multiplier}", *extra]
    return f"bfd_instance {name} {{\n    " + "\n    ".join(lines) + "\n}"


def session(director, name):
    return next(row for row in director.status()["bfd"] if row["name"] == name)


def wait_session(director, name, state, deadline=10.0):
    wait_until(lambda: session(director, name)["state"] == state,
               f"bfd {name} on {director.node.name} is {state}", deadline, 0.01,
               director.log_tail)
    return session(director, name)


class Frr:
    """FRR's zebra and bfdd on a node, with files of their own."""

    def __init__(self, node, peers):
        self.node = node
        self.dir = node.dir / "frr"
        self.dir.mkdir()
        shutil.chown(self.dir, "frr", "frr")
        self.conf = self.dir / "bfdd.conf"
        self.conf.write_text("bfd\n" + "".join(
            f" peer {peer}{options}\n  detect-multiplier {multiplier}\n"
            f"  receive-interval {rate}\n  transmit-interval {rate}\n !\n"
            for peer, options, rate, multiplier in peers) + "!\n")
        self.processes = []

    def _start(self, program, *words):
        name = os.path.basename(program)
        common = ["-u", "frr", "-g", "frr", "-P", "0", "-i", self.dir / f"{name}.pid",
                  "-z", self.dir / "zserv.api", "--vty_socket", self.dir]
        self.processes.append(self.node.spawn(program, *common, *words,
                                              log=self.dir / f"{name}.log"))

    def start(self):
        self._start(ZEBRA, "-f", "/dev/null")
        wait_until(lambda: (self.dir / "zserv.api").exists(), "zebra listens", 10)
        self._start(BFDD, "-f", self.conf, "--bfdctl", self.dir / "bfdd.sock")
        wait_until(self.peers, "bfdd answers", 10, 0.05)
        return self

    def peers(self):
        done = self.node.run("vtysh", "--vty_socket", self.dir, "-d", "bfdd", "-c",
                             "show bfd peers json")
        return json.loads(done.stdout)

    def wait_peer(self, status, deadline=10.0):
        wait_until(lambda: self.peers()[0]["status"] == status,
                   f"bfdd has its peer {status}", deadline, 0.02,
                   lambda: str(self.peers()))
        return self.peers()[0]

    def kill(self):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGKILL)
            process.wait()
        self.processes = []


def test_two_tandems(topology, start_tandem):
    """Up, the slower pace of each direction, reload in place, the end announced."""
    a, b = topology.a, topology.b
    ta = start_tandem(a, vrrp_config(bfd("X", b.addr, rate=30), bfd("X6", b.addr6, extra=(
        "hoplimit 255",))))
    tb = start_tandem(b, vrrp_config(bfd("Y", a.addr, rate=70), bfd("Y6", a.addr6, extra=(
        "hoplimit 255", "passive"))))
    for director, name in ((ta, "X"), (tb, "Y"), (ta, "X6"), (tb, "Y6")):
        wait_session(director, name, "UP")
    wait_until(lambda: session(ta, "X")["tx_interval_ms"] == 70, "the pace is agreed")
    assert session(ta, "X")["detection_time_ms"] == 210
    assert session(tb, "Y")["tx_interval_ms"] == 70
    assert session(tb, "Y")["source"] == b.addr

    # Another pace, and a session more: the old one does not notice.
    ta.write(vrrp_config(bfd("X", b.addr, rate=200), bfd("Z", topology.servers[0].addr),
                         bfd("X6", b.addr6, extra=("hoplimit 255",))))
    planned = ta.ctl_raw("plan").stdout
    assert "bfd_instance X " in planned and "bfd_instance Z" in planned
    assert "bfd_instance X6" not in planned
    ta.ctl("reload")
    wait_until(lambda: session(tb, "Y")["detection_time_ms"] == 600, "the new pace is known")
    assert session(ta, "X")["went_up"] == 1 and session(ta, "X")["went_down"] == 0
    assert session(ta, "X6")["went_up"] == 1
    assert session(tb, "Y")["went_down"] == 0
    assert session(ta, "Z")["state"] == "DOWN"
    assert any("bfd X" in line for line in ta.ctl("explain", "bfd X")["explain"])
    shown = ta.ctl_raw("show", "vrrp").stdout
    assert "BFD SESSION" in shown and b.addr in shown

    # Out of the configuration, and the stop: told, not found out.
    ta.write(vrrp_config(bfd("X", b.addr, rate=200)))
    ta.ctl("reload")
    wait_until(lambda: session(tb, "Y6")["reason"] == "neighbor-signaled-down",
               "it is told", 1)
    assert ta.stop() == 0
    wait_until(lambda: session(tb, "Y")["reason"] == "neighbor-signaled-down",
               "it is told", 1)


def test_silence_is_noticed_in_time(topology, start_tandem):
    a, b = topology.a, topology.b
    ta = start_tandem(a, vrrp_config(bfd("X", b.addr)))
    tb = start_tandem(b, vrrp_config(bfd("Y", a.addr)))
    wait_session(ta, "X", "UP")
    wait_session(tb, "Y", "UP")
    wait_until(lambda: session(ta, "X")["detection_time_ms"] == 150, "the pace is agreed")
    killed = time.time()
    tb.kill()
    down = wait_session(ta, "X", "DOWN")
    assert down["reason"] == "detection-time-expired"
    # The last packet was up to one interval before the kill.
    assert 0.095 < down["since"] - killed < 0.250, down["since"] - killed
    tb.start()
    wait_session(ta, "X", "UP")


def test_a_role_that_is_killed_goes_on(topology, start_tandem):
    """Within the neighbour's patience it does not notice; afterwards it comes back."""
    a, b = topology.a, topology.b
    ta = start_tandem(a, vrrp_config(bfd("SLOW", b.addr, rate=500, multiplier=5),
                                     bfd("FAST", b.addr6, rate=10, extra=("hoplimit 255",))))
    tb = start_tandem(b, vrrp_config(bfd("SLOW", a.addr, rate=500, multiplier=5),
                                     bfd("FAST", a.addr6, rate=10, extra=("hoplimit 255",))))
    for director in (ta, tb):
        wait_session(director, "SLOW", "UP")
        wait_session(director, "FAST", "UP")
    before = session(ta, "SLOW")["discriminator"]
    pid = ta.signal_role("vrrp", "KILL")
    wait_until(lambda: ta.role("vrrp")["pid"] not in (0, pid) and session(ta, "SLOW"),
               "another role", 5)
    wait_session(ta, "FAST", "UP")
    wait_session(tb, "FAST", "UP")
    wait_session(ta, "SLOW", "UP")
    assert session(ta, "SLOW")["discriminator"] == before
    assert session(tb, "SLOW")["went_down"] == 0
    assert session(ta, "SLOW")["remote_state"] == "UP"


@pytest.mark.parametrize("family", [4, 6], ids=["ipv4", "ipv6"])
def test_keepalived(topology, start_tandem, start_keepalived, family):
    """Over IPv6 its hop limit is 64, and no word is needed for that."""
    a, b = topology.a, topology.b
    own, other = (a.addr, b.addr) if family == 4 else (a.addr6, b.addr6)
    keepalived = start_keepalived(
        b, vrrp_config(vrrp_instance(vips=("10.77.0.200",)), bfd("K", own)))
    tandem = start_tandem(a, vrrp_config(bfd("T", other)))
    wait_session(tandem, "T", "UP")
    wait_until(lambda: "Entering Up state" in keepalived.log(), "keepalived is up", 10)
    assert session(tandem, "T")["remote_state"] == "UP"
    wait_until(lambda: session(tandem, "T")["detection_time_ms"] == 150, "the pace is agreed")
    # From now on quiet: several detection times.
    sent = session(tandem, "T")["packets_received"]
    wait_until(lambda: session(tandem, "T")["packets_received"] > sent + 20, "it goes on")
    assert session(tandem, "T")["went_down"] == 0
    killed = time.time()
    keepalived.kill()
    down = wait_session(tandem, "T", "DOWN")
    assert 0.095 < down["since"] - killed < 0.250
    keepalived.start()
    wait_session(tandem, "T", "UP")
    # The end is announced.
    assert tandem.stop() == 0
    wait_until(lambda: "Entering Down state (Local diagnostic - Neighbor Signaled Session Down"
               in keepalived.log(), "keepalived was told", 3, detail=keepalived.log_tail)


@pytest.mark.parametrize("family", [4, 6], ids=["ipv4", "ipv6"])
def test_frr(topology, start_tandem, family):
    a, s1 = topology.a, topology.servers[0]
    own, other = (a.addr, s1.addr) if family == 4 else (a.addr6, s1.addr6)
    frr = Frr(s1, [(own, "" if family == 4 else f" local-address {other}", 60, 3)]).start()
    tandem = start_tandem(a, vrrp_config(bfd("F", other, rate=40, extra=(
        f"source_ip {own}", *(["hoplimit 255"] if family == 6 else [])))))
    wait_session(tandem, "F", "UP")
    peer = frr.wait_peer("up")
    wait_until(lambda: session(tandem, "F")["detection_time_ms"] == 180, "the pace is agreed")
    assert session(tandem, "F")["tx_interval_ms"] == 60
    assert peer["remote-transmit-interval"] == 40 and peer["remote-detect-multiplier"] == 3
    # A change of pace under way.
    tandem.write(vrrp_config(bfd("F", other, rate=90, extra=(
        f"source_ip {own}", *(["hoplimit 255"] if family == 6 else [])))))
    tandem.ctl("reload")
    wait_until(lambda: frr.peers()[0]["remote-transmit-interval"] == 90, "FRR knows", 5)
    wait_until(lambda: session(tandem, "F")["detection_time_ms"] == 270, "the pace is agreed")
    assert session(tandem, "F")["went_down"] == 0
    killed = time.time()
    frr.kill()
    down = wait_session(tandem, "F", "DOWN")
    assert down["reason"] == "detection-time-expired"
    assert 0.170 < down["since"] - killed < 0.400, down["since"] - killed
    frr.start()
    wait_session(tandem, "F", "UP")
    assert tandem.stop() == 0
    frr.wait_peer("down", 3)


def test_tracked_session_moves_the_address(topology, start_tandem):
    """Without weight a session that is down is a FAULT, with one a lower priority."""
    a, b, s1 = topology.a, topology.b, topology.servers[0]
    far = start_tandem(s1, vrrp_config(bfd("A", a.addr, extra=("passive",))))
    session_s = bfd("S", s1.addr)
    high = start_tandem(a, vrrp_config(
        vrrp_instance("VI_1", priority=150, advert=0.1, extra=("track_bfd {\n S\n}",)),
        vrrp_instance("VI_2", vrid=52, priority=150, advert=0.1, vips=(Topology.VIP2,),
                      extra=("track_bfd {\n S weight -60\n}",)), session_s, version=3))
    low = start_tandem(b, vrrp_config(
        vrrp_instance("VI_1", priority=100, advert=0.1),
        vrrp_instance("VI_2", vrid=52, priority=100, advert=0.1, vips=(Topology.VIP2,)),
        version=3))
    for vip in (Topology.VIP, Topology.VIP2):
        high.wait_address(vip)
    assert high.instance("VI_2")["effective_priority"] == 150
    far.kill()
    for vip in (Topology.VIP, Topology.VIP2):
        low.wait_address(vip, deadline=3)
        high.wait_address(vip, present=False)
    one = high.instance("VI_1")
    assert (one["state"], one["reason"]) == ("FAULT", "tracked-bfd-session-down")
    assert high.instance("VI_2")["effective_priority"] == 90
    assert any("tracked bfd S is down" in line
               for line in high.ctl("explain", "VI_1")["explain"])
    far.start()
    for vip in (Topology.VIP, Topology.VIP2):
        high.wait_address(vip)

    # The death of the role is no cause: it resumes with its session.
    with a.watch_addresses() as watch:
        high.signal_role("vrrp", "KILL")
        wait_until(lambda: session(high, "S")["state"] == "UP", "the session is back", 5)
        high.wait_vrrp("ACTIVE", "VI_1")
        high.wait_vrrp("ACTIVE", "VI_2")
        assert not watch.removed(Topology.VIP)


def packet(state, mine, yours):
    return struct.pack(">BBBBIIIII", 1 << 5, state << 6, 3, 24, mine, yours, 50000, 50000, 0)


def send_from(node, target, data, ttl):
    with node.inside():
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with sock:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
        sock.sendto(data, (target, 3784))


def test_forged_packets_are_dropped(topology, start_tandem):
    a, s1, s2 = topology.a, topology.servers[0], topology.servers[1]
    start_tandem(s1, vrrp_config(bfd("A", a.addr, multiplier=50)))
    tandem = start_tandem(a, vrrp_config(bfd("S", s1.addr, multiplier=50)))
    ours = wait_session(tandem, "S", "UP")
    theirs = ours["remote_discriminator"]
    wait_until(lambda: session(tandem, "S")["remote_state"] == "UP", "both are up")
    admin_down = packet(0, theirs, ours["discriminator"])

    def drops():
        return session(tandem, "S")["drops"]

    send_from(s1, a.addr, admin_down, 254)
    wait_until(lambda: drops().get("came from too far (TTL)") == 1, "dropped by its TTL", 3)
    send_from(s2, a.addr, admin_down, 255)
    wait_until(lambda: drops().get("not from the neighbour of its session") == 1,
               "dropped by its source", 3)
    send_from(s1, a.addr, packet(3, theirs, ours["discriminator"] ^ 1), 255)
    send_from(s1, a.addr, b"x" * 24, 255)
    send_from(s1, a.addr, b"", 255)
    wait_until(lambda: any("no such session" in line
                           for line in tandem.ctl("explain", "bfd S")["explain"]), "counted", 3)
    assert session(tandem, "S")["state"] == "UP"
    assert session(tandem, "S")["went_down"] == 0
    # And a good one is heard.
    send_from(s1, a.addr, admin_down, 255)
    wait_until(lambda: session(tandem, "S")["went_down"] == 1, "a good one is heard", 3)


def test_multihop(topology, start_tandem):
    a, client = topology.a, topology.client
    far = start_tandem(client, vrrp_config(
        bfd("A", a.addr, extra=("multihop", "max_hops 1")),
        bfd("A1", a.addr)))
    near = start_tandem(a, vrrp_config(
        bfd("C", "10.99.0.2", extra=("multihop", "max_hops 1")),
        bfd("C1", "10.99.0.2")))
    wait_session(near, "C", "UP")
    wait_session(far, "A", "UP")
    # A single hop must be one.
    wait_until(lambda: session(near, "C1")["drops"].get("came from too far (TTL)"),
               "single hop packets over a router are dropped")
    assert session(near, "C1")["state"] == "DOWN"


def test_bfd_check_takes_a_server_out(topology, start_tandem):
    """The check follows the session, over the deaths of both roles."""
    a, s1 = topology.a, topology.servers[0]
    vip = Topology.VIP
    far = start_tandem(s1, vrrp_config(bfd("A", a.addr, multiplier=4)))
    service = (f"virtual_server {vip} 80 {{\n retry 3\n real_server {s1.addr} 80 {{\n"
               "  BFD_CHECK {\n   name S\n  }\n }\n}")
    tandem = start_tandem(a, vrrp_config(bfd("S", s1.addr, multiplier=4), service))

    def server():
        return tandem.real_server((vip, 80), s1.addr)

    def wait_server(state, deadline=5):
        wait_until(lambda: server()["state"] == state, f"the server is {state}", deadline, 0.02,
                   tandem.log_tail)

    wait_until(lambda: server()["checks"][0]["state"] == "up", "the check passes", 5)
    wait_server("up")
    far.kill()
    wait_server("down", 2)
    check = server()["checks"][0]
    assert (check["kind"], check["reason"]) == ("BFD_CHECK", "bfd-session-down")
    assert check["detail"] == "detection-time-expired"

    # Down is not forgotten by either role.
    tandem.signal_role("healthcheck", "KILL")
    wait_until(lambda: server()["checks"][0]["state"] == "down", "still down", 5)
    tandem.signal_role("vrrp", "KILL")
    wait_until(lambda: tandem.role("vrrp")["restarts"] == 1 and session(tandem, "S"), "back", 5)
    assert server()["state"] == "down"
    far.start()
    wait_server("up")

    # Nor is up: neither death takes the server out.
    log = len(tandem.log())
    for role in ("vrrp", "healthcheck"):
        before = tandem.role(role)["restarts"]
        tandem.signal_role(role, "KILL")
        wait_until(lambda role=role, before=before: tandem.role(role)["restarts"] > before and
                   server()["checks"][0]["state"] == "up", f"{role} is back", 5)
    wait_session(tandem, "S", "UP")
    assert server()["state"] == "up"
    assert "BFD_CHECK 10.77.0.21:80 S: up -> down" not in tandem.log()[log:]


def test_without_the_vrrp_role_a_bfd_check_says_so(topology, start_tandem):
    a, s1 = topology.a, topology.servers[0]
    service = (f"virtual_server {Topology.VIP} 80 {{\n real_server {s1.addr} 80 {{\n"
               "  BFD_CHECK {\n   name S\n  }\n }\n}")
    tandem = start_tandem(a, vrrp_config(bfd("S", s1.addr), service), options=["-C"],
                          wait=False)
    wait_until(lambda: any("BFD_CHECK waits for the vrrp role" in text
                           for text in tandem.status()["problems"]), "it says so", 5)
    wait_until(lambda: "warning: BFD_CHECK waits for the vrrp role" in tandem.log(),
               "it says so in the log", 6, detail=tandem.log_tail)
