"""BGP: tcpdump's texts tell the type of each message; keepalives we only count, so they are left out."""

import re

import oracle

NAMES = {"Open": "OPEN", "Update": "UPDATE", "Notification": "NOTIFICATION", "Route Refresh": "ROUTE-REFRESH"}
MESSAGE = re.compile(r"^\t([A-Z][A-Za-z ]+) Message \((\d+)\), length: \d+", re.MULTILINE)


def tcpdump_types(text):
    return (NAMES[name] for name, _ in MESSAGE.findall(text) if name in NAMES)


def our_types(events):
    return (event["msg_type"] for event in events)


def oracles(folder):
    for path in sorted((folder / "authors" / "tcpdump").glob("*.out")):
        yield oracle.view(f"tcpdump:{path.name}", tcpdump_types(path.read_text(errors="replace")), our_types)
