#!/usr/bin/env python3
"""`normwatch replay`: what the shipped rules say of the demonstration, whatever the number of workers."""

import datetime
import gzip
import json
import os
import shutil
import struct
import subprocess

import harness
from harness import DEMO, check, equal, need

GOLDEN = DEMO / "water.alerts.jsonl"
STABLE = ("path", "level", "rule_title", "norm", "asset", "source_address", "destination_address", "destination_port",
          "host")
FILES = (DEMO / "water.pcap", DEMO / "water.log")


def alerts_of(text):
    """NDJSON as a list."""
    return [json.loads(line) for line in text.splitlines()]


def reduced(alert):
    """What of an alert the golden file holds: who, what, where; not the wording of the rest."""
    return json.dumps({key: alert[key] for key in STABLE if alert.get(key) not in (None, "", 0)})


def replay(world, *arguments, **options):
    """A replay that must succeed."""
    done = world.run("replay", *arguments, **options)
    equal(done.returncode, 0, f"replay failed: {done.stderr}")
    return done


def test_golden(world):
    """Every alert of the demonstration, in order. NW_UPDATE_GOLDEN=1 rewrites the file."""
    lines = [reduced(alert) for alert in alerts_of(replay(world, *FILES).stdout)]
    if os.environ.get("NW_UPDATE_GOLDEN") == "1":
        GOLDEN.write_text("".join(line + "\n" for line in lines))
    want = GOLDEN.read_text().splitlines()
    missing = [line for line in want if line not in lines]
    added = [line for line in lines if line not in want]
    text = f"{len(lines)} alerts, the golden file has {len(want)}"
    check(lines == want, text, f"missing: {missing[:5]}", f"added: {added[:5]}")


def test_norms(world):
    """The demonstration engages each norm that the shipped rules are about."""
    norms = {alert["norm"] for alert in alerts_of(replay(world, *FILES).stdout)}
    equal(sorted(norms), ["13c", "13f", "13g", "13k"], "norms engaged")


def test_workers(world):
    """Alerts and events are the same bytes for any number of workers, and again on a second run."""
    seen = {}
    for workers in (1, 2, 4, 1):
        events = world.directory / f"events-{workers}.jsonl"
        done = replay(world, *FILES, "--workers", workers, "--events", events)
        seen.setdefault("alerts", done.stdout)
        seen.setdefault("events", events.read_text())
        check(done.stdout == seen["alerts"], f"--workers {workers} gives other alerts")
        check(events.read_text() == seen["events"], f"--workers {workers} gives other events")
    check(seen["alerts"].count("\n") > 20, "suspiciously few alerts", seen["alerts"][:500])


def test_workers_and_a_wild_clock(world):
    """The same where the capture's clock leaps a month ahead and back: flows end by it, and must end alike."""
    data = bytearray((DEMO / "water.pcap").read_bytes())
    at, number = 24, 0
    while at < len(data):
        seconds, _, kept = struct.unpack_from("<III", data, at)
        if number % 97 == 50:
            struct.pack_into("<I", data, at, seconds + 30 * 86400)
        at, number = at + 16 + kept, number + 1
    wild = world.directory / "wild.pcap"
    wild.write_bytes(data)
    texts = set()
    for workers in (1, 2, 3, 5):
        events = world.directory / f"wild-{workers}.jsonl"
        done = replay(world, wild, "--workers", workers, "--events", events)
        texts.add(done.stdout + events.read_text())
    equal(len(texts), 1, "different outputs for 1, 2, 3 and 5 workers")
    check(texts.pop().count('"_path":"conn"') > 20, "suspiciously few flows")


def test_unique_ids(world):
    """No two alerts share an id."""
    ids = [alert["id"] for alert in alerts_of(replay(world, *FILES).stdout)]
    equal(len(set(ids)), len(ids), "alerts, by id")


def test_file_date(world):
    """When a file was last written says nothing about what is in it."""
    copies = []
    for file in FILES:
        copies.append(world.directory / file.name)
        shutil.copy(file, copies[-1])
    seen = []
    for year in (2026, 2031):
        for copy in copies:
            os.utime(copy, (0, (year - 1970) * 31_556_952 + 86_400 * 40))
        seen.append(replay(world, *copies).stdout)
    check(seen[0] == seen[1], "the alerts depend on the date of the file")


def test_compressed_and_stdin(world):
    """gzip, zstd and standard input give what the plain file gives, but for its name."""
    plain = [reduced(a) for a in alerts_of(replay(world, FILES[0]).stdout)]
    data = FILES[0].read_bytes()
    packed = world.directory / "water.pcap.gz"
    packed.write_bytes(gzip.compress(data))
    squeezed = world.directory / "water.pcap.zst"
    subprocess.run([need("zstd"), "-q", FILES[0], "-o", squeezed], check=True)
    for name, done in (
        ("gzip", replay(world, packed)),
        ("zstd", replay(world, squeezed)),
        ("standard input", replay(world, "-", stdin=data, text=False)),
    ):
        out = done.stdout if isinstance(done.stdout, str) else done.stdout.decode()
        check([reduced(a) for a in alerts_of(out)] == plain, f"{name} gives other alerts")


def test_events_layout(world):
    """`--events` is Zeek's JSON: `_path` first, `ts`, `uid` and both ends for what came from packets."""
    out = world.directory / "events.jsonl"
    replay(world, *FILES, "--events", out)
    paths = {}
    for line in out.read_text().splitlines():
        check(line.startswith('{"_path":'), "`_path` does not come first", line[:200])
        event = json.loads(line)
        paths.setdefault(event["_path"], []).append(event)
        check(isinstance(event.get("ts"), (int, float, str)), "no `ts`", line[:200])
        if event["_path"] in ("conn", "dns", "modbus"):
            missing = {"uid", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "community_id"} - event.keys()
            check(not missing, f"a {event['_path']} event without {sorted(missing)}", line[:300])
    check({"conn", "dns", "modbus"} <= paths.keys(), "paths", sorted(paths))
    states = {event.get("conn_state") for event in paths["conn"]}
    check({"SF", "S0", "REJ"} <= states, "the demonstration has whole, unanswered and refused connections", states)


def test_summary(world):
    """The summary goes to standard error and adds up to what was written."""
    done = replay(world, *FILES)
    alerts = done.stdout.count("\n")
    check(str(alerts) in done.stderr, f"the summary does not speak of {alerts} alerts", done.stderr)
    check("1494" in done.stderr.replace(",", ""), "the summary does not speak of 1494 packets", done.stderr)


RULES = """title: Seen
id: 00000000-0000-4000-8000-000000000001
name: seen
logsource: {product: test}
detection: {sel: {kind: x}, condition: sel}
---
title: Twice
id: 00000000-0000-4000-8000-000000000002
correlation: {type: event_count, rules: [seen], group-by: [user], timespan: 10s, condition: {gte: 2}}
"""


def test_old_lines(world):
    """JSON lines that are much older than their file, and more than one batch: none is late, with a wild clock among them."""
    (world.directory / "old").mkdir()
    (world.directory / "old" / "rules.yml").write_text(RULES)
    config, lines = world.directory / "old.yaml", world.directory / "old.json"
    config.write_text("rules: {paths: [old]}\n")
    begin = datetime.datetime(2024, 1, 1)
    times = [begin + datetime.timedelta(seconds=20 * i) for i in range(10_000)]
    times[5_000] = datetime.datetime(2199, 1, 1)
    times += [times[-1] + datetime.timedelta(seconds=s) for s in (30, 31)]
    lines.write_text("".join(json.dumps({"@timestamp": f"{time.isoformat()}Z", "kind": "x", "user": "ann"}) + "\n"
                             for time in times))
    for workers in (1, 2):
        done = replay(world, "--config", config, "--product", "test", "--mapping", "none", "--workers", workers, lines)
        equal([alert["ordinal"] for alert in alerts_of(done.stdout)], [10_001], "alerts")
        check(" late 0," in done.stderr, "events are late", done.stderr)


if __name__ == "__main__":
    harness.main(globals(), isolated=False)
