"""ROC Plus: every column of ICSNPP's log, whose copy here has lost its head. What it calls Unknown it could not read;
for us that is a request or a response, too."""

import oracle

COLUMNS = ("host", "port", "device", "device_port", "proto", "packet_type", "destination_unit", "destination_group",
           "source_unit", "source_group", "opcode", "data_length", "lsb_crc", "msb_crc", "error_code", "error_offset")
NUMBERS = ("destination_unit", "destination_group", "source_unit", "source_group", "data_length", "lsb_crc", "msb_crc")


def kind(event):
    return event["opcode"]


def our_frames(events):
    for event in events:
        errors = ",".join(event.get("error_code", ())) or None
        offsets = ",".join(str(offset) for offset in event.get("error_offset", ())) or None
        yield (event["opcode"], *(event[name] for name in NUMBERS), errors, offsets)


def zeek_rows(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield dict(zip(COLUMNS, line.split("\t")))


def zeek_frames(rows):
    for row in rows:
        yield (row["opcode"], *(int(row[name]) for name in NUMBERS), oracle.zeek_text(row["error_code"]),
               oracle.zeek_text(row["error_offset"]))


def oracles(folder):
    for path in sorted((folder / "authors" / "zeek").glob("*/roc_plus.log")):
        yield oracle.view(f"zeek:{path.parent.name}", zeek_frames(zeek_rows(path)), our_frames)
