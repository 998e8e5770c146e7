# SPDX-License-Identifier: GPL-2.0-or-later
"""tandemctl digest beside genhash, and in a check."""

import hashlib

from tandemlab import Topology, WebServer, virtual_server, vrrp_config, wait_until
from tandemlab.directors import program

VIP = Topology.VIP
SERVER = "10.77.0.21"


def digest(node, *words):
    return node.run(program("tandemctl"), "digest", *words).stdout.strip()


def genhash(node, *words):
    return node.run("genhash", *words).stdout.strip()


def test_digest_is_that_of_genhash_and_passes_as_a_check(topology, start_tandem):
    web = WebServer(topology.servers[0], tls_port=443).start()
    try:
        a = topology.a
        expected = genhash(a, "-s", SERVER, "-p", "80", "-u", "/health")
        assert digest(a, "-s", SERVER, "-p", "80", "-u", "/health") == expected
        assert digest(a, f"http://{SERVER}/health") == expected
        assert digest(a, SERVER, "80", "/health") == expected
        assert digest(a, "-P", "1.1", f"http://{SERVER}:80/health") == expected
        assert genhash(a, "-S", "-s", SERVER, "-p", "443", "-u", "/health") == expected
        assert digest(a, "-S", SERVER, "443", "/health") == expected
        assert digest(a, f"https://{SERVER}/health") == expected
        missing = a.run(program("tandemctl"), "digest", f"http://{SERVER}/status/404")
        assert "404" in missing.stderr
        check = f"HTTP_GET {{\nurl {{\npath /health\ndigest {expected}\n}}\n}}"
        text = vrrp_config(virtual_server(VIP, 80, servers=[SERVER], check=check))
        tandem = start_tandem(a, text)

        def state():
            return tandem.real_server((VIP, 80), SERVER)["checks"][0]["reason"]
        wait_until(lambda: state() == "ok", "it passes", 5, 0.05, tandem.log_tail)
        wrong = hashlib.md5(b"another").hexdigest()
        tandem.write(text.replace(expected, wrong))
        tandem.ctl("reload")
        wait_until(lambda: state() == "digest-mismatch", "it fails", 5, 0.05, tandem.log_tail)
    finally:
        web.kill()
