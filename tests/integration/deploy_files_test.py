#!/usr/bin/env python3
"""The files under deploy/ are valid for their programs and name only metrics that the daemon exports.

usage: deploy_files_test.py [PROJECT]    exit 0 good, 1 a fault, 77 a program is missing and all else is good
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]).resolve()
PROMETHEUS = ROOT / "deploy/prometheus"
CHECKS = [
    (PROMETHEUS, ["promtool", "check", "config", "prometheus.yml"]),
    (PROMETHEUS, ["promtool", "check", "rules", "normwatch.rules.yml"]),
    (PROMETHEUS, ["promtool", "test", "rules", "normwatch.rules.test.yml"]),
    (ROOT / "deploy/alertmanager", ["amtool", "check-config", "alertmanager.yml"]),
]
ROW = re.compile(r'\{"((?:normwatch|process)_\w+)",\s*(kCounter|kGauge|kHistogram),\s*"[^"]*",\s*\{([^}]*)\}\}')
# A metric as PromQL writes it, with its matchers.
USE = re.compile(r"\b((?:normwatch|process)_[a-z0-9_]+)(?:\{([^}]*)\})?")
EVERYWHERE = {"instance", "job", "le"}  # labels that Prometheus or the type adds


def table():
    """{metric: its labels} from the table; histograms also with their three suffixes."""
    rows = {}
    for name, kind, labels in ROW.findall((ROOT / "daemon/export/metrics/table.cpp").read_text()):
        found = set(re.findall(r'"(\w+)"', labels))
        for suffix in ("", "_bucket", "_sum", "_count") if kind == "kHistogram" else ("",):
            rows[name + suffix] = found
    return rows


def expressions():
    """(where, PromQL) of the rules and of the dashboard."""
    rules = (PROMETHEUS / "normwatch.rules.yml").read_text()
    for block in re.split(r"^\s*- alert: ", rules, flags=re.M)[1:]:
        name = block.split("\n", 1)[0]
        yield f"rule {name}", re.search(r"expr:(.*?)\n\s*(?:for|labels):", block, re.S)[1]
    dashboard = json.loads((ROOT / "deploy/grafana/normwatch.json").read_text())
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield f"panel {panel['title']}", target["expr"]
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield f"variable {variable['name']}", variable["query"]["query"]
    for annotation in dashboard["annotations"]["list"]:
        yield f"annotation {annotation['name']}", annotation["expr"]


def faults():
    rows = table()
    if len(rows) < 40:
        yield f"only {len(rows)} metrics were read from table.cpp: does the pattern still fit?"
    seen = 0
    for where, expression in expressions():
        for name, matchers in USE.findall(expression):
            seen += 1
            if name not in rows:
                yield f"{where}: {name} is not in table.cpp"
                continue
            for label in re.findall(r"(\w+)\s*[=!]~?", matchers):
                if label not in rows[name] | EVERYWHERE:
                    yield f"{where}: {name} has no label {label}"
        named = {name for name, _ in USE.findall(expression) if name in rows}
        known = set().union(EVERYWHERE, *(rows[name] for name in named))
        for group in re.findall(r"\b(?:by|on)\s*\(([^)]*)\)", expression):
            for label in (part.strip() for part in group.split(",")):
                if named and label not in known:
                    yield f"{where}: nothing in it has the label {label}"
    if seen < 40:
        yield f"only {seen} uses of metrics were found: do the patterns still fit?"
    rules = re.findall(r"- alert: (\S+)", (PROMETHEUS / "normwatch.rules.yml").read_text())
    tests = (PROMETHEUS / "normwatch.rules.test.yml").read_text()
    for rule in rules:
        if not re.fullmatch(r"Normwatch([A-Z][a-z]+)+", rule):
            yield f"rule {rule}: not CamelCase with our prefix"
        if not re.search(rf'alertname[:=]\s*"?{rule}\b', tests):
            yield f"rule {rule}: no test makes it fire"


def main():
    found, missing = list(faults()), set()
    for folder, command in CHECKS:
        if shutil.which(command[0]) is None:
            missing.add(command[0])
            continue
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            found.append(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")
    if found:
        print("\n".join(found))
        return 1
    if missing:
        print(f"skipped: not installed: {', '.join(sorted(missing))} (Debian: prometheus, prometheus-alertmanager)")
        return 77
    print("deploy files: ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
