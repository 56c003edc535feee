"""Frames for made-up captures: Ethernet, 802.1Q, IPv4/IPv6, TCP, UDP, with every checksum right, and a pcap writer.

Deterministic: the same calls give the same bytes. Python's standard library only.
"""

import ipaddress
import struct

US = 1_000_000  # microseconds in a second; every time here is in microseconds after the base
MTU = 1500

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10


def checksum(data):
    """The Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Wire:
    """What a mirror port sees. `own`: the prefixes whose hosts have their own MAC; all others come by the router."""

    ROUTER = bytes.fromhex("02005e0000fe")

    def __init__(self, base_seconds, own, vlans):
        self.base_us = base_seconds * US
        self.own = [ipaddress.ip_network(prefix) for prefix in own]
        self.vlans = vlans  # address -> VLAN id: frames from or to it are tagged
        self.frames = []  # (time, order, bytes)
        self.ids = {}  # address -> last IPv4 identification

    def _mac(self, address):
        if any(address in network for network in self.own if network.version == address.version):
            return bytes.fromhex("02005e") + address.packed[-3:]
        return self.ROUTER

    def _emit(self, time_us, source, destination, ethertype, packet):
        header = self._mac(destination) + self._mac(source)
        vlan = self.vlans.get(str(source)) or self.vlans.get(str(destination))
        if vlan:
            header += struct.pack("!HH", 0x8100, vlan)
        frame = header + struct.pack("!H", ethertype) + packet
        self.frames.append((time_us, len(self.frames), frame.ljust(60, b"\0")))

    def ip(self, time_us, source, destination, protocol, make_payload):
        """One datagram; `make_payload(pseudo_header)` gives its payload. Fragmented when it is larger than the MTU."""
        source, destination = ipaddress.ip_address(source), ipaddress.ip_address(destination)
        ends = source.packed + destination.packed
        if source.version == 6:
            payload = make_payload(lambda size: ends + struct.pack("!I3xB", size, protocol))
            header = struct.pack("!IHBB", 6 << 28, len(payload), protocol, 64) + ends
            self._emit(time_us, source, destination, 0x86DD, header + payload)
            return
        payload = make_payload(lambda size: ends + struct.pack("!BBH", 0, protocol, size))
        self.ids[source] = identification = (self.ids.get(source, int(source) * 31) + 1) & 0xFFFF
        ttl = 64 if self._mac(source) != self.ROUTER else 51
        step = (MTU - 20) // 8 * 8
        for offset in range(0, max(len(payload), 1), step):
            part = payload[offset : offset + step]
            more = 0x2000 if offset + step < len(payload) else 0
            flags = 0x4000 if len(payload) <= step else more
            place = flags | offset // 8
            header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(part), identification, place, ttl, protocol, 0) + ends
            header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
            self._emit(time_us, source, destination, 0x0800, header + part)
            time_us += 12

    def udp(self, time_us, source, sport, destination, dport, data):
        """One UDP datagram."""

        def payload(pseudo):
            size = 8 + len(data)
            header = struct.pack("!HHHH", sport, dport, size, 0)
            total = checksum(pseudo(size) + header + data) or 0xFFFF
            return header[:6] + struct.pack("!H", total) + data

        self.ip(time_us, source, destination, 17, payload)

    def segment(self, time_us, source, sport, destination, dport, seq, ack, flags, data=b"", options=b""):
        """One TCP segment."""

        def payload(pseudo):
            words = 5 + len(options) // 4
            header = struct.pack("!HHIIBBHHH", sport, dport, seq, ack, words << 4, flags, 64240, 0, 0) + options
            total = checksum(pseudo(len(header) + len(data)) + header + data)
            return header[:16] + struct.pack("!H", total) + header[18:] + data

        self.ip(time_us, source, destination, 6, payload)

    def pcap(self):
        """The whole capture, in the order of time."""
        out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)]
        for time_us, _, frame in sorted(self.frames, key=lambda f: f[:2]):
            seconds, fraction = divmod(self.base_us + time_us, US)
            out.append(struct.pack("<IIII", seconds, fraction, len(frame), len(frame)) + frame)
        return b"".join(out)


class Tcp:
    """One connection. `client` and `server` are (address, port); methods return the time after their last segment."""

    MSS = bytes.fromhex("020405b4")

    def __init__(self, wire, client, server, rtt_us=400):
        self.wire, self.ends, self.rtt = wire, (client, server), rtt_us
        first = checksum(f"{client}{server}".encode())
        self.next = [first * 65521 & 0xFFFFFFFF, first * 40503 & 0xFFFFFFFF]

    def _segment(self, time_us, side, flags, data=b"", options=b""):
        (source, sport), (destination, dport) = self.ends[side], self.ends[1 - side]
        ack = self.next[1 - side] if flags & ACK else 0
        self.wire.segment(time_us, source, sport, destination, dport, self.next[side], ack, flags, data, options)
        length = len(data) + (1 if flags & (SYN | FIN) else 0)
        self.next[side] = (self.next[side] + length) & 0xFFFFFFFF
        return time_us

    def open(self, time_us):
        """The three-way handshake."""
        self._segment(time_us, 0, SYN, options=self.MSS)
        self._segment(time_us + self.rtt, 1, SYN | ACK, options=self.MSS)
        return self._segment(time_us + self.rtt + 60, 0, ACK)

    def attempt(self, time_us):
        """A SYN that nobody answers."""
        return self._segment(time_us, 0, SYN, options=self.MSS)

    def refused(self, time_us):
        """A SYN answered with RST."""
        self._segment(time_us, 0, SYN, options=self.MSS)
        return self._segment(time_us + self.rtt, 1, RST | ACK)

    def send(self, time_us, data, side=0):
        """Data in one segment, acknowledged by whatever the other side sends next."""
        return self._segment(time_us, side, PSH | ACK, data)

    def ack(self, time_us, side=0):
        """A bare acknowledgement."""
        return self._segment(time_us, side, ACK)

    def exchange(self, time_us, request, reply):
        """A request, its reply (none when empty), and the client's acknowledgement."""
        self.send(time_us, request)
        if not reply:
            return self.ack(time_us + self.rtt, 1)
        self.send(time_us + self.rtt + 900, reply, 1)
        return self.ack(time_us + self.rtt + 5000)

    def close(self, time_us):
        """FIN from the client, FIN from the server."""
        self._segment(time_us, 0, FIN | ACK)
        self._segment(time_us + self.rtt, 1, FIN | ACK)
        return self._segment(time_us + self.rtt + 60, 0, ACK)

    def reset(self, time_us, side=0):
        """RST: the end, at once."""
        return self._segment(time_us, side, RST | ACK)


def dns_name(name):
    """A name in wire form, uncompressed."""
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


TYPES = {"A": 1, "TXT": 16, "AAAA": 28}


def dns(identification, name, kind, answer=None, rcode=0):
    """A query, or with `answer` (a string; "" for none) its reply."""
    if answer is None:
        header = struct.pack("!HHHHHH", identification, 0x0100, 1, 0, 0, 0)
        return header + dns_name(name) + struct.pack("!HH", TYPES[kind], 1)
    data = b""
    if answer:
        value = answer.encode() if kind == "TXT" else ipaddress.ip_address(answer).packed
        data = bytes([len(value)]) + value if kind == "TXT" else value
        data = struct.pack("!HHHIH", 0xC00C, TYPES[kind], 1, 300, len(data)) + data
    header = struct.pack("!HHHHHH", identification, 0x8180 | rcode, 1, 1 if answer else 0, 0, 0)
    return header + dns_name(name) + struct.pack("!HH", TYPES[kind], 1) + data


def modbus(transaction, unit, function, data=b""):
    """One Modbus/TCP ADU."""
    return struct.pack("!HHHBB", transaction & 0xFFFF, 0, 2 + len(data), unit, function) + data
