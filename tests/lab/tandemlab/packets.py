# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets seen and sent, byte by byte.

Written without a packet library: tests of bad packets want every field in
hand, and start-up inside the slow kernel must stay short.
"""

import dataclasses
import hashlib
import hmac as hmaclib
import ipaddress
import socket
import struct
import threading
import time

ETH_P_ALL, ETH_P_IP, ETH_P_IPV6 = 0x0003, 0x0800, 0x86DD
SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_MR_PROMISC = 263, 1, 1
PROTO_VRRP = 112
GROUP4, GROUP6 = "224.0.0.18", "ff02::12"
GROUP4_MAC, GROUP6_MAC = "01:00:5e:00:00:12", "33:33:00:00:00:12"


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def mac_bytes(text):
    return bytes.fromhex(text.replace(":", ""))


@dataclasses.dataclass
class VrrpPacket:
    """One advert as captured; time is time.monotonic() seconds."""
    time: float
    family: int
    source: str
    destination: str
    ttl: int
    version: int
    vrid: int
    priority: int
    interval_cs: int
    addresses: list
    src_mac: str
    body: bytes


def parse_vrrp(when, frame):
    """The advert in an Ethernet frame, or None."""
    kind = struct.unpack_from("!H", frame, 12)[0]
    if kind == ETH_P_IP and frame[23] == PROTO_VRRP:
        family, size = 4, 4
        header = (frame[14] & 15) * 4
        src, dst, ttl = frame[26:30], frame[30:34], frame[22]
        body = frame[14 + header:14 + struct.unpack_from("!H", frame, 16)[0]]
    elif kind == ETH_P_IPV6 and frame[20] == PROTO_VRRP:
        family, size = 6, 16
        src, dst, ttl = frame[22:38], frame[38:54], frame[21]
        body = frame[54:54 + struct.unpack_from("!H", frame, 18)[0]]
    else:
        return None
    if len(body) < 8:
        return None
    version = body[0] >> 4
    interval = body[5] * 100 if version == 2 else struct.unpack_from("!H", body, 4)[0] & 0xFFF
    addresses = [str(ipaddress.ip_address(body[8 + i * size:8 + (i + 1) * size]))
                 for i in range(body[3]) if len(body) >= 8 + (i + 1) * size]
    return VrrpPacket(when, family, str(ipaddress.ip_address(src)),
                      str(ipaddress.ip_address(dst)), ttl, version, body[1], body[2],
                      interval, addresses, frame[6:12].hex(":"), body)


@dataclasses.dataclass
class HmacSigner:
    """Signs adverts with the trailer of auth_hmac, written from its description.

    ahead: seconds that its clock is ahead. when: (seconds, 1/65536 s, counter) instead.
    """
    key: bytes
    key_id: int = 1
    ahead: float = 0
    when: tuple = None
    type_: int = 1

    def trailer(self, source, pdu):
        now = time.time() + self.ahead
        when = self.when or (int(now), int(now % 1 * 65536), 0)
        head = struct.pack("!BBHIHH", self.type_, self.key_id, 0, *when)
        return head + self.digest(source, pdu, head)

    def digest(self, source, pdu, head):
        """pdu: the message without the trailer; head: the trailer's first 12 bytes."""
        address = ipaddress.ip_address(source)
        signed = bytes([address.version, pdu[0] >> 4, pdu[1], 0]) + address.packed.ljust(16, b"\0")
        signed += pdu[:6] + b"\0\0" + pdu[8:] + head + bytes(16)
        return hmaclib.new(self.key, signed, hashlib.sha256).digest()[:16]

    def has_signed(self, packet):
        """Did this key sign a VrrpPacket?"""
        pdu, head, digest = packet.body[:-28], packet.body[-28:-16], packet.body[-16:]
        return (head[:4] == bytes([1, self.key_id, 0, 0])
                and digest == self.digest(packet.source, pdu, head))


def vrrp_advert(source, vips, *, vrid=51, priority=100, version=3, interval_cs=100,
                type_=1, count=None, destination=None, ttl=255, bad_checksum=False,
                auth=None, truncate=None, append=b"", src_mac=None, dst_mac=None,
                protocol=PROTO_VRRP, signer=None):
    """An Ethernet frame with an advert; every field can be made wrong.

    source: the sender's address, whose family decides. interval_cs is in
    centiseconds for both versions. truncate: length of the VRRP part to keep.
    signer: an HmacSigner. A trailer is under the checksum of IPv6 only.
    """
    six = ":" in source
    destination = destination or (GROUP6 if six else GROUP4)
    src, dst = (ipaddress.ip_address(x).packed for x in (source, destination))
    body = b"".join(ipaddress.ip_address(vip).packed for vip in vips)
    timing = (struct.pack("!BB", 0 if auth is None else 1, interval_cs // 100)
              if version == 2 else struct.pack("!H", interval_cs & 0xFFF))
    head = struct.pack("!BBBB", version << 4 | type_, vrid, priority,
                       len(vips) if count is None else count) + timing
    tail = body + ((auth or b"").ljust(8, b"\0")[:8] if version == 2 else b"")
    signature = signer.trailer(source, head + b"\0\0" + tail) if signer else b""
    covered = tail + signature if six else tail
    length = len(head) + 2 + len(covered)
    pseudo = b"" if version == 2 and not six else (
        src + dst + (struct.pack("!IxxxB", length, PROTO_VRRP) if six
                     else struct.pack("!BBH", 0, PROTO_VRRP, length)))
    total = checksum(pseudo + head + b"\0\0" + covered)
    if bad_checksum:
        total ^= 0x5555
    vrrp = (head + struct.pack("!H", total) + tail + signature)[:truncate] + append
    if six:
        packet = struct.pack("!IHBB", 6 << 28, len(vrrp), protocol, ttl) + src + dst + vrrp
    else:
        packet = struct.pack("!BBHHHBBH", 0x45, 0xC0, 20 + len(vrrp), 0, 0, ttl,
                             protocol, 0) + src + dst
        packet = packet[:10] + struct.pack("!H", checksum(packet)) + packet[12:] + vrrp
    mac_src = src_mac or f"00:00:5e:00:0{2 if six else 1}:{vrid:02x}"
    mac_dst = dst_mac or (GROUP6_MAC if six else GROUP4_MAC)
    kind = ETH_P_IPV6 if six else ETH_P_IP
    return mac_bytes(mac_dst) + mac_bytes(mac_src) + struct.pack("!H", kind) + packet


def packet_socket(node, interface, protocol=0):
    with node.inside():
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        index = socket.if_nametoindex(interface)
        if protocol:
            sock.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP,
                            struct.pack("IHH8s", index, PACKET_MR_PROMISC, 0, b""))
        sock.bind((interface, protocol))
    return sock


class Injector:
    """Puts frames on a node's wire."""

    def __init__(self, node, interface="eth0"):
        self._socket = packet_socket(node, interface)

    def send(self, frame):
        self._socket.send(frame)

    def close(self):
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Capture:
    """All frames on an interface, both ways, with the time of each.

    On the router's "lan" bridge it sees what is flooded (adverts, ARP, ND) and
    what goes to the router.
    """

    def __init__(self, node, interface="eth0"):
        self._socket = packet_socket(node, interface, ETH_P_ALL)
        self._socket.settimeout(0.05)
        self._offset = time.clock_gettime(time.CLOCK_REALTIME) - time.monotonic()
        self._socket.setsockopt(socket.SOL_SOCKET, 35, 1)  # SO_TIMESTAMPNS
        self.frames = []
        self._stop = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        while not self._stop:
            try:
                frame, control, _, _ = self._socket.recvmsg(65536, 64)
            except TimeoutError:
                continue
            except OSError:
                return
            when = time.monotonic()
            for level, kind, data in control:
                if level == socket.SOL_SOCKET and kind == 35:
                    sec, nsec = struct.unpack("qq", data)
                    when = sec + nsec / 1e9 - self._offset
            self.frames.append((when, frame))

    def vrrp(self, **fields):
        """The adverts so far, those whose fields have the given values."""
        found = (parse_vrrp(*row) for row in list(self.frames))
        return [p for p in found if p and all(getattr(p, k) == v for k, v in fields.items())]

    def gratuitous_arps(self, address):
        """[(time, source MAC)] of ARP packets announcing address."""
        packed = ipaddress.ip_address(address).packed
        return [(when, frame[22:28].hex(":")) for when, frame in list(self.frames)
                if len(frame) >= 42 and frame[12:14] == b"\x08\x06"
                and frame[28:32] == packed and frame[38:42] == packed]

    def unsolicited_nas(self, address):
        """[(time, source MAC)] of neighbour advertisements for address to all nodes."""
        packed = ipaddress.ip_address(address).packed
        return [(when, frame[6:12].hex(":")) for when, frame in list(self.frames)
                if len(frame) >= 78 and frame[12:14] == b"\x86\xdd" and frame[20] == 58
                and frame[54] == 136 and frame[62:78] == packed and frame[38] == 0xFF]

    def close(self):
        self._stop = True
        self._thread.join()
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
