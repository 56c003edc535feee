"""Sampled Values: how many samples each stream had, by (APPID, name, version, clock).

We tell streams, not samples: the counts are those of their ends.
"""

import oracle

CLOCKS = {"0": "none", "1": "local", "2": "global"}


def kind(event):
    return event["stream_state"]


def our_samples(events):
    for event in events:
        if event["stream_state"] == "end":
            stream = (event["appid"], event["sv_id"], str(event["conf_rev"]), event["smp_synch"])
            yield from [stream] * event["samples"]


def tshark_samples(rows):
    for row in rows:
        cells = (oracle.cell(row, f"sv.{name}") for name in ("svID", "confRev", "smpSynch"))
        for name, version, clock in zip(*cells):
            yield (hex(int(row["sv.appid"], 16)), name, version, CLOCKS.get(clock, clock))


def oracles(folder):
    rows = oracle.tshark(folder / "sv.tsv")
    if rows:
        yield oracle.view("tshark", tshark_samples(rows), our_samples)
