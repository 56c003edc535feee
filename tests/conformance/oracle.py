"""Reading the tables that independent tools left beside a capture: tshark's, Suricata's, Zeek's."""

import csv
import json
import re
from collections import Counter, namedtuple

csv.field_size_limit(1 << 26)

# One tool's account of a capture: `theirs` is a multiset of transactions, `ours(events)` brings our events to the same form.
View = namedtuple("View", "name theirs ours")


def tshark(path):
    """The rows of a field table; several values in one cell are joined with '|'."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8", errors="replace") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def cell(row, name):
    """A cell's values."""
    text = row.get(name) or ""
    return text.split("|") if text else []


def frames(folder):
    """{frame number: row}; the table ends after 200 frames."""
    return {row["frame.number"]: row for row in tshark(folder / "frames.tsv")}


def frame_count(folder, protocol):
    """How many frames hold the protocol, by tshark's hierarchy."""
    rows = tshark(folder / "proto.tsv")
    return sum(int(row["frames"]) for row in rows if row["protocol"] == protocol)


def suricata(folder, kinds):
    """The events of these kinds, or None when there is no log or a kind was cut short (its header says so)."""
    path = folder / "suricata_eve.jsonl"
    if not path.exists():
        return None
    with path.open(encoding="utf-8", errors="replace") as lines:
        header = json.loads(next(lines, "{}"))
        counts, limits = header.get("_event_counts", {}), header.get("_per_type_limit", {})
        if isinstance(limits, dict) and any(counts.get(kind, 0) > limits.get(kind, 1 << 60) for kind in kinds):
            return None
        events = [event for event in map(json.loads, lines) if event.get("event_type") in kinds]
    return events if len(events) == sum(counts.get(kind, 0) for kind in kinds) else None


def zeek(folder, name):
    """The rows of each Zeek log of that name that tells its columns."""
    for path in sorted((folder / "authors" / "zeek").glob(f"*/{name}.log")):
        columns, rows = None, []
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("#fields"):
                columns = line.split("\t")[1:]
            elif line.startswith("ts\t"):
                columns = line.split("\t")  # cut by a tool of Zeek's
            elif line and not line.startswith("#") and columns:
                rows.append(dict(zip(columns, line.split("\t"))))
        if columns:
            yield f"zeek:{path.parent.name}", rows


def zeek_text(value):
    """A cell of Zeek's log; None when it is not set."""
    return {"-": None, "(empty)": ""}.get(value, value)


def our_text(value):
    """A value of ours as Zeek's log writes it."""
    if isinstance(value, bool):
        return "T" if value else "F"
    return None if value is None else str(value)


def behind_others(name):
    """Is this Zeek test about TLS that protocols carry which we do not decode? Its ssl.log and x509.log do not tell."""
    return bool(re.search(r"openvpn|protocols\.(quic|rdp|mysql)|dtls", name))


def view(name, theirs, ours):
    return View(name, Counter(theirs), lambda events: Counter(ours(events)))
