# SPDX-License-Identifier: GPL-2.0-or-later
"""Real servers that misbehave: a verdict with a reason, and nobody else waits.

Needs no IPVS: what the checks found is read from the status.
"""

import contextlib
import re
import socket
import ssl
import struct
import subprocess
import threading
import time

import pytest

from tandemlab import Topology, virtual_server, vrrp_config, wait_until
from tandemlab.directors import program

VIP = Topology.VIP
TIMEOUTS = "    connect_timeout 1\n    retry 1\n    delay_before_retry 1\n"
HTTP_GET = ("HTTP_GET {\n    url {\n        path /health\n        status_code 200\n    }\n"
            f"{TIMEOUTS}}}")
SSL_GET = HTTP_GET.replace("HTTP_GET", "SSL_GET")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


class Misbehaving:
    """A TCP server in a node: behave(connection) for each one, in a thread."""

    def __init__(self, node, port, behave):
        with node.inside():
            self._listener = socket.create_server(("0.0.0.0", port), backlog=64)
        self._listener.settimeout(0.1)
        self._behave = behave
        self.connections = 0
        self.stopping = threading.Event()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self):
        while not self.stopping.is_set():
            with contextlib.suppress(OSError):
                connection, _ = self._listener.accept()
                self.connections += 1
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection):
        with contextlib.suppress(OSError), connection:
            self._behave(connection, self.stopping)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self._threads:
            thread.join(5)
        self._listener.close()


def read_request(connection):
    connection.settimeout(2)
    return connection.recv(4096)


def says_nothing(connection, stopping):
    read_request(connection)
    stopping.wait(30)


def says_rubbish(connection, _):
    read_request(connection)
    connection.sendall(bytes(range(256)) * 16)


def one_byte_a_second(connection, stopping):
    read_request(connection)
    for byte in OK * 10:
        connection.sendall(bytes([byte]))
        if stopping.wait(1):
            return


def endless_headers(connection, stopping):
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not stopping.is_set():
        connection.sendall(b"X-Filler: " + b"a" * 1000 + b"\r\n")


def endless_body(connection, stopping):
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while not stopping.is_set():
        connection.sendall(b"b" * 65536)


def resets(connection, _):
    read_request(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def closes(connection, _):
    read_request(connection)


def half_a_header(connection, _):
    read_request(connection)
    connection.sendall(OK[:20])


def status_500(connection, _):
    read_request(connection)
    connection.sendall(OK.replace(b"200 OK", b"500 Oh"))


def good(connection, _):
    read_request(connection)
    connection.sendall(OK)


def check_config(node, port, check, extra=()):
    return virtual_server(VIP, port, servers=[node.addr], real_port=port, check=check,
                          extra=extra)


def check_of(tandem, node, port):
    return tandem.real_server((VIP, port), node.addr)["checks"][0]


def wait_verdict(tandem, node, port, state, deadline=15):
    return wait_until(
        lambda: (row := check_of(tandem, node, port))["state"] == state and row,
        f"the check of port {port} is {state}", deadline, 0.1,
        lambda: f"{check_of(tandem, node, port)}\n{tandem.log_tail()}")


@pytest.mark.parametrize("behave, reasons", [
    (says_nothing, {"reply-timeout"}),
    (says_rubbish, {"malformed-reply"}),
    (one_byte_a_second, {"reply-timeout", "reply-too-slow"}),
    (endless_headers, {"headers-too-long", "reply-too-long"}),
    (endless_body, {"reply-too-long", "reply-timeout", "reply-too-slow"}),
    (resets, {"connection-reset"}),
    (closes, {"closed-early"}),
    (half_a_header, {"closed-early", "malformed-reply"}),
    (status_500, {"unexpected-status"}),
], ids=lambda value: getattr(value, "__name__", ""))
def test_misbehaving_server_is_down_and_delays_nobody(topology, start_tandem, behave, reasons):
    node, other = topology.servers[:2]
    with Misbehaving(node, 8001, behave) as bad, Misbehaving(other, 8002, good) as fine:
        tandem = start_tandem(topology.a, vrrp_config(
            check_config(node, 8001, HTTP_GET), check_config(other, 8002, HTTP_GET)))
        row = wait_verdict(tandem, node, 8001, "down")
        assert row["reason"] in reasons
        assert row["kind"].upper() == "HTTP_GET"
        wait_verdict(tandem, other, 8002, "up")
        before, start = fine.connections, time.monotonic()
        wait_until(lambda: fine.connections >= before + 3, "three more checks of the good one")
        assert time.monotonic() - start < 3 * 1.3, "delay_loop 1 is kept"
        assert bad.connections >= 1
        assert tandem.real_server((VIP, 8001), node.addr)["state"] == "down"


def test_refused_and_unreachable(topology, start_tandem):
    s1, s2, _ = topology.servers
    topology.cut(s2)
    tcp = f"TCP_CHECK {{\n{TIMEOUTS}}}"
    tandem = start_tandem(topology.a, vrrp_config(
        check_config(s1, 8001, tcp), check_config(s2, 8002, tcp)))
    assert wait_verdict(tandem, s1, 8001, "down")["reason"] == "connection-refused"
    assert wait_verdict(tandem, s2, 8002, "down")["reason"] in ("connect-timeout",
                                                               "host-unreachable")


def test_server_that_comes_back_is_up_again(topology, start_tandem):
    node = topology.servers[0]
    tandem = start_tandem(topology.a, vrrp_config(check_config(node, 8001, HTTP_GET)))
    wait_verdict(tandem, node, 8001, "down")
    with Misbehaving(node, 8001, good):
        assert wait_verdict(tandem, node, 8001, "up")["reason"] == "ok"
    wait_verdict(tandem, node, 8001, "down")


def test_tls_is_spoken_and_its_failures_named(topology, start_tandem):
    web = topology.start_web(tls_port=443)
    node, other = topology.servers[:2]

    def silent(connection, stopping):
        stopping.wait(30)

    def no_tls(connection, _):
        read_request(connection)
        connection.sendall(OK)

    with Misbehaving(node, 8001, no_tls), Misbehaving(node, 8002, silent):
        tandem = start_tandem(topology.a, vrrp_config(
            check_config(node, 8001, SSL_GET), check_config(node, 8002, SSL_GET),
            check_config(other, 443, SSL_GET)))
        assert wait_verdict(tandem, other, 443, "up")["reason"] == "ok"
        assert wait_verdict(tandem, node, 8001, "down")["reason"] == "tls-handshake-failed"
        assert wait_verdict(tandem, node, 8002, "down")["reason"] in (
            "tls-handshake-timeout", "reply-timeout")
        web[1].set_health(False)
        assert wait_verdict(tandem, other, 443, "down")["reason"] == "unexpected-status"


def test_a_ca_file_that_healthcheck_cannot_read_is_named(topology, start_tandem, tmp_path):
    web, node = topology.start_web(tls_port=443)[0], topology.servers[0]
    ca = tmp_path / "ca.pem"
    ca.write_bytes((web.dir / "cert.pem").read_bytes())
    tmp_path.chmod(0o700)
    check = SSL_GET.replace("SSL_GET {", f"SSL_GET {{\n    tls_verify {ca}")
    tandem = start_tandem(topology.a, vrrp_config(check_config(node, 443, check)), ["--lenient"])
    assert wait_verdict(tandem, node, 443, "down")["reason"] == "check-misconfigured"
    assert f"check-misconfigured (cannot read CA file {ca}: Permission denied)" in tandem.log()
    problems = tandem.ctl_raw("status").stdout
    assert f"cannot read CA file {ca}: Permission denied" in problems
    # The same was said before, with its place.
    test = subprocess.run([program("tandemd"), "-t", "-f", tandem.conf], text=True,
                          capture_output=True, timeout=10)
    assert test.returncode == 5
    assert re.search(rf":\d+:\d+: error: user '.*' may not read CA file '{ca}' \[tls_verify\]",
                     test.stderr), test.stderr


def test_server_name_and_host_header_are_sent(topology, start_tandem):
    node = topology.servers[0]
    seen = {}
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    web = topology.start_web(tls_port=443)[0]
    context.load_cert_chain(web.dir / "cert.pem", web.dir / "key.pem")
    context.sni_callback = lambda _s, name, _c: seen.__setitem__("sni", name)

    def tls(connection, _):
        with context.wrap_socket(connection, server_side=True) as secure:
            seen["request"] = secure.recv(4096)
            secure.sendall(OK)

    check = SSL_GET.replace("path /health", "path /health\n        virtualhost www.lab.example")
    check = check.replace("SSL_GET {", "SSL_GET {\n    enable_sni")
    with Misbehaving(node, 8001, tls):
        tandem = start_tandem(topology.a, vrrp_config(check_config(node, 8001, check)))
        wait_verdict(tandem, node, 8001, "up")
    assert seen["sni"] == "www.lab.example"
    assert seen["request"].startswith(b"GET /health HTTP/1.")
    assert b"\r\nHost: www.lab.example" in seen["request"]


def test_misc_check_runs_the_script_and_obeys_its_status(topology, start_tandem):
    node = topology.servers[0]
    status = topology.dir / "status"
    status.write_text("0")
    script = topology.dir / "check.sh"
    script.write_text(f"#!/bin/sh\nexit $(cat {status})\n")
    script.chmod(0o755)
    check = f"MISC_CHECK {{\n    misc_path \"{script}\"\n    misc_timeout 5\n}}"
    tandem = start_tandem(topology.a, vrrp_config(check_config(node, 8001, check)))
    assert wait_verdict(tandem, node, 8001, "up")["reason"] == "ok"
    status.write_text("1")
    assert wait_verdict(tandem, node, 8001, "down")["reason"] == "script-failed"
    status.write_text("0")
    wait_verdict(tandem, node, 8001, "up")


def test_misc_check_that_hangs_is_ended(topology, start_tandem):
    node = topology.servers[0]
    script = topology.dir / "hang.sh"
    script.write_text("#!/bin/sh\ntrap '' TERM\nsleep 100 &\nwait; sleep 100\n")
    script.chmod(0o755)
    check = f"MISC_CHECK {{\n    misc_path \"{script}\"\n    misc_timeout 1\n}}"
    tandem = start_tandem(topology.a, vrrp_config(check_config(node, 8001, check)))
    assert wait_verdict(tandem, node, 8001, "down")["reason"] == "script-timeout"
    assert tandem.stop() == 0
    wait_until(lambda: not topology.a.processes(), "no script is left behind")
