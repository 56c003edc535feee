#!/usr/bin/env python3
"""Names that are easily taken for a designated one, from packets to alerts: by the register's domains alone."""

import json
import struct

import harness
from harness import check, equal

ASKED = {  # name asked for: what the alert says of it; absent: no alert
    "www.cert.example": None,
    "cert.examp1e": "confusable",
    "xn--crt-rdd.example": "confusable",
    "certs.example": "distance",
    "login.cert-example.org": "embedded",
    "cert.example.corp.local": None,  # a resolver put its own domain behind it
    "www.example.org": None,
}

CONFIG = """state_directory: state
registry: registry.yaml
sources: []
"""
REGISTER = """version: 1
assets:
  - asset: c3rt01
    sector: {sector}
    class: {{a: C2, i: C1, c: C1}}
    networks: [198.51.100.0/26]
    {domains}
"""


def frame(name, number):
    """A question for an address, from 192.0.2.5 to 203.0.113.53."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    message = struct.pack(">HHHHHH", number, 0x100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", 1, 1)
    datagram = struct.pack(">HHHH", 40000 + number, 53, 8 + len(message), 0) + message
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(datagram), number, 0, 64, 17, 0, bytes([192, 0, 2, 5]),
                       bytes([203, 0, 113, 53]))
    total = sum(struct.unpack(">10H", head))
    total = (total & 0xffff) + (total >> 16)
    head = head[:10] + struct.pack(">H", ~total & 0xffff) + head[12:]
    return bytes(12) + b"\x08\0" + head + datagram


def capture(world):
    """All of them, one a second."""
    out = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1)
    for number, name in enumerate(ASKED):
        packet = frame(name, number)
        out += struct.pack("<IIII", 1790000000 + number, 0, len(packet), len(packet)) + packet
    path = world.directory / "names.pcap"
    path.write_bytes(out)
    return path


def found(world, sector="response.cert", domains="domains: [cert.example]"):
    """By name asked for, in which way the alert says that it looks like the designated one."""
    world.write("registry.yaml", REGISTER.format(sector=sector, domains=domains))
    config = world.write("c.yaml", CONFIG)
    done = world.run("replay", "--config", config, capture(world), cwd=world.directory)
    equal(done.returncode, 0, done.stderr)
    fields = [alert["fields"] for alert in map(json.loads, done.stdout.splitlines())
              if alert["rule_title"].startswith("Name that looks like the response team's")]
    check(all(field["nw.look_alike_of"] == "cert.example" for field in fields), "of another name", fields)
    return {field["query"]: field["nw.look_alike_by"] for field in fields}


def test_names(world):
    """Each way is found, and what is designated, allowed or quite different is not."""
    equal(found(world), {name: by for name, by in ASKED.items() if by is not None}, "look-alikes")


def test_another_sector(world):
    """The rules are about response teams."""
    equal(found(world, sector="water.supply"), {}, "look-alikes of a water works")


def test_without_domains(world):
    """Nothing is compared, and the rules say that they cannot fire."""
    equal(found(world, domains="disclosure: open"), {}, "look-alikes of nobody")
    done = world.run("check", "--config", "c.yaml", "--dormant", cwd=world.directory)
    check("look_alike" in done.stdout + done.stderr, "the rule is not said to be dormant", done.stdout, done.stderr)


if __name__ == "__main__":
    harness.main(globals(), isolated=False)
