#!/usr/bin/env python3
"""Makes the demonstration: an attack on a water utility's controllers, as packets (water.pcap) and logs (water.log).

    make_demo.py [DIRECTORY]      writes both files there (default: beside this script)

Every address is from the documentation ranges (RFC 5737, RFC 3849); every byte is computed here, none is from a real
network. The same script gives the same bytes. The story, with times, is in README.md.
"""

import base64
import hashlib
import pathlib
import struct
import sys

sys.dont_write_bytecode = True
from packets import US, Tcp, Wire, dns, modbus  # noqa: E402

BASE = 1768464000  # 2026-01-15T08:00:00Z
END = 240  # seconds

PLCS = ("192.0.2.10", "192.0.2.11", "192.0.2.12")  # intake, dosing, reservoir
HMI, EWS, HISTORIAN = "192.0.2.20", "192.0.2.21", "192.0.2.30"
JUMP, RESOLVER, TIME, CACHE, OFFICE = "192.0.2.130", "192.0.2.131", "192.0.2.132", "192.0.2.141", "192.0.2.150"
CERT_MAIL, CERT_WEB = "198.51.100.10", "198.51.100.11"
INTRUDER, GUESSER, VICTIM = "203.0.113.66", "203.0.113.67", "203.0.113.77"
UPSTREAM, TUNNEL, ABROAD = "203.0.113.5", "203.0.113.53", "203.0.113.99"
EWS_V6, RESOLVER_V6 = "2001:db8:2::21", "2001:db8:2::131"

SET_POINT = 100  # holding register of the dosing controller: chlorine, in 0.01 mg/l
LISTEN_ONLY = 114
TUNNEL_FROM, TUNNEL_QUERIES = 140, 36


def at(seconds):
    """Seconds after the base, in microseconds."""
    return round(seconds * US)


def noise(label, size):
    """Bytes that look random and are always the same."""
    out = b""
    while len(out) < size:
        out += hashlib.sha256(f"{label}/{len(out)}".encode()).digest()
    return out[:size]


def registers(label, count):
    """A reply's register values: near 500, drifting."""
    return struct.pack(f"!B{count}H", 2 * count, *(480 + byte % 40 for byte in noise(label, count)))


def silenced(plc, now, reply):
    """What the controller sends: nothing more, once it was ordered to listen only."""
    return b"" if plc == PLCS[2] and now > at(LISTEN_ONLY) else reply


def polling(wire):
    """What the plant does all day: the HMI reads, and sets a value twice; the historian collects."""
    for unit, plc in enumerate(PLCS, 1):
        hmi = Tcp(wire, (HMI, 49200 + unit), (plc, 502))
        hmi.open(at(0.1 * unit))
        for round_ in range(1, END // 3):
            now = at(3 * round_ + 0.11 * unit)
            request = modbus(round_, unit, 3, struct.pack("!HH", 0, 10))
            hmi.exchange(now, request, silenced(plc, now, modbus(round_, unit, 3, registers(f"{plc}{round_}", 10))))
            if plc == PLCS[1] and round_ in (13, 43):
                write = modbus(9000 + round_, unit, 6, struct.pack("!HH", SET_POINT, 52 if round_ == 13 else 50))
                hmi.exchange(now + at(1), write, write)
        hmi.close(at(END - 1 + 0.1 * unit))
        for visit in range(END // 60):
            now = at(12 + 60 * visit + 2 * unit)
            collect = Tcp(wire, (HISTORIAN, 51000 + 10 * visit + unit), (plc, 502))
            collect.open(now)
            request = modbus(visit + 1, unit, 4, struct.pack("!HH", 200, 24))
            reply = modbus(visit + 1, unit, 4, registers(f"h{plc}{visit}", 24))
            collect.exchange(now + 2000, request, silenced(plc, now, reply))
            collect.close(now + at(0.1))


def lookups(wire):
    """Names asked of the plant's own resolver, which asks upstream."""
    names = ("time.utility.example", "updates.vendor.example", "historian.utility.example", "mail.utility.example")
    for i in range(16):
        now, client = at(5 + 14.3 * i), (HMI, EWS, HISTORIAN, OFFICE)[i % 4]
        name, kind = names[i % len(names)], "AAAA" if i % 5 == 4 else "A"
        found = "2001:db8:2::7b" if kind == "AAAA" else f"192.0.2.{60 + i % 4}"
        wire.udp(now, client, 40000 + i, RESOLVER, 53, dns(0x1000 + i, name, kind))
        if i < 4:
            wire.udp(now + 300, RESOLVER, 33000 + i, UPSTREAM, 53, dns(0x2000 + i, name, kind))
            wire.udp(now + 18300, UPSTREAM, 53, RESOLVER, 33000 + i, dns(0x2000 + i, name, kind, found))
        wire.udp(now + (18600 if i < 4 else 240), RESOLVER, 53, client, 40000 + i, dns(0x1000 + i, name, kind, found))
    name = "licence.vendor.example"
    wire.udp(at(33), EWS_V6, 40100, RESOLVER_V6, 53, dns(0x3000, name, "AAAA"))
    wire.udp(at(33) + 350, RESOLVER_V6, 53, EWS_V6, 40100, dns(0x3000, name, "AAAA", "2001:db8:2::80"))


def ssh(wire, now, client, port, server, rounds):
    """An SSH session as the wire shows it: banners, key exchange, then bytes nobody can read."""
    session = Tcp(wire, (client, port), (server, 22), rtt_us=31_000)
    now = session.open(now) + 500
    now = session.send(now, b"SSH-2.0-Go\r\n") + 31_000
    now = session.send(now, b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n", 1) + 1000
    label = f"{client}:{port}"
    for i in range(rounds):
        now = session.send(now, noise(f"{label}/c{i}", 96 + 16 * (i % 5))) + 31_000
        now = session.send(now, noise(f"{label}/s{i}", 80 + 16 * (i % 7)), 1) + 1000
    session.close(now + 20_000)


def guesses():
    """When each guess at jump1 came: (seconds, user, source port)."""
    users = ("root", "admin", "operator", "scada", "hmi", "jump", "support", "service", "maint")
    return [(60 + 2.2 * i, user, 40022 + 2 * i) for i, user in enumerate(users)]


def mail_guesses():
    """The same at cert-mail."""
    users = ("root", "admin", "cert", "postmaster", "misp", "abuse")
    return [(190 + 1.7 * i, user, 52100 + i) for i, user in enumerate(users)]


def break_in(wire):
    """Nine failed guesses at jump1, then a session that lasts."""
    for seconds, _, port in guesses():
        ssh(wire, at(seconds), INTRUDER, port, JUMP, 4)
    ssh(wire, at(82), INTRUDER, 40050, JUMP, 40)


def from_outside(wire):
    """The intruder speaks to the dosing controller directly: looks at it, then sets the chlorine twenty-fold."""
    plc = Tcp(wire, (INTRUDER, 40101), (PLCS[1], 502), rtt_us=29_000)
    now = plc.open(at(90)) + at(0.2)
    identity = bytes.fromhex("0e0101000003") + b"\x00\x07Example" + b"\x01\x04PX-7" + b"\x02\x051.2.3"
    now = plc.exchange(now, modbus(1, 2, 0x2B, bytes.fromhex("0e0100")), modbus(1, 2, 0x2B, identity)) + at(0.4)
    now = plc.exchange(now, modbus(2, 2, 3, struct.pack("!HH", 96, 8)), modbus(2, 2, 3, registers("look", 8))) + at(1)
    dose = modbus(3, 2, 6, struct.pack("!HH", SET_POINT, 1000))
    now = plc.exchange(now, dose, dose) + at(1)
    block = struct.pack("!HHB3H", SET_POINT, 3, 6, 1100, 1100, 0)
    now = plc.exchange(now, modbus(4, 2, 0x10, block), modbus(4, 2, 0x10, struct.pack("!HH", SET_POINT, 3))) + at(0.5)
    past_end = modbus(5, 2, 6, struct.pack("!HH", 9999, 1))
    now = plc.exchange(now, past_end, modbus(5, 2, 0x86, b"\x02")) + at(0.5)
    plc.close(now)


def from_jump_host(wire):
    """By way of the jump host: pumps off, the reservoir's controller silenced, its program and firmware asked for."""
    intake = Tcp(wire, (JUMP, 38211), (PLCS[0], 502))
    now = intake.open(at(104)) + at(0.1)
    for coil in range(24):
        write = modbus(coil + 1, 1, 5, struct.pack("!HH", coil, 0))
        now = intake.exchange(now, write, write) + at(0.15)
    intake.close(now)
    reservoir = Tcp(wire, (JUMP, 38212), (PLCS[2], 502))
    now = reservoir.open(at(112)) + at(0.1)
    alarm = struct.pack("!HHB2H", 40, 2, 4, 65535, 65535)
    now = reservoir.exchange(now, modbus(1, 3, 0x10, alarm), modbus(1, 3, 0x10, struct.pack("!HH", 40, 2))) + at(0.5)
    program = modbus(2, 3, 0x5A, bytes.fromhex("0030000001") + noise("program", 48))
    now = reservoir.exchange(now, program, modbus(2, 3, 0xDA, b"\x01")) + at(0.5)
    firmware = modbus(3, 3, 0x7D, bytes.fromhex("00010000") + noise("firmware", 96))
    now = reservoir.exchange(now, firmware, modbus(3, 3, 0xFD, b"\x01")) + at(0.5)
    # Force listen only: by the specification, no reply.
    now = reservoir.exchange(at(LISTEN_ONLY), modbus(4, 3, 8, struct.pack("!HH", 4, 0)), b"") + at(0.8)
    reservoir.reset(now)


def tunnel(wire):
    """The engineering workstation asks a resolver abroad, directly, for names that carry data."""
    for i in range(TUNNEL_QUERIES):
        text = base64.b32encode(noise(f"out{i}", 60)).decode().lower().rstrip("=")
        name = f"{i:03x}.{text[:48]}.{text[48:]}.t.cdn-sync.example"
        reply = base64.b64encode(noise(f"in{i}", 150)).decode()
        now = at(TUNNEL_FROM + 0.7 * i)
        wire.udp(now, EWS, 41000 + i, TUNNEL, 53, dns(0x4000 + i, name, "TXT"))
        wire.udp(now + 26_000, TUNNEL, 53, EWS, 41000 + i, dns(0x4000 + i, name, "TXT", reply))


def abroad(wire):
    """An office computer of the utility writes to a controller in another country."""
    victim = Tcp(wire, (OFFICE, 50333), (ABROAD, 502), rtt_us=42_000)
    now = victim.open(at(170)) + at(0.2)
    now = victim.exchange(now, modbus(1, 1, 3, struct.pack("!HH", 0, 4)), modbus(1, 1, 3, registers("far", 4))) + at(1)
    write = modbus(2, 1, 6, struct.pack("!HH", 7, 0))
    now = victim.exchange(now, write, write) + at(0.3)
    victim.close(now)


def reflectors(wire):
    """Two own servers answer small requests, whose sender is forged, with large replies to a victim abroad."""
    for i in range(8):
        now = at(177 + 0.25 * i)
        wire.udp(now, VICTIM, 4444, TIME, 123, bytes.fromhex("1700032a00000000"))
        for part in range(10):
            reply = bytes([0xD7, part, 3, 0x2A]) + struct.pack("!HH", 6, 72) + noise(f"ntp{i}.{part}", 432)
            wire.udp(now + 700 + 60 * part, TIME, 123, VICTIM, 4444, reply)
    for i in range(6):
        now = at(180 + 0.4 * i)
        wire.udp(now, VICTIM, 4445, CACHE, 11211, bytes.fromhex("0001000000010000") + b"stats\r\n")
        lines = b"".join(b"STAT slab_%03d %d\r\n" % (n, 1000 * n + i) for n in range(190))
        wire.udp(now + 900, CACHE, 11211, VICTIM, 4445, bytes.fromhex("0001000000010000") + lines)


def against_the_cert(wire):
    """Guesses at the CERT's mail host, and a walk over the ports of its web server."""
    for seconds, _, port in mail_guesses():
        ssh(wire, at(seconds), GUESSER, port, CERT_MAIL, 3)
    ports = (21, 23, 25, 81, 110, 111, 135, 139, 445, 502, 1433, 1521, 2375, 3306, 3389, 5432, 5900, 6379, 8080, 9200)
    for i, port in enumerate(ports):
        probe = Tcp(wire, (GUESSER, 52200 + i), (CERT_WEB, port), rtt_us=24_000)
        now = at(204 + 0.2 * i)
        probe.refused(now) if i % 3 == 0 else probe.attempt(now)


def stamp(seconds):
    """The clock of RFC 5424's lines."""
    whole, part = divmod(at(seconds), US)
    return f"2026-01-15T08:{whole // 60:02d}:{whole % 60:02d}.{part:06d}Z"


def modern(seconds, priority, host, program, pid, text):
    """One line of RFC 5424."""
    return seconds, f"<{priority}>1 {stamp(seconds)} {host} {program} {pid} - - {text}"


def bsd(seconds, priority, host, program, pid, text):
    """One line of RFC 3164: neither year nor zone."""
    whole = int(seconds)
    return seconds, f"<{priority}>Jan 15 08:{whole // 60:02d}:{whole % 60:02d} {host} {program}[{pid}]: {text}"


def logs():
    """The lines of jump1, cert-mail and cert-web, in the order of time."""
    lines = []
    for i, minute in enumerate(range(0, END, 60)):
        lines.append(modern(minute + 1.02, 78, "jump1", "CRON", 2100 + i, "(root) CMD (test -x /usr/sbin/anacron)"))
        text = "connect from mx.partner.example[192.0.2.200]"
        lines.append(bsd(minute + 9, 22, "cert-mail", "postfix/smtpd", 811 + i, text))
        text = f"4{i}F2C1: from=<team@partner.example>, size=4312"
        lines.append(bsd(minute + 10, 22, "cert-mail", "postfix/qmgr", 640, text))
        text = '198.51.100.20 "GET /advisories HTTP/1.1" 200 5120'
        lines.append(bsd(minute + 21, 30, "cert-web", "nginx", 433, text))
    text = "Accepted publickey for engineer from 192.0.2.150 port 50101 ssh2: ED25519 SHA256:demo"
    lines.append(modern(20.4, 38, "jump1", "sshd", 2190, text))
    for i, (seconds, user, port) in enumerate(guesses()):
        who = user if user in ("root", "jump") else f"invalid user {user}"
        text = f"Failed password for {who} from {INTRUDER} port {port} ssh2"
        lines.append(modern(seconds + 0.4, 38, "jump1", "sshd", 2231 + i, text))
    text = f"Accepted password for jump from {INTRUDER} port 40050 ssh2"
    lines.append(modern(82.7, 38, "jump1", "sshd", 2250, text))
    text = "pam_unix(sshd:session): session opened for user jump(uid=1004) by (uid=0)"
    lines.append(modern(82.8, 86, "jump1", "sshd", 2250, text))
    text = "jump : TTY=pts/0 ; PWD=/home/jump ; USER=root ; COMMAND=/usr/bin/systemctl stop auditd"
    lines.append(modern(86.1, 85, "jump1", "sudo", 2263, text))
    lines.append(modern(86.4, 29, "jump1", "auditd", 512, "The audit daemon is exiting."))
    lines.append(modern(86.5, 30, "jump1", "systemd", 1, "Stopped auditd.service - Security Auditing Service."))
    for i, (seconds, user, port) in enumerate(mail_guesses()):
        who = user if user in ("root", "postmaster") else f"invalid user {user}"
        text = f"Failed password for {who} from {GUESSER} port {port} ssh2"
        lines.append(bsd(seconds + 0.5, 38, "cert-mail", "sshd", 3301 + i, text))
    return "".join(line + "\n" for _, line in sorted(lines))


def main():
    """Writes both files."""
    directory = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
    # The office's switch tags what it mirrors; the plant's does not.
    wire = Wire(BASE, ("192.0.2.0/24", "198.51.100.0/26", "2001:db8:2::/64"), {OFFICE: 20})
    for scene in (polling, lookups, break_in, from_outside, from_jump_host, tunnel, abroad, reflectors):
        scene(wire)
    against_the_cert(wire)
    (directory / "water.pcap").write_bytes(wire.pcap())
    (directory / "water.log").write_text(logs())


if __name__ == "__main__":
    main()
