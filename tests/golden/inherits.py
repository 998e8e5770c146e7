#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What `show config --defaults` calls inherited is.

Found out by experiment for each keyword that has the name of one in a block
around it, or in global_defs: the outer one is set to one value and to another.
When the inner value follows, it has to be called inherited from there, else
never, not even when the outer one is set to what the inner value is anyway.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

OPENINGS = {"virtual_server": "virtual_server 192.0.2.1 80", "vrrp_instance": "vrrp_instance V",
            "real_server": "real_server 192.0.2.11 80", "vrrp_sync_group": "vrrp_sync_group G"}
INSTANCE = ["interface eth0", "virtual_router_id 51", "virtual_ipaddress { 192.0.2.51/24 }"]
NEEDS = {"vrrp_instance": INSTANCE, "vrrp_sync_group": ["group { V }"],
         "garp_group": ["interface eth0"], "HTTP_GET": ["url { path / }"],
         "virtual_server": ["lb_algo rr", "lb_kind NAT", "protocol TCP"],
         "SSL_GET": ["url { path / }"], "url": ["path /"], "MISC_CHECK": ["misc_path /bin/true"],
         "BFD_CHECK": ["name B"], "FILE_CHECK": ["track_file F"], "DNS_CHECK": ["name a.example"]}
OTHERS = ["track_file F {", "file /run/f", "}", "bfd_instance B {", "neighbor_ip 192.0.2.9", "}"]
# Global keywords that say it for some kinds of blocks by another name.
OF_KINDS = {"smtp_alert": ("smtp_alert_vrrp", "smtp_alert_checker")}


def pairs():
    """(path of an inner keyword, path of the outer one, description of the outer one)"""
    done = subprocess.run(["ctl/tandemctl", "--json", "keywords"], check=True, text=True,
                          capture_output=True)
    root = json.loads(done.stdout)
    defs = next(c for c in root["children"] if c["keyword"] == "global_defs")
    globals_ = {c["keyword"]: c for c in defs["children"]}

    def walk(node, path, around):
        for child in node["children"]:
            name = child["keyword"]
            if child.get("children"):
                if name != "global_defs":
                    yield from walk(child, (*path, name), [*around, ((*path, name), child)])
            elif path and child["type"] not in ("block", "list") and child["supported"]:
                for outer_path, outer in around[:-1]:
                    for other in outer["children"]:
                        if other["keyword"] == name:
                            yield (*path, name), (*outer_path, name), other
                for other in (f"vrrp_{name}", f"checker_{name}", name, *OF_KINDS.get(name, ())):
                    if other in globals_:
                        yield (*path, name), ("global_defs", other), globals_[other]

    return walk(root, (), [])


def values(outer):
    """Two that the keyword takes; None = left out."""
    kind = outer["type"]
    if kind == "flag":
        return "", None
    if kind in ("int", "time"):
        return (str(outer.get("minimum", 0) + 1), str(outer.get("minimum", 0) + 2))
    if kind == "bool" or outer.get("arguments") == "[BOOL]" or "on" in outer.get("choices", ()):
        return "on", "off"
    if kind == "enum":
        return outer["choices"][:2]
    if kind == "address":
        return "192.0.2.7", "192.0.2.8"
    return {"lvs_method": ("DR", "TUN"), "weight": ("2", "3")}.get(outer["keyword"], ("20", "30"))


def config(inner, outer, value):
    """Without the inner keyword, the outer one with VALUE."""
    line = [] if value is None else [f"{outer[-1]} {value}"]
    lines = ["global_defs {", *line, "}"] if outer[0] == "global_defs" else []
    path = inner[:-1]
    for i, block in enumerate(path):
        lines.append(OPENINGS.get(block, block) + " {")
        lines += [need for need in NEEDS.get(block, ()) if need.split()[0] not in
                  (outer[-1], inner[-1], *path[i + 1:])]
        if outer[:-1] == path[:i + 1]:
            lines += line
    lines += ["}"] * len(path)
    if "virtual_server" == path[-1]:
        lines.insert(-1, "real_server 192.0.2.11 80 {\n}")
    if path[0] != "vrrp_instance":
        lines += ["vrrp_instance V {", *INSTANCE, "}"]
    return "\n".join(lines + OTHERS) + "\n"


def shown(directory, inner, outer, value):
    """(value, what it is inherited from) of the inner keyword; the value None = no line."""
    file = pathlib.Path(directory, "case.conf")
    file.write_text(config(inner, outer, value))
    done = subprocess.run(["ctl/tandemctl", "--json", "--lenient", "show", "config", "--defaults",
                           file], text=True, capture_output=True, check=True)
    rows = json.loads(done.stdout)["config"]
    for block in inner[:-1]:
        rows = next(row["children"] for row in rows if row["keyword"] == block)
    for row in rows:
        if row["keyword"] == inner[-1]:
            return row.get("value"), row.get("from", {}).get("keyword")
    return None, None


def problem_of(directory, inner, outer, description):
    results = [shown(directory, inner, outer, value) for value in values(description)]
    told = [source for _, source in results]
    if results[0][0] != results[1][0]:
        return None if outer[-1] in told else "follows, but is not called inherited"
    if any(told):
        return "does not follow, but is called inherited"
    same = results[0][0]
    if isinstance(same, bool):
        same = "on" if same else "off"
    if same is not None and shown(directory, inner, outer, same)[1]:
        return f"does not follow, but is called inherited when both are {same}"
    return None


def main():
    count = 0
    failed = 0
    with tempfile.TemporaryDirectory() as directory:
        for inner, outer, description in pairs():
            count += 1
            problem = problem_of(directory, inner, outer, description)
            if problem:
                failed += 1
                print(f"{' '.join(inner)}, from {' '.join(outer)}: {problem}")
    print(f"{count} pairs of keywords, {failed} problems")
    return 1 if failed or count < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
