"""BSAP over IP: how many datagrams there were between its ports, as tshark counts those that it does not read."""

from fractions import Fraction

import oracle

PORT = "1234"


def kind(event):
    return event.get("func_code") or event["type_name"]


def our_datagrams(events):
    """An event is one message of the datagram."""
    yield from ["datagram"] * int(sum(Fraction(1, max(event["num_msg"], 1)) for event in events))


def oracles(folder):
    ports = {(row.get("udp.srcport"), row.get("udp.dstport")) for row in oracle.frames(folder).values()}
    if (PORT, PORT) in ports:
        yield oracle.view("tshark", ["datagram"] * oracle.frame_count(folder, "data"), our_datagrams)
