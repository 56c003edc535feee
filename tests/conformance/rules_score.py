"""What the shipped rules say of every capture and log of a corpus, at a site whose register designates what answers in it
(site_register.py). Started by tests/conformance/run rules.

Ordinary traffic and logs (pcap/it, pcap/ics, pcap/malformed, logs) must not alert above `low` but for what rules_known.tsv
explains; attacks (pcap/attack, logs/attack) must raise what rules_detected.tsv says. `--update` writes both tables' counts;
a row that it adds has no reason yet, and fails until somebody writes one.
"""

import csv
import json
import os
import pathlib
import re
import subprocess
import tempfile
from collections import Counter, namedtuple
from concurrent.futures import ThreadPoolExecutor

import logs_score
from site_register import ROLES, Seen

HERE = pathlib.Path(__file__).resolve().parent
RULES = HERE.parent.parent / "rules"
PROCESSES = 2
SECONDS_MAX = 120
QUIET = ("informational", "low")
UNEXPLAINED = "?"
COLUMNS = {"known": ("file", "rule", "count", "reason"), "detected": ("file", "rule", "count", "what")}

# Log files by folder: the format, and other options of replay. What `run logs` knows better comes first; else `auto`.
FORMATS = [*((pattern, (name,)) for name, patterns in logs_score.BY_PAIRS.items() for pattern in patterns),
           ("audit/*/*", ("auditd",)), ("cef/*/*", ("cef",)), ("zeek-tsv/*/*", ("zeek_tsv",)),
           ("json/otrf/*Windows*.json", ("json", "--product", "windows")), ("json/otrf/cmd_*", ("json", "--product", "windows")),
           ("json/*/*", ("json",)), ("web/*/*", ("access",))]
# Cases of other projects' tests, whose lines stand in a wrapper.
CASE = re.compile(r"^log \d+ (?:pass|fail) = (.*)$", re.M)
WANTED = re.compile('"_path":"(?:conn|ntp|' + "|".join(ROLES) + ')"|"ics.operation"')
HOST = re.compile(r'"host":"')

Unit = namedtuple("Unit", "name file attack options")  # a capture or log: its name in the tables, what is replayed
Table = namedtuple("Table", "path rows")  # rows: {(file, rule): [count, reason]}


def format_of(path):
    return next((list(options) for pattern, options in FORMATS if path.match(pattern)), ["auto"])


def unwrapped(path, folder):
    """The lines in the cases of a file, as a file; nothing when it is no file of cases."""
    text = path.read_text(errors="replace")
    if path.suffix == ".ini":
        lines = CASE.findall(text)
    else:
        lines = []
        for case in map(json.loads, text.splitlines()):
            found = case.get("messages", case.get("message"))
            lines += found if isinstance(found, list) else [found]
    lines = [line for line in lines if isinstance(line, str)]
    out = folder / (re.sub(r"\W", "_", str(path)) + ".log")
    out.write_text("".join(line.replace("\n", " ") + "\n" for line in lines))
    return out if lines else None


def units(corpus, folder):
    for path in sorted((corpus / "pcap").rglob("*")):
        if path.is_file() and path.suffix in (".pcap", ".pcapng", ".cap"):
            name = str(path.relative_to(corpus))
            yield Unit(name, path, name.startswith("pcap/attack/"), [])
    for path in sorted((corpus / "logs").rglob("*")):
        name = str(path.relative_to(corpus))
        # Flow datagrams cannot be replayed from files of lines; tables beside logs are what others expect of them.
        if not path.is_file() or ".expected." in path.name or name.startswith("logs/netflow/"):
            continue
        if path.suffix not in (".log", ".json", ".jsonl", ".ini", ".labeled", ".msg", ".data"):
            continue
        wrapped = path.suffix == ".ini" or (path.suffix == ".jsonl" and "/json/" not in name)
        file = unwrapped(path, folder) if wrapped else path
        if file:
            yield Unit(name, file, name.startswith("logs/attack/"), ["--format", *format_of(path)])


class Player:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}  # rules are compiled once
        self.stems = {}
        for path in RULES.rglob("*.yml"):
            if not path.name.endswith(".test.yml"):
                for rule in re.findall(r"^id: *(\S+)", path.read_text(), re.M):
                    self.stems[rule] = path.stem

    def replay(self, unit, *options):
        done = subprocess.run([self.binary, "replay", unit.file, "--quiet", "--workers", "1", *unit.options, *options],
                              capture_output=True, text=True, errors="replace", timeout=SECONDS_MAX, check=False, env=self.environment)
        if done.returncode not in (0, 65):  # 65: damaged; what could be read of it counts
            raise RuntimeError(f"replay ended with {done.returncode}: {done.stderr.strip()[-300:]}")
        return done.stdout.splitlines()

    def __call__(self, unit):
        """How many alerts each rule raised: of ordinary files those above `low`, of attacks all."""
        wanted = HOST if unit.options else WANTED
        seen = Seen((line for line in self.replay(unit, "--events", "-") if wanted.search(line)), logs=bool(unit.options))
        with tempfile.TemporaryDirectory(dir=self.folder) as name:
            site = pathlib.Path(name)
            (site / "registry.yaml").write_text(json.dumps(seen.register(known=not unit.attack, servers=True)))
            (site / "baseline.yaml").write_text(json.dumps(
                {"version": 1, "conversations": []} if unit.attack else seen.baseline()))
            (site / "normwatch.yaml").write_text(json.dumps({
                "registry": "registry.yaml", "baseline": {"file": "baseline.yaml"}, "rules": {"paths": [str(RULES)]}}))
            alerts = map(json.loads, self.replay(unit, "--config", site / "normwatch.yaml"))
            return Counter(self.stems.get(alert["rule_id"], alert["rule_id"]) for alert in alerts
                           if unit.attack or alert["level"] not in QUIET)


def read_table(path, columns):
    rows = {}
    if path.exists():
        with path.open(newline="", encoding="utf-8") as lines:
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                rows[row["file"], row["rule"]] = [int(row["count"]), row[columns[3]]]
    return Table(path, rows)


def write_table(table, columns, found, played):
    """The counts that were found, with the reasons that were there."""
    rows = {key: row for key, row in table.rows.items() if key[0] not in played}
    for (file, rule), count in found.items():
        rows[file, rule] = [count, table.rows.get((file, rule), [0, UNEXPLAINED])[1]]
    with table.path.open("w", encoding="utf-8") as out:
        out.write("\t".join(columns) + "\n")
        for (file, rule), (count, reason) in sorted(rows.items()):
            out.write(f"{file}\t{rule}\t{count}\t{reason}\n")


def judge(kind, table, found, played, only):
    """Prints the table; how many rows of it are not as they should be."""
    wrong = 0
    for (file, rule), count in sorted(found.items()):
        stated, reason = table.rows.get((file, rule), (0, UNEXPLAINED))
        good = stated == count and reason not in ("", UNEXPLAINED)
        wrong += not good
        print(f"{'' if good else 'UNEXPLAINED ' if kind == 'known' else 'UNEXPECTED '}{file}\t{rule}\t{count}\t{reason}"
              + ("" if stated == count else f"  (the table says {stated})"))
    for (file, rule), (stated, _) in sorted(table.rows.items()):
        if (file, rule) not in found and file in played:
            print(f"MISSING {file}\t{rule}\t0\t(the table says {stated})")
            wrong += 1
        elif file not in played and not only:
            print(f"note: {table.path.name} has {file}, which the corpus has not")
    return wrong


def run(binary, corpus, update, data=HERE, only=""):
    found, played, failed = {"known": {}, "detected": {}}, {"known": set(), "detected": set()}, 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        play = Player(binary, folder)

        def one(unit):
            try:
                return unit, play(unit)
            except (RuntimeError, ValueError, KeyError, OSError, subprocess.TimeoutExpired) as error:
                return unit, error

        chosen = [unit for unit in units(corpus, folder) if only in unit.name]
        with ThreadPoolExecutor(PROCESSES) as pool:
            for unit, counts in pool.map(one, chosen):
                if isinstance(counts, Exception):
                    print(f"FAILED {unit.name}: {counts}")
                    failed += 1
                    continue
                kind = "detected" if unit.attack else "known"
                played[kind].add(unit.name)
                found[kind].update({(unit.name, rule): count for rule, count in counts.items()})
    wrong = failed
    for kind, title in (("known", "false alarms: alerts above low in ordinary captures and logs"),
                        ("detected", "detections: alerts in attack captures and logs")):
        table = read_table(data / f"rules_{kind}.tsv", COLUMNS[kind])
        if update:
            write_table(table, COLUMNS[kind], found[kind], played[kind])
            table = read_table(table.path, COLUMNS[kind])
        print(f"# {title}")
        wrong += judge(kind, table, found[kind], played[kind], only)
        loud = {file for file, _ in found[kind]}
        print(f"# {len(loud)} of {len(played[kind])} files alert; by rule: " + ", ".join(
            f"{rule} {count}" for rule, count in sorted(Counter(rule for _, rule in found[kind]).items())))
    print(f"score: {wrong} rows are wrong or unexplained, of {sum(map(len, found.values()))}; {failed} files could not be played")
    return 1 if wrong else 0
