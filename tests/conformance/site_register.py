"""The register and the baseline that an ordinary site would have written for a capture or a log: made of the events in it.

Who answers in a control protocol is a controller, who asks it is its allowed writer; who tells the time is a time server;
and what else was opened from elsewhere, and answered, is a server of the site. When nobody is `known`, controllers have no
writers and no conversation is designated: whoever asks is a stranger.
"""

import ipaddress
import json
import re

# Where a baseline finds a message's function (daemon/detect/baseline/protocols.cpp).
FUNCTIONS = {"ads": "command", "bacnet": "pdu_service", "bsap": "func_code", "c1222": "service", "cip": "cip_service",
             "codesys": "function", "dnp3": "fc_request", "enip": "enip_command", "fox": "command",
             "ge_srtp": "service_request_code", "genisys": "header", "hart_ip": "function", "iec104": "info_obj_type",
             "knxnet_ip": "function", "melsec": "command_name", "mms": "service", "modbus": "func",
             "omron_fins": "command_code", "opcua_binary": "service", "profinet_io_cm": "operation_num",
             "roc_plus": "opcode", "s7comm": "function_name", "s7comm_plus": "function_name",
             "synchrophasor_cmd": "command", "tristation": "function"}
# What a server does, by the protocol that it answered in.
ROLES = {"dns": "dns_rec", "http": "web", "imap": "mail", "kerberos": "dc", "pop3": "mail", "smtp": "mail"}
PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"]
ANSWERED = {"SF", "S1", "S2", "S3", "RSTO", "RSTR"}
HOSTS_MAX = 4000
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,252}")  # of a host that writes logs


def is_host(address):
    """Whether it is one machine's."""
    try:
        ip = ipaddress.ip_address(address)
    except (TypeError, ValueError):
        return False
    return not (ip.is_multicast or ip.is_unspecified or ip.is_loopback or str(ip) == "255.255.255.255" or str(ip).endswith(".255"))


def is_private(address):
    ip = ipaddress.ip_address(address)
    return any(ip in ipaddress.ip_network(network) for network in PRIVATE if ip.version == ipaddress.ip_network(network).version)


class Seen:
    """What the events say: who asks whom, what for, whose time is taken, who serves, and which hosts write logs."""

    def __init__(self, lines, logs=False):
        """`logs`: they were read from log lines, whose `host` is who wrote them."""
        self.logs = logs
        self.paths, self.writers, self.conversations = set(), {}, {}
        self.servers, self.clocks, self.names = {}, set(), {}
        for line in lines:
            self.add(json.loads(line))

    def add(self, event):
        path, station, device = event["_path"], event.get("id.orig_h"), event.get("id.resp_h")
        if "ics.operation" in event:
            self.paths.add(path)
            if device is not None:
                self.writers.setdefault(device, set()).add(station)
                function = event.get(FUNCTIONS.get(path))
                if function is not None:
                    self.conversations.setdefault((station, device, path), set()).add(str(function).removesuffix("_EXCEPTION"))
        elif path == "ntp":
            self.paths.add(path)
            if event.get("mode") == 4 and device is not None:
                self.clocks.add(device)
        elif path == "conn":
            if event.get("conn_state") in ANSWERED and event.get("resp_bytes", 0) and is_host(device):
                self.servers.setdefault(device, set())
        elif path in ROLES and is_host(device):
            self.servers.setdefault(device, set()).add(ROLES[path])
        name = event.get("host")
        if self.logs and isinstance(name, str) and NAME.fullmatch(name.lower()):
            self.names.setdefault(name.lower(), f"198.18.{len(self.names) // 250}.{len(self.names) % 250 + 1}")

    def hosts(self, devices, known, clocks):
        """Those of the plant, by address; `clocks`: with the time servers."""
        out = {device: {"addr": device, "roles": ["plc"], "writers": sorted(stations)[:64] if known else ["192.0.2.1"]}
               for device, stations in self.writers.items()}
        for device in devices:
            out[device] = {"addr": device, "roles": ["plc"]}
        if clocks:
            for server in self.clocks:
                out.setdefault(server, {"addr": server, "roles": []})["roles"].append("ntp")
        return out

    def register(self, devices=(), known=True, servers=False):
        """`servers`: also what is no control system; then the time servers are the site's, whoever is a stranger."""
        hosts = self.hosts(devices, known, known or servers)
        assets = [("plant", "energy.electricity", "C1", hosts, "ot" if servers else None)]
        if servers:
            assets.append(("servers", "gov.admin", "C2", self.others(hosts), "office"))
        own = PRIVATE + sorted({*hosts, *(station for stations in self.writers.values() for station in stations)} - {None})
        return {"version": 1, "territory": ["0.0.0.0/0", "::/0"] if not servers else networks(own, assets),
                "assets": [asset(*each) for each in assets if each[3]] or [asset("plant", "energy.electricity", "C1", {
                    "192.0.2.1": {"addr": "192.0.2.1", "roles": ["plc"]}})]}

    def others(self, plant):
        """The site's servers: those with private addresses; where there is none, all that answered. And who writes logs."""
        near = {address for address in self.servers if is_private(address)} or set(self.servers)
        out = {address: {"addr": address, "roles": sorted(self.servers[address])} for address in sorted(near) if address not in plant}
        for name, address in self.names.items():
            if len(out) < HOSTS_MAX:
                out[address] = {"addr": address, "name": name, "roles": []}
        return out

    def baseline(self):
        """All its conversations, designated."""
        approval = {"approved_by": "A", "reason": "r", "approved_at": "2026-11-28T09:00:00Z"}
        return {"version": 1, "conversations": [
            {"from": station, "to": device, "protocol": path, "functions": sorted(functions), **approval}
            for (station, device, path), functions in sorted(self.conversations.items())]}


def networks(own, assets):
    """The site's own addresses, and the networks around its public servers."""
    out = set(own)
    for _, _, _, hosts, _ in assets:
        for address in hosts:
            ip = ipaddress.ip_address(address)
            if not is_private(address):
                out.add(str(ipaddress.ip_network((address, 24 if ip.version == 4 else 64), strict=False)))
    return sorted(out)


def asset(name, sector, severity, hosts, zone=None):
    out = {"asset": name, "sector": sector, "class": {"a": severity, "i": severity, "c": "C3"},
           "hosts": [hosts[address] for address in sorted(hosts)]}
    if zone:
        out["networks"] = [f"{address}/{ipaddress.ip_address(address).max_prefixlen}" for address in sorted(hosts)]
        out["zones"] = {network: zone for network in out["networks"]}
    return out
