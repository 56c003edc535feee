"""Compares what we make of a corpus with what others do: our events with the results of independent tools, capture by
capture (network), what we read of log lines with what other projects' authors published (logs), our rule engine with the
verdicts that rule authors state (sigma) and with what Sigma's specification says of correlations (correlation). Started
by tests/conformance/run.

Exit status: 0 every disagreement is explained, 1 otherwise, 64 usage, 69 the daemon's program cannot be run.
"""

import argparse
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from collections import Counter, namedtuple
from concurrent.futures import ThreadPoolExecutor

import acse
import ads
import arp
import bacnet
import bacnet_logs
import bsap
import c1222
import correlation
import cotp
import dce_rpc
import dhcp
import dhcpv6
import dnp3
import dns
import enip
import files
import ftp
import genisys
import goose
import hart_ip
import http1
import iec104
import imap
import ipsec
import kerberos
import ldap
import logs_score
import melsec
import mms
import modbus
import mqtt
import mysql
import ntlm
import ntp
import omron_fins
import opcua
import openvpn
import pop3
import postgresql
import profinet_dcp
import profinet_io_cm
import profinet_rt
import quic
import radius
import rdp
import redis
import rfb
import roc_plus
import rules_score
import s7comm
import s7comm_logs
import sigma
import sip
import smb_cmd
import smb_files
import smb_mapping
import smtp
import snmp
import socks
import ssh
import stun
import sv
import synchrophasor
import tds
import tftp
import tls
import tls_udp
import tunnel
import wire_syslog
import wireguard
import x509

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PROTOCOLS = {
    "acse": acse,
    "arp": arp,
    "bacnet": bacnet,
    "bacnet_logs": bacnet_logs,
    "c1222": c1222,
    "ads": ads,
    "arp": arp,
    "bsap": bsap,
    "cotp": cotp,
    "dce_rpc": dce_rpc,
    "dhcp": dhcp,
    "dhcpv6": dhcpv6,
    "dnp3": dnp3,
    "dns": dns,
    "enip": enip,
    "files": files,
    "ftp": ftp,
    "goose": goose,
    "hart_ip": hart_ip,
    "genisys": genisys,
    "http": http1,
    "iec104": iec104,
    "imap": imap,
    "ipsec": ipsec,
    "kerberos": kerberos,
    "ldap": ldap,
    "melsec": melsec,
    "mms": mms,
    "modbus": modbus,
    "mqtt_connect": mqtt.CONNECT,
    "mqtt_publish": mqtt.PUBLISH,
    "mqtt_subscribe": mqtt.SUBSCRIBE,
    "mysql": mysql,
    "ntlm": ntlm,
    "ntp": ntp,
    "omron_fins": omron_fins,
    "opcua": opcua,
    "openvpn": openvpn,
    "pop3": pop3,
    "postgresql": postgresql,
    "profinet_dcp": profinet_dcp,
    "profinet_io_cm": profinet_io_cm,
    "profinet_rt": profinet_rt,
    "quic": quic,
    "radius": radius,
    "rdp": rdp,
    "redis": redis,
    "rfb": rfb,
    "roc_plus": roc_plus,
    "s7comm": s7comm,
    "s7comm_logs": s7comm_logs,
    "sip": sip,
    "smb_cmd": smb_cmd,
    "smb_files": smb_files,
    "smb_mapping": smb_mapping,
    "smtp": smtp,
    "snmp": snmp,
    "socks": socks,
    "ssh": ssh,
    "ssl": tls,
    "ssl_udp": tls_udp,
    "stun": stun,
    "sv": sv,
    "synchrophasor": synchrophasor,
    "syslog": wire_syslog,
    "tds": tds,
    "tftp": tftp,
    "tunnel": tunnel,
    "wireguard": wireguard,
    "x509": x509,
}
REPLAY_SECONDS_MAX = 120
DIFFERENCES_SHOWN = 3


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.print_usage(sys.stderr)
        print(f"conformance: {message}", file=sys.stderr)
        sys.exit(64)


def arguments():
    parser = Parser(prog="tests/conformance/run", description="Compare what we decode with independent tools.")
    parser.add_argument("part", choices=["network", "logs", "rules", "sigma", "correlation"], help="what to compare")
    parser.add_argument("--corpus", type=pathlib.Path,
                        help="folder with pcap/ and oracle/, with logs/, or with sigma/ (without it: our own small one)")
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/normwatch")
    parser.add_argument("--protocol", default=",".join(PROTOCOLS), help="which, with commas between")
    parser.add_argument("--known", type=pathlib.Path, default=HERE / "known.tsv", help="explained differences")
    parser.add_argument("--data", type=pathlib.Path, default=HERE, help="folder of sigma_*.tsv and rules_*.tsv")
    parser.add_argument("--update", action="store_true", help="rules: write what is found into the tables")
    parser.add_argument("--only", default="", help="rules: only files whose name holds this")
    parser.add_argument("--verbose", action="store_true", help="show every difference with every oracle")
    args = parser.parse_args()
    args.protocols = args.protocol.split(",")
    for name in args.protocols:
        if name not in PROTOCOLS:
            parser.error(f"unknown protocol '{name}': one of {', '.join(PROTOCOLS)}")
    if args.part == "correlation":
        return args
    if args.part == "sigma":
        args.corpus = args.corpus or HERE / "selftest"
        if not (args.corpus / "sigma").is_dir():
            parser.error(f"no folder {args.corpus / 'sigma'}")
        return args
    if args.corpus is None:
        parser.error("--corpus says where the captures or logs are")
    if args.part in ("logs", "rules"):
        if not (args.corpus / "logs").is_dir():
            parser.error(f"no folder {args.corpus / 'logs'}")
        return args
    if not (args.corpus / "pcap").is_dir():
        parser.error(f"no folder {args.corpus / 'pcap'}")
    return args


def read_known(path):
    """{(capture, protocol): reason}"""
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {(row["capture"], row["protocol"]): row["reason"] for row in rows}


def captures(corpus):
    for path in sorted((corpus / "pcap").rglob("*")):
        if path.is_file() and path.suffix in (".pcap", ".pcapng", ".cap"):
            yield path


def replay(binary, capture):
    """Our events, by `_path`."""
    events = {}
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "events.ndjson"
        command = [binary, "replay", "--events", out, "--workers", "1", capture]
        try:
            # A damaged capture is reported by the exit status; what could be read of it still counts.
            done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False,
                                  timeout=REPLAY_SECONDS_MAX)
        except OSError as error:
            print(f"conformance: cannot run {binary}: {error.strerror}", file=sys.stderr)
            sys.exit(69)
        if done.returncode < 0 or done.returncode in (64, 70, 78, 134, 139):
            text = done.stderr.decode(errors="replace").strip()
            raise RuntimeError(f"replay ended with {done.returncode}: {text[-400:]}")
        if out.exists():
            for line in out.read_text(encoding="utf-8").splitlines():
                event = json.loads(line)
                if event.get("ics.outcome") != "no answer":  # a request that was told already
                    events.setdefault(event["_path"], []).append(event)
    return events


def differences(ours, theirs):
    """What the two multisets do not share, as short texts."""
    texts = [f"+{count} {key}" for key, count in sorted((ours - theirs).items(), key=str)]
    return texts + [f"-{count} {key}" for key, count in sorted((theirs - ours).items(), key=str)]


def chosen(protocol, events):
    """The events that a protocol's module compares: what it chooses; or those of the paths that it names, or of its name."""
    module = PROTOCOLS[protocol]
    if hasattr(module, "choose"):
        return module.choose(events)
    return [event for path in getattr(module, "PATHS", (protocol,)) for event in events.get(path, [])]


# `failed`: the differences from each oracle, none when one agrees. `same` of `transactions`: with the oracle that we are
# closest to.
Verdict = namedtuple("Verdict", "failed same transactions")


def compare(protocol, events, oracle):
    """None when neither side saw the protocol, or nobody looked."""
    views = list(PROTOCOLS[protocol].oracles(oracle))
    if not views:
        return None
    told = [view for view in views if view.theirs]
    if not events and not told:
        return None
    failed, best = {}, (0, 0)
    for view in told or views:
        ours = view.ours(events)
        same, transactions = (ours & view.theirs).total(), (ours | view.theirs).total()
        if same == transactions:
            return Verdict({}, same, transactions)
        if best[1] == 0 or same * best[1] > best[0] * transactions:
            best = (same, transactions)
        failed[view.name] = differences(ours, view.theirs)
    return Verdict(failed or {"none": ["no oracle for this capture"]}, *best)


def shown(failed, verbose):
    parts = []
    for name, texts in failed.items():
        first = texts if verbose else texts[:DIFFERENCES_SHOWN]
        more = f" and {len(texts) - len(first)} more" if len(texts) > len(first) else ""
        joiner = "\n    " if verbose else "; "
        parts.append(f"{joiner if verbose else ''}{name} ({len(texts)}): {joiner.join(first)}{more}")
    return " | ".join(parts) if not verbose else "".join(parts)


def main():
    args = arguments()
    if not os.access(args.binary, os.X_OK):
        print(f"conformance: no program {args.binary}; build it first, or name it with --binary", file=sys.stderr)
        return 69
    if args.part == "correlation":
        return correlation.run(args.binary.resolve())
    if args.part == "sigma":
        return sigma.run(args.binary.resolve(), args.corpus, args.data)
    if args.part == "rules":
        return rules_score.run(args.binary.resolve(), args.corpus, args.update, args.data, args.only)
    if args.part == "logs":
        return logs_score.run(args.binary.resolve(), args.corpus, args.verbose)
    return network(args)


class Score:
    """How many captures and transactions of a protocol agree; `rest`: without what known.tsv explains."""

    def __init__(self):
        self.captures = Counter()
        self.same = self.transactions = self.rest_same = self.rest = 0

    def add(self, verdict, explained):
        self.captures["total"] += 1
        self.captures["agree"] += not verdict.failed
        self.same += verdict.same
        self.transactions += verdict.transactions
        if not explained:
            self.rest_same += verdict.same
            self.rest += verdict.transactions

    def __iadd__(self, other):
        self.captures += other.captures
        self.same, self.transactions = self.same + other.same, self.transactions + other.transactions
        self.rest_same, self.rest = self.rest_same + other.rest_same, self.rest + other.rest
        return self

    def __str__(self):
        def share(part, whole):
            return f"{100.0 * part / whole if whole else 100.0:.2f} %"

        return (f"{self.captures['agree']}/{self.captures['total']} captures, {share(self.same, self.transactions)} of "
                f"{self.transactions:,} transactions; {share(self.rest_same, self.rest)} without the explained captures")


def replayed(binary, corpus):
    """(capture's name, its events or the error) of every capture, in order; some are replayed ahead."""
    def one(capture):
        name = str(capture.relative_to(corpus / "pcap").with_suffix(""))
        try:
            return name, replay(binary, capture)
        except (RuntimeError, ValueError, subprocess.TimeoutExpired) as error:
            return name, error

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        yield from pool.map(one, captures(corpus))


class Kinds:
    """Which kinds of messages real captures hold, of a protocol whose module tells a message's kind."""

    def __init__(self, protocol):
        self.kind = getattr(PROTOCOLS[protocol], "kind", None)
        self.captures, self.messages = 0, Counter()

    def add(self, events):
        if self.kind and events:
            self.captures += 1
            self.messages.update(map(self.kind, events))

    def __str__(self):
        each = ", ".join(f"{kind} {count:,}" for kind, count in sorted(self.messages.items(), key=str))
        return f"{len(self.messages)} kinds of messages in {self.captures} captures: {each}"


def network(args):
    known = read_known(args.known)
    scores, unexplained, unused = {name: Score() for name in args.protocols}, 0, set(known)
    kinds = {name: Kinds(name) for name in args.protocols}
    for name, events in replayed(args.binary.resolve(), args.corpus):
        if isinstance(events, Exception):
            print(f"FAILED {name}: {events}")
            unexplained += 1
            for score in scores.values():
                score.captures["total"] += 1
            continue
        for protocol in args.protocols:
            if not name.startswith("malformed/"):
                kinds[protocol].add(chosen(protocol, events))
            verdict = compare(protocol, chosen(protocol, events), args.corpus / "oracle" / name)
            if verdict is None:
                continue
            reason = known.get((name, protocol)) if verdict.failed else None
            scores[protocol].add(verdict, reason is not None)
            if not verdict.failed:
                continue
            unused.discard((name, protocol))
            unexplained += reason is None
            mark = f"explained {name} {protocol}: {reason}" if reason else f"DIFFERS {name} {protocol}:"
            print(f"{mark} {shown(verdict.failed, args.verbose)}" if not reason or args.verbose else mark)
    for name, protocol in sorted(unused):
        if protocol in args.protocols:
            print(f"note: {args.known.name} explains {name} {protocol}, which agrees or is not there")
    total = Score()
    for protocol, score in scores.items():
        print(f"{protocol}: {score}")
        total += score
    for protocol, seen in kinds.items():
        if seen.kind:
            print(f"{protocol}: {seen}")
    print(f"score: {total}")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
