# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients: one request, or one every millisecond with its fate written down."""

import dataclasses
import signal
import socket
import time

from .tools import tool
from .wait import wait_until


@dataclasses.dataclass
class HttpReply:
    status: int
    server: str
    body: str
    raw: bytes


def http_get(node, address, port=80, path="/", timeout=2.0, source=None):
    """One GET from a node, with nothing between us and the kernel.

    OSError (a refusal, a timeout) is the caller's to see.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with node.inside():
        sock = socket.socket(family, socket.SOCK_STREAM)
    with sock:
        sock.settimeout(timeout)
        if source:
            sock.bind((source, 0))
        sock.connect((address, port))
        sock.sendall(f"GET {path} HTTP/1.0\r\nHost: lab\r\n\r\n".encode())
        raw = b""
        while chunk := sock.recv(65536):
            raw += chunk
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    words = lines[0].split()
    if len(words) < 2 or not words[1].isdigit():
        raise ConnectionError(f"not an HTTP answer: {raw[:80]!r}")
    headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
    return HttpReply(int(words[1]), headers.get("x-server", "-"),
                     body.decode("latin-1"), raw)


@dataclasses.dataclass
class Request:
    start: float  # seconds of time.monotonic()
    end: float
    outcome: str  # "ok", "timeout", "ECONNREFUSED", "status-503", ...
    server: str

    @property
    def ok(self):
        return self.outcome == "ok"


class Prober:
    """Sends a request every interval and records what becomes of each.

    with Prober(topology.client, VIP) as prober:
        ...
    prober.lost, prober.longest_gap(), prober.servers()
    """

    def __init__(self, node, address, port=80, interval=0.001, timeout=1.0, path="/"):
        self.node = node
        self._argv = [tool("httpprobe"), address, port, int(interval * 1e6),
                      int(timeout * 1e3), path]
        self._name = f"probe-{address.replace(':', '_')}-{port}-{time.monotonic_ns()}"
        self._file = node.dir / f"{self._name}.txt"
        self._timeout = timeout
        self.process = None

    def start(self):
        with open(self._file, "wb") as output:
            self.process = self.node.spawn(*self._argv, stdout=output,
                                           log=self.node.dir / f"{self._name}.log")
        return self

    def stop(self):
        """End; requests in flight are waited for."""
        status = self.process.stop(signal.SIGTERM, self._timeout + 5)
        assert status == 0, f"httpprobe gave {status}: {self.process.log()}"
        return self

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, trace):
        if kind is None:
            self.stop()
        else:
            self.process.kill()

    @property
    def requests(self):
        """All that are over, in order of their start."""
        rows = []
        for line in self._file.read_text().splitlines(keepends=True):
            words = line.split()
            if line.endswith("\n") and len(words) == 4:
                rows.append(Request(int(words[0]) / 1e9, int(words[1]) / 1e9, *words[2:]))
        return sorted(rows, key=lambda row: row.start)

    @property
    def lost(self):
        return [row for row in self.requests if not row.ok]

    @property
    def answered(self):
        return [row for row in self.requests if row.ok]

    def servers(self, since=0.0):
        """{server: number of answers} of requests started at or after since."""
        counts = {}
        for row in self.answered:
            if row.start >= since:
                counts[row.server] = counts.get(row.server, 0) + 1
        return counts

    def longest_gap(self, since=0.0, until=float("inf")):
        """The longest time, in seconds, without any answer arriving.

        What came after the last request was sent does not count: those are
        stragglers, with nobody else asking.
        """
        rows = self.requests
        until = min(until, max((row.start for row in rows), default=0.0))
        ends = sorted(row.end for row in rows if row.ok and since <= row.end <= until)
        return max((b - a for a, b in zip(ends, ends[1:])), default=float("inf"))

    def wait_answers(self, count, deadline=10.0):
        """Wait until count more requests were answered than are now."""
        goal = len(self.answered) + count
        wait_until(lambda: len(self.answered) >= goal, f"{count} more answers", deadline,
                   poll=0.02, detail=self.summary)

    def settle_in_flight(self, until):
        """Wait until every request started before until is over."""
        # It is over at its time-out at the latest.
        wait_until(lambda: time.monotonic() > until + self._timeout + 0.5,
                   "no request of that time is in flight", self._timeout + 10, 0.05)

    def summary(self):
        counts = {}
        for row in self.requests:
            counts[row.outcome] = counts.get(row.outcome, 0) + 1
        return f"requests: {counts}, by server: {self.servers()}"
