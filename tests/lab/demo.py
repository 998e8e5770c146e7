#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The main job, shown: a director pair in the lab, and what clients notice.

    tests/lab/demo.py [--keep]

Prints a timeline (ms since the start) and a table; exits 0 only if every step
was seen. --keep leaves the pair running afterwards, with a shell to look
around. Where this kernel has no IPVS it runs in the user-mode kernel.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from tandemlab import (Prober, Topology, Tandem, guard, has_ipvs, uml, virtual_server,
                       vrrp_config, vrrp_instance, wait_until)
from tandemlab.directors import program

VIP = Topology.VIP
ADVERT_S = 0.1
PACE_S = 0.02
CHECK = ("HTTP_GET {\n    url {\n        path /health\n        status_code 200\n    }\n"
         "    connect_timeout 1\n    retry 0\n}")


class Show:
    """The timeline and the table."""

    def __init__(self):
        self._start = time.monotonic()
        self.rows = []

    def say(self, text, when=None):
        ms = ((when or time.monotonic()) - self._start) * 1000
        for line in text.splitlines():
            print(f"{ms:8.0f} ms  {line}", flush=True)

    def step(self, title, result, lost, good=True):
        self.say(f"{'seen' if good else 'NOT SEEN'}: {title}: {result}")
        print(flush=True)
        self.rows.append((title, result, lost, good))
        if not good:
            raise AssertionError(title)

    def table(self, steps):
        print(f"{'step':44} {'result':46} {'lost':>6}  seen")
        print("-" * 104)
        for title, result, lost, good in self.rows:
            print(f"{title:44} {result:46} {lost:>6}  {'yes' if good else 'NO'}")
        for _ in range(steps - len(self.rows)):
            print(f"{'(not reached)':44} {'':46} {'':>6}  NO")
        sys.stdout.flush()


class Demo:
    """Topology, pair, servers and a client that never stops asking."""

    STEPS = 8

    def __init__(self, directory, show):
        self.show = show
        self.topology = Topology(directory)
        topology = self.topology
        topology.prepare_servers("dr")
        for node in (topology.a, topology.b):
            # A connection that the other director began goes on through this
            # one: the scheduler below sends it to the same server.
            node.sysctl({"ipv4/vs/sloppy_tcp": 1})
        self.web = topology.start_web()
        self.b = Tandem(topology.b, self.config(100))
        self.a = Tandem(topology.a, self.config(150))
        self.prober = Prober(topology.client, VIP, interval=PACE_S, timeout=3.5)

    def config(self, priority, weight=None):
        servers = [node.addr for node in self.topology.servers]
        text = vrrp_config(
            vrrp_instance(priority=priority, advert=ADVERT_S, vips=[VIP]),
            virtual_server(VIP, servers=servers, forwarding="DR", scheduler="mh", check=CHECK,
                           extra=["mh-port"]), version=3)
        if weight is not None:
            head, mark, tail = text.rpartition("weight 1")
            text = f"{head}weight {weight}{tail}" if mark else text
        return text

    def run(self):
        for step in (self.elect, self.spread, self.kill_server, self.server_returns,
                     self.kill_active, self.planned_stop, self.bad_reload, self.good_reload):
            step()

    # Helpers

    def weights(self, director):
        service = director.node.ipvs().get(f"TCP {VIP}:80", {"servers": {}})
        return {name.partition(":")[0]: row["weight"]
                for name, row in service["servers"].items()}

    def active_servers(self, director):
        return sum(1 for weight in self.weights(director).values() if weight > 0)

    def lost_since(self, since):
        return len([row for row in self.prober.lost if row.start >= since])

    def settle(self, count=25):
        self.prober.wait_answers(count, 20)

    # Steps

    def elect(self):
        show = self.show
        begin = time.monotonic()
        self.b.start()
        self.a.start()
        show.say("both directors started: a with priority 150, b with 100")
        self.a.wait_address(VIP)
        self.b.wait_address(VIP, present=False)
        took = (time.monotonic() - begin) * 1000
        a, b = self.a.instance(), self.b.instance()
        show.say(f"a is {a['state']} ({a['reason']}), b is {b['state']} ({b['reason']})")
        for director in (self.a, self.b):
            wait_until(lambda d=director: self.active_servers(d) == 3, "all servers in the table",
                       10, 0.05, director.log_tail)
        show.say(f"ipvsadm on a: {self.weights(self.a)}")
        show.step("election", f"a has {VIP} after {took:.0f} ms", "-",
                  a["state"] == "ACTIVE" and b["state"] == "BACKUP")

    def spread(self):
        self.prober.start()
        begin = time.monotonic()
        self.settle(100)
        counts = self.prober.servers(begin)
        self.show.step("requests through the VIP", ", ".join(
            f"{name}: {n}" for name, n in sorted(counts.items())), self.lost_since(begin),
            len(counts) == 3 and not self.lost_since(begin))

    def kill_server(self):
        self.show.say("nginx on s2 is killed")
        begin = time.monotonic()
        self.web[1].kill()
        address = self.web[1].node.addr
        wait_until(lambda: not self.weights(self.a).get(address), "s2 is out", 15, 0.01,
                   self.a.log_tail)
        took = time.monotonic() - begin
        check = self.a.real_server((VIP, 80), address)["checks"][0]
        self.show.say(f"s2 is {check['state']}: {check['reason']}")
        lost = self.lost_since(begin)
        after = time.monotonic()
        self.settle()
        self.show.step("real server killed", f"out of the table after {took * 1000:.0f} ms", lost,
                       self.lost_since(after) == 0 and "s2" not in self.prober.servers(after))

    def server_returns(self):
        begin = time.monotonic()
        self.web[1].start()
        self.show.say("nginx on s2 is back")
        address = self.web[1].node.addr
        wait_until(lambda: self.weights(self.a).get(address), "s2 is in", 15, 0.01,
                   self.a.log_tail)
        took = time.monotonic() - begin
        wait_until(lambda: "s2" in self.prober.servers(begin + took), "s2 answers", 10, 0.05)
        self.show.step("real server back", f"in the table after {took * 1000:.0f} ms",
                       self.lost_since(begin), self.lost_since(begin) == 0)

    def kill_active(self):
        self.show.say("director a loses power: link down, every process killed")
        wait_until(lambda: self.active_servers(self.b) == 3, "b is ready", 10, 0.05)
        begin = time.monotonic()
        self.topology.cut(self.topology.a)
        self.a.kill()
        self.b.wait_address(VIP)
        took = time.monotonic() - begin
        self.b.wait_vrrp("ACTIVE")
        self.show.say(f"b is ACTIVE: {self.b.instance()['reason']}")
        self.settle(50)
        self.prober.settle_in_flight(begin + took)
        gap = self.prober.longest_gap(begin - 0.1)
        lost = self.lost_since(begin - 0.1)
        after = [row for row in self.prober.lost if row.start > begin + took + 0.1]
        self.show.step("active director dead",
                       f"VIP on b after {took * 1000:.0f} ms, gap {gap * 1000:.0f} ms", lost,
                       not after)
        self.topology.a.run("ipvsadm", "-C")
        self.topology.a.run("ip", "addr", "del", f"{VIP}/32", "dev", "eth0", check=False)
        self.topology.mend(self.topology.a)
        self.topology.a.ip("route replace default via 10.77.0.254")
        self.a.start()
        self.a.wait_vrrp("ACTIVE")
        wait_until(lambda: self.active_servers(self.a) == 3, "a is ready", 10, 0.05)
        self.show.say("a is started again and takes the VIP back")
        self.settle(50)

    def planned_stop(self):
        self.show.say("a is stopped as planned (SIGTERM)")
        begin = time.monotonic()
        status = self.a.stop(20)
        self.b.wait_address(VIP)
        took = time.monotonic() - begin
        self.b.wait_vrrp("ACTIVE")
        self.show.say(f"b is ACTIVE: {self.b.instance()['reason']}")
        self.settle(50)
        self.prober.settle_in_flight(begin + took)
        lost = self.lost_since(begin - 0.1)
        self.show.step("planned stop of the active", f"VIP on b after {took * 1000:.0f} ms", lost,
                       status == 0 and lost == 0)

    def bad_reload(self):
        good = self.config(100)
        before = (self.b.status()["generation"], self.weights(self.b))
        self.b.write(good.replace("advert_int", "advert_intt"))
        begin = time.monotonic()
        answer = self.b.ctl_raw("reload")
        refused = (answer.stderr + answer.stdout).strip()
        self.show.say(f"reload of a broken file:\n{refused}")
        line = next(i for i, text in enumerate(good.splitlines(), 1) if "advert_int" in text)
        self.settle()
        place = f"{self.b.conf.name}:{line}:"
        unchanged = before == (self.b.status()["generation"], self.weights(self.b))
        self.show.step("broken configuration reloaded", f"refused at {place}, nothing changed",
                       self.lost_since(begin), answer.returncode == 1 and place in refused
                       and unchanged and self.lost_since(begin) == 0)

    def good_reload(self):
        self.b.write(self.config(100, weight=3))
        plan = self.b.ctl_raw("plan")
        self.show.say(f"tandemctl plan:\n{plan.stdout.strip() or plan.stderr.strip()}")
        begin = time.monotonic()
        self.b.ctl("reload")
        address = self.topology.servers[2].addr
        wait_until(lambda: self.weights(self.b).get(address) == 3, "the new weight", 10, 0.05,
                   self.b.log_tail)
        weights = self.weights(self.b)
        self.settle()
        others = [weight for name, weight in weights.items() if name != address]
        self.show.step("good configuration reloaded", f"weight of s3 only: {weights[address]}",
                       self.lost_since(begin), plan.returncode == 0 and others == [1, 1]
                       and self.lost_since(begin) == 0)

    # Looking around

    def shell(self, directory):
        """A shell with a command for each machine, and ctl-a and ctl-b."""
        if not self.a.running:
            self.a.start()
        commands = pathlib.Path(directory) / "bin"
        commands.mkdir()
        for name, node in self.topology.nodes.items():
            self._command(commands / name, f"nsenter --net={node.path} --", shell=True)
        for director in (self.a, self.b):
            self._command(commands / f"ctl-{director.node.name}",
                          f"{program('tandemctl')} --runtime-dir {director.run_dir}")
        print("The pair is running. On each machine: a, b, client, router, s1, s2, s3 COMMAND\n"
              "(for instance: a ipvsadm -Ln, client curl http://10.77.0.100/); tandemctl of a\n"
              "and b: ctl-a status, ctl-b show vrrp. The end of this shell ends it all.",
              flush=True)
        command = ["sh", "-c", "stty sane 2>/dev/null; exec bash --norc -i"]
        console = None
        if os.environ.get("TANDEM_LAB_UML"):
            # Job control needs a terminal that is its session's, and the
            # console of a kernel is nobody's.
            console = os.open("/dev/tty0", os.O_RDWR)
            command = ["setsid", "--ctty", "--wait", *command]
        subprocess.run(command, check=False, stdin=console, stdout=console, stderr=console,
                       env={**os.environ, "PATH": f"{commands}:{os.environ['PATH']}",
                            "PS1": "demo# "})

    @staticmethod
    def _command(path, prefix, shell=False):
        rest = '"${@:-bash}"' if shell else '"$@"'
        path.write_text(f"#!/bin/bash\nexec {prefix} {rest}\n")
        path.chmod(0o755)

    def close(self):
        self.topology.close()


def demo(keep):
    show = Show()
    directory = tempfile.mkdtemp(prefix="tandemlab-demo-")
    guard.watch_dir(directory)
    os.chmod(directory, 0o755)
    status, made = 1, None
    try:
        show.say(f"kernel {os.uname().release}"
                 + (" (user-mode linux)" if os.environ.get("TANDEM_LAB_UML") else ""))
        made = Demo(directory, show)
        try:
            made.run()
            status = 0
        except (AssertionError, OSError, LookupError) as error:
            show.say(f"failed: {error}")
        print()
        show.table(Demo.STEPS)
        if keep:
            made.shell(directory)
    finally:
        if made is not None:
            made.close()
        shutil.rmtree(directory, ignore_errors=True)
        guard.stop_guard()
    return status


def main():
    parser = argparse.ArgumentParser(description="a director pair in the lab, shown")
    parser.add_argument("--keep", action="store_true", help="with a shell to look around")
    keep = parser.parse_args().keep
    if keep and not (os.isatty(0) and os.isatty(1)):
        parser.error("--keep needs a terminal for its shell")
    guard.end_on_signals()
    if has_ipvs() or os.environ.get("TANDEM_LAB_UML"):
        return demo(keep)
    print("This kernel has no IPVS: the demo runs in the user-mode kernel.", flush=True)
    env = {key: value for key, value in os.environ.items() if key == "TERM"}
    env["TANDEM_BUILD"] = str(program("tandemd").parent.parent)
    try:
        return uml.run([sys.executable, "-B", os.path.abspath(__file__), *sys.argv[1:]], env=env,
                       timeout=86400 if keep else 300, stdin=None if keep else subprocess.DEVNULL)
    except uml.UmlError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    finally:
        guard.stop_guard()


if __name__ == "__main__":
    sys.exit(main())
