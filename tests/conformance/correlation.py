"""Sigma's correlations: do streams of events give the alerts that the specification asks for?

`sigma/correlation.yaml` holds rules, streams and alerts (sigma/README.md tells the keys). Each case is written out as
Sigma documents and JSON lines, and played through `normwatch replay`: rules, matcher, engine and alerts as they are run.
"""

import datetime
import json
import pathlib
import subprocess
import sys
import tempfile

import yaml

CASES = pathlib.Path(__file__).resolve().parent / "sigma" / "correlation.yaml"
BEGIN = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
KEYS = {"section", "seen", "correlations", "cases", "refused"}
CASE_KEYS = {"name", "stream", "alerts"}
SECONDS_MAX = 60


def documents(section, correlations):
    """The section's rules as Sigma documents: `seen` are rules of single events, in the order of their ids."""
    out = []
    for name in [*section["seen"], *correlations]:
        rule = {"title": name, "id": f"00000000-0000-4000-8000-{len(out) + 1:012}", "name": name}
        if name in correlations:
            rule["correlation"] = correlations[name]
        else:
            rule["logsource"] = {"product": "test"}
            rule["detection"] = {"selection": {"kind": name}, "condition": "selection"}
        out.append(rule)
    return yaml.safe_dump_all(out, sort_keys=False)


def event_line(event):
    seconds, rule, fields = event
    time = BEGIN + datetime.timedelta(seconds=seconds)
    return json.dumps({"@timestamp": time.isoformat(timespec="microseconds").replace("+00:00", "Z"), "kind": rule, **fields})


def call(binary, *arguments):
    try:
        return subprocess.run([binary, *arguments], capture_output=True, text=True, check=False, timeout=SECONDS_MAX)
    except OSError as error:
        print(f"conformance: cannot run {binary}: {error.strerror}", file=sys.stderr)
        sys.exit(69)


def alerts(binary, folder, section, stream):
    """What fired, sorted: second, rule, and the group's fields."""
    (folder / "events.json").write_text("".join(event_line(event) + "\n" for event in stream), encoding="utf-8")
    done = call(binary, "replay", "--quiet", "--config", folder / "config.yaml", "--product", "test", "--format", "json",
                "--mapping", "none", folder / "events.json")
    if done.returncode != 0:
        return [f"replay ended with {done.returncode}: {done.stderr.strip()[-400:]}"]
    found = []
    for line in done.stdout.splitlines():
        alert = json.loads(line)
        time = datetime.datetime.fromisoformat(alert["event_time"][:19] + "+00:00")
        group = section["correlations"].get(alert["rule_title"], {}).get("group-by", [])
        key = {name: alert["fields"][name] for name in group if name in alert["fields"]}
        found.append(((time - BEGIN).total_seconds(), alert["rule_title"], key))
    return sorted(found, key=str)


def run_section(binary, section, tell):
    """`tell` takes whether it agrees, a name and a text, for each case."""
    unknown = set(section) - KEYS | {key for case in section.get("cases", []) for key in set(case) ^ CASE_KEYS}
    if unknown:
        sys.exit(f"conformance: {CASES}: {section['section']}: unknown or missing keys: {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "rules").mkdir()
        (folder / "config.yaml").write_text("rules: {paths: [rules]}\n", encoding="utf-8")
        rules = folder / "rules" / "rules.yml"
        rules.write_text(documents(section, section.get("correlations", {})), encoding="utf-8")
        for case in section.get("cases", []):
            expected = sorted(((float(at), rule, key) for at, rule, key in case["alerts"]), key=str)
            found = alerts(binary, folder, section, case["stream"])
            tell(found == expected, f"{section['section']}: {case['name']}", f"found {found}, should be {expected}")
        for what, correlation in section.get("refused", {}).items():
            rules.write_text(documents(section, {"refused": correlation}), encoding="utf-8")
            done = call(binary, "rules", "check", folder / "rules")
            tell(done.returncode == 65, f"{section['section']}: {what}", f"is accepted (exit status {done.returncode})")


def run(binary):
    """Prints what differs and the score; the exit status."""
    agree = total = 0

    def tell(agrees, name, text):
        nonlocal agree, total
        total += 1
        agree += agrees
        if not agrees:
            print(f"DIFFERS {name}: {text}")

    for section in yaml.safe_load_all(CASES.read_text(encoding="utf-8")):
        run_section(binary, section, tell)
    print(f"score: {agree}/{total} ({100.0 * agree / total:.1f}%)")
    return 0 if agree == total else 1
