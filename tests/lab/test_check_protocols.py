# SPDX-License-Identifier: GPL-2.0-or-later
"""SMTP, DNS, UDP and ping checks of a daemon whose role is not root."""

import contextlib
import socket
import threading

import pytest

from tandemlab import Topology, virtual_server, vrrp_config, wait_until

VIP = Topology.VIP
TIMEOUTS = "    connect_timeout 0.5\n    retry 1\n    delay_before_retry 0.3\n"


def dns_answer(data, rcode=0):
    return data[:2] + bytes([0x80 | data[2], rcode]) + data[4:]


def greets(connection):
    connection.settimeout(5)
    connection.sendall(b"220 mail.example.com ESMTP\r\n")
    assert connection.recv(200).startswith(b"HELO lb.example.com\r\n")
    connection.sendall(b"250 hello\r\n")
    assert connection.recv(200) == b"QUIT\r\n"
    connection.sendall(b"221 bye\r\n")


class Responder:
    """A server in a node: answer(datagram) or, over TCP, serve(connection)."""

    def __init__(self, node, port, answer=None, serve=None):
        kind = socket.SOCK_STREAM if serve else socket.SOCK_DGRAM
        with node.inside():
            self._socket = socket.socket(socket.AF_INET, kind)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("0.0.0.0", port))
        if serve:
            self._socket.listen(16)
        self._socket.settimeout(0.1)
        self.answer, self.serve = answer, serve
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._stopping.is_set():
            with contextlib.suppress(OSError, AssertionError):
                if self.serve:
                    connection, _ = self._socket.accept()
                    with connection:
                        self.serve(connection)
                else:
                    data, peer = self._socket.recvfrom(4096)
                    reply = self.answer(data)
                    if reply is not None:
                        self._socket.sendto(reply, peer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stopping.set()
        self._thread.join(5)
        self._socket.close()


def config(node, port, check):
    return vrrp_config(virtual_server(VIP, port, servers=[node.addr], real_port=port,
                                      check=check))


def wait_verdict(tandem, node, port, state):
    def row():
        return tandem.real_server((VIP, port), node.addr)["checks"][0]

    return wait_until(lambda: (found := row())["state"] == state and found,
                      f"the check of port {port} is {state}", 15, 0.1,
                      lambda: f"{row()}\n{tandem.log_tail()}")


def test_ping_without_root(topology, start_tandem):
    node = topology.servers[0]
    tandem = start_tandem(topology.a, config(node, 8001, f"PING_CHECK {{\n{TIMEOUTS}}}"))
    assert wait_verdict(tandem, node, 8001, "up")["reason"] == "ok"
    topology.cut(node)
    assert wait_verdict(tandem, node, 8001, "down")["reason"] in ("reply-timeout",
                                                                 "host-unreachable")


def test_dns(topology, start_tandem):
    node = topology.servers[0]
    check = f"DNS_CHECK {{\n    type A\n    name www.example.com\n{TIMEOUTS}}}"
    with Responder(node, 53, answer=dns_answer) as server:
        tandem = start_tandem(topology.a, config(node, 53, check))
        assert wait_verdict(tandem, node, 53, "up")["detail"] == "NOERROR"
        server.answer = lambda data: dns_answer(data, 2)
        row = wait_verdict(tandem, node, 53, "down")
        assert row["reason"] == "unexpected-status" and row["detail"] == "SERVFAIL (2)"
        server.answer = dns_answer
        wait_verdict(tandem, node, 53, "up")
    assert wait_verdict(tandem, node, 53, "down")["reason"] == "connection-refused"


@pytest.mark.parametrize("words, answer, state, reason", [
    ("", lambda data: None, "up", "ok"),
    ("require_reply", lambda data: None, "down", "reply-timeout"),
    ("require_reply 0a0b XX0d", lambda data: data, "up", "ok"),
    ("require_reply 0a0c", lambda data: data, "down", "content-mismatch"),
], ids=["unanswered", "required", "pattern", "mismatch"])
def test_udp(topology, start_tandem, words, answer, state, reason):
    node = topology.servers[0]
    check = f"UDP_CHECK {{\n    payload 0a0b 0c0d\n    {words}\n{TIMEOUTS}}}"
    with Responder(node, 8001, answer=answer):
        tandem = start_tandem(topology.a, config(node, 8001, check))
        assert wait_verdict(tandem, node, 8001, state)["reason"] == reason


def test_udp_port_closed(topology, start_tandem):
    node = topology.servers[0]
    tandem = start_tandem(topology.a, config(node, 8001, f"UDP_CHECK {{\n{TIMEOUTS}}}"))
    assert wait_verdict(tandem, node, 8001, "down")["reason"] == "connection-refused"


def test_smtp(topology, start_tandem):
    node = topology.servers[0]
    check = f"SMTP_CHECK {{\n    helo_name lb.example.com\n{TIMEOUTS}}}"
    with Responder(node, 25, serve=greets) as server:
        tandem = start_tandem(topology.a, config(node, 25, check))
        assert wait_verdict(tandem, node, 25, "up")["detail"].startswith("220 mail")
        server.serve = lambda connection: connection.sendall(b"554 go away\r\n")
        assert wait_verdict(tandem, node, 25, "down")["reason"] == "unexpected-status"


def test_checks_carry_their_mark(topology, start_tandem):
    node = topology.servers[0]
    with Responder(node, 8001, serve=greets):
        tandem = start_tandem(topology.a, config(
            node, 8001, f"TCP_CHECK {{\n    fwmark 7\n{TIMEOUTS}}}"))
        assert wait_verdict(tandem, node, 8001, "up")["reason"] == "ok"
        assert not [text for text in tandem.status()["problems"] if "fwmark" in text]
