# SPDX-License-Identifier: GPL-2.0-or-later
"""Reload is a transaction: refused, nothing changes; accepted, only the change."""

import json
import time

import pytest

from tandemlab import Capture, Topology, vrrp_config, vrrp_instance, wait_until

VIP, VIP2 = Topology.VIP, Topology.VIP2
ADVERT = 0.1


def config(priority=150, vips=(VIP,), blocks=(), **kwargs):
    return vrrp_config(vrrp_instance(priority=priority, advert=ADVERT, vips=vips, **kwargs),
                       *blocks, version=3)


@pytest.fixture
def active(topology, start_tandem):
    tandem = start_tandem(topology.a, config())
    tandem.wait_address(VIP)
    tandem.wait_vrrp("ACTIVE")
    return tandem


def line_of(tandem, text):
    return next(i for i, line in enumerate(tandem.conf.read_text().splitlines(), 1)
                if text in line)


class Untouched:
    """Nothing changes in here: no address event, no late advert, no new state."""

    def __init__(self, topology, tandem):
        self.topology, self.tandem = topology, tandem

    def __enter__(self):
        self.before = self.tandem.instance()
        self.roles = self.tandem.status()["roles"]
        self.watch = self.topology.a.watch_addresses()
        self.capture = Capture(self.topology.b)
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                self._check()
        finally:
            self.capture.close()
            self.watch.close()

    def _check(self):
        mine = {"source": self.topology.a.addr, "priority": 150}
        end = time.monotonic()
        wait_until(lambda: len([p for p in self.capture.vrrp(**mine) if p.time > end]) >= 5,
                   "five more adverts")
        times = [p.time for p in self.capture.vrrp(**mine)]
        assert max(b - a for a, b in zip(times, times[1:])) < 2 * ADVERT, "no advert gap"
        assert {p.priority for p in self.capture.vrrp()} == {150}
        assert not self.watch.removed(VIP)
        now = self.tandem.instance()
        assert now["state"] == self.before["state"]
        assert now["since"] == pytest.approx(self.before["since"], abs=0.05)
        pids = [role["pid"] for role in self.tandem.status()["roles"]]
        assert pids == [role["pid"] for role in self.roles]


BROKEN = {
    "brace": (lambda text: text.rstrip()[:-1], None),
    "unknown-keyword": (lambda text: text.replace("advert_int", "advert_intt"), "advert_intt"),
    "out-of-range": (lambda text: text.replace("priority 150", "priority 1500"), "1500"),
    "vrid-twice": (lambda text: text + vrrp_instance("VI_2", vrid=51, vips=(VIP2,)) + "\n",
                   None),
    "empty": (lambda text: "", None),
    "binary": (lambda text: "\x00\x01\x02\x7fELF" * 50, None),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_file_is_refused_and_nothing_changes(topology, active, name):
    change, word = BROKEN[name]
    generation = active.status()["generation"]
    with Untouched(topology, active):
        active.write(change(config()))
        refused = active.ctl_raw("reload")
        assert refused.returncode == 1
        text = refused.stderr + refused.stdout
        place = f"{active.conf}:{line_of(active, word)}:" if word else str(active.conf)
        assert place in text, "the place is named"
    status = active.status()
    assert status["generation"] == generation
    assert any("was refused" in text for text in status["problems"])
    # Mended, it is taken.
    active.write(config(vips=(VIP, VIP2)))
    active.ctl("reload")
    active.wait_address(VIP2)
    assert not any("was refused" in text for text in active.status()["problems"])


def test_sighup_with_a_broken_file_changes_nothing(topology, active):
    generation = active.status()["generation"]
    with Untouched(topology, active):
        active.write(config().replace("advert_int", "advert_intt"))
        active.reload()
        wait_until(lambda: "advert_intt" in active.log(), "the log names the mistake",
                   detail=active.log_tail)
    assert active.status()["generation"] == generation


@pytest.mark.parametrize("command", ["reload", "plan"])
def test_all_missing_interfaces_are_named_with_their_places(topology, active, command):
    generation = active.status()["generation"]
    with Untouched(topology, active):
        active.write(config(blocks=[
            vrrp_instance("VI_2", vrid=52, interface="gone1", vips=(VIP2,)),
            vrrp_instance("VI_3", vrid=53, interface="gone2", vips=("10.0.0.253",))]))
        refused = active.ctl_raw("--json", command)
        assert refused.returncode == 1
        found = json.loads(refused.stdout)["diagnostics"]
        assert [(one["line"], one["keyword"]) for one in found] == [
            (line_of(active, "gone1"), "interface"), (line_of(active, "gone2"), "interface")]
    assert active.status()["generation"] == generation


@pytest.mark.parametrize("command", ["reload", "plan"])
def test_a_refusal_reads_like_a_check_of_the_file(topology, active, command):
    active.write(config().replace("advert_int", "advert_intt"))
    checked = active.ctl_raw("check", str(active.conf)).stdout.splitlines()
    refused = active.ctl_raw(command)
    assert refused.returncode == 1
    assert any(line.strip() == "^~~~~~~~~~~" for line in checked)
    # Without the verdict and the reason, which come last.
    assert refused.stderr.splitlines()[:-1] == checked[:-1]


@pytest.mark.parametrize("how", ["reload", "SIGHUP"])
def test_unchanged_file_touches_nothing(topology, active, how):
    generation = active.status()["generation"]
    with Untouched(topology, active) as seen:
        if how == "reload":
            active.ctl("reload")
        else:
            active.reload()
        wait_until(lambda: active.status()["generation"] > generation, "the next generation")
        assert not seen.watch.events()


def test_added_address_appears_without_touching_the_old(topology, active):
    with Untouched(topology, active):
        active.write(config(vips=(VIP, VIP2)))
        active.ctl("reload")
        active.wait_address(VIP2, deadline=2)
    assert set(active.instance()["addresses"]) >= {VIP, VIP2} or \
        {text.split("/")[0] for text in active.instance()["addresses"]} == {VIP, VIP2}
    with Untouched(topology, active):
        active.write(config())
        active.ctl("reload")
        active.wait_address(VIP2, present=False, deadline=2)


def test_added_instance_runs_and_a_removed_one_is_cleaned_up(topology, active):
    second = vrrp_instance("VI_2", vrid=52, priority=150, advert=ADVERT, vips=(VIP2,))
    with Untouched(topology, active) as seen:
        active.write(config(blocks=[second]))
        active.ctl("reload")
        active.wait_address(VIP2)
        assert not seen.capture.vrrp(vrid=52, priority=0)
    active.write(config())
    with Capture(topology.b) as capture:
        active.ctl("reload")
        active.wait_address(VIP2, present=False)
        wait_until(lambda: capture.vrrp(vrid=52, priority=0), "VI_2 resigned")
    assert topology.a.has_address(VIP)
    assert [row["name"] for row in active.status()["vrrp"]] == ["VI_1"]


def test_changed_priority_is_sent_without_a_state_change(topology, active):
    since = active.instance()["since"]
    with topology.a.watch_addresses() as watch, Capture(topology.b) as capture:
        active.write(config(priority=120))
        active.ctl("reload")
        wait_until(lambda: capture.vrrp(priority=120), "the new priority on the wire")
        assert not watch.removed(VIP) and not capture.vrrp(priority=0)
    assert active.instance()["since"] == pytest.approx(since, abs=0.05)


def test_plan_says_what_would_change_and_changes_nothing(topology, active):
    generation = active.status()["generation"]
    other = topology.dir / "other.conf"
    other.write_text(config(vips=(VIP, VIP2)))
    with Untouched(topology, active) as seen:
        plan = active.ctl_raw("plan", str(other))
        assert plan.returncode == 0, plan.stderr
        assert VIP2 in plan.stdout
        assert not seen.watch.events()
    assert active.status()["generation"] == generation
    assert not topology.a.has_address(VIP2)


def test_many_reloads_in_a_row_end_with_the_last(topology, active):
    """Ten SIGHUPs and changes on end: adverts go on, the last text counts."""
    with Untouched(topology, active):
        for i in range(10):
            active.write(config(vips=(VIP, f"10.77.0.{200 + i}")))
            active.reload()
        active.wait_address("10.77.0.209")
        wait_until(lambda: not any(topology.a.has_address(f"10.77.0.{200 + i}")
                                   for i in range(9)), "only the last one is there")
