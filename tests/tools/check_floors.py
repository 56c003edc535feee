#!/usr/bin/env python3
"""Holds the house's floors: a folder includes from lower floors and from itself, pure folders touch no outside world.

The tables are the architecture (DESIGN, "The house"); change them in a commit of their own.
usage: check_floors.py [daemon]    exit 1 and a line per fault
"""
import pathlib
import re
import sys

FLOORS = {
    "base": 0,
    "event": 1,
    "ingest/capture": 2, "ingest/network": 2, "ingest/logs": 2, "ingest/flows": 2,
    "context/indicators": 2, "context/look_alikes": 2, "context/registry": 2, "context/norms": 2, "context/taxonomy": 2, "context/vulnerabilities": 2,
    "detect/sigma": 3, "detect/correlation": 3, "detect/baseline": 3, "detect/liveness": 3,
    "record": 4, "record/ledger": 4, "record/incidents": 4, "record/merkle": 4, "record/privacy": 4, "record/reporting": 4, "record/evidence": 4, "record/keys": 4,
    "record/guard": 4, "record/packets": 4, "record/reveals": 4, "record/bundle": 4, "record/witness": 4,
    "export": 5, "export/metrics": 5,
    "console": 6,
    "app": 7,
}
# On one floor only these may look at each other: (who, whom).
SAME_FLOOR = {("record/bundle", "record"), ("record/bundle", "record/evidence"), ("record/bundle", "record/ledger"), ("record/bundle", "record/merkle"), ("record/bundle", "record/privacy"),
              ("record/guard", "record"), ("record/guard", "record/keys"), ("record/guard", "record/privacy"), ("record/evidence", "record"), ("record/evidence", "record/ledger"), ("record/evidence", "record/privacy"), ("record/keys", "record"), ("record/keys", "record/ledger"),
              ("record/keys", "record/merkle"), ("record/keys", "record/privacy"), ("detect/correlation", "detect/sigma"), ("record", "record/merkle"), ("record/ledger", "record"), ("record/ledger", "record/merkle"), ("record/incidents", "record"), ("record/incidents", "record/ledger"), ("record/incidents", "record/merkle"),
              ("context/indicators", "context/taxonomy"), ("context/look_alikes", "context/norms"), ("context/norms", "context/taxonomy"), ("context/registry", "context/taxonomy"), ("context/vulnerabilities", "context/registry"),
              ("record/reveals", "record"), ("record/reveals", "record/evidence"), ("record/reveals", "record/ledger"), ("record/reveals", "record/merkle"), ("record/reveals", "record/privacy"),
              ("record/bundle", "record/witness"), ("record/witness", "record/ledger"), ("record/witness", "record/merkle"),
              ("export", "export/metrics"), ("ingest/logs", "ingest/flows")}
PURE = ("base", "event", "ingest/network", "ingest/logs/formats", "ingest/flows", "context", "detect", "record/merkle", "record/packets", "record/privacy", "record/reporting")
OUTSIDE = re.compile(r"<(boost/asio.*|sqlite3\.h|pcap.*|sys/socket\.h|thread|mutex|condition_variable|fstream|filesystem|chrono_io)>")
# base holds the bounded queue and the log, which are locks by nature.
PURE_EXCEPT = {"base/bounded_queue.h", "base/log.cpp"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"][^>"]+[>"])')


def room_of(path):
    """The longest known folder that `path` (relative, as text) lies in."""
    found = [room for room in FLOORS if path == room or path.startswith(room + "/")]
    return max(found, key=len) if found else None


def faults(root):
    for path in sorted(p for p in root.rglob("*") if p.suffix in {".h", ".cpp"}):
        name = path.relative_to(root).as_posix()
        if name == "main.cpp":
            continue
        room = room_of(name)
        if room is None:
            yield f"{path}: lies in no known folder"
            continue
        pure = any(name.startswith(p + "/") for p in PURE) and name not in PURE_EXCEPT
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = INCLUDE.match(line)
            if not found:
                continue
            target = found[1]
            if pure and OUTSIDE.fullmatch(target):
                yield f"{path}:{number}: a pure folder includes {target}; hand the value in instead"
            other = room_of(target[1:-1]) if target[0] == '"' else None
            if other is None or other == room:
                continue
            if FLOORS[other] > FLOORS[room] or (FLOORS[other] == FLOORS[room] and (room, other) not in SAME_FLOOR):
                yield f"{path}:{number}: {room} (floor {FLOORS[room]}) includes {other} (floor {FLOORS[other]})"


if __name__ == "__main__":
    found = list(faults(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "daemon")))
    print("\n".join(found) or "floors: ok")
    sys.exit(bool(found))
