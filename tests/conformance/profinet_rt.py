"""PROFINET's real-time frames that are no DCP: how many each frame id had.

We tell streams, not frames: the counts are those of their ends. Fragments count as one id.
"""

import oracle

DCP, FRAGMENTS = range(0xFEFC, 0xFF00), range(0xFF80, 0xFF90)


def kind(event):
    return f"{event['rt_class']} {event['stream_state']}"


def our_frames(events):
    for event in events:
        if event["stream_state"] == "end":
            yield from [event["frame_id"]] * event["frames"]


def tshark_frames(rows):
    for row in rows:
        number = int(row.get("pn_rt.frame_id") or DCP[0])
        if number not in DCP:
            yield FRAGMENTS[0] if number in FRAGMENTS else number


def oracles(folder):
    theirs = list(tshark_frames(oracle.tshark(folder / "profinet.tsv")))
    if theirs:
        yield oracle.view("tshark", theirs, our_frames)
