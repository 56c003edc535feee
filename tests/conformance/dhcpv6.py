"""DHCPv6: which messages were seen. tcpdump's texts tell (kind, transaction number), tshark's hierarchy how many there were.
"""

import re

import oracle

KINDS = {"inf-req": "INFORMATION_REQUEST"}
MESSAGE = re.compile(r"\bdhcp6 ([a-z-]+) \(xid=([0-9a-f]+)")


def our_messages(events):
    for event in events:
        for kind in event.get("msg_types", ()):
            yield (kind, event["xid"])


def tcpdump_messages(text):
    for kind, number in MESSAGE.findall(text):
        yield (KINDS.get(kind, kind.upper()), int(number, 16))


def oracles(folder):
    for path in sorted((folder / "authors" / "tcpdump").glob("*.out")):
        yield oracle.view(f"tcpdump:{path.name}", tcpdump_messages(path.read_text(errors="replace")), our_messages)
    frames = oracle.frame_count(folder, "dhcpv6")
    yield oracle.view("tshark", ["message"] * frames, lambda events: ["message" for _ in our_messages(events)])
