"""Synchrophasors: which frames were seen and what stood in them.

tshark: (type, version, size, stream, command) of each frame but data, and how many data frames each flow's summary counts.
Zeek: the same of commands and configurations, with the PMUs and the rate, and each flow's summary.
"""

import oracle

PATHS = ("synchrophasor_cmd", "synchrophasor_hdr", "synchrophasor_cfg", "synchrophasor_data", "synchrophasor")
TYPES = {"0x0000": "Data", "0x0001": "Header", "0x0002": "CFG1", "0x0003": "CFG2", "0x0004": "Command", "0x0005": "CFG3"}
GOOD = "1"


def kind(event):
    return event.get("command") or event.get("frame_type") or "flow"


def is_summary(event):
    return event["_path"] == "synchrophasor"


def our_frames(events):
    for event in events:
        if is_summary(event):
            yield from ["Data"] * event["data_frame_count"]
        elif event["frame_type"] != "Data":
            yield (event["frame_type"], event["version"], event["frame_size"], event["data_stream_id"],
                   event.get("command_code"))


def tshark_frames(rows):
    for row in rows:
        if not row["frame.number"].isdigit():
            continue  # says that the table was cut
        commands = iter(oracle.cell(row, "synphasor.command"))
        columns = (oracle.cell(row, f"synphasor.{name}") for name in
                   ("frtype", "version", "frsize", "idcode_stream_source", "checksum.status"))
        for code, version, size, stream, checksum in zip(*columns):
            command = int(next(commands), 16) if TYPES[code] == "Command" else None
            if checksum != GOOD:
                continue
            yield "Data" if TYPES[code] == "Data" else (TYPES[code], int(version), int(size), int(stream), command)


def numbers(values):
    return ",".join(map(str, values or ()))


def our_logs(events):
    for event in events:
        if is_summary(event):
            yield (numbers(event["versions"]), numbers(event["data_stream_ids"]), event.get("history", ""),
                   event["frame_size_min"], event["frame_size_max"], event["frame_size_tot"], event["data_frame_count"],
                   numbers(event.get("data_rate")))
        elif event["frame_type"] == "Command":
            yield (event["frame_size"], event["command"])
        elif event["frame_type"] == "Header":
            yield (event["frame_size"], event["data"])
        elif event["frame_type"] != "Data":
            yield (event["frame_type"], event["frame_size"], event["pmu_count_expected"], event["pmu_count_actual"],
                   event["data_rate"])


def zeek_logs(folder, test):
    def rows(name):
        return next((rows for found, rows in oracle.zeek(folder, name) if found == test), [])
    for row in rows("synchrophasor"):
        rate = oracle.zeek_text(row["data_rate"]) or ""
        yield (row["version"], row["data_stream_id"], oracle.zeek_text(row["history"]) or "", int(row["frame_size_min"]),
               int(row["frame_size_max"]), int(row["frame_size_tot"]), int(row["data_frame_count"]), rate)
    for row in rows("synchrophasor_cmd"):
        yield (int(row["frame_size"]), row["command"])
    for row in rows("synchrophasor_hdr"):
        yield (int(row["frame_size"]), row["data"])
    for row in rows("synchrophasor_cfg"):
        yield (row["frame_type"], int(row["frame_size"]), int(row["pmu_count_expected"]), int(row["pmu_count_actual"]),
               int(row["data_rate"]))


def oracles(folder):
    for test, _ in oracle.zeek(folder, "synchrophasor"):
        yield oracle.view(test, zeek_logs(folder, test), our_logs)
    yield oracle.view("tshark", tshark_frames(oracle.tshark(folder / "synphasor.tsv")), our_frames)
