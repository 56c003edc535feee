"""Tunnels: between which two hosts packets were found within packets, and of which kind.

Our events are of flows, Zeek's of connections and pairs of hosts, tshark's of frames; the pair of hosts is what all tell.
"""

import ipaddress

import oracle

# tshark's name of the layer -> Zeek's of the tunnel. IP-in-IP has no layer of its own.
KINDS = {"gre": "GRE", "vxlan": "VXLAN", "geneve": "GENEVE", "gtp": "GTPv1", "teredo": "TEREDO", "tzsp": "TZSP"}
# Zeek does not open these; whether tshark's other way of opening them is right, nobody else says.
OURS_ONLY = {"TZSP"}


def plain(address):
    return str(ipaddress.ip_address(address))


def pair(kind, one, other):
    return (kind, *sorted((plain(one), plain(other))))


def our_tunnels(events, until=None, without=()):
    return {
        pair(kind, event["id.orig_h"], event["id.resp_h"])
        for event in events
        for kind in [event["tunnel_type"].removeprefix("Tunnel::")]
        if event["action"] == "Tunnel::DISCOVER" and kind not in without and (until is None or event["ts"] <= until)
    }


def frame_tunnels(row):
    """What one frame's layers say, from the outside in."""
    sources = {"ip": oracle.cell(row, "ip.src"), "ipv6": oracle.cell(row, "ipv6.src")}
    destinations = {"ip": oracle.cell(row, "ip.dst"), "ipv6": oracle.cell(row, "ipv6.dst")}
    around, kind, behind_ip = None, None, False
    for layer in (row.get("frame.protocols") or "").split(":"):
        if layer in ("icmp", "icmpv6"):
            return  # what it quotes is no packet
        if layer in sources:
            if not sources[layer] or not destinations[layer]:
                return
            here = (sources[layer].pop(0), destinations[layer].pop(0))
            if behind_ip:
                kind = "IP"
            if around and kind:
                yield pair(kind, *around)
            around, kind, behind_ip = here, None, True
        elif layer in KINDS:
            kind, behind_ip = KINDS[layer], False
        elif not layer.startswith("ipv6."):
            behind_ip = False


def oracles(folder):
    for name, rows in oracle.zeek(folder, "tunnel"):
        theirs = {
            pair(row["tunnel_type"].removeprefix("Tunnel::"), row["id.orig_h"], row["id.resp_h"])
            for row in rows
            if row["action"] == "Tunnel::DISCOVER"
        }
        yield oracle.view(name, theirs, lambda events: our_tunnels(events, without=OURS_ONLY))
    rows = [row for row in oracle.tshark(folder / "frames.tsv") if row.get("frame.time_epoch")]
    if rows:
        until = max(float(row["frame.time_epoch"]) for row in rows) + 1e-6
        theirs = {tunnel for row in rows for tunnel in frame_tunnels(row)}
        yield oracle.view("tshark", theirs, lambda events: our_tunnels(events, until))
