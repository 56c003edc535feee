"""Packets that Linux's packet filter logged: Filebeat's iptables, CrowdSec's iptables, Proxmox's and UniFi's."""
import ipaddress
from pathlib import Path

from . import golden


def address(name):
    return lambda value, _: {name: str(ipaddress.ip_address(value))}


def hexadecimal(name):
    return lambda value, _: {name: f"0x{int(value):02X}"}


BEATS = {
    "source.ip": address("SRC"),
    "destination.ip": address("DST"),
    "source.port": "SPT",
    "destination.port": "DPT",
    "source.mac": "src_mac",
    "destination.mac": "dst_mac",
    "event.action": "action",
    "rule.name": "rule_set",
    "rule.id": "rule",
    "network.transport": lambda value, _: {"proto": value.removeprefix("ipv6-")},
    "iptables.id": "ID",
    "iptables.input_device": "IN",
    "iptables.output_device": "OUT",
    "iptables.length": "LEN",
    "iptables.ttl": lambda value, wanted: {"HOPLIMIT" if "HOPLIMIT=" in wanted["line"] else "TTL": value},
    "iptables.flow_label": "FLOWLBL",
    "iptables.precedence_bits": hexadecimal("PREC"),
    "iptables.tcp.window": "WINDOW",
    "iptables.udp.length": "UDPLEN",
    "iptables.icmp.type": "TYPE",
    "iptables.icmp.code": "CODE",
    "iptables.icmp.id": "ICMPID",
    "iptables.icmp.seq": "SEQ",
    # Of TCP's head alone; ours are all that the line names.
    "iptables.tcp.flags": lambda value, wanted: {"flags": ["DF"] * (" DF " in wanted["line"]) + value},
}
CROWDSEC = {
    "Parsed.src_ip": "SRC",
    "Parsed.dst_ip": "DST",
    "Parsed.src_port": "SPT",
    "Parsed.dst_port": "DPT",
    "Parsed.proto": "PROTO",
    # CrowdSec's is the last LEN of the line: of UDP, the datagram's.
    "Parsed.length": lambda value, wanted: {"UDPLEN" if "PROTO=UDP" in wanted["line"] else "LEN": value},
    "Parsed.ttl": "TTL",
    "Parsed.id": "ID",
    "Parsed.data_length": "UDPLEN",
    "Parsed.dst_mac": "dst_mac",
    "Parsed.src_mac": "src_mac",
    "Parsed.vmid": "vmid",
}
PROXMOX = CROWDSEC | {
    "Parsed.length": "LEN",
    "Parsed.action": lambda value, _: {"action": value.lower().removeprefix("policy ").removeprefix("pvefw-")},
}


def cases(corpus: Path):
    for path in sorted((corpus / "firewall/beats").glob("iptables-*.log")):
        for file, lines, wanted in golden.beats(path):
            yield file, lines, golden.mapped(wanted | {"line": lines[0]}, BEATS)
    folder = corpus / "firewall/crowdsec"
    for name, parser, fields in (
        ("iptables-logs", "crowdsecurity/iptables-logs", CROWDSEC),
        ("proxmox-iptables-logs", "aderumier/proxmox-iptables-logs", PROXMOX),
        ("unifi-logs", "crowdsecurity/unifi-logs", CROWDSEC),
        ("unifi-logs", "crowdsecurity/iptables-logs", CROWDSEC),
    ):
        for file, lines, wanted in golden.crowdsec(folder / f"{name}.log", parser):
            if " IN=" not in lines[0]:
                continue  # the router's other programs
            yield file, lines, golden.mapped(wanted | {"line": lines[0]}, fields)
