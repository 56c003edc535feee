"""Redis: commands and their replies, as our `redis` events tell them."""

import oracle

COLUMNS = ("cmd.name", "cmd.key", "cmd.value", "success", "reply.value")


def zeek_rows(rows):
    for row in rows:
        yield tuple(oracle.zeek_text(row[name].replace("\\\\", "\\x5c")) for name in COLUMNS)


def our_rows(events):
    for event in events:
        if "cmd.name" in event:
            yield tuple(oracle.our_text(event.get(name)) for name in COLUMNS)


def tshark_strings(rows):
    for row in rows:
        yield from oracle.cell(row, "resp.string")


def oracles(folder):
    for name, rows in oracle.zeek(folder, "redis"):
        yield oracle.view(name, zeek_rows(rows), our_rows)
    # tshark's table has the plain texts alone; our replies do not say which they are.
    strings = list(tshark_strings(oracle.tshark(folder / "db.tsv")))
    yield oracle.view("tshark", strings, lambda events: (event["reply.value"] for event in events
                                                         if event.get("reply.value") in strings))
