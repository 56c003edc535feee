#!/usr/bin/env python3
"""The demonstration's files are what its script makes, within their limits."""

import subprocess
import sys

import harness
from harness import DEMO, check, equal


def test_same_bytes(world):
    """Made again, they are the same."""
    script = DEMO / "make_demo.py"
    subprocess.run([sys.executable, script, world.directory], check=True, timeout=60)
    for name in ("water.pcap", "water.log"):
        check((world.directory / name).read_bytes() == (DEMO / name).read_bytes(), f"{name} is not what {script} makes")


def test_limits(world):
    """Small enough to lie in the repository; from the documentation ranges only."""
    size = (DEMO / "water.pcap").stat().st_size
    check(size < 400_000, f"water.pcap has {size} bytes")
    done = world.run("replay", DEMO / "water.pcap", "--events", world.directory / "events.jsonl")
    equal(done.returncode, 0, done.stderr)
    allowed = ("192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:")
    for line in (world.directory / "events.jsonl").read_text().splitlines():
        for end in ("id.orig_h", "id.resp_h"):
            address = harness.json.loads(line).get(end)
            check(address is None or address.startswith(allowed), f"not from a documentation range: {address}")


if __name__ == "__main__":
    harness.main(globals(), isolated=False)
