#!/usr/bin/env python3
"""What the shipped rules say of real captures of control systems, when the register designates their devices.

Attacks, and what only engineers do, raise the alerts that the captures' descriptions promise when nobody may do so.
Ordinary operation raises none above `low` when its stations are allowed writers and its conversations are known. The
captures lie in the corpora (NW_CORPORA, or ../shared/corpora beside the project); without them the test is skipped.
"""

import concurrent.futures
import json
import os
import pathlib

import harness
from harness import PROJECT, Skip, check, equal

CORPORA = pathlib.Path(os.environ.get("NW_CORPORA", PROJECT.parent / "shared/corpora"))
QUIET = ("informational", "low")

STOP = "Controller put into stop"
COMMAND = "Command to a controller from a station that is not an allowed writer"
PROGRAM = "Program of a controller transferred outside maintenance"
BY_OTHERS = "Program, firmware or run state of a controller asked for by an unlisted station"
SWEEP = "Commands to many points of one controller within a minute"
NO_REPORTS = "Controller told to fall silent"
SILENT = "Field device silent"
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

# Not operation, and loud whoever does it: what engineers do to a device or its program, or frames that were made up so that
# each function is there once.
NOT_ORDINARY = {
    "ics/arkime__bacnet-stack-services.pcap": "a stack's trial of every service",
    "ics/arkime__dnp3_synthetic.pcap": "made up; a device is restarted",
    "ics/arkime__modbus.pcap": "made to set off signatures, joined with others",
    "ics/arkime__s7comm_synthetic.pcap": "made up; one controller is stopped",
    "ics/emreekin__Ethernet_IP_ControlLogix_Logix5000_download_upload_run.pcap": "a program is loaded and fetched",
    "ics/emreekin__LocalPCAP_plc1.pcap": "the engineering tool loads a program",
    "ics/emreekin__Mergecap_kokteyl.pcapng": "has the made-up commands of FINS twice, joined with others",
    "ics/emreekin__OMRON_omron.pcap": "made up: every command of FINS",
    "ics/emreekin__OMRON_omron1.pcap": "a part of that",
    "ics/emreekin__OMRON_omron2.pcap": "a part of that",
    "ics/icsnpp-bacnet__bacnet_example.pcap": "all devices are told to give up a restore; and asked in bursts, two minutes apart",
    "ics/icsnpp-bacnet__bacnet_services.pcap": "a stack's trial of every service",
    "ics/icsnpp-cotp__s7comm_downloading_block_db1.pcap": "a block is loaded",
    "ics/icsnpp-hart-ip__hart-ip_all_types_and_commands_sent.pcapng": "a trial of every command",
    "ics/icsnpp-omron-fins__omron.pcapng": "made up: every command of FINS",
    "ics/icsnpp-opcua-binary__opcua_with-gap_with-handshake.pcapng": "an example's client adds nodes to its server",
    "ics/icsnpp-opcua-binary__open62541_client-server_mainloop-no-handshake.pcapng": "the same",
    "ics/icsnpp-opcua-binary__open62541_client-server_mainloop-not-localhost-non-standard-port.pcap": "the same",
    "ics/icsnpp-opcua-binary__open62541_client-server_minimal.pcap": "the same",
    "ics/icsnpp-roc-plus__all_opcodes_tcp.pcap": "made up: every opcode, files written",
    "ics/icsnpp-roc-plus__all_opcodes_udp.pcap": "made up: every opcode, files written",
    "ics/icsnpp-s7comm__snap7.pcap": "a library's trial: blocks are fetched, the controller is stopped",
    "ics/iti__EthernetIP_cip_stop_plc.pcap": "a controller is stopped",
    "ics/iti__IEC61850_MMS_-_Specific_Commands_mms-killRequest.pcap": "a program is killed",
    "ics/iti__MELSEC_melsoft_UDP_clean_2.pcap": "the engineering tool compares and writes files of the program",
    "ics/iti__openics_EIP-RebootorRestart.pcap": "a controller is stopped and loaded",
    "ics/iti__openics_EIP-SoftwareUpload.pcap": "a program is fetched",
    "ics/iti__s7_snap7_s300_stop.pcap": "a controller is stopped",
    "ics/iti__s7_step7_s300_copyRamToRom.pcap": "a program is made permanent",
    "ics/iti__s7_step7_s300_stop.pcap": "a controller is stopped",
    "ics/iti__s7_tia_s300_downloadOb1.pcap": "a block is loaded",
    "ics/malcolm__protocols_DNP3.pcap": "trials of conformance and of signatures, joined",
    "ics/malcolm__protocols_OmronFINS.pcap": "made up: every command of FINS",
    "ics/ndpi__dnp3.pcapng": "made to set off signatures",
    "ics/ndpi__s7comm.pcap": "a block is loaded",
    "ics/ndpi__umas.pcap": "a program is loaded",
    "ics/quickdraw__dnp3_test_data_part1.pcap": "made to set off signatures",
    "ics/quickdraw__modbus_test_data_part1.pcap": "made to set off signatures",
    "ics/quickdraw__modbus_test_data_part2.pcap": "made to set off signatures",
    "ics/sv__dnp3_dnp3-file-write.pcap": "a device's configuration is written, as a file",
    "ics/zeek__dnp3_dnp3.pcap": "made to set off signatures",
}

# A tool looks at these devices once, and asks no more. The rule of silence does not know whether anybody asks, and so takes
# them for silent: a limit of the rule, not of the captures.
ASKED_NO_MORE = {
    "ics/icsnpp-hart-ip__hart-ip.pcapng",
    "ics/icsnpp-profinet-io-cm__profinet_io_cm.pcapng",
    "ics/icsnpp-profinet-io-cm__profinet_io_cm_connect.pcapng",
    "ics/icsnpp-profinet-io-cm__profinet_io_cm_control.pcapng",
    "ics/iti__beckoff_addroute1.pcapng",
    "ics/ndpi__hart_ip.pcap",
    "ics/robidev__iec61850.pcapng",
}

# Each must be met somewhere in pcap/ics.
DECODED = {"acse", "ads", "ads_discovery", "bacnet", "bsap", "c1222", "cip", "cip_io", "cotp", "dnp3", "enip", "fox", "genisys",
           "goose", "hart_ip", "iec104", "melsec", "mms", "modbus", "omron_fins", "opcua_binary", "powerlink", "profinet_dcp",
           "profinet_io_cm", "profinet_rt", "roc_plus", "s7comm", "s7comm_plus", "synchrophasor_cmd", "synchrophasor_data"}

# Where a baseline finds a message's function (daemon/detect/baseline/protocols.cpp).
FUNCTIONS = {"ads": "command", "bacnet": "pdu_service", "bsap": "func_code", "c1222": "service", "cip": "cip_service",
             "codesys": "function", "dnp3": "fc_request", "enip": "enip_command", "fox": "command",
             "ge_srtp": "service_request_code", "genisys": "header", "hart_ip": "function", "iec104": "info_obj_type",
             "knxnet_ip": "function", "melsec": "command_name", "mms": "service", "modbus": "func",
             "omron_fins": "command_code", "opcua_binary": "service", "profinet_io_cm": "operation_num",
             "roc_plus": "opcode", "s7comm": "function_name", "s7comm_plus": "function_name",
             "synchrophasor_cmd": "command", "tristation": "function"}


class Seen:
    """What a capture's events say: who asks whom, what for, and whose time is taken."""

    def __init__(self, world, file):
        done = world.run("replay", "--quiet", "--workers", "1", "--events", "-", file)
        equal(done.returncode, 0, f"{file.name}: {done.stderr}")
        self.paths, self.writers, self.conversations, self.servers = set(), {}, {}, set()
        for line in done.stdout.splitlines():
            if '"ics.operation"' in line or '"_path":"ntp"' in line:
                self.add(json.loads(line))

    def add(self, event):
        """One event of a control protocol, or of NTP."""
        path, station, device = event["_path"], event.get("id.orig_h"), event.get("id.resp_h")
        self.paths.add(path)
        if device is None:
            return
        if path == "ntp":
            if event.get("mode") == 4:
                self.servers.add(device)
            return
        self.writers.setdefault(device, set()).add(station)
        function = event.get(FUNCTIONS.get(path))
        if function is not None:
            self.conversations.setdefault((station, device, path), set()).add(str(function).removesuffix("_EXCEPTION"))

    def register(self, devices, known):
        """Everyone who is asked is a controller. `known`: who asks is its writer, and who tells the time a time server."""
        hosts = {device: {"addr": device, "roles": ["plc"], "writers": sorted(stations)[:64] if known else ["192.0.2.1"]}
                 for device, stations in self.writers.items()}
        for device in devices:
            hosts[device] = {"addr": device, "roles": ["plc"]}
        if known:
            for server in self.servers:
                hosts.setdefault(server, {"addr": server, "roles": []})["roles"].append("ntp")
        return {"version": 1, "territory": ["0.0.0.0/0", "::/0"],
                "assets": [{"asset": "plant", "sector": "energy.electricity", "class": {"a": "C1", "i": "C1", "c": "C3"},
                            "hosts": [hosts[address] for address in sorted(hosts)]}]}

    def baseline(self):
        """All its conversations, designated."""
        approval = {"approved_by": "A", "reason": "r", "approved_at": "2026-11-28T09:00:00Z"}
        return {"version": 1, "conversations": [
            {"from": station, "to": device, "protocol": path, "functions": sorted(functions), **approval}
            for (station, device, path), functions in sorted(self.conversations.items())]}


def alerts(world, name, known):
    """What the shipped rules say of a capture below pcap, and of which protocols it has messages."""
    file = CORPORA / "pcap" / name
    seen, devices = Seen(world, file), DEVICES.get(name, [])
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


def test_ordinary(world):
    """Of all captures in pcap/ics only those that are no ordinary operation raise an alert above `low`."""
    files = sorted(f"ics/{file.name}" for file in (CORPORA / "pcap/ics").glob("*.pcap*"))
    said = all_alerts(world, files, known=True)
    surprising = {}
    for name, found, _ in said:
        titles = loud(found) - ({SILENT} if name in ASKED_NO_MORE else set())
        if titles and name not in NOT_ORDINARY:
            surprising[name] = titles
    equal(surprising, {}, "ordinary captures that raise alerts")
    named = {name: loud(found) for name, found, _ in said if name in NOT_ORDINARY or name in ASKED_NO_MORE}
    equal([name for name in [*NOT_ORDINARY, *ASKED_NO_MORE] if not named.get(name)], [], "rows of captures that raise none")
    equal(DECODED - set().union(*(paths for _, _, paths in said)), set(), "protocols without a message")


if __name__ == "__main__":
    harness.main(globals(), isolated=False)
