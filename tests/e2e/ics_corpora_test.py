#!/usr/bin/env python3
"""What the shipped rules say of real captures of control systems, when the register designates their devices.

Attacks and what only engineers do raise the alerts that the captures' descriptions promise; ordinary operation raises
none above `low`. The captures lie in the corpora (NW_CORPORA, or ../shared/corpora beside the project); where they do
not, the test is skipped.
"""

import concurrent.futures
import json
import os
import pathlib

import harness
from harness import PROJECT, Skip, check, equal

CORPORA = pathlib.Path(os.environ.get("NW_CORPORA", PROJECT.parent / "shared/corpora"))
LEVELS = ("informational", "low", "medium", "high", "critical")

STOP = "Controller put into stop"
COMMAND = "Command to a controller from a station that is not an allowed writer"
PROGRAM = "Program of a controller transferred outside maintenance"
BY_OTHERS = "Program, firmware or run state of a controller asked for by an unlisted station"
SWEEP = "Commands to many points of one controller within a minute"
SILENT = "Controller told to fall silent"

# What must be said of captures whose stations are no allowed writers.
ATTACKS = {
    "attack/iti__openics_EIP-ChangeDateAttempt.pcap": {COMMAND},
    "attack/iti__openics_EIP-ControlProtocolChangeAttempt.pcap": {STOP, PROGRAM, BY_OTHERS, COMMAND, SWEEP},
    "attack/iti__openics_EIP-RemoteModeChangeAttempt.pcap": {STOP, PROGRAM, BY_OTHERS},
    "attack/iec-60870-5-104-threat-scenario-generator__stage_6_T0836.pcap": {COMMAND},
    "attack/iec-60870-5-104-threat-scenario-generator__stage_7_T0855.pcap": {COMMAND},
    "ics/iti__EthernetIP_cip_stop_plc.pcap": {STOP, BY_OTHERS},
    "ics/iti__EthernetIP_cip_start_plc.pcap": {BY_OTHERS},
    "ics/iti__EthernetIP_cip_unlock_cpu.pcap": {PROGRAM, BY_OTHERS},
    "ics/iti__openics_EIP-RebootorRestart.pcap": {STOP, PROGRAM, BY_OTHERS, COMMAND},
    "ics/iti__openics_EIP-SoftwareUpload.pcap": {PROGRAM, BY_OTHERS, COMMAND},
    "ics/iti__s7_snap7_s300_stop.pcap": {STOP, BY_OTHERS},
    "ics/iti__s7_step7_s300_stop.pcap": {STOP, BY_OTHERS},
    "ics/iti__s7_tia_s300_downloadOb1.pcap": {PROGRAM, BY_OTHERS},
    "ics/iti__s7_s7comm_reading_setting_plc_time.pcap": {COMMAND},
    "ics/iti__dnp3_warm_restart_and_response.pcap": {COMMAND},
    "ics/malcolm__protocols_BACnet_device_control.pcap": {PROGRAM, BY_OTHERS, COMMAND},
    "ics/ndpi__umas.pcap": {PROGRAM, BY_OTHERS},
}

# Not operation: what is done to the device or to its program, or made up to have every function once.
NOT_ORDINARY = {
}


def messages(world, file):
    """The requests of control protocols: who asked whom."""
    done = world.run("replay", "--quiet", "--events", "-", file)
    found = set()
    for line in done.stdout.splitlines():
        if '"ics.operation"' in line:
            event = json.loads(line)
            if "id.resp_h" in event:
                found.add((event["id.orig_h"], event["id.resp_h"]))
    return found


def alerts(world, file, name, allowed):
    """What the shipped rules say, once everyone who is asked is designated as a controller. `allowed`: and who asks as its writer."""
    writers = {}
    for station, device in messages(world, file):
        writers.setdefault(device, []).append(station)
    hosts = [{"addr": device, "roles": ["plc"], "writers": sorted(stations)[:64] if allowed else ["192.0.2.1"]}
             for device, stations in sorted(writers.items())]
    if not hosts:
        return set()
    world.write(f"{name}/registry.yaml", json.dumps({
        "version": 1,
        "territory": ["0.0.0.0/0", "::/0"],
        "assets": [{"asset": "plant", "sector": "energy.electricity", "class": {"a": "C1", "i": "C1", "c": "C3"}, "hosts": hosts}],
    }))
    config = world.write(f"{name}/normwatch.yaml", json.dumps({"registry": "registry.yaml"}))
    done = world.run("replay", "--quiet", "--config", config, file)
    return {(alert["level"], alert["rule_title"]) for alert in map(json.loads, done.stdout.splitlines())}


def corpora():
    """The folder of real captures."""
    if not (CORPORA / "pcap/ics/INDEX.tsv").exists():
        raise Skip(f"no corpora at {CORPORA}")
    return CORPORA / "pcap"


def test_attacks(world):
    """Each capture raises what its description promises."""
    folder = corpora()
    for name, want in ATTACKS.items():
        found = {title for _, title in alerts(world, folder / name, pathlib.Path(name).stem, allowed=False)}
        check(want <= found, f"{name}: not said: {want - found}", found)


def test_ordinary(world):
    """All others below pcap/ics: nothing above `low`."""
    folder = corpora()
    files = [file for file in sorted((folder / "ics").iterdir()) if file.suffix in (".pcap", ".pcapng") and file.name not in NOT_ORDINARY]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        said = pool.map(lambda file: (file.name, alerts(world, file, file.stem, allowed=True)), files)
    loud = {name: found for name, found in said if any(LEVELS.index(level) > LEVELS.index("low") for level, _ in found)}
    equal(loud, {}, "ordinary captures that raise alerts")


if __name__ == "__main__":
    harness.main(globals(), isolated=False)
