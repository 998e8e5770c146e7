# SPDX-License-Identifier: GPL-2.0-or-later
"""Real servers: nginx, one instance and one directory for each."""

import os
import signal
import subprocess

from .client import http_get
from .wait import wait_until

NGINX_CONF = """\
daemon off;
worker_processes 1;
user root;
pid {dir}/nginx.pid;
error_log {dir}/error.log;
events {{ worker_connections 4096; }}
http {{
	access_log {access_log};
	client_body_temp_path {dir}/body;
	proxy_temp_path {dir}/proxy;
	fastcgi_temp_path {dir}/fastcgi;
	uwsgi_temp_path {dir}/uwsgi;
	scgi_temp_path {dir}/scgi;
	keepalive_timeout 5s;
	default_type text/plain;
	add_header X-Server {name} always;
	server {{
		listen {port} reuseport backlog=4096;
		listen [::]:{port} reuseport backlog=4096;
{tls}
		server_name _;
		location / {{ return 200 "{name}\\n"; }}
		location = /health {{ root {dir}/www; try_files /health =503; }}
		location /status/ {{ rewrite ^/status/(404|500)$ /s$1 last; return 400; }}
		location = /s404 {{ internal; return 404 "no\\n"; }}
		location = /s500 {{ internal; return 500 "no\\n"; }}
{extra}
	}}
}}
"""


class WebServer:
    """nginx on a node: answers with the node's name in body and X-Server.

    /health is a file that set_health() takes away (503) and puts back;
    /status/404 and /status/500 answer so.
    """

    def __init__(self, node, port=80, tls_port=None, access_log=False, extra=""):
        self.node = node
        self.name = node.name
        self.port = port
        self.tls_port = tls_port
        self.dir = node.dir / f"nginx-{port}"
        (self.dir / "www").mkdir(parents=True, exist_ok=True)
        self.process = None
        self.set_health(True)
        (self.dir / "nginx.conf").write_text(NGINX_CONF.format(
            dir=self.dir, name=self.name, port=port, tls=self._tls_lines(),
            access_log=f"{self.dir}/access.log" if access_log else "off", extra=extra))

    def _tls_lines(self):
        if self.tls_port is None:
            return ""
        key, cert = self.dir / "key.pem", self.dir / "cert.pem"
        if not cert.exists():
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                 "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                 f"/CN={self.name}.lab.example", "-keyout", key, "-out", cert],
                check=True, capture_output=True)
        return (f"\t\tlisten {self.tls_port} ssl;\n\t\tlisten [::]:{self.tls_port} ssl;\n"
                f"\t\tssl_certificate {cert};\n\t\tssl_certificate_key {key};")

    def set_health(self, good):
        path = self.dir / "www" / "health"
        if good:
            path.write_text("good\n")
        else:
            path.unlink(missing_ok=True)

    def start(self, wait=True):
        assert self.process is None or not self.process.running
        self.process = self.node.spawn("nginx", "-p", self.dir, "-c", self.dir / "nginx.conf",
                                       "-e", self.dir / "error.log",
                                       log=self.dir / "output.log")
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self):
        wait_until(lambda: http_get(self.node, "127.0.0.1", self.port).status == 200,
                   f"nginx answers on {self.name}", 10, detail=self.process.log)

    def kill(self):
        """SIGKILL to master and workers: its port refuses from now on."""
        pids = [self.process.pid, *self._children()]
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        wait_until(lambda: not self._alive(pids), f"nginx on {self.name} is gone", 5)

    def stop(self):
        """A planned end: open requests are answered first."""
        return self.process.stop(signal.SIGQUIT)

    def freeze(self):
        """Accepts connections (the kernel does) and never answers."""
        for pid in (self.process.pid, *self._children()):
            os.kill(pid, signal.SIGSTOP)

    def thaw(self):
        for pid in (self.process.pid, *self._children()):
            os.kill(pid, signal.SIGCONT)

    def _children(self):
        path = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        try:
            with open(path, encoding="ascii") as file:
                return [int(pid) for pid in file.read().split()]
        except OSError:
            return []

    @staticmethod
    def _alive(pids):
        return [pid for pid in pids if os.path.exists(f"/proc/{pid}/exe")
                and _exe_readable(pid)]


def _exe_readable(pid):
    try:
        os.readlink(f"/proc/{pid}/exe")
        return True
    except OSError:
        return False  # a zombie has none
