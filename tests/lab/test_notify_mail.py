# SPDX-License-Identifier: GPL-2.0-or-later
"""Mail about changes: what it says, and a mail server that does not work."""

import contextlib
import email
import email.header
import os
import socket
import threading
import time

from tandemlab import virtual_server, vrrp_config, vrrp_instance, wait_until

PORT = 2525


class Sink:
    """A mail server on a node that keeps what it gets.

    It greets when `open` is set, and answers each command from `answers` where
    that has its line or its first word.  From the first mail after `takes` of them on
    it answers nothing more, and sets `silent`.
    """

    def __init__(self, node, port=PORT, answers=None):
        self.open = threading.Event()
        self.open.set()
        self.answers = answers or {}
        self.takes = None
        self.silent = threading.Event()
        self.mails, self.envelopes, self.sessions = [], [], 0
        self._stop = False
        with node.inside():
            self._socket = socket.create_server(("127.0.0.1", port))
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._stop:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            self.sessions += 1
            threading.Thread(target=self._serve_quietly, args=(peer,), daemon=True).start()

    def _serve_quietly(self, peer):
        with contextlib.suppress(OSError):  # a client that was ended
            self._serve(peer)

    def _serve(self, peer):
        with peer, peer.makefile("rb") as lines:
            while not self.open.wait(0.05):
                if self._stop:
                    return
            peer.sendall(b"220-sink\r\n220 ready\r\n")
            envelope = []
            for line in lines:
                word = line.split()[0].upper().decode()
                envelope.append(line.decode().strip())
                answer = self.answers.get(envelope[-1], self.answers.get(word))
                if answer:
                    peer.sendall(answer.encode() + b"\r\n")
                elif word == "DATA" and len(self.mails) == self.takes:
                    self.silent.set()
                    while not self._stop:
                        time.sleep(0.05)
                    return
                elif word == "DATA":
                    peer.sendall(b"354 go\r\n")
                    text = b""
                    for line in lines:
                        if line == b".\r\n":
                            break
                        text += line
                    self.envelopes.append(envelope)
                    self.mails.append(email.message_from_bytes(text))
                    envelope = []
                    peer.sendall(b"250 kept\r\n")
                else:
                    peer.sendall(b"250 ok\r\n")
                    if word == "QUIT":
                        return

    @property
    def told(self):
        """Subject and body of each mail."""
        return [(str(email.header.make_header(email.header.decode_header(mail["Subject"]))),
                 mail.get_payload().strip()) for mail in list(self.mails)]

    def wait(self, subject, body=None, deadline=5.0, times=1):
        wait_until(lambda: len([told for told in self.told if told[0] == subject and
                                (body is None or told[1] == body)]) >= times,
                   f"a mail '{subject}'", deadline, detail=lambda: str(self.told))

    def close(self):
        self._stop = True
        self.open.set()
        # Woken before it is closed: a thread that accepts on a number that
        # belongs to the next sink by then takes that one's mail.
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def mail_globals(port=PORT, extra=(), timeout=2):
    return ["notification_email {\n admin@example.com\n \"Ops Team <ops@example.com>\"\n}",
            "notification_email_from \"Director <tandem@example.com>\"",
            f"smtp_server 127.0.0.1 {port}", "smtp_helo_name lab.example.com",
            f"smtp_connect_timeout {timeout}", *extra]


def vrrp_mail_config(lab_dir, port=PORT, extra_globals=()):
    """VI_1 in FAULT while the file `fault` has a number, and a group of two."""
    return vrrp_config(
        vrrp_instance("VI_1", advert=0.1, version=3, extra=["smtp_alert", "track_file {\n fault\n}"]),
        vrrp_instance("VI_2", vrid=52, vips=("10.77.0.101",), advert=0.1, version=3),
        vrrp_instance("VI_3", vrid=53, vips=("10.77.0.102",), advert=0.1, version=3),
        "vrrp_sync_group G {\n group {\n VI_2\n VI_3\n }\n smtp_alert on\n}",
        f"track_file fault {{\n file {lab_dir}/fault\n weight 0\n}}",
        globals_extra=mail_globals(port, extra_globals))


def set_fault(lab_dir, value):
    (lab_dir / "fault.new").write_text(f"{value}\n")
    os.replace(lab_dir / "fault.new", lab_dir / "fault")


LOST = "=> VRRP Instance is no longer owning VRRP VIPs <="
OWNING = "=> VRRP Instance is now owning VRRP VIPs <="


def test_vrrp_mails_say_what_keepalived_says(topology, start_tandem, lab_dir):
    set_fault(lab_dir, 0)
    with Sink(topology.a) as sink:
        tandem = start_tandem(topology.a, vrrp_mail_config(lab_dir))
        sink.wait("[lab] VRRP Instance VI_1 - Entering BACKUP state", LOST)
        sink.wait("[lab] VRRP Instance VI_1 - Entering MASTER state", OWNING)
        sink.wait("[lab] VRRP Group G - Entering MASTER state",
                  "=> All VRRP group instances are now in MASTER state <=")
        set_fault(lab_dir, 1)
        sink.wait("[lab] VRRP Instance VI_1 - Entering FAULT state", LOST)
        set_fault(lab_dir, 0)
        sink.wait("[lab] VRRP Instance VI_1 - Entering MASTER state", OWNING, times=2)
        mail, envelope = sink.mails[0], sink.envelopes[0]
        assert mail["From"] == "Director <tandem@example.com>"
        assert " ".join(mail["To"].split()) == "admin@example.com, Ops Team <ops@example.com>"
        assert "Keepalived" in mail["X-Mailer"] and mail["Date"]
        assert envelope[-5:] == ["HELO lab.example.com", "MAIL FROM:<tandem@example.com>",
                                 "RCPT TO:<admin@example.com>", "RCPT TO:<ops@example.com>",
                                 "DATA"]
        tandem.stop()
        sink.wait("[lab] VRRP Instance VI_1 - Stopping", "=> VRRP Instance stopping <=")
        assert not any("VI_2" in subject for subject, _ in sink.told), "it has no smtp_alert"


def test_no_email_faults_and_no_state_twice(topology, start_tandem, lab_dir):
    set_fault(lab_dir, 0)
    with Sink(topology.a) as sink:
        tandem = start_tandem(topology.a, vrrp_mail_config(lab_dir, extra_globals=["no_email_faults"]))
        sink.wait("[lab] VRRP Instance VI_1 - Entering MASTER state")
        set_fault(lab_dir, 1)
        tandem.wait_vrrp("FAULT")
        set_fault(lab_dir, 0)
        tandem.wait_vrrp("ACTIVE")
        sink.wait("[lab] VRRP Instance VI_1 - Entering MASTER state", times=2)
        told = [subject.split(" - ")[1] for subject, _ in sink.told if "VI_1" in subject]
        assert told == ["Entering BACKUP state", "Entering MASTER state",
                        "Entering BACKUP state", "Entering MASTER state"]


def test_server_mails_say_what_keepalived_says(topology, start_tandem, lab_dir):
    flag = lab_dir / "flag"
    flag.write_text("")
    check = f'MISC_CHECK {{\n misc_path "/usr/bin/test -e {flag}"\n}}'
    text = vrrp_config(
        virtual_server(servers=["10.77.0.21"], check=check, delay=0.2,
                       extra=["warmup 0", "smtp_alert"]),
        virtual_server(port=81, servers=["10.77.0.22"], check=check, delay=0.2,
                       extra=["warmup 0"], real_extra=["smtp_alert off"]),
        globals_extra=mail_globals())
    service = "[lab] Virtualserver [10.77.0.100]:tcp:80 - "
    server = "[lab] Realserver [10.77.0.21]:tcp:80 of virtual server [10.77.0.100]:tcp:80 - "
    with Sink(topology.a) as sink:
        start_tandem(topology.a, text)
        sink.wait(service + "UP", "=> Starting with quorum up 1+0=1 <= 1 <=")
        flag.unlink()
        sink.wait(service + "DOWN", "=> Lost quorum 1+0=1 <= 0 <=")
        sink.wait(server + "DOWN", "=> MISC CHECK failed on service <=")
        flag.write_text("")
        sink.wait(service + "UP", "=> Gained quorum 1+0=1 <= 1 <=")
        sink.wait(server + "UP", "=> MISC CHECK succeeded on service <=")
        assert len(sink.told) == 5, "the second service and its server have none"


def test_server_that_hangs_delays_nothing_and_mail_comes_later(topology, start_tandem, lab_dir):
    set_fault(lab_dir, 0)
    with Sink(topology.a) as hanging, Sink(topology.a, PORT + 1) as sink:
        hanging.open.clear()
        tandem = start_tandem(topology.a, vrrp_mail_config(lab_dir))
        tandem.wait_vrrp("ACTIVE")
        began = time.monotonic()
        set_fault(lab_dir, 1)
        tandem.wait_vrrp("FAULT", deadline=1.0)
        assert time.monotonic() - began < 1.0
        wait_until(lambda: tandem.status()["runner"]["mail"]["error"], "it is given up")
        mail = tandem.status()["runner"]["mail"]
        assert "timed out" in mail["error"] and mail["sent"] == 0 and mail["waiting"] >= 4
        assert any("notifications wait" in text for text in tandem.status()["problems"])
        old = tandem.signal_role("runner", "KILL")
        wait_until(lambda: tandem.role_is_up(tandem.role("runner")) and
                   tandem.role("runner")["pid"] != old, "the next runner")
        tandem.write(vrrp_mail_config(lab_dir, port=PORT + 1))
        tandem.ctl("reload")
        sink.wait("[lab] VRRP Instance VI_1 - Entering FAULT state", LOST)
        told = [subject.split(" - ")[1] for subject, _ in sink.told if "VI_1" in subject]
        assert told == ["Entering BACKUP state", "Entering MASTER state", "Entering FAULT state"]
        assert not tandem.status()["runner"]["mail"]["error"]
        # With nobody to send to, what waits is counted as lost.
        sink.open.clear()
        set_fault(lab_dir, 0)
        wait_until(lambda: tandem.status()["runner"]["mail"]["waiting"], "mail waits")
        tandem.write(vrrp_mail_config(lab_dir, port=PORT + 1).replace("smtp_server", "#"))
        tandem.ctl("reload")
        wait_until(lambda: tandem.status()["runner"]["mail"]["lost"] >= 1, "it is lost")
        assert "no longer configured" in tandem.log()


def test_what_one_server_has_taken_is_not_sent_to_the_next(topology, start_tandem, lab_dir):
    set_fault(lab_dir, 0)
    with Sink(topology.a) as slow, Sink(topology.a, PORT + 1) as sink:
        slow.open.clear()
        slow.takes = 2  # the one of the first session, and one of the second
        tandem = start_tandem(topology.a, vrrp_mail_config(lab_dir))
        wait_until(lambda: tandem.status()["runner"]["mail"]["waiting"] >= 4, "mails wait")
        slow.open.set()
        assert slow.silent.wait(5.0), "the second session is in its second mail"
        tandem.write(vrrp_mail_config(lab_dir, port=PORT + 1))
        tandem.ctl("reload")
        wait_until(lambda: not tandem.status()["runner"]["mail"]["waiting"], "all is sent")
        assert not set(slow.told) & set(sink.told), "sent twice"
        assert tandem.status()["runner"]["mail"]["sent"] == len(slow.told) + len(sink.told)


def test_refused_mail_is_counted_with_its_reason(topology, start_tandem, lab_dir):
    set_fault(lab_dir, 0)
    with Sink(topology.a, answers={"RCPT": "550 5.1.1 nobody here"}) as sink:
        tandem = start_tandem(topology.a, vrrp_mail_config(lab_dir))
        wait_until(lambda: tandem.status()["runner"]["mail"]["refused"] >= 2, "refused")
        assert ">: 550 5.1.1 nobody here" in tandem.log()
        assert any("were refused" in text for text in tandem.status()["problems"])
        assert not sink.mails


def test_a_recipient_that_is_refused_is_named(topology, start_tandem, lab_dir):
    """Though the others get their mail."""
    set_fault(lab_dir, 0)
    answers = {"RCPT TO:<ops@example.com>": "550 5.1.1 nobody here"}
    with Sink(topology.a, answers=answers) as sink:
        tandem = start_tandem(topology.a, vrrp_mail_config(lab_dir))
        wait_until(lambda: tandem.status()["runner"]["mail"]["sent"] >= 2, "sent")
        wait_until(lambda: tandem.status()["runner"]["mail"]["error"] ==
                   "RCPT TO:<ops@example.com>: 550 5.1.1 nobody here", "the one that has none", 5,
                   0.05, tandem.log_tail)
        assert "RCPT TO:<ops@example.com>: 550 5.1.1 nobody here" in tandem.log()
        assert sink.mails and not tandem.status()["runner"]["mail"]["refused"]


def test_many_changes_are_few_mails(topology, start_tandem):
    """300 servers that go down at once, while the mail server is slow."""
    servers = "\n".join(
        f"real_server 127.0.0.1 {port} {{\n TCP_CHECK {{\n connect_timeout 1\n }}\n}}"
        for port in range(20001, 20301))
    text = vrrp_config(
        "virtual_server 10.77.0.100 80 {\n delay_loop 1\n warmup 0\n retry 1\n"
        f" delay_before_retry 0\n lb_algo rr\n lb_kind NAT\n protocol TCP\n{servers}\n}}",
        globals_extra=mail_globals(timeout=20))
    with Sink(topology.a) as sink:
        sink.open.clear()
        tandem = start_tandem(topology.a, text)
        wait_until(lambda: tandem.status()["runner"]["mail"]["waiting"] == 300, "all are down",
                   10.0)
        sink.open.set()
        wait_until(lambda: tandem.status()["runner"]["mail"]["sent"] == 100, "the first are sent")
        tandem.stop()  # the rest is held for some seconds, but not at a stop
        wait_until(lambda: len(sink.mails) == 101, "the one for the rest")
        assert sink.sessions <= 4
        subject, body = sink.told[-1]
        assert subject == "[lab] 200 notifications in one mail" and len(body.splitlines()) == 200
        ports = {line.split("]:tcp:")[1].split()[0]
                 for told in sink.told for line in (*told[1].splitlines(), told[0])
                 if "Realserver" in line}
        assert len(ports) == 300, "each is named once"
