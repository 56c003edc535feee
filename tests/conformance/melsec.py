"""MELSOFT over UDP: how many datagrams there were on its port, as tshark counts those that it does not read."""

import oracle

PORT = "5560"


def kind(event):
    return event.get("command_name") or event["frame"]


def our_datagrams(events):
    return ["datagram" for _ in events]


def oracles(folder):
    frames = oracle.frames(folder).values()
    if any(PORT in (row["udp.srcport"], row["udp.dstport"]) and row["frame.protocols"].endswith(":data") for row in frames):
        yield oracle.view("tshark", ["datagram"] * oracle.frame_count(folder, "data"), our_datagrams)
