#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is said about every keyword, and about the mistakes that people make.

The cases are made from the keyword tables (build directory: ctl/language-tables
and tests/golden/check-cases), one golden file for each block in
tests/golden/keywords, and from tests/golden/mistakes.txt.

  goldens.py check    compares, exit 1 when something differs
  goldens.py update   writes what is said now; read it before you commit it
  goldens.py cases    prints the cases as JSON, for comparisons with keepalived
  goldens.py examples reads the example of each keyword where it belongs, exit 1
                      when one is not good, or a keyword has no text
"""

import difflib
import json
import os
import pathlib
import subprocess
import sys

GOLDEN = pathlib.Path(os.environ.get("srcdir", "."), "tests", "golden").resolve()

# A good configuration around a block: LINES stands for what is tried.  Words
# in it that are tried themselves are left out.
INSTANCE = ["interface eth0", "virtual_router_id 51", "virtual_ipaddress { 192.0.2.51/24 }"]
SERVICE = ["lb_algo rr", "lb_kind NAT", "protocol TCP"]
SURROUNDINGS = {
    "vrrp_instance": (["vrrp_instance V {", *INSTANCE, "LINES", "}"]),
    "vrrp_sync_group": (["vrrp_sync_group G {", "group { V }", "LINES", "}",
                         "vrrp_instance V {", *INSTANCE, "}"]),
    "vrrp_script": (["global_defs {", "enable_script_security", "script_user root", "}",
                     "vrrp_script S {", "script /bin/true", "LINES", "}"]),
    "vrrp_track_process": (["vrrp_track_process P {", "process sh", "LINES", "}"]),
    "track_file": (["track_file F {", "file /run/f", "LINES", "}"]),
    "vrrp_track_file": (["vrrp_track_file F {", "file /run/f", "LINES", "}"]),
    "bfd_instance": (["bfd_instance B {", "neighbor_ip 192.0.2.9", "LINES", "}"]),
    "virtual_server": (["virtual_server 192.0.2.1 80 {", *SERVICE, "LINES",
                        "real_server 192.0.2.11 80 {", "}", "}"]),
    "virtual_server_group": (["virtual_server_group G {", "LINES", "}"]),
    "virtual_server real_server": (["virtual_server 192.0.2.1 80 {", *SERVICE,
                                    "real_server 192.0.2.11 80 {", "LINES", "}", "}"]),
}
INSIDE = {
    "track_group": ["group { VI_1 }"],  # what a nested block needs besides
    "MISC_CHECK": ["misc_path /bin/true"],
    "HTTP_GET": ["url { path / }"],
    "SSL_GET": ["url { path / }"],
    "url": ["path /"],
    "BFD_CHECK": ["name B"],
    "FILE_CHECK": ["track_file F"],
    "authentication": ["auth_type PASS", "auth_pass secret"],
}
BLOCK_LINE = {"url": "url", "host": "host"}
ARGUMENTS = {"NAME": "name", "INTERFACE": "eth0", "ADDRESS": "192.0.2.7", "PATH": "/run/path",
             "COMMAND": "/bin/true", "SECONDS": "1", "PASSWORD": "secret", "N": "1",
             "NUMBER": "1", "HEX": "00ff"}


def read_tables():
    """Rows of ctl/language-tables: dicts with the path as a tuple."""
    text = subprocess.run(["ctl/language-tables", "tables"], check=True, text=True,
                          capture_output=True).stdout
    names = ("path", "type", "flags", "min", "max", "default", "args", "values", "example")
    rows = [dict(zip(names, line.split("\t"))) for line in text.splitlines()]
    for row in rows:
        row["path"] = tuple(row["path"].split(" "))
        row["min"], row["max"] = int(row["min"]), int(row["max"])
        row["values"] = row["values"].split()
        row["flags"] = row["flags"].split()
    return rows


def seconds(micro):
    text = f"{'-' if micro < 0 else ''}{abs(micro) // 10**6}.{abs(micro) % 10**6:06}"
    return text.rstrip("0").rstrip(".")


def numbers(row, show, step):
    """Values of a number: the limits, beyond them, no number."""
    low, high = row["min"], row["max"]
    if not low and not high:
        return ["0", "1", "-1"]
    values = [show(low), show(high)]
    values += [show(low - step)]
    if high < 2**62:
        values += [show(high + step)]
    return values


def values_of(row):
    """What is tried behind the keyword."""
    optional = "optional" in row["flags"]
    kind = row["type"]
    if kind == "flag":
        return ["", "word"]
    if kind == "bool":
        return ["", "on", "off", "yes", "no", "true", "false", "maybe", "On"]
    if kind == "int":
        return ["", *numbers(row, str, 1), "word", "1.5", "1 word"]
    if kind == "time":
        return ["", *numbers(row, seconds, 1000), "word", "1s", "1 word"]
    if kind == "enum":
        return ["", *row["values"], "nothing", row["values"][0].swapcase()] if row["values"] \
            else ["", "word"]
    if kind == "address":
        return ["", "192.0.2.7", "2001:db8::7", "192.0.2.256", "192.0.2.7/24", "name"]
    if kind == "script":
        return ["", "/bin/true", "\"/bin/true with arguments\"", "/bin/true root",
                "/no/such/script", "\"/bin/true"]
    if kind == "string":
        words = ["", "word", "\"two words\"", "two words"]
        return words + [""] if optional else words
    return [""]


def statement(row, value):
    return f"{row['path'][-1]} {value}".rstrip()


def opening(name, args):
    """A line that opens a block, with arguments that are likely good."""
    words = [ARGUMENTS.get(word, "") for word in args.split() if word.isupper()][:1]
    return " ".join(filter(None, [name, *words])) + " {"


def statements_of(row):
    name = row["path"][-1]
    if row["type"] in ("block", "list"):
        open_line = row["example"] if row["example"].endswith("{") else opening(name, row["args"])
        return [f"{open_line} }}", name]
    if row["type"] == "custom":
        some = [row["example"]] if row["example"] else []
        return [*some, name, f"{name} word"]
    return list(dict.fromkeys(statement(row, value) for value in values_of(row)))


def around(path, line):
    """The configuration with LINE in the block PATH, and LINE's number."""
    inner = list(path)
    lines = None
    wrap = []
    while inner and " ".join(inner) not in SURROUNDINGS:
        wrap.insert(0, inner.pop())
    if inner:
        lines = list(SURROUNDINGS[" ".join(inner)])
    else:
        lines = ["LINES"]
    at = lines.index("LINES")
    word = line.split()[0] if line.split() else ""
    core = [line]
    for block in reversed(wrap):
        core = [f"{BLOCK_LINE.get(block, block)} {{",
                *(need for need in INSIDE.get(block, []) if need.split()[0] != word), *core, "}"]
    lines[at:at + 1] = core
    if not wrap:
        # A line of the surroundings that sets the same would be a second one.
        lines = [have for have in lines if have is line or have.split()[0] != word
                 or have.endswith("{")]
    if not any(have.startswith(("vrrp_instance", "virtual_server ")) for have in lines):
        lines += ["vrrp_instance V {", *INSTANCE, "}"]
    number = next(i for i, have in enumerate(lines) if have is line)
    return "\n".join(["# a case", *lines]) + "\n", number + 2


def make_cases():
    """File name -> list of (title, text, line)."""
    files = {}
    for row in read_tables():
        block = row["path"][:-1]
        cases = files.setdefault("_".join(block) or "root", [])
        for line in statements_of(row):
            cases.append((line, *around(block, line)))
        # In a block where it does not belong.
        line = statements_of(row)[0]
        if block:
            cases.append((f"{line}   (outside)", *around((), line)))
        else:
            cases.append((f"{line}   (in 'vrrp_script')", around(("vrrp_script",), line)[0], 0))
    return files


def said(cases):
    text = "".join(f"== {title}\t{line}\n{config}" for title, config, line in cases)
    return subprocess.run(["tests/golden/check-cases"], check=True, text=True, input=text,
                          capture_output=True).stdout


def read_mistakes():
    """Cases of mistakes.txt: the good file, then pairs of texts."""
    good, *rest = (GOLDEN / "mistakes.txt").read_text().split("\n%%\n")
    cases = []
    for entry in rest:
        wanted, _, instead = entry.partition("\n=>\n")
        title = f"--- {wanted!r} => {instead!r}" if wanted else f"--- {instead!r}"
        if wanted and wanted not in good:
            sys.exit(f"mistakes.txt: {wanted!r} is not in the good file")
        cases.append((title, good.replace(wanted, instead, 1) if wanted else instead, 0))
    return [("--- the good file", good, 0), *cases]


def outputs():
    for name, cases in make_cases().items():
        yield GOLDEN / "keywords" / f"{name}.txt", said(cases)
    yield GOLDEN / "mistakes.expected", said(read_mistakes())


def check():
    failed = 0
    for path, text in outputs():
        old = path.read_text() if path.exists() else ""
        if old == text:
            continue
        failed += 1
        sys.stdout.writelines(difflib.unified_diff(
            old.splitlines(True), text.splitlines(True), str(path), "now", n=1))
    if failed:
        print(f"{failed} files differ: read the difference, then make update-goldens")
    return 1 if failed else 0


def update():
    (GOLDEN / "keywords").mkdir(exist_ok=True)
    for path in (GOLDEN / "keywords").glob("*.txt"):
        path.unlink()
    for path, text in outputs():
        path.write_text(text)
    return 0


# What may be said of a good line: that the keyword itself does nothing here, or
# not alone, or that there is not what the example names, as a script or another
# block.
EXPECTED = ("not supported yet: it has no effect", "this has no effect", "deprecated",
            "no effect without ", "is of long-gone kernels", "there is no ", "cannot read the secret in '",
            "cannot read '/etc/tandem/client", "cannot read CA file '/etc/ssl/certs/internal-ca.pem'")
# What an example may refer to; each is there unless the example makes it.
REFERRED = {
    "vrrp_script name": ["script /bin/true"],
    "vrrp_track_process name": ["process sh"],
    "track_file name": ["file /run/f"],
    "bfd_instance name": ["neighbor_ip 192.0.2.9"],
    "vrrp_instance VI_1": ["interface eth0", "virtual_router_id 52",
                           "virtual_ipaddress { 192.0.2.52/24 }"],
    "vrrp_instance VI_2": ["interface eth0", "virtual_router_id 53",
                           "virtual_ipaddress { 192.0.2.53/24 }"],
}
SECURITY = ["global_defs {", "enable_script_security", "script_user root", "}"]
# What makes sense only with something else in the same block.
COMPANIONS = {
    "vrrp_instance vmac_xmit_base": ["use_vmac"],
    "vrrp_instance vrf": ["use_vmac"],
    "vrrp_instance unicast_peer": ["unicast_src_ip 192.0.2.1"],
    "vrrp_instance unicast_fault_no_peer": ["unicast_peer { 192.0.2.9 }"],
    "bfd_instance multihop": ["max_hops 2"],
    "SSL key": ["certificate /etc/tandem/client.pem"],
    "SSL password": ["certificate /etc/tandem/client.pem"],
    "virtual_server ops": ["protocol UDP"],
    **{f"virtual_server {flag}": [f"lb_algo {flag[:2]}"]
       for flag in ("sh-port", "sh-fallback", "mh-port", "mh-fallback")},
    **{f"virtual_server {flag}": ["lb_algo sh"] for flag in ("flag-1", "flag-2")},
    "virtual_server hysteresis": ["quorum 2", "real_server 192.0.2.12 80 { weight 9 }"],
    "global_defs notify_fifo_script": ["notify_fifo /run/f"],
    "global_defs vrrp_notify_fifo_script": ["vrrp_notify_fifo /run/v"],
    "global_defs lvs_notify_fifo_script": ["lvs_notify_fifo /run/l"],
}


def all_keywords():
    """(path, description) of every keyword, in every block."""
    done = subprocess.run(["ctl/tandemctl", "--json", "keywords"], check=True, text=True,
                          capture_output=True)

    def walk(node, path):
        for child in node.get("children", ()):
            yield (*path, child["keyword"]), child
            yield from walk(child, (*path, child["keyword"]))

    yield from walk(json.loads(done.stdout), ())


def example_case(path, example):
    """A configuration with EXAMPLE, a line or a whole block, where it belongs; the number of
    the line, 0 for a block: then nothing at all is to be said."""
    first, key = example.splitlines()[0], " ".join(path)
    lines = around(path[:-1], example)[0].splitlines()
    at = lines.index(first) + len(example.splitlines())
    lines[at:at] = COMPANIONS.get(key, [])
    lines = ["group { V VI_1 }" if line == "group { V }" else line for line in lines]
    number = 0 if "\n" in example else lines.index(first) + 1
    if first in lines[at:]:
        lines[lines.index(first, at)] = first.replace("192.0.2.11 ", "192.0.2.12 ")
    for block, needs in REFERRED.items():
        if not any(line.removeprefix("vrrp_").startswith(block.removeprefix("vrrp_"))
                   for line in lines):
            lines += [f"{block} {{", *needs, "}"]
    return "\n".join([*lines, *SECURITY]) + "\n", number


def examples():
    described = list(all_keywords())
    texts = [(" ".join(path), *example_case(path, node.get("example", "")))
             for path, node in described]
    problems = []
    told_of = {}
    for line in said(texts).splitlines():
        if not line.startswith(" "):
            told = told_of.setdefault(line, [])
        elif not line.startswith("        hint"):
            told.append(line.strip())
    for path, node in described:
        told = told_of[" ".join(path)]
        bad = [line for line in told if line != "fine" and not any(
            text in line for text in EXPECTED)]
        problems += [f"{' '.join(path)}: the example '{node['example']}': {line}" for line in bad]
        if node["type"] in ("block", "list") and not node["example"].endswith("}"):
            problems.append(f"{' '.join(path)}: '{node['example']}' is no whole block")
        if not node.get("doc"):
            problems.append(f"{' '.join(path)}: no doc")
        if (node["type"] == "enum") != ("choices" in node) or \
                node.get("minimum", 0) > node.get("maximum", node.get("minimum", 0)) or \
                (node["type"] == "time" and node["unit"] != "seconds"):
            problems.append(f"{' '.join(path)}: choices, range or unit are not as an editor "
                            f"wants them")
    print("\n".join(problems))
    print(f"{len(described)} keywords, {len(problems)} problems")
    return 1 if problems else 0


def cases():
    json.dump({name: [{"title": title, "config": text, "line": line} for title, text, line in rows]
               for name, rows in make_cases().items()}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit({"check": check, "update": update, "cases": cases,
              "examples": examples}[sys.argv[1]]())
