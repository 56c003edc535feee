"""Flow datagrams against what Filebeat's authors expect of them (dat/*.expected.json, record by record) and what tshark shows
(*.expected.tshark.tsv, column by column). flows_dump, built with the tests, decodes them: a datagram is no line of a file."""

import base64
import csv
import datetime
import difflib
import json
import subprocess
import sys

TCP_LETTERS = "FSRPAUECN"
# Records of options data teach us names and sampling rates; they are no events of ours.
OPTIONS = "netflow_options"
SAME = {
    "application_name": "app_name",
    "asa_fw_event": "event", "firewall_event": "event",
    "asa_username": "username",
    "asa_xlate_dst_addr_ipv4": "nat_resp_h", "asa_xlate_src_addr_ipv4": "nat_orig_h",
    "asa_xlate_dst_port": "nat_resp_p", "asa_xlate_src_port": "nat_orig_p",
    "bgp_destination_as_number": "dst_as", "bgp_source_as_number": "src_as",
    "bgp_next_hop_ipv4_address": "bgp_next_hop", "bgp_next_hop_ipv6_address": "bgp_next_hop",
    "destination_ipv4_address": "id.resp_h", "destination_ipv6_address": "id.resp_h",
    "source_ipv4_address": "id.orig_h", "source_ipv6_address": "id.orig_h", "sta_ipv4_address": "id.orig_h",
    "destination_ipv4_prefix_length": "dst_mask", "source_ipv4_prefix_length": "src_mask",
    "destination_mac_address": "resp_l2_addr", "source_mac_address": "orig_l2_addr", "sta_mac_address": "orig_l2_addr",
    "post_destination_mac_address": "post_resp_l2_addr", "post_source_mac_address": "post_orig_l2_addr",
    "wtp_mac_address": "ap_mac", "wlan_ssid": "ssid",
    "vlan_id": "vlan", "dot1q_vlan_id": "vlan", "post_vlan_id": "post_vlan",
    "egress_interface": "output_interface", "ingress_interface": "input_interface",
    "egress_vrfid": "output_vrf", "ingress_vrfid": "input_vrf",
    "egress_acl_id": "output_acl", "ingress_acl_id": "input_acl",
    "flow_direction": "flow_direction", "flow_end_reason": "end_reason", "flow_id": "flow_id",
    "forwarding_status": "forwarding_status", "fw_ext_event": "event_code", "layer2_segment_id": "segment_id",
    "icmp_type_ipv4": "icmp_type", "icmp_code_ipv4": "icmp_code",
    "ip_class_of_service": "tos", "maximum_ttl": "ttl_max", "minimum_ttl": "ttl_min",
    "ip_next_hop_ipv4_address": "next_hop", "ip_next_hop_ipv6_address": "next_hop",
    "octet_delta_count": "reported_bytes", "octet_total_count": "reported_bytes",
    "packet_delta_count": "reported_pkts", "packet_total_count": "reported_pkts",
    "post_octet_delta_count": "post_bytes", "post_packet_delta_count": "post_pkts",
    "post_nat_destination_ipv4_address": "nat_resp_h", "post_nat_source_ipv4_address": "nat_orig_h",
    "post_napt_destination_transport_port": "nat_resp_p", "post_napt_source_transport_port": "nat_orig_p",
    "protocol_identifier": "ip_proto", "sampler_id": "sampler_id",
    "source_transport_port": "id.orig_p", "destination_transport_port": "id.resp_p",
    "tcp_control_bits": "tcp_flags",
    "flow_start_milliseconds": "start", "flow_start_seconds": "start",
    "flow_end_milliseconds": "ts", "flow_end_seconds": "ts",
    "flow_start_sys_up_time": "start", "flow_end_sys_up_time": "ts",
    "application_id": "app_id",
}
WORDS = {
    "event": ["", "flow_created", "flow_deleted", "flow_denied", "flow_alert", "flow_update"],
    "flow_direction": ["ingress", "egress"],
    "end_reason": ["", "idle_timeout", "active_timeout", "end_of_flow", "forced_end", "lack_of_resources"],
}
# tshark's columns. Its times are relative where the exporter's are, and it does not write by what.
COLUMNS = {
    "cflow.srcaddr": "id.orig_h", "cflow.dstaddr": "id.resp_h", "cflow.srcaddrv6": "id.orig_h", "cflow.dstaddrv6": "id.resp_h",
    "cflow.srcport": "id.orig_p", "cflow.dstport": "id.resp_p", "cflow.protocol": "ip_proto", "cflow.octets": "reported_bytes",
    "cflow.packets": "reported_pkts", "cflow.tcpflags": "tcp_flags", "cflow.inputint": "input_interface",
    "cflow.outputint": "output_interface",
}
# (folder or file, their name): why ours differs, or why theirs is not to be compared.
KNOWN = {
    **{(folder, f"flow_{end}_sys_up_time"): "IPFIX's header has no uptime; theirs counts from the export, ours from the exporter's "
       "systemInitTimeMilliseconds where it tells it" for folder in ("IPFIX", "IPFIX-Barracuda-firewall", "IPFIX-Mikrotik-RouterOS-6.39.2")
       for end in ("start", "end")},
    **{("IPFIX-Procera", f"cflow.{end}addr{kind}"): "each record has both kinds of address, one of them zeros"
       for end in ("src", "dst") for kind in ("", "v6")},
    **{("IPFIX-Barracuda-firewall", f"cflow.{what}"): "nothing since the last record: ours are the flow's totals, which stand beside it"
       for what in ("octets", "packets")},
    ("Netflow-9-Cisco-ASR-9000-series-options-template-256", "cflow.inputint"): "options data: it teaches us names",
    **{(f"netflow5_test_invalid0{n}.dat", column): "counts 55,582 or 163 records, of 30 at most: refused as a whole" for n in (1, 2)
       for column in COLUMNS},
}


def letters(bits):
    return "".join(letter for i, letter in enumerate(TCP_LETTERS) if bits >> i & 1)


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def icmp(event):
    return event.get("proto") == "icmp"


def theirs_as_ours(name, ours_name, value, flow, event):
    """Their value in our spelling; None: it says nothing."""
    if ours_name in WORDS:
        words = WORDS[ours_name]
        return (words[value] if value < len(words) else None) or None
    if name.endswith("_sys_up_time"):
        exporter = flow["exporter"]
        apart = (exporter["uptime_millis"] - value + 2**31) % 2**32 - 2**31
        return seconds(exporter["timestamp"]) - apart / 1000
    if name.startswith("flow_") and isinstance(value, str):
        return seconds(value)
    if name == "tcp_control_bits":
        return letters(value) if flow.get("protocol_identifier", 6) == 6 else None
    if name == "application_id":
        octets = base64.b64decode(value)
        return f"{octets[0]}:{int.from_bytes(octets[1:], 'big')}"
    if name.endswith("acl_id"):
        return value.replace("-", "")
    if name in ("source_transport_port", "destination_transport_port") and icmp(event):
        return None  # Zeek's way: type and code stand there
    return value


def same(theirs, ours):
    if isinstance(theirs, float) and ours is not None:
        return abs(theirs - float(ours)) < 0.0015
    return str(theirs).lower() == str(ours).lower()


def dump(program, files):
    if not program.exists():
        sys.exit(f"conformance: no program {program}; it is built with the tests")
    done = subprocess.run([program, *files], capture_output=True, text=True, timeout=60, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def add(score, where, name, theirs, ours):
    if (where, name) in KNOWN and not same(theirs, ours):
        score.known += 1
        return
    score.fields += 1
    if same(theirs, ours):
        score.same += 1
    else:
        score.differences.append(f"{where}: {name}: theirs {theirs!r}, ours {ours!r}")


def of_beats(where, expected, events, score):
    """Both sides tell the records in the order of the datagrams."""
    flows = [event["Fields"]["netflow"] for event in expected.get("events") or ()]
    flows = [flow for flow in flows if flow["type"] != OPTIONS]
    if not expected.get("events"):
        return  # theirs reads nothing of it; what we read is compared with tshark
    score.lines += len(flows)
    score.read += min(len(flows), len(events))
    if len(flows) != len(events):
        score.differences.append(f"{where}: theirs {len(flows)} records, ours {len(events)}")
    for flow, event in zip(flows, events):
        values = {}
        for name, value in flow.items():
            ours_name = SAME.get(name)
            if ours_name is None:
                continue
            value = theirs_as_ours(name, ours_name, value, flow, event)
            if value is None or value == "":
                continue
            # Several elements of one meaning: those that say nothing do not count.
            if ours_name in values and value in (0, "0.0.0.0", "::"):
                continue
            values[ours_name] = (name, value)
        for ours_name, (name, value) in values.items():
            add(score, where, name, value, event.get(ours_name))
        if "ip_diff_serv_code_point" in flow and "tos" in event:
            add(score, where, "ip_diff_serv_code_point", flow["ip_diff_serv_code_point"], event["tos"] >> 2)
        add(score, where, "source_id", flow["exporter"]["source_id"], event.get("observation_domain"))


def of_tshark(where, path, events, score):
    """Columns list the values of all records; options data stands among them, so that the longest common run counts."""
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    for column, ours_name in COLUMNS.items():
        theirs = [value for row in rows for value in (row[column] or "").split("|") if value]
        if not theirs:
            continue
        if column == "cflow.tcpflags":
            theirs = [letters(int(value, 16)) for value in theirs]
        wants_v6 = column.endswith("v6")
        ours = [str(event[ours_name]) for event in events if ours_name in event
                and (not column.startswith(("cflow.srcaddr", "cflow.dstaddr")) or (":" in event[ours_name]) == wants_v6)
                and not (column in ("cflow.srcport", "cflow.dstport") and icmp(event))]
        if column == "cflow.tcpflags":
            theirs = [value for value in theirs if value]
        if column in ("cflow.srcport", "cflow.dstport") and any(map(icmp, events)):
            continue
        matched = sum(block.size for block in difflib.SequenceMatcher(None, theirs, ours, False).get_matching_blocks())
        if matched != len(theirs) and (where, column) in KNOWN:
            score.known += len(theirs) - matched
            theirs = theirs[:matched]
        score.fields += len(theirs)
        score.same += matched
        if matched != len(theirs):
            score.differences.append(f"{where}: {column}: theirs {theirs}, ours {ours}")


def run(program, corpus, score):
    for folder in sorted(path for path in (corpus / "netflow/dat").iterdir() if path.is_dir()):
        events = [event for event in dump(program, sorted(folder.glob("*.dat"))) if event["_path"] == "netflow"]
        expected = folder.parent / (folder.name + ".expected.json")
        of_beats(folder.name, json.loads(expected.read_text()), events, score)
        of_tshark(folder.name, folder.parent / (folder.name + ".expected.tshark.tsv"), events, score)
    for file in sorted((corpus / "netflow/dat-extra").glob("*.dat")):
        of_tshark(file.name, str(file) + ".expected.tshark.tsv",
                  [event for event in dump(program, [file]) if event["_path"] == "netflow"], score)
    return score
