"""MELSOFT over UDP: how many datagrams there were on its port, as tshark counts those that it does not read."""

import oracle

PORT = "5560"


def kind(event):
    return event.get("command_name") or event["frame"]


def our_datagrams(events):
    return ["datagram" for _ in events]


def oracles(folder):
    def unknown(row):
        return PORT in (row.get("udp.srcport"), row.get("udp.dstport")) and row.get("frame.protocols", "").endswith(":data")

    if any(map(unknown, oracle.frames(folder).values())):
        yield oracle.view("tshark", ["datagram"] * oracle.frame_count(folder, "data"), our_datagrams)
