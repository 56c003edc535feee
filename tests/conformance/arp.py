"""ARP: each message's operation and the four addresses in it, for IPv4 over Ethernet."""

import oracle

NUMBERS = {
    "request": "1",
    "reply": "2",
    "reverse_request": "3",
    "reverse_reply": "4",
    "inverse_request": "8",
    "inverse_reply": "9",
}
COLUMNS = ("arp.opcode", "arp.src.hw_mac", "arp.src.proto_ipv4", "arp.dst.hw_mac", "arp.dst.proto_ipv4")


def our_messages(events):
    for event in events:
        yield (NUMBERS.get(event["op"], event["op"]), event["sha"], event["spa"], event["tha"], event["tpa"])


def oracles(folder):
    rows = oracle.tshark(folder / "arp.tsv")
    if rows:
        theirs = [message for row in rows for message in zip(*(oracle.cell(row, column) for column in COLUMNS))]
        yield oracle.view("tshark", theirs, our_messages)
