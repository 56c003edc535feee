"""ICSNPP's s7comm_read_szl.log and s7comm_upload_download.log, all columns."""

import oracle

PATHS = ("s7comm_read_szl", "s7comm_upload_download")
SZL = ("pdu_reference", "is_orig", "method", "szl_id", "szl_id_name", "szl_index", "return_code", "return_code_name")
TRANSFER = ("rosctr", "pdu_reference", "is_orig", "function_name", "function_status", "session_id", "blocklength")
TRANSFER += ("filename", "block_type", "block_number", "destination_filesystem")


def ours(names, mark):
    return lambda events: (
        tuple(oracle.our_text(event.get(name)) for name in names) for event in events if mark in event
    )


def theirs(rows, names):
    return (tuple(oracle.zeek_text(row[name]) for name in names) for row in rows)


def oracles(folder):
    for name, rows in oracle.zeek(folder, "s7comm_read_szl"):
        yield oracle.view(name, theirs(rows, SZL), ours(SZL, "szl_id"))
    for name, rows in oracle.zeek(folder, "s7comm_upload_download"):
        yield oracle.view(name, theirs(rows, TRANSFER), ours(TRANSFER, "function_name"))
