"""Shares that were connected, as (path, kind): what Suricata's events of the commands tell. Each counts once."""

import oracle

KINDS = {"FILE": "DISK", "PIPE": "PIPE", "PRINT": "PRINT"}


def suricata_shares(events):
    for event in events:
        smb = event["smb"]
        done = smb.get("status") in (None, "STATUS_SUCCESS") or smb.get("status_code") == "0x0000"
        share = smb.get("share") or smb.get("named_pipe")
        if "TREE_CONNECT" in smb.get("command", "") and share and done:
            service = smb.get("service", {}).get("response")
            yield (share.lstrip("\\").lower(), service or KINDS.get(smb.get("share_type"), "-"))


def our_shares(events):
    for event in events:
        if "path" in event:
            yield (event["path"].lstrip("\\").lower(), event.get("service") or event.get("share_type", "-"))


def oracles(folder):
    # In mid-stream it tells none at all.
    shares = set(suricata_shares(oracle.suricata(folder, ("smb",)) or []))
    if shares:
        yield oracle.view("suricata", shares, lambda ours: set(our_shares(ours)))
