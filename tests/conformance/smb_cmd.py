"""SMB: which commands were seen, as (version, command, Q or R). NetBIOS datagrams carry SMB1 too (browsing); they are left out.
"""

import oracle

SMB2 = ("NEGOTIATE_PROTOCOL", "SESSION_SETUP", "LOGOFF", "TREE_CONNECT", "TREE_DISCONNECT", "CREATE", "CLOSE", "FLUSH", "READ",
        "WRITE", "LOCK", "IOCTL", "CANCEL", "ECHO", "QUERY_DIRECTORY", "CHANGE_NOTIFY", "QUERY_INFO", "SET_INFO",
        "OPLOCK_BREAK")
SMB1 = {0x00: "CREATE_DIRECTORY", 0x01: "DELETE_DIRECTORY", 0x02: "OPEN", 0x03: "CREATE", 0x04: "CLOSE", 0x05: "FLUSH",
        0x06: "DELETE", 0x07: "RENAME", 0x08: "QUERY_INFORMATION", 0x09: "SET_INFORMATION", 0x0a: "READ", 0x0b: "WRITE",
        0x10: "CHECK_DIRECTORY", 0x24: "LOCKING_ANDX", 0x25: "TRANSACTION", 0x26: "TRANSACTION_SECONDARY", 0x2b: "ECHO",
        0x2d: "OPEN_ANDX", 0x2e: "READ_ANDX", 0x2f: "WRITE_ANDX", 0x32: "TRANSACTION2", 0x33: "TRANSACTION2_SECONDARY",
        0x34: "FIND_CLOSE2", 0x70: "TREE_CONNECT", 0x71: "TREE_DISCONNECT", 0x72: "NEGOTIATE", 0x73: "SESSION_SETUP_ANDX",
        0x74: "LOGOFF_ANDX", 0x75: "TREE_CONNECT_ANDX", 0x80: "QUERY_INFORMATION_DISK", 0xa0: "NT_TRANSACT",
        0xa1: "NT_TRANSACT_SECONDARY", 0xa2: "NT_CREATE_ANDX", 0xa4: "NT_CANCEL", 0xa5: "NT_RENAME"}
ANDX = {0x24, 0x2d, 0x2e, 0x2f, 0x73, 0x74, 0x75, 0xa2}
PENDING = "0x00000103"
TRANSACTION = ("SMB1", "TRANSACTION", "Q")


def our_commands(events):
    for event in events:
        if "encrypted" in event or "compressed" in event:
            continue
        if "rtt" in event or "status" not in event:
            yield (event["version"], event["command"], "Q")
        if "status" in event:
            yield (event["version"], event["command"], "R")


def smb1_commands(row):
    """A message's commands are those that AndX chains; tshark shows each chain's end as 0xff."""
    numbers = [int(text, 16) for text in oracle.cell(row, "smb.cmd")]
    flags = oracle.cell(row, "smb.flags.response")
    at = 0
    for flag in flags:
        kind = "R" if flag in ("1", "True") else "Q"
        while at < len(numbers) and numbers[at] != 0xff:
            number = numbers[at]
            at += 1
            yield ("SMB1", SMB1.get(number, f"unknown-{number}"), kind)
            if number not in ANDX:
                break
        else:
            at += 1


def smb2_commands(row):
    statuses = oracle.cell(row, "smb2.nt_status")
    for number, flag in zip(oracle.cell(row, "smb2.cmd"), oracle.cell(row, "smb2.flags.response")):
        response = flag in ("1", "True")
        status = statuses.pop(0) if response and statuses else None
        if status != PENDING:
            yield ("SMB2", SMB2[int(number)] if int(number) < len(SMB2) else number, "R" if response else "Q")


def tshark_commands(rows, frames):
    """(commands, whether the table of frames reaches all that may be datagrams)."""
    found, reached = [], True
    for row in rows:
        frame = frames.get(row["frame.number"])
        if frame and "nbdgm" in (frame.get("frame.protocols") or ""):
            continue
        commands = [*smb1_commands(row), *smb2_commands(row)]
        reached = reached and (frame is not None or TRANSACTION not in commands)
        found.extend(commands)
    return found, reached


def oracles(folder):
    found, reached = tshark_commands(oracle.tshark(folder / "smb.tsv"), oracle.frames(folder))
    if reached:
        yield oracle.view("tshark", found, our_commands)
    else:
        yield oracle.view("tshark, without TRANSACTION", (one for one in found if one != TRANSACTION),
                          lambda events: (one for one in our_commands(events) if one != TRANSACTION))
