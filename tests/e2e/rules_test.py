#!/usr/bin/env python3
"""`normwatch rules`, and rules in the shadow: the program as whoever writes or changes rules meets it."""

import json

import harness
from harness import DEMO, PROJECT, check, equal

OK, DIFFERS, USAGE, DATA, NO_INPUT, UNAVAILABLE = 0, 1, 64, 65, 66, 69

RULE = """title: {title}
id: 00000000-0000-4000-8000-{number:012}
status: test
logsource: {{product: windows}}
detection:
    {detection}
level: low
"""
BLUE = "sel: {Colour: blue}\n    condition: sel"


def rule(world, path, number, detection=BLUE, title=None):
    """A rule file; the path of its folder's root."""
    return world.write(path, RULE.format(title=title or f"Rule {number}", number=number, detection=detection))


def run(world, want, *arguments):
    """`normwatch rules ...` that must end with this status."""
    done = world.run("rules", *arguments)
    equal(done.returncode, want, f"rules {' '.join(map(str, arguments))}: {done.stdout}{done.stderr}")
    return done


def test_help(world):
    """Every subcommand is listed and explains itself; a slip names the nearest."""
    listed = run(world, OK, "--help").stdout
    for name in ("check", "test", "diff", "list", "show", "top"):
        check(f"\n  {name} " in listed, f"{name} is not listed", listed)
        text = run(world, OK, name, "--help").stdout
        check("Exit status:" in text and f"normwatch rules {name}" in text, f"help of {name}", text)
    check("did you mean 'check'" in run(world, USAGE, "chekc").stderr, "no nearest command")
    run(world, USAGE)


def test_check(world):
    """Shipped rules pass strictly; faults, warnings and states are told and counted."""
    run(world, OK, "check", "--strict")
    run(world, OK, "check", "--strict", PROJECT / "rules")
    rule(world, "a/good.yml", 1)
    rule(world, "a/never.yml", 2, "sel: {Colour: blue}\n    condition: sel and not sel")
    rule(world, "a/loose.yml", 3, "sel: {Colour|re: '.'}\n    condition: sel")
    done = run(world, OK, "check", world.directory / "a")
    for text in ("3 loaded, 0 refused", "live 2", "unsatisfiable 1", "no-literal"):
        check(text in done.stdout, f"no '{text}'", done.stdout)
    check("a/loose.yml:7:16: no-literal: warning:" in done.stderr, "no warning", done.stderr)
    equal(run(world, OK, "check", "--quiet", world.directory / "a").stderr, "", "quiet")
    run(world, DATA, "check", "--strict", world.directory / "a")
    world.write("a/bad.yml", "title: x\n")
    run(world, DATA, "check", world.directory / "a")
    lines = [json.loads(line) for line in
             run(world, OK, "check", "--permissive", "--json", world.directory / "a").stdout.splitlines()]
    check(any(line.get("code") == "missing-key" and line["severity"] == "error" for line in lines), "no fault", lines)
    equal((lines[-1]["rules"], lines[-1]["refused"], lines[-1]["states"]["unsatisfiable"]), (3, 1, 1), "summary")
    run(world, DATA, "check", world.directory / "none")


def test_check_filters(world):
    """The summary counts filters."""
    rule(world, "a/good.yml", 1)
    world.write("a/filter.yml", "title: F\nid: 00000000-0000-4000-8000-000000000009\nlogsource: {product: windows}\n"
                                "filter:\n    rules: any\n    sel: {Size: 1}\n    condition: not sel\n")
    done = run(world, OK, "check", world.directory / "a")
    check("filters: 1 active, 0 expired, 0 refused" in done.stdout, "no line of filters", done.stdout)
    done = run(world, OK, "check", "--json", world.directory / "a")
    equal(json.loads(done.stdout.splitlines()[-1])["filters"], {"active": 1, "expired": 0, "refused": 0}, "as JSON")
    done = run(world, OK, "show", "Rule 1", world.directory / "a")
    check("filters:     F\n" in done.stdout and "Size equals '1'" in done.stdout, "no filter shown", done.stdout)


def test_show(world):
    """What a rule says of itself, its plan and cost class; long lists are cut."""
    words = ", ".join(f"word{i}" for i in range(20))
    rule(world, "a/r.yml", 1, f"sel:\n        Colour|contains: [{words}]\n    condition: sel")
    done = run(world, OK, "show", "rule 1", world.directory / "a")
    for text in ("title:       Rule 1\n", "level:       low\n", "state:       live\n", ": scanned\n", "<- scan\n",
                 "and 8 more\n", "sel: any of\n"):
        check(text in done.stdout, f"no '{text}'", done.stdout)
    check("word19" not in done.stdout and "windows.security" in done.stdout, "the plan", done.stdout)
    all_of_it = run(world, OK, "show", "--all", "00000000-0000-4000-8000-000000000001", world.directory / "a").stdout
    check("word19" in all_of_it and "more" not in all_of_it, "--all", all_of_it)
    check("did you mean 'Rule 1'" in run(world, USAGE, "show", "Rule 7", world.directory / "a").stderr, "no nearest")
    rule(world, "a/s.yml", 2, title="Rule 1")
    check("2 rules are called" in run(world, USAGE, "show", "Rule 1", world.directory / "a").stderr, "which of the two")
    world.write("a/bad.yml", "title: x\n")
    run(world, DATA, "show", "Rule 1", world.directory / "a")


def explain(world, want, *arguments):
    """`normwatch explain ...` that must end with this status."""
    done = world.run("explain", *arguments)
    equal(done.returncode, want, f"explain {' '.join(map(str, arguments))}: {done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def test_explain(world):
    """Why a rule fires and why not, for lines, one object over several lines, and captures."""
    path = rule(world, "a/r.yml", 1, "sel: {Colour|contains: [blue, aa, bb, cc, dd]}\n    condition: sel and not Size: 1"
                                     .replace("not Size: 1", "not big\n    big: {Size: 1}"))
    named = ("--rule", "Rule 1", "--rules", path, "--product", "windows")
    lines = world.write("e.jsonl", '{"Colour":"dark blue","Size":2}\n{"Colour":"red"}\n{"Colour":"blue","Size":1}\n')
    text = explain(world, OK, *named, lines)
    for part in ("event 1 (windows,", "): fires, level low\n", "Colour contains 'blue' (is 'dark blue')", "none of 5 values (is 'red')",
                 "Size equals '1' (is absent)", "event 3", "3 events, 3 of the rule's log source, 1 fire the rule"):
        check(part in text, f"no '{part}'", text)
    check("event 2" not in explain(world, OK, *named, "--most", "1", lines), "--most")
    check("contains 'dd' (is 'red')" in explain(world, OK, *named, "--all", lines), "--all")
    spread = world.write("e.json", '{\n  "Colour": "red",\n  "Size": 1\n}\n')
    check("does not fire" in explain(world, DIFFERS, *named, spread), "an object over several lines")
    text = explain(world, DIFFERS, "--rule", "Rule 1", "--rules", path, "--product", "linux", lines)
    check("no event is of the rule's log source (product=windows)" in text and "3 of linux" in text, "kinds", text)
    stranger = "dca5a01f-4ad7-486f-9153-385825dbb9e3"
    text = explain(world, OK, "--rule", stranger, "--most", "1", DEMO / "water.pcap")
    check("nw.writer_ok equals 'false'" in text, "a capture", text)
    check("--rule says" in explain(world, USAGE, lines), "no rule")
    explain(world, USAGE, "--rule", "nothing like it", lines)
    explain(world, NO_INPUT, "--rule", stranger, world.directory / "none.jsonl")
    explain(world, DATA, *named, "--format", "json", world.write("bad.jsonl", "{{\n"))


def test_lowered(world):
    """`downgrade_when` lowers the level of the alerts of some events, and each says so."""
    path = rule(world, "a/r.yml", 1)
    with open(world.directory / "a/r.yml", "a", encoding="utf-8") as out:
        out.write("normwatch: {downgrade_when: {Size|lt: 5, to: informational}}\n")
    lines = world.write("e.jsonl", '{"Colour":"blue","Size":2}\n{"Colour":"blue","Size":7}\n{"Colour":"blue"}\n')
    config = world.write("normwatch.yaml", json.dumps({"rules": {"paths": [str(path)]}}))
    done = world.run("replay", "--config", config, "--product", "windows", lines)
    equal(done.returncode, OK, "replay: " + done.stderr)
    alerts = [json.loads(line) for line in done.stdout.splitlines()]
    equal([(alert["level"], alert.get("rule_level")) for alert in alerts],
          [("informational", "low"), ("low", None), ("low", None)], "levels")
    text = explain(world, OK, "--rule", "Rule 1", "--rules", path, "--product", "windows", lines)
    for part in ("): fires, level informational\n", "downgrade_when: Size lt '5' (is '2')", "): fires, level low\n"):
        check(part in text, f"no '{part}'", text)


def test_top(world):
    """The dearest rules over files, and of a running daemon."""
    done = run(world, OK, "top", "--replay", DEMO / "water.pcap", "--most", "3")
    equal(done.stdout.count("\n"), 5, f"lines: {done.stdout}")
    costs = json.loads(run(world, OK, "top", "--json", "--replay", DEMO / "water.pcap").stdout)
    check(costs["events"] > 100 and all(row["evaluations"] for row in costs["rules"]), "costs", costs)
    run(world, USAGE, "top", "--most", "0")
    run(world, NO_INPUT, "top", "--replay", world.directory / "none.pcap")
    run(world, UNAVAILABLE, "top", "--control", world.directory / "none.sock")


def test_costs_of_a_daemon(world):
    """A running daemon tells what its rules cost, on its control socket and as metrics."""
    config = {"sources": [{"name": "demo", "kind": "replay", "path": str(DEMO / "water.pcap")}]}
    daemon = harness.Daemon(world, config).ready()
    daemon.read_all()
    metrics = daemon.metrics()
    check(metrics.sum("normwatch_rule_evaluations_total") > 10, "no evaluations")
    costs = json.loads(run(world, OK, "top", "--json", "--config", daemon.config_file).stdout)
    equal(sum(row["evaluations"] for row in costs["rules"]), metrics.sum("normwatch_rule_evaluations_total"), "both")
    equal(daemon.stop(), OK, "exit status")


def test_liveness_by_configuration(world):
    """A rule is live by the sources that the configuration names."""
    rule(world, "a/r.yml", 1)
    for product, want in (("windows", "live 1"), ("linux", "dormant_no_source 1")):
        config = world.write(f"{product}.yaml", json.dumps({"sources": [
            {"name": "f", "kind": "file", "path": "f.jsonl", "format": "json", "product": product}]}))
        check(want in run(world, OK, "check", "--config", config, world.directory / "a").stdout, f"{product}: not {want}")


def test_regression_layout(world):
    """SigmaHQ's layout: found beside the rules or named, with counts; what cannot be run is told and never passes."""
    rule(world, "rules/win/one.yml", 1)
    for name, count, events in (("one", 1, '{\n"Colour": "blue"\n}\n{"Colour": "red"}'), ("two", 2, '{"Colour":"blue"}'),
                                ("three", 1, None)):
        folder = f"regression_data/rules/win/{name}"
        world.write(f"{folder}/info.yml", json.dumps({
            "rule_metadata": [{"id": "00000000-0000-4000-8000-000000000001"}],
            "regression_tests_info": [{"name": "Positive", "type": "evtx", "match_count": count,
                                       "path": f"{folder}/e.evtx"}]}))
        if events:
            world.write(f"{folder}/e.json", events)
    root = world.directory
    for paths in ([root / "rules"], [root / "rules/win/one.yml"], [root / "regression_data"], [root]):
        done = run(world, DIFFERS, "test", *paths)
        check("3 cases, 1 passed, 1 failed, 1 not run" in done.stdout, f"{paths}", done.stdout)
        check("stated 2, found 1 of 1 events" in done.stdout and "EVTX" in done.stdout, "reasons", done.stdout)
    done = run(world, OK, "test", root / "regression_data/rules/win/one")
    check("1 cases, 1 passed" in done.stdout, "one case alone", done.stdout)
    config = world.write("linux.yaml", json.dumps({"sources": [
        {"name": "f", "kind": "file", "path": "f.jsonl", "format": "json", "product": "linux"}]}))
    run(world, OK, "test", "--config", config, root / "regression_data/rules/win/one")
    lines = run(world, DIFFERS, "test", "--json", root / "regression_data").stdout.splitlines()
    equal(sorted(json.loads(line)["verdict"] for line in lines), ["failed", "not_run", "passed"], "verdicts")


def test_placeholders(world):
    """A file of placeholders is read, and its faults are told."""
    rule(world, "a/r.yml", 1)
    names = world.write("names.yaml", "admins: [alice, bob]\nzone: office\n")
    run(world, OK, "check", "--placeholders", names, world.directory / "a")
    world.write("names.yaml", "admins: {a: b}\n")
    check("names.yaml:1:" in run(world, DATA, "check", "--placeholders", names, world.directory / "a").stderr, "no place")


def shadow_config(world, status):
    """A configuration whose rules are all `status`."""
    return world.write(f"{status}.yaml", json.dumps({"rules": {"paths": [
        {"path": str(PROJECT / "rules"), "status": status}]}}))


def test_shadow_replay(world):
    """Shadow rules match and are counted; nobody is told, unless asked."""
    plain = world.run("replay", "--config", shadow_config(world, "active"), DEMO / "water.pcap")
    check(plain.stdout.count("\n") > 10, "suspiciously few alerts", plain.stderr)
    shadow = world.run("replay", "--config", shadow_config(world, "shadow"), DEMO / "water.pcap")
    equal((shadow.returncode, shadow.stdout), (OK, ""), "alerts of shadow rules")
    check("matches of shadow rules, not notified:" in shadow.stderr, "the summary is silent", shadow.stderr)
    shown = world.run("replay", "--shadow", "--config", shadow_config(world, "shadow"), DEMO / "water.pcap")
    alerts = [json.loads(line) for line in shown.stdout.splitlines()]
    check(all(alert.pop("shadow") is True for alert in alerts), "an alert is not marked")
    equal(alerts, [json.loads(line) for line in plain.stdout.splitlines()], "alerts of shadow rules, shown")
    listed = run(world, OK, "list", "--config", shadow_config(world, "shadow"))
    equal(listed.stdout.count("(shadow)"), listed.stdout.count("\n"), "rules of the configuration, all in the shadow")
    check(f" {listed.stdout.count(chr(10))} shadow" in run(world, OK, "check", "--config", shadow_config(world, "shadow")).stdout, "none counted")


def test_shadow_metrics(world):
    """A daemon with a shadow pack records no alert, and its metrics say what the rules matched."""
    config = {"rules": {"paths": {"path": str(PROJECT / "rules"), "status": "shadow"}},
              "sources": [{"name": "demo", "kind": "replay", "path": str(DEMO / "water.pcap")}]}
    daemon = harness.Daemon(world, config).ready()
    daemon.read_all()
    metrics = daemon.metrics()
    check(metrics.sum("normwatch_rule_shadow_matches_total") > 10, "no matches of shadow rules")
    equal(metrics.rows("normwatch_rule_matches_total"), [], "rules that notify")
    equal(metrics.sum("normwatch_rules_shadow"), metrics.sum("normwatch_rules"), "shadow rules, all rules")
    equal(metrics.sum("normwatch_events_total", outcome="matched"), 0, "events that somebody hears of")
    equal(daemon.incidents(), [], "incidents")
    equal(daemon.stop(), OK, "exit status")


def test_diff(world):
    """What a change of rules would have changed, by rule, with examples."""
    rule(world, "old/same.yml", 1)
    rule(world, "new/same.yml", 1)
    lines = world.write("events.jsonl", '{"Colour":"blue","Size":1}\n{"Colour":"red","Size":2}\n{"Colour":"red"}\n')
    over = ("--replay", lines, "--product", "windows")
    old, new = world.directory / "old", world.directory / "new"
    done = run(world, OK, "diff", old, new, *over)
    check("0 differ" in done.stdout and "1 under OLD, 1 under NEW" in done.stdout, "nothing differs", done.stdout)
    rule(world, "old/wider.yml", 2)
    rule(world, "new/wider.yml", 2, "sel: {Colour: [blue, red]}\n    condition: sel")
    rule(world, "old/other.yml", 3, "sel: {Colour: red}\n    condition: sel")
    rule(world, "new/other.yml", 3, "sel: {Size: 1}\n    condition: sel")
    rule(world, "old/gone.yml", 4)
    rule(world, "new/come.yml", 5)
    done = run(world, DIFFERS, "diff", old, new, *over, "--examples", "1")
    for text in ("gained       00000000-0000-4000-8000-000000000002", "1 -> 3 matches (+2 -0)", "+ and 1 more",
                 f"+ {lines}:2 ", "changed      00000000-0000-4000-8000-000000000003", "2 -> 1 matches (+1 -2)",
                 "only in OLD  00000000-0000-4000-8000-000000000004", "only in NEW  00000000-0000-4000-8000-000000000005",
                 "4 differ"):
        check(text in done.stdout, f"no '{text}'", done.stdout)
    run(world, USAGE, "diff", old, new)
    run(world, USAGE, "diff", old, new, "--replay", "-")
    run(world, NO_INPUT, "diff", old, new, "--replay", world.directory / "none.jsonl")
    world.write("new/bad.yml", "title: x\n")
    run(world, DATA, "diff", old, new, *over)
    run(world, DIFFERS, "diff", "--permissive", old, new, *over)


def test_diff_of_a_capture(world):
    """Packets are compared too, for any number of workers."""
    over = ("--replay", DEMO / "water.pcap", DEMO / "water.log")
    outputs = {run(world, DIFFERS, "diff", PROJECT / "rules/ics", PROJECT / "rules", *over, "--workers", count).stdout
               for count in ("1", "3")}
    equal(len(outputs), 1, "outputs by workers")
    check("only in NEW" in outputs.pop(), "nothing is new")
    run(world, OK, "diff", PROJECT / "rules", PROJECT / "rules", *over)


if __name__ == "__main__":
    harness.main(globals(), isolated=False)
