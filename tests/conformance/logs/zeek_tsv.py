"""Zeek's tables against the same log as Zeek's own JSON (json/zed-sample-data beside zeek-tsv/zed-sample-data).

The two files of a pair hold the same events in another order: key() pairs them. JSON has control bytes as "\\x01" in the text;
a table's escape is the byte itself.
"""

import datetime
import re

STAMP = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
META = {"_path", "_write_ts", "source"}  # and what enrichment adds: nw.*


def seconds(value):
    if isinstance(value, str) and STAMP.fullmatch(value):
        return round(datetime.datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp(), 6)
    return round(value, 6) if isinstance(value, float) else value


def plain(value):
    """Numbers as decimals of one kind, texts without escapes."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, str) and not STAMP.fullmatch(value):
        return re.sub(r"\\x([0-9a-f]{2})", lambda byte: chr(int(byte[1], 16)), value)
    value = seconds(value)
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def key(event):
    return event.get("uid"), seconds(event["ts"])


def pairs(expected, event):
    ours = {field for field in event if not field.startswith("nw.")}
    for field in sorted((expected.keys() | ours) - META):
        yield field, str(plain(expected.get(field))), str(plain(event.get(field)))
