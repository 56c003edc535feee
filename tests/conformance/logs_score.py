"""Compares what we read of log lines with what other projects' authors published as their result, format by format.
Started by tests/conformance/run logs.

A module of logs/ is named after its format and says with `cases(corpus)` which lines make which fields, or with
`pairs(expected, event)` which of the fields of Filebeat's golden files (`FILES`) are which of ours. Flow records come as datagrams,
which no file of lines can hold: logs/flows.py has them decoded by a program of the tests.
"""

import importlib
import json
import pathlib
import subprocess
import sys
import tempfile
from collections import defaultdict

from logs import flows, golden, windows_xml, zeek_tsv

BY_CASES = ("auditd", "netfilter", "pam", "sshd", "sudo")
# Filebeat's files, by format; the zone in minutes that each was read in, where it is not UTC.
BY_PAIRS = {
    "access": ("web/beats/apache-*.log", "web/beats/nginx-*.log"),
    "cef": ("cef/beats/*.log",),
    "cisco": ("firewall/beats/cisco-asa-*.log", "firewall/beats/cisco-ftd-*.log"),
    "fortinet": ("firewall/beats/fortinet-firewall*.log",),
    "palo_alto": ("firewall/beats/panw-*.log",),
    "w3c": ("web/beats/iis-*.log",),
}
# (file, their field): why ours is another. Counted apart.
KNOWN = {
    ("cisco-ftd-firepower-management.log", "event.severity"): "the lines have none: Elastic's own",
    ("cisco-ftd-no-type-id.log", "event.severity"): "the same",
    ("cisco-ftd-no-type-id.log", "event.code"): "the same",
    ("cisco-ftd-no-type-id.log", "cisco.ftd.message_id"): "the same",
    ("iptables-log-ubiquiti.log", "TTL"): "cut off in the line",
    ("iis-access-test-iis-7.5.log", "destination.address"): "a link in Markdown stands in the line",
    ("iis-access-test-iis-7.5.log", "destination.ip"): "the same",
    ("iis-access-test-iis-7.5.log", "source.address"): "the same",
    ("iis-access-test-iis-7.5.log", "source.ip"): "the same",
}
ALL = "rules: {paths: [none]}\nrecord_all: true\n"
WANTED = 0.99


def same_time(theirs, ours):
    """Times without a zone were read in one of their choosing."""
    apart = abs(float(theirs) - float(ours))
    return apart <= 14 * 3600 and apart % 900 < 0.001


def same(theirs, ours):
    if isinstance(ours, list) and not isinstance(theirs, list):
        return any(same(theirs, one) for one in ours)
    if isinstance(theirs, list) and isinstance(ours, list):
        return len(theirs) == len(ours) and all(map(same, theirs, ours))
    if isinstance(theirs, bool) or isinstance(ours, bool):
        return str(theirs).lower() == str(ours).lower()
    return str(theirs) == str(ours)


class Player:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, pathlib.Path(folder)
        (self.folder / "none").mkdir()
        (self.folder / "none/none.yml").write_text(
            "title: Nothing\nid: 6a3f2f0e-5c1e-4a52-9a57-3f0f6a4b1d12\nlogsource: {product: nothing}\n"
            "detection: {selection: {a: nothing}, condition: selection}\nlevel: low\n")
        (self.folder / "all.yaml").write_text(ALL)

    def __call__(self, name, lines):
        file = self.folder / "lines.log"
        file.write_text("".join(line + "\n" for line in lines))
        done = subprocess.run([self.binary, "replay", file, "--format", name, "--events", "-", "--quiet", "--workers", "1",
                               "--config", self.folder / "all.yaml"], capture_output=True, text=True, timeout=120)
        if done.returncode not in (0, 65):  # 65: not one line could be read
            sys.exit(f"conformance: replay of {name} ended with {done.returncode}: {done.stderr[-500:]}")
        return [json.loads(line) for line in done.stdout.splitlines()]


class Score:
    def __init__(self):
        self.lines = self.read = self.fields = self.same = self.known = 0
        self.differences = []

    def add(self, file, field, theirs, ours):
        if (file, field) in KNOWN and not same(theirs, ours):
            self.known += 1
            return
        self.fields += 1
        if same(theirs, ours) or (field == "@timestamp" and ours and same_time(theirs, ours)):
            self.same += 1
        else:
            self.differences.append(f"{file}: {field}: theirs {theirs!r}, ours {ours!r}")

    def __str__(self):
        def share(part, whole):
            return f"{100.0 * part / whole if whole else 100.0:.2f} %"

        return (f"{share(self.read, self.lines)} of {self.lines:,} lines read, "
                f"{share(self.same, self.fields)} of {self.fields:,} fields agree, "
                f"{self.known} differ for known reasons")


def read(events):
    return [event for event in events if event["_path"] != "unparsed"]


def of_cases(name, module, corpus, play):
    """Cases of one line are played together, for each makes one event; those of several lines one by one."""
    score, single = Score(), []
    for file, lines, wanted in module.cases(corpus):
        if len(lines) == 1 and name != "auditd":
            single.append((file, lines[0], wanted))
            continue
        events = read(play(name, lines))
        score.lines, score.read = score.lines + 1, score.read + bool(events)
        for field, theirs in wanted.items() if events else ():
            held = [event[field] for event in events if field in event]
            score.add(file, field, theirs, theirs if any(same(theirs, one) for one in held) else held[-1] if held else None)
    events = play(name, [line for _, line, _ in single])
    if len(events) != len(single):
        sys.exit(f"conformance: {name}: {len(single)} lines made {len(events)} events")
    for (file, _, wanted), event in zip(single, events):
        score.lines, score.read = score.lines + 1, score.read + bool(read([event]))
        if not read([event]):
            score.differences.append(f"{file}: not read: {event.get('message')}")
        for field, theirs in wanted.items() if read([event]) else ():
            score.add(file, field, theirs, event.get(field))
    return score


def of_pairs(name, module, corpus, play):
    """A file is played whole; its events are found again by the text that they carry."""
    score = Score()
    for path in sorted(path for pattern in BY_PAIRS[name] for path in corpus.glob(pattern)):
        if not pathlib.Path(str(path) + ".expected.json").exists():
            continue
        by_text = defaultdict(list)
        for event in read(play(name, path.read_text(errors="replace").splitlines())):
            by_text[event.get("message", "").strip()].append(event)
        raw = path.read_bytes()
        for expected in json.loads(pathlib.Path(str(path) + ".expected.json").read_text()):
            wanted = golden.flat(expected)
            text = wanted.get("event.original")
            if "log.offset" in wanted:
                text = raw[wanted["log.offset"]:].split(b"\n", 1)[0].decode(errors="replace")
            if not isinstance(text, str):
                continue
            score.lines += 1
            event = next((held for key, held in by_text.items() if held and key and text.strip().endswith(key)), None)
            if event is None:
                score.differences.append(f"{path.name}: not read: {text}")
                continue
            score.read += 1
            for field, theirs, ours in module.pairs(expected if name == "cef" else wanted, event.pop(0)):
                score.add(path.name, field, theirs, ours)
    return score


def of_tables(module, corpus, play):
    """Zeek's tables, each beside its JSON: the events of both are paired by their key."""
    score = Score()
    for path in sorted(corpus.glob("logs/json/zed-sample-data/*.json")):
        table = corpus / "logs/zeek-tsv/zed-sample-data" / f"{path.stem}.log"
        if not table.exists():
            continue
        ours = defaultdict(list)
        for event in read(play("zeek_tsv", table.read_text().splitlines())):
            ours[module.key(event)].append(event)
        for expected in map(json.loads, path.read_text().splitlines()):
            score.lines += 1
            if not ours[module.key(expected)]:
                score.differences.append(f"{path.name}: not read: {module.key(expected)}")
                continue
            score.read += 1
            for field, wanted, got in module.pairs(expected, ours[module.key(expected)].pop(0)):
                score.add(path.name, field, wanted, got)
    return score


def of_windows(module, corpus, play):
    """Events as XML, made of what evtx_dump says of them in JSON."""
    score, files = Score(), []
    for path in sorted((corpus / "sigma/regression_data").rglob("*.json")):
        files += [(path.name, event) for event in module.events(path)]
    events = play("windows_xml", [module.xml(expected) for _, expected in files])
    score.lines, score.read = len(files), len(read(events))
    if score.read == score.lines:
        for (name, expected), event in zip(files, events):
            for field, theirs, ours in module.pairs(expected, event):
                score.add(name, field, theirs, ours)
    return score


def run(binary, corpus, verbose):
    whole, corpus, worst = corpus, corpus / "logs", 1.0
    with tempfile.TemporaryDirectory() as folder:
        play = Player(binary, folder)
        for name in sorted((*BY_CASES, *BY_PAIRS)):
            module = importlib.import_module("logs." + name)
            score = (of_cases if name in BY_CASES else of_pairs)(name, module, corpus, play)
            print(f"{name}: {score}")
            if verbose:
                print("".join(f"    {line}\n" for line in score.differences), end="")
            worst = min(worst, score.read / max(score.lines, 1), score.same / max(score.fields, 1))
        others = {"flows": flows.run(binary.parent / "tests/flows_dump", corpus, Score()),
                  "windows_xml": of_windows(windows_xml, whole, play), "zeek_tsv": of_tables(zeek_tsv, whole, play)}
    for name, score in others.items():
        print(f"{name}: {score}")
        if verbose:
            print("".join(f"    {line}\n" for line in score.differences), end="")
        worst = min(worst, score.read / max(score.lines, 1), score.same / max(score.fields, 1))
    print(f"score: the worst share is {100 * worst:.2f} %")
    return 0 if worst >= WANTED else 1
