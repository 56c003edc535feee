#!/usr/bin/env python3
"""What the shipped rules say of real captures of control systems, when the register designates their devices.

Attacks, and what only engineers do, raise the alerts that the captures' descriptions promise when nobody may do so. What
ordinary operation raises is in the table of `tests/conformance/run rules`, which makes its registers in the same way. The
captures lie in the corpora (NW_CORPORA, or ../shared/corpora beside the project); without them the test is skipped.
"""

import concurrent.futures
import json
import os
import pathlib
import sys

import harness
from harness import PROJECT, Skip, check, equal

sys.path.insert(0, str(PROJECT / "tests/conformance"))
from site_register import Seen

CORPORA = pathlib.Path(os.environ.get("NW_CORPORA", PROJECT.parent / "shared/corpora"))
QUIET = ("informational", "low")

STOP = "Controller put into stop"
COMMAND = "Command to a controller from a station that is not an allowed writer"
PROGRAM = "Program of a controller transferred outside maintenance"
BY_OTHERS = "Program, firmware or run state of a controller asked for by an unlisted station"
SWEEP = "Commands to many points of one controller within a minute"
NO_REPORTS = "Controller told to fall silent"
CLOCK = "Clock of a controller set by a station that is not an allowed writer"
TIME = "Time from a source that is not designated, or that is none"
RESTART = "Field device told to start anew"
FIRMWARE = "Firmware or a file sent to a field device in its own protocol"
TFTP = "File sent to a field device or its network by TFTP"
NEW = "Conversation with a control system that nobody designated"

# What must be said when no station is an allowed writer, no conversation is known and no time server is listed. Names
# and descriptions of the captures say what happens in them; of those that have a bit of everything, what is harmful.
# What goes right over Ethernet (GOOSE, PROFINET, POWERLINK) has no addresses that a register could designate.
ATTACKS = {
    "attack/iec-60870-5-104-threat-scenario-generator__stage_2_T0801.pcap": {NEW},  # monitoring of the process
    "attack/iec-60870-5-104-threat-scenario-generator__stage_6_T0836.pcap": {NEW, COMMAND},  # a parameter is changed
    "attack/iec-60870-5-104-threat-scenario-generator__stage_7_T0855.pcap": {NEW, COMMAND},  # an unauthorised command
    "attack/iti__openics_EIP-ChangeDateAttempt.pcap": {CLOCK},
    "attack/iti__openics_EIP-ControlProtocolChangeAttempt.pcap": {STOP, PROGRAM, BY_OTHERS, COMMAND, SWEEP, CLOCK},
    "attack/iti__openics_EIP-RemoteModeChangeAttempt.pcap": {STOP, PROGRAM, BY_OTHERS},
    "attack/tricotools__malware_exec.pcapng": {BY_OTHERS, FIRMWARE},  # TRITON puts its implant into a safety controller
    "ics/arkime__bacnet-stack-services.pcap": {STOP, BY_OTHERS, COMMAND, CLOCK, FIRMWARE, RESTART},
    "ics/emreekin__DNP3_dnpOcteString.pcap": {CLOCK, COMMAND},
    "ics/emreekin__LocalPCAP_plc1.pcap": {PROGRAM, BY_OTHERS},
    "ics/icsnpp-bacnet__bacnet_example.pcap": {PROGRAM, BY_OTHERS},
    "ics/icsnpp-bsap__bsap-ip_example.pcap": {COMMAND},
    "ics/icsnpp-cotp__s7comm_downloading_block_db1.pcap": {PROGRAM, BY_OTHERS},
    "ics/icsnpp-genisys__genisys_otherport.pcap": {NEW},
    "ics/icsnpp-hart-ip__hart-ip_all_types_and_commands_sent.pcapng": {COMMAND, SWEEP},
    "ics/icsnpp-omron-fins__omron.pcapng": {STOP, PROGRAM, BY_OTHERS, COMMAND, CLOCK, FIRMWARE},
    "ics/icsnpp-opcua-binary__open62541_client-server_minimal.pcap": {PROGRAM, BY_OTHERS, COMMAND},
    "ics/icsnpp-roc-plus__all_opcodes_tcp.pcap": {COMMAND, CLOCK, FIRMWARE},
    "ics/icsnpp-s7comm__snap7.pcap": {STOP, PROGRAM, BY_OTHERS, COMMAND, CLOCK, RESTART},
    "ics/iti__EthernetIP_cip_start_plc.pcap": {BY_OTHERS},
    "ics/iti__EthernetIP_cip_stop_plc.pcap": {STOP, BY_OTHERS},
    "ics/iti__EthernetIP_cip_unlock_cpu.pcap": {BY_OTHERS},
    "ics/iti__IEC61850_MMS_-_Specific_Commands_iec61850_write.pcap": {COMMAND},
    "ics/iti__IEC61850_MMS_-_Specific_Commands_mms-initiateDownloadSequence.pcap": {BY_OTHERS},
    "ics/iti__IEC61850_MMS_-_Specific_Commands_mms-killRequest.pcap": {STOP, BY_OTHERS},
    "ics/iti__IEC61850_Sample_File_MMS_and_GOOSE.pcap": {TIME},
    "ics/iti__beckoff_addroute.pcapng": {COMMAND},  # a route lets another host in
    "ics/iti__dnp3_warm_restart_and_response.pcap": {COMMAND},
    "ics/iti__openics_EIP-RebootorRestart.pcap": {STOP, PROGRAM, BY_OTHERS, COMMAND},
    "ics/iti__openics_EIP-SoftwareUpload.pcap": {PROGRAM, BY_OTHERS, COMMAND},
    "ics/iti__s7_s7comm_reading_setting_plc_time.pcap": {CLOCK},
    "ics/iti__s7_snap7_s300_stop.pcap": {STOP, BY_OTHERS},
    "ics/iti__s7_step7_s300_copyRamToRom.pcap": {PROGRAM, BY_OTHERS},
    "ics/iti__s7_step7_s300_stop.pcap": {STOP, BY_OTHERS},
    "ics/iti__s7_tia_s300_downloadOb1.pcap": {PROGRAM, BY_OTHERS},
    "ics/malcolm__protocols_BACnet_device_control.pcap": {BY_OTHERS, COMMAND, CLOCK},
    "ics/ndpi__c1222.pcapng": {COMMAND},
    "ics/ndpi__ieee_c37118.pcap": {NO_REPORTS},
    "ics/ndpi__umas.pcap": {PROGRAM, BY_OTHERS},
    "ics/quickdraw__dnp3_test_data_part1.pcap": {STOP, BY_OTHERS, COMMAND, NO_REPORTS, CLOCK, RESTART},
    "ics/quickdraw__fox_info.pcap": {NEW},
    "ics/quickdraw__modbus_test_data_part1.pcap": {BY_OTHERS, COMMAND, NO_REPORTS},
    "ics/quickdraw__modbus_test_data_part2.pcap": {PROGRAM, BY_OTHERS, COMMAND, FIRMWARE},
    "ics/robidev__iec61850.pcapng": {COMMAND},
    "ics/sv__dnp3_dnp3-file-write.pcap": {FIRMWARE},
    "it/sv__tftp-tx-handling-wrq.pcap": {TFTP},
}

# Field devices that nobody speaks a control protocol with.
DEVICES = {"it/sv__tftp-tx-handling-wrq.pcap": ["192.168.0.13"]}

# What the shipped rules do not see, and why. A row that they see belongs to the attacks.
UNSEEN = {
    # Exploits and files over SMB between the computers of a plant, and a connection home.
    "attack/lemay__CnC_uploading_exe_modbus_6RTU_with_operate.pcap": "not in a control protocol",
    "attack/lemay__exploit_ms08_netapi_modbus_6RTU_with_operate.pcap": "not in a control protocol",
    "attack/lemay__moving_two_files_modbus_6RTU.pcap": "not in a control protocol",
    # TCP's numbers stand still in them, so only what starts the transfer is read. It has no function, so to the baseline it is
    # no conversation.
    "attack/iec-60870-5-104-threat-scenario-generator__stage_1_T0888.pcap": "no function",
    "attack/iec-60870-5-104-threat-scenario-generator__stage_4_T0869.pcap": "no function",
}

# Each must be met somewhere in pcap/ics.
DECODED = {"acse", "ads", "ads_discovery", "bacnet", "bsap", "c1222", "cip", "cip_io", "cotp", "dnp3", "enip", "fox", "genisys",
           "goose", "hart_ip", "iec104", "melsec", "mms", "modbus", "omron_fins", "opcua_binary", "powerlink", "profinet_dcp",
           "profinet_io_cm", "profinet_rt", "roc_plus", "s7comm", "s7comm_plus", "synchrophasor_cmd", "synchrophasor_data"}


def seen_in(world, file):
    """What a capture's events say: who asks whom, what for, and whose time is taken."""
    done = world.run("replay", "--quiet", "--workers", "1", "--events", "-", file)
    equal(done.returncode, 0, f"{file.name}: {done.stderr}")
    return Seen(line for line in done.stdout.splitlines() if '"ics.operation"' in line or '"_path":"ntp"' in line)


def alerts(world, name, known):
    """What the shipped rules say of a capture below pcap, and of which protocols it has messages."""
    file = CORPORA / "pcap" / name
    seen, devices = seen_in(world, file), DEVICES.get(name, [])
    if not (seen.writers or devices):
        return set(), seen.paths
    folder = f"{'known' if known else 'unknown'}/{file.name}"
    world.write(f"{folder}/registry.yaml", json.dumps(seen.register(devices, known)))
    baseline = seen.baseline() if known else {"version": 1, "conversations": []}
    world.write(f"{folder}/baseline.yaml", json.dumps(baseline))
    config = world.write(f"{folder}/normwatch.yaml", json.dumps({
        "registry": "registry.yaml", "baseline": {"file": "baseline.yaml"}, "rules": {"paths": [str(PROJECT / "rules")]}}))
    done = world.run("replay", "--quiet", "--workers", "1", "--config", config, file)
    equal(done.returncode, 0, f"{name}: {done.stderr}")
    return {(alert["level"], alert["rule_title"]) for alert in map(json.loads, done.stdout.splitlines())}, seen.paths


def all_alerts(world, names, known):
    """Of each of these: its name, its alerts, its protocols."""
    if not (CORPORA / "pcap/ics/INDEX.tsv").exists():
        raise Skip(f"no corpora at {CORPORA}")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda name: (name, *alerts(world, name, known)), names))


def loud(found):
    """The titles of those above `low`."""
    return {title for level, title in found if level not in QUIET}


def test_attacks(world):
    """Each capture raises what its description promises."""
    missing = {name: ATTACKS[name] - {title for _, title in found} for name, found, _ in all_alerts(world, ATTACKS, known=False)}
    equal({name: titles for name, titles in missing.items() if titles}, {}, "promised, and not said")


def test_unseen(world):
    """What the rules do not see, they say nothing of, but for the plant's own commands when its stations are unknown."""
    silent = [name for name, why in UNSEEN.items() if why == "no function"]
    said = all_alerts(world, UNSEEN, known=True) + all_alerts(world, silent, known=False)
    equal({name: loud(found) for name, found, _ in said if loud(found)}, {}, "seen after all")


def test_decoded(world):
    """Each protocol of control systems has messages somewhere in pcap/ics."""
    if not (CORPORA / "pcap/ics/INDEX.tsv").exists():
        raise Skip(f"no corpora at {CORPORA}")
    files = sorted((CORPORA / "pcap/ics").glob("*.pcap*"))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        paths = set().union(*(seen.paths for seen in pool.map(lambda file: seen_in(world, file), files)))
    equal(DECODED - paths, set(), "protocols without a message")


if __name__ == "__main__":
    harness.main(globals(), isolated=False)
