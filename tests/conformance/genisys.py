"""GENISYS: every column of ICSNPP's log, but its own arithmetic of the CRC, which begins with another number than
the stations'."""

import oracle


def kind(event):
    return event["header"]


def our_messages(events):
    for event in events:
        yield (event["header"], event["server"], event["direction"], event.get("crc_transmitted"),
               ",".join(event.get("payload", ())) or None)


def zeek_messages(rows):
    for row in rows:
        yield (row["header"], int(row["server"]), row["direction"], oracle.zeek_text(row["crc_transmitted"]),
               oracle.zeek_text(row["payload"]))


def oracles(folder):
    for name, rows in oracle.zeek(folder, "genisys"):
        yield oracle.view(name, zeek_messages(rows), our_messages)
