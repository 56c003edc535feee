#!/usr/bin/env python3
"""`normwatch registry`, and the register's lists of points: what a sysadmin meets who keeps the register."""

import json

import harness
from harness import DEMO, check, equal

OK, DIFFERS, USAGE, NO_INPUT = 0, 1, 64, 66


def run(world, want, *arguments):
    done = world.run("registry", *arguments)
    equal(done.returncode, want, f"registry {' '.join(map(str, arguments))}: {done.stdout}{done.stderr}")
    return done


def devices(done):
    return {(line["kind"], line["address"]): line for line in map(json.loads, done.stdout.splitlines())}


def config(world, register):
    world.write("registry.yaml", register)
    return world.write("c.yaml", "registry: registry.yaml\n")


REGISTER = """version: 1
assets:
  - asset: w4t3r1
    sector: water.supply
    class: {a: C1, i: C1, c: C3}
    networks: [192.0.2.0/24]
    hosts:
      - addr: 192.0.2.10
        roles: [plc]
        protocols: [PROTOCOL]
        points:
          - {point: 1/coil/4, tag: PUMP4, min: MIN}
      - {addr: 192.0.2.250, roles: [rtu]}
"""


def test_help(world):
    check("\n  diff " in run(world, OK, "--help").stdout, "diff is not listed")
    text = run(world, OK, "diff", "--help").stdout
    check("Exit status:" in text and "normwatch registry diff" in text, "help of diff", text)
    run(world, USAGE, "diff")
    run(world, NO_INPUT, "diff", "nowhere.pcap")


def test_diff(world):
    """A device of the demonstration that is not designated as it behaves, and one that is not there."""
    path = config(world, REGISTER.replace("PROTOCOL", "dnp3").replace("MIN", "0"))
    done = run(world, DIFFERS, "diff", "--config", path, "--json", DEMO / "water.pcap")
    found = devices(done)
    equal(found["protocol", "192.0.2.10"]["detail"], "answers in modbus", "protocol")
    equal(found["silent", "192.0.2.250"]["asset"], "w4t3r1", "silent")
    check("devices seen" in done.stderr, "no summary", done.stderr)
    lines = run(world, DIFFERS, "diff", "--config", path, DEMO / "water.pcap").stdout.splitlines()
    equal(len(lines), len(found), "as many lines as objects")
    path = config(world, REGISTER.replace("PROTOCOL", "modbus").replace("MIN", "0"))
    found = devices(run(world, DIFFERS, "diff", "--config", path, "--json", DEMO / "water.pcap"))
    check(("protocol", "192.0.2.10") not in found, "it is as designated", found)


def test_points(world):
    """A value beyond its point's limits is an alert of the shipped rule, and says which."""
    rule = "3d1d1a5e-6f0a-4f3e-9d0c-0b8f6f1f7c52"
    for least, wanted in (("0", 0), ("1", 1)):
        path = config(world, REGISTER.replace("PROTOCOL", "modbus").replace("MIN", least))
        done = world.run("replay", "--quiet", "--config", path, DEMO / "water.pcap")
        equal(done.returncode, OK, done.stderr)
        alerts = [alert for alert in map(json.loads, done.stdout.splitlines()) if alert["rule_id"] == rule]
        equal(len(alerts), wanted, f"alerts with min {least}")
        check(all(a["fields"]["nw.point.outside"] == "PUMP4 0, below 1" for a in alerts), "what it says", alerts)


if __name__ == "__main__":
    harness.main(globals(), isolated=False)
