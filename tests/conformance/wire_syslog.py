"""syslog on the wire: which messages were seen, as (facility, severity). Zeek tells the text too."""

import oracle

FACILITIES = ("KERN USER MAIL DAEMON AUTH SYSLOG LPR NEWS UUCP CRON AUTHPRIV FTP NTP AUDIT ALERT CLOCK LOCAL0 LOCAL1 LOCAL2 "
              "LOCAL3 LOCAL4 LOCAL5 LOCAL6 LOCAL7").split()
SEVERITIES = "EMERG ALERT CRIT ERR WARNING NOTICE INFO DEBUG".split()
NONE = "UNSPECIFIED"


def wire(events):
    """Log lines that somebody sent to us are events of the same path, but of no flow."""
    return (event for event in events if "id.orig_h" in event)


def our_priorities(events):
    return ((event["facility"], event["severity"]) for event in wire(events))


def our_texts(events):
    return ((event["facility"], event["severity"], event["message"].rstrip()) for event in wire(events))


def tshark_priorities(rows):
    for row in rows:
        facility, severity = row.get("syslog.facility"), row.get("syslog.level")
        yield (FACILITIES[int(facility)] if facility else NONE, SEVERITIES[int(severity)] if severity else NONE)


def zeek_texts(rows):
    return ((row["facility"], row["severity"], row["message"].rstrip()) for row in rows)


def oracles(folder):
    for name, rows in oracle.zeek(folder, "syslog"):
        # One of its tests sends SSH through the syslog analyzer to try that out.
        if not name.endswith("data-in-udp"):
            yield oracle.view(name, zeek_texts(rows), our_texts)
    yield oracle.view("tshark", tshark_priorities(oracle.tshark(folder / "syslog.tsv")), our_priorities)
