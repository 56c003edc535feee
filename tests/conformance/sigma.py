"""Sigma: do SigmaHQ's rules load, and do its regression cases come out as their authors state?

`CORPUS/sigma/` holds rules*/ and regression_data/ as SigmaHQ has them. The units are rule files and regression cases. A file
agrees when all of it loads, or, if sigma_refused.tsv names it, when it is refused: the specification wants that. A case
agrees when as many events match as are stated, or as sigma_counts.tsv pins where the author states fewer than there are.
"""

import csv
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SECONDS_MAX = 300


def rows(path):
    """A tab-separated file's rows; lines that begin with '#' are remarks."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as lines:
        kept = (line for line in lines if not line.startswith("#"))
        return list(csv.DictReader(kept, delimiter="\t", quoting=csv.QUOTE_NONE))


def objects(binary, command, folders):
    """What `normwatch rules COMMAND --json` says, one object a line; what is wrong with rules is part of it."""
    try:
        done = subprocess.run([binary, "rules", command, "--permissive", "--json", "--placeholders",
                               HERE / "placeholders.yaml", *folders], capture_output=True, text=True, check=False,
                              timeout=SECONDS_MAX)
    except OSError as error:
        print(f"conformance: cannot run {binary}: {error.strerror}", file=sys.stderr)
        sys.exit(69)
    if done.returncode not in (0, 1, 65):
        print(f"FAILED rules {command} ended with {done.returncode}: {done.stderr.strip()[-400:]}")
        sys.exit(1)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


class Tally:
    """Counts, and tells what differs."""

    def __init__(self):
        self.agree = self.total = 0

    def add(self, agrees, name, text):
        self.total += 1
        self.agree += agrees
        if not agrees:
            print(f"DIFFERS {name}: {text}")


def check_rules(binary, root, refusals, tally):
    """Every rule file loads, or is refused where it must be."""
    folders = sorted(path for path in root.glob("rules*") if path.is_dir())
    files = {str(path.relative_to(root)) for folder in folders for path in folder.rglob("*.yml")}
    refused = {}
    for found in objects(binary, "check", folders):
        if found.get("severity") == "error":
            name = str(pathlib.Path(found["file"]).relative_to(root))
            refused.setdefault(name, f"{found['code']}: {found['text']}")
    for name in sorted(files):
        if name not in refusals:
            tally.add(name not in refused, name, "refused: " + refused.get(name, ""))
            continue
        tally.add(name in refused, name, f"loads, and must be refused: {refusals[name]}")
        if name in refused:
            print(f"refused as it must be: {name}: {refusals[name]} ({refused[name]})")


def check_cases(binary, root, pinned, tally):
    """Every regression case finds what it should."""
    for found in objects(binary, "test", [root / "regression_data"]):
        name = str(pathlib.Path(found["file"]).parent.relative_to(root))
        stated = pinned.get(found["rule"], found["stated"])
        if found["verdict"] == "not_run":
            tally.add(False, name, f"not run: {found['reason']}")
            continue
        right = found["found"] == stated if stated is not None else found["found"] >= 1
        tally.add(right, name, f"found {found['found']} of {found['events']} events, should be {stated or 'some'}"
                  + (f": {found['reason']}" if found.get("reason") else ""))


def run(binary, corpus, folder):
    """Prints what differs and the score; the exit status. `folder` holds the two data files."""
    root = corpus.resolve() / "sigma"
    refusals = {row["file"]: row["reason"] for row in rows(folder / "sigma_refused.tsv")}
    pinned = {row["rule"]: int(row["count"]) for row in rows(folder / "sigma_counts.tsv")}
    files, cases = Tally(), Tally()
    check_rules(binary, root, refusals, files)
    check_cases(binary, root, pinned, cases)
    print(f"rules: {files.agree}/{files.total}\nregression: {cases.agree}/{cases.total}")
    agree, total = files.agree + cases.agree, files.total + cases.total
    print(f"score: {agree}/{total} ({100.0 * agree / total if total else 100.0:.1f}%)")
    return 0 if agree == total else 1
