# SPDX-License-Identifier: GPL-2.0-or-later
"""A configuration means to Tandem what it means to keepalived.

Generated vrrp_instances, with what they set, inherit from global_defs and leave
to defaults: the state that keepalived dumps at SIGUSR1, field by field, against
what `tandemctl show config --defaults` says.
"""

import json
import os
import random
import re
import signal
import subprocess
import time

import pytest

from tandemlab.directors import build_dir
from tandemlab.tools import SOURCE_DIR

TANDEMCTL = build_dir() / "ctl" / "tandemctl"

# Words of global_defs and of vrrp_instance, with values to choose from.
GLOBALS = {
    "vrrp_version": (2, 3),
    "vrrp_garp_master_delay": (0, 1, 5, 17),
    "vrrp_garp_master_repeat": (1, 3, 5),
    "vrrp_garp_master_refresh": (0, 30, 600),
    "vrrp_garp_master_refresh_repeat": (1, 2),
    "vrrp_garp_lower_prio_delay": (0, 2, 9),
    "vrrp_garp_lower_prio_repeat": (1, 4),
    "vrrp_lower_prio_no_advert": ("", "true", "false"),
    "vrrp_higher_prio_send_advert": ("", "true", "false"),
    "vrrp_down_timer_adverts": (1, 3, 10),
    "vrrp_mcast_group4": ("224.0.0.18", "224.0.0.99"),
    "vrrp_strict": ("", "false"),
}
INSTANCE = {
    "state": ("MASTER", "BACKUP"),
    "priority": (1, 50, 100, 254, 255),
    "version": (2, 3),
    "advert_int": (1, 2, 30),
    "garp_master_delay": (0, 3, 5),
    "garp_master_repeat": (1, 2, 7),
    "garp_master_refresh": (0, 60),
    "garp_master_refresh_repeat": (1, 3),
    "garp_lower_prio_delay": (0, 8),
    "garp_lower_prio_repeat": (1, 6),
    "lower_prio_no_advert": ("true", "false"),
    "higher_prio_send_advert": ("true", "false"),
    "down_timer_adverts": (2, 5),
    "mcast_dst_ip": ("224.0.0.77",),
    "nopreempt": ("",),
    "strict_mode": ("true", "false"),
    "accept": ("",),
}
COUNT = 25


def some(words, chance, rng):
    return [f"    {word} {rng.choice(values)}".rstrip()
            for word, values in words.items() if rng.random() < chance]


def generate(seed):
    rng = random.Random(seed)
    lines = ["global_defs {", *some(GLOBALS, 0.5, rng), "}"]
    for n in range(1, COUNT + 1):
        lines += [f"vrrp_instance V{n} {{", "    interface eth0", f"    virtual_router_id {n}",
                  *some(INSTANCE, 0.35, rng),
                  f"    virtual_ipaddress {{\n        10.7.{n}.1/24\n    }}", "}"]
    return "\n".join(lines) + "\n"


def shown(path):
    """The configuration's statements, with what the file leaves out."""
    text = subprocess.run([TANDEMCTL, "--json", "--defaults", "show", "config", path], check=True,
                          capture_output=True, text=True).stdout
    return json.loads(text)["config"]


def blocks(statements, *keywords):
    return [one for one in statements if one["keyword"] in keywords and "children" in one]


def plain(statement):
    """A value as text: times in microseconds, switches as 1 and 0."""
    value = statement["value"]
    if value is None:
        return "-"
    if isinstance(value, bool):
        return str(int(value))
    if statement.get("unit") == "seconds":
        return str(round(value * 10**6))
    return {"on": "1", "off": "0"}.get(value, str(value))


def words(block):
    return {one["keyword"]: plain(one) for one in block["children"] if "value" in one}


def bound_instances(path):
    """What holds for each instance."""
    return [words(block) for block in blocks(shown(path), "vrrp_instance")]


def dump_of_keepalived(path, directory):
    """The text that keepalived writes at SIGUSR1."""
    script = ("ip link set lo up; ip link add eth0 type bridge; ip link set eth0 up; "
              "ip addr add 10.7.0.9/16 dev eth0; exec \"$@\"")
    args = ["keepalived", "-P", "-n", "-l", "-f", path, *(
        word for option in ("p", "r", "c") for word in (f"-{option}", directory / option))]
    with open(directory / "log", "wb") as log:
        child = subprocess.Popen(["unshare", "-n", "sh", "-ec", script, "-", *map(str, args)],
                                 stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                 env={**os.environ, "TMPDIR": str(directory)})
    try:
        end = time.monotonic() + 20
        dump = directory / "keepalived.data"
        while time.monotonic() < end:
            time.sleep(0.3)
            if (directory / "r").exists():
                child.send_signal(signal.SIGUSR1)
            if dump.exists() and "VRRP Sockpool" in dump.read_text(errors="replace"):
                return dump.read_text(errors="replace")
        raise AssertionError((directory / "log").read_text())
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(20)


def parse_dump(text):
    """Instance name -> its lines 'FIELD = VALUE'."""
    found = {}
    topology = text.split("------< VRRP Topology >------", 1)[1].split("------<", 1)[0]
    for part in topology.split(" VRRP Instance = ")[1:]:
        name, _, rest = part.partition("\n")
        found[name.strip()] = dict(
            line.strip().split(" = ", 1) for line in rest.splitlines() if " = " in line)
        multicast = re.search(r"Multicast address (\S+)", rest)
        found[name.strip()]["Multicast address"] = multicast.group(1) if multicast else ""
    return found


def micro(value):
    """'1 sec', '500 milli-sec' in microseconds."""
    number, _, unit = value.partition(" ")
    return str(int(float(number) * (1000 if unit.startswith("milli") else 10**6)))


def seconds(value):
    return str(int(float(value.split()[0]) * 10**6))


def truth(value):
    return "1" if value == "true" else "0"


def untruth(value):
    return "0" if value == "true" else "1"


# keepalived's field, Tandem's keyword, how the one becomes the other.
FIELDS = (
    ("VRRP Version", "version", str),
    ("Virtual Router ID", "virtual_router_id", str),
    ("Priority", "priority", str),
    ("Interface", "interface", str),
    ("Advert interval", "advert_int", micro),
    ("Gratuitous ARP delay", "garp_master_delay", seconds),
    ("Gratuitous ARP repeat", "garp_master_repeat", str),
    ("Gratuitous ARP refresh", "garp_master_refresh", seconds),
    ("Gratuitous ARP refresh repeat", "garp_master_refresh_repeat", str),
    ("Gratuitous ARP lower priority delay", "garp_lower_prio_delay", seconds),
    ("Gratuitous ARP lower priority repeat", "garp_lower_prio_repeat", str),
    ("Down timer adverts", "down_timer_adverts", str),
    ("Send advert after receive lower priority advert", "lower_prio_no_advert", untruth),
    ("Send advert after receive higher priority advert", "higher_prio_send_advert", truth),
    ("Preempt", "nopreempt", lambda value: "0" if value == "enabled" else "1"),
    ("Multicast address", "mcast_dst_ip", str),
    ("Accept", "no_accept", lambda value: "0" if value == "enabled" else "1"),
)


@pytest.mark.parametrize("seed", range(4))
def test_instances_mean_the_same(seed, tmp_path):
    path = tmp_path / "pair.conf"
    path.write_text(generate(seed))
    theirs = parse_dump(dump_of_keepalived(path, tmp_path))
    mine = bound_instances(path)
    assert len(theirs) == len(mine) == COUNT
    wrong = []
    for n, bound in enumerate(mine, 1):
        said = theirs[f"V{n}"]
        for field, keyword, convert in FIELDS:
            if convert(said[field]) != bound[keyword]:
                wrong.append(f"V{n} {keyword}: {bound[keyword]}, keepalived: {field} = "
                             f"{said[field]}")
    assert not wrong, "\n".join(wrong) + "\n" + path.read_text()


# --- services: what the checker process dumps needs a kernel with IPVS ---

SERVICE = {
    "delay_loop": (3, 0.5, 60),
    "retry": (1, 4),
    "delay_before_retry": (1, 2.5),
    "warmup": (0, 7),
    "connect_timeout": (1, 1.5),
    "weight": (1, 9),
    "alpha": ("",),
    "omega": ("",),
    "quorum": (1,),
    "hysteresis": (0,),
    "inhibit_on_failure": ("",),
    "persistence_timeout": ("", 60),
    "persistence_granularity": ("255.255.0.0",),
    "ops": ("",),
}
SERVER = {
    "weight": (1, 30),
    "inhibit_on_failure": ("", "false"),
    "alpha": ("", "no"),
    "retry": (1, 2),
    "delay_before_retry": (3, 0.25),
    "warmup": (0, 4),
    "connect_timeout": (2,),
    "delay_loop": (8,),
    "uthreshold": (0, 500),
    "lvs_method": ("DR", "TUN", "NAT"),
}
CHECK = {
    "retry": (0, 5),
    "delay_before_retry": (2,),
    "warmup": (0, 6),
    "connect_timeout": (4,),
    "delay_loop": (9,),
    "alpha": ("", "no"),
    "log_all_failures": ("", "no"),
}
# What a check cannot do without, and what it does not have.
KINDS = {
    "TCP_CHECK": ((), ()),
    "HTTP_GET": (("url {", "path /", "}"), ()),
    "SSL_GET": (("url {", "path /", "}"), ()),
    "SMTP_CHECK": ((), ()),
    "DNS_CHECK": (("name example.org",), ()),
    "UDP_CHECK": ((), ()),
    "PING_CHECK": ((), ()),
    "MISC_CHECK": (("misc_path /bin/true",), ("connect_timeout",)),
}
SERVICES = 48


def generate_services(seed):
    rng = random.Random(seed)
    lines = []
    for n in range(1, SERVICES + 1):
        kind = list(KINDS)[n % len(KINDS)]
        needs, lacks = KINDS[kind]
        check = {word: values for word, values in CHECK.items() if word not in lacks}
        lines += [f"virtual_server 10.8.0.{n} 80 {{",
                  f"lb_algo {rng.choice(('rr', 'wrr', 'wlc'))}",
                  f"lb_kind {rng.choice(('NAT', 'DR'))}", "protocol TCP",
                  *some(SERVICE, 0.4, rng), f"real_server 10.9.0.{n} 80 {{",
                  *some(SERVER, 0.3, rng), f"{kind} {{", *some(check, 0.3, rng), *needs,
                  "}", "}", "}"]
    return "\n".join(lines) + "\n"


def bound_services(path):
    """For each service: its words, its server's and its check's."""
    for service in blocks(shown(path), "virtual_server"):
        (server,) = blocks(service["children"], "real_server")
        (check,) = blocks(server["children"], *KINDS)
        yield words(service), words(server), words(check)


def said_of_services(text):
    """The same of keepalived's dump."""
    topology, checkers = text.split("------< LVS Topology >------", 1)[1].split(
        "------< Health checkers >------", 1)
    checks = re.split(r"^ \[.*\] -> \[.*\n", checkers.split("\n------<")[0], flags=re.M)[1:]
    if not checks:
        checks = re.split(r"^ \S+ -> \S+\n", checkers, flags=re.M)[1:]
    for block, check in zip(topology.split("------< Virtual server >------")[1:], checks):
        yield (*block.split("------< Real server >------"), check)


def on(text, label):
    return "1" if re.search(rf"{label} is ON", text) else "0"


def value(text, label):
    """The value behind label; None where keepalived does not say it."""
    found = re.search(rf"{label} = (\S+)", text)
    return found.group(1).rstrip(",") if found else None


def micros(text, label):
    found = value(text, label)
    return found and seconds(found)


def yes(text, label):
    return {"yes": "1", "no": "0"}[value(text, label)]


def compare_service(bound, said):
    """(keyword, mine, keepalived's) of what differs."""
    service, server, check = bound
    vs, rs, chk = said
    quorum = re.search(r"quorum = (\d+), hysteresis = (\d+)", vs)
    limits = re.search(r"connection limit range = (\d+) -> (\d+)", rs)
    rows = (
        ("virtual_server lb_algo", service["lb_algo"], value(vs, "lvs_sched")),
        ("virtual_server lb_kind", service["lb_kind"], value(vs, "default forwarding method")),
        ("virtual_server protocol", service["protocol"], value(vs, "protocol")),
        ("virtual_server persistence_timeout", service["persistence_timeout"],
         value(vs, "persistence timeout") or "-"),
        ("virtual_server ops", service["ops"],
         {"enabled": "1", "disabled": "0"}[value(vs, "One packet scheduling")]),
        ("virtual_server delay_loop", service["delay_loop"], micros(vs, "delay_loop")),
        ("virtual_server connect_timeout", service["connect_timeout"],
         micros(vs, "connection timeout")),
        ("virtual_server alpha", service["alpha"], on(vs, "alpha")),
        ("virtual_server omega", service["omega"], on(vs, "omega")),
        ("virtual_server quorum", service["quorum"], quorum.group(1)),
        ("virtual_server hysteresis", service["hysteresis"], quorum.group(2)),
        ("virtual_server inhibit_on_failure", service["inhibit_on_failure"],
         on(vs, "Inhibit on failure")),
        ("virtual_server smtp_alert", service["smtp_alert"],
         yes(vs, "Using smtp notification")),
        ("real_server smtp_alert", server["smtp_alert"], yes(rs, "Using smtp notification")),
        ("real_server weight", server["weight"], value(rs, "initial weight")),
        ("real_server lvs_method", server["lvs_method"], value(rs, "forwarding method")),
        ("real_server alpha", server["alpha"], on(rs, "Alpha")),
        ("real_server inhibit_on_failure", server["inhibit_on_failure"],
         on(rs, "Inhibit on failure")),
        ("real_server uthreshold", server["uthreshold"], max(limits.groups(), key=int)),
        ("real_server delay_loop", server["delay_loop"], micros(rs, "Delay loop")),
        ("real_server connect_timeout", server["connect_timeout"],
         micros(rs, "connection timeout")),
        ("check delay_loop", check["delay_loop"], value(chk, "Delay loop")),
        ("check warmup", check["warmup"], value(chk, "Warmup")),
        ("check retry", check["retry"], value(chk, "Retries")),
        ("check delay_before_retry", check["delay_before_retry"],
         value(chk, "Delay before retry")),
        ("check alpha", check["alpha"], yes(chk, "Alpha")),
        ("check log_all_failures", check["log_all_failures"], yes(chk, "Log all failures")),
        ("check connect_timeout", check.get("connect_timeout"), micros(chk, "Timeout")),
    )
    # Without retries keepalived has no time before them, and MISC_CHECK connects to nothing.
    return [row for row in rows if row[2] is not None and row[1] != row[2]]


DUMP_IN_UML = """
ip link set lo up; mkdir -p /run/k; cd /run/k
TMPDIR=/run/k keepalived -C -n -l -p /run/k/p -r /run/k/v -c /run/k/c -f {path} >log 2>&1 &
for i in $(seq 200); do [ -s keepalived_check.data ] && break
    [ -e c ] && kill -USR1 $!; sleep 0.3; done
sleep 1; kill $!; wait $!; echo THE DUMP; cat keepalived_check.data; echo THE END
"""


def test_services_mean_the_same(tmp_path):
    path = tmp_path / "services.conf"
    path.write_text(generate_services(1))
    script = DUMP_IN_UML.format(path=path)
    uml = SOURCE_DIR / "tandemlab" / "uml.py"
    done = subprocess.run(["/usr/bin/python3", "-B", uml, "-t", "90", "--", "bash", "-c", script],
                          capture_output=True, text=True, timeout=150, stdin=subprocess.DEVNULL)
    dump = re.search("^THE DUMP\n(.*?)^THE END", done.stdout.replace("\r", ""), re.S | re.M)
    assert dump, done.stdout + done.stderr
    theirs = list(said_of_services(dump.group(1)))
    mine = list(bound_services(path))
    assert len(theirs) == len(mine) == SERVICES
    wrong = [f"service {n} {row}" for n, (bound, said) in enumerate(zip(mine, theirs), 1)
             for row in compare_service(bound, said)]
    assert not wrong, "\n".join(wrong) + "\n" + path.read_text()
