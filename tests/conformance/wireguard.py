"""WireGuard: each flow's handshake; tshark's table only says that there was some."""

import oracle


def our_rows(events):
    for event in events:
        yield ("T" if event["established"] else "F", str(event["initiations"]), str(event["responses"]))


def zeek_rows(rows):
    for row in rows:
        yield (row["established"], row["initiations"], row["responses"])


def oracles(folder):
    for name, rows in oracle.zeek(folder, "wireguard"):
        yield oracle.view(name, zeek_rows(rows), our_rows)
    seen = any(row.get("wg.type") for row in oracle.tshark(folder / "vpn.tsv"))
    yield oracle.view("tshark, seen", {True} if seen else set(), lambda events: {True} if events else set())
