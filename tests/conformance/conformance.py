"""Compares what we make of a corpus with what others do: our events with the results of independent tools, capture by
capture (network), our rule engine with the verdicts that rule authors state (sigma) and with what Sigma's specification
says of correlations (correlation). Started by tests/conformance/run.

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
from collections import Counter

import arp
import correlation
import dns
import modbus
import sigma
import tls
import tunnel
import x509

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PROTOCOLS = {"arp": arp, "dns": dns, "modbus": modbus, "ssl": tls, "tunnel": tunnel, "x509": x509}
REPLAY_SECONDS_MAX = 120
DIFFERENCES_SHOWN = 3


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.print_usage(sys.stderr)
        print(f"conformance: {message}", file=sys.stderr)
        sys.exit(64)


def arguments():
    parser = Parser(prog="tests/conformance/run", description="Compare what we decode with independent tools.")
    parser.add_argument("part", choices=["network", "sigma", "correlation"], help="what to compare")
    parser.add_argument("--corpus", type=pathlib.Path,
                        help="folder with pcap/ and oracle/, or with sigma/ (without it: our own small one)")
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/normwatch")
    parser.add_argument("--protocol", default=",".join(PROTOCOLS), help="which, with commas between")
    parser.add_argument("--known", type=pathlib.Path, default=HERE / "known.tsv", help="explained differences")
    parser.add_argument("--data", type=pathlib.Path, default=HERE, help="folder of sigma_refused.tsv and sigma_counts.tsv")
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
        parser.error("--corpus says where the captures are")
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
                events.setdefault(event["_path"], []).append(event)
    return events


def differences(ours, theirs):
    """What the two multisets do not share, as short texts."""
    texts = [f"+{count} {key}" for key, count in sorted((ours - theirs).items(), key=str)]
    return texts + [f"-{count} {key}" for key, count in sorted((theirs - ours).items(), key=str)]


def compare(protocol, events, oracle):
    """None when neither side saw the protocol, else (agrees, {oracle's name: differences})."""
    views = list(PROTOCOLS[protocol].oracles(oracle))
    told = [view for view in views if view.theirs]
    if not events and not told:
        return None
    failed = {}
    for view in views:
        different = differences(view.ours(events), view.theirs)
        if not different and (view.theirs or not told):
            return True, {}
        failed[view.name] = different
    return False, failed or {"none": ["no oracle for this capture"]}


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
    known = read_known(args.known)
    totals, unexplained, unused = {name: Counter() for name in args.protocols}, 0, set(known)
    for capture in captures(args.corpus):
        name = str(capture.relative_to(args.corpus / "pcap").with_suffix(""))
        oracle = args.corpus / "oracle" / name
        try:
            events = replay(args.binary.resolve(), capture)
        except (RuntimeError, ValueError, subprocess.TimeoutExpired) as error:
            print(f"FAILED {name}: {error}")
            unexplained += 1
            for protocol in args.protocols:
                totals[protocol]["total"] += 1
            continue
        for protocol in args.protocols:
            verdict = compare(protocol, events.get(protocol, []), oracle)
            if verdict is None:
                continue
            totals[protocol]["total"] += 1
            if verdict[0]:
                totals[protocol]["agree"] += 1
                continue
            reason = known.get((name, protocol))
            unused.discard((name, protocol))
            unexplained += reason is None
            mark = f"explained {name} {protocol}: {reason}" if reason else f"DIFFERS {name} {protocol}:"
            print(f"{mark} {shown(verdict[1], args.verbose)}" if not reason or args.verbose else mark)
    for name, protocol in sorted(unused):
        if protocol in args.protocols:
            print(f"note: {args.known.name} explains {name} {protocol}, which agrees or is not there")
    agree, total = 0, 0
    for protocol, count in totals.items():
        print(f"{protocol}: {count['agree']}/{count['total']}")
        agree, total = agree + count["agree"], total + count["total"]
    print(f"score: {agree}/{total} ({100.0 * agree / total if total else 100.0:.1f}%)")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
