"""GOOSE: which messages were seen, by every field of the PDU but the values.

tshark: also the publisher's clock. ICSNPP's parser (its older and its newer log): also who sent them to whom; what was
not in the message is 0, F or empty there.
"""

import datetime

import oracle

NUMBERS = ("time_allowed_to_live", "st_num", "sq_num", "conf_rev", "num_dat_set_entries")
OLD_NAMES = {
    "orig_l2_addr": "src", "resp_l2_addr": "dst", "gocb_ref": "gocbRef", "time_allowed_to_live": "timeAllowedtoLive",
    "dataset": "dataSet", "st_num": "stNum", "sq_num": "sqNum", "conf_rev": "confRev", "nds_com": "ndsCom",
    "num_dat_set_entries": "numDatSetEntries",
}
NEW_NAMES = {"orig_l2_addr": "src_mac", "resp_l2_addr": "dst_mac"}
COLUMNS = {
    "length": "length", "gocb_ref": "gocbRef", "time_allowed_to_live": "timeAllowedtoLive", "dataset": "datSet",
    "go_id": "goID", "st_num": "stNum", "sq_num": "sqNum", "simulation": "simulation", "conf_rev": "confRev",
    "nds_com": "ndsCom", "num_dat_set_entries": "numDatSetEntries",
}


def kind(event):
    return event["ics.operation"]


def messages(events):
    """Without what was told of a publisher's silence."""
    return (event for event in events if "length" in event)


def text(value):
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else str(value)


def seconds(time):
    """Of the first six digits of a fraction: tools round the rest as they like."""
    return "" if time is None else f"{float(time):.5f}"


def our_messages(events):
    for event in messages(events):
        yield (event["appid"], *(text(event.get(name)) for name in COLUMNS), seconds(event.get("timestamp")))


def tshark_time(cell):
    if not cell:
        return ""
    stamp, fraction = cell.removesuffix(" UTC").split(".")
    whole = datetime.datetime.strptime(stamp, "%b %d, %Y %H:%M:%S").replace(tzinfo=datetime.timezone.utc)
    return seconds(f"{int(whole.timestamp())}.{fraction}")


def tshark_messages(rows):
    for row in rows:
        fields = (row.get(f"goose.{name}") or "" for name in COLUMNS.values())
        yield (hex(int(row["goose.appid"], 16)), *fields, tshark_time(row.get("goose.t")))


def zeek_view(name, rows):
    names = OLD_NAMES if "gocbRef" in rows[0] else NEW_NAMES
    fields = ("orig_l2_addr", "resp_l2_addr", "appid", "length", "gocb_ref", "dataset", "simulation", "nds_com", *NUMBERS)

    def theirs():
        for row in rows:
            values = {field: oracle.zeek_text(row[names.get(field, field)]) or "" for field in fields}
            values["appid"] = hex(int(values["appid"], 0))
            yield tuple(values[field] for field in fields)

    def ours(events):
        for event in messages(events):
            event = {**dict.fromkeys(NUMBERS, 0), "simulation": False, "nds_com": False, **event}
            yield tuple(oracle.our_text(event.get(field)) or "" for field in fields)

    return oracle.view(name, theirs(), ours)


def oracles(folder):
    for name, rows in oracle.zeek(folder, "goose"):
        if rows:
            yield zeek_view(name, rows)
    rows = oracle.tshark(folder / "goose.tsv")
    if rows:
        yield oracle.view("tshark", tshark_messages(rows), our_messages)
