"""Files on SMB's shares: what Zeek's smb_files.log tells. It tells some things twice, some not; pipes never."""

import oracle

COLUMNS = ("action", "path", "name", "size", "prev_name", "times.modified", "times.accessed", "times.created", "times.changed")
# Zeek tells these by default.
ACTIONS = ("SMB::FILE_OPEN", "SMB::FILE_READ", "SMB::FILE_WRITE", "SMB::FILE_RENAME", "SMB::FILE_DELETE", "SMB::PRINT_OPEN")


def value(name, told):
    """Zeek counts times in floating point: not to the microsecond."""
    if told in (None, "-"):
        return "-"
    return f"{float(told):.3f}" if name.startswith("times.") else str(told)


def zeek_rows(rows):
    return {tuple(value(name, row[name].replace("\\\\", "\\")) for name in COLUMNS) for row in rows}


def our_rows(events):
    return {tuple(value(name, event.get(name)) for name in COLUMNS) for event in events if event["action"] in ACTIONS}


def oracles(folder):
    for name, rows in oracle.zeek(folder, "smb_files"):
        yield oracle.view(name, zeek_rows(rows), our_rows)
