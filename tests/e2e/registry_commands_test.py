#!/usr/bin/env python3
"""`normwatch registry check`, `show`, `graph` and `import`, and `normwatch taxonomy`: what keeps a register in order."""

import json

import harness
from harness import check, equal

OK, NOBODY, USAGE, DATA, NO_INPUT, CONFIG = 0, 1, 64, 65, 66, 78


def run(world, want, *arguments):
    done = world.run(*arguments)
    equal(done.returncode, want, f"{' '.join(map(str, arguments))}: {done.stdout}{done.stderr}")
    return done


FOLDER = {
    "10-power.yaml": """version: 1
location: AT
assets:
  - asset: p0w3r1
    sector: energy.electricity
    class: {a: C1, i: C1, c: C4}
    networks: [203.0.113.0/24]
""",
    "20-water.yaml": """version: 1
assets:
  - asset: w4t3r9
    name: Water works
    sector: water.supply
    functions: [treat-water]
    class: {a: C1, i: C1, c: C3}
    disclosure: DISCLOSURE
    networks: [192.0.2.0/24]
    hosts: [{addr: 192.0.2.10, name: plc1, roles: [plc], writers: [192.0.2.20]}]
    dependencies: [{on: p0w3r1, kind: physical, buffer_minutes: 240}]
    basis: {act: Act 7, until: 2026-06-30}
""",
}


def register(world, disclosure="restricted"):
    for name, text in FOLDER.items():
        world.write(f"assets.d/{name}", text.replace("DISCLOSURE", disclosure))
    return world.directory / "assets.d"


def test_help(world):
    text = run(world, OK, "registry", "--help").stdout
    for name in ("check", "show", "graph", "diff", "import"):
        check(f"\n  {name} " in text, f"{name} is not listed", text)
        run(world, OK, "registry", name, "--help")
    text = run(world, OK, "registry", "import", "--help").stdout
    check("nis2-csv" in text and "netbox" in text, "the imports", text)
    run(world, OK, "taxonomy", "--help")


def test_check(world):
    folder = register(world)
    at = ("--at", "2026-07-01T00:00:00Z")
    done = run(world, OK, "registry", "check", *at, folder)
    check("20-water.yaml:3:5: basis-over: warning:" in done.stderr, "the designation that ended", done.stderr)
    check("2 files" in done.stdout and "by sector:     energy.electricity 1, water.supply 1" in done.stdout, "the summary", done.stdout)
    run(world, DATA, "registry", "check", *at, "--strict", folder)
    run(world, OK, "registry", "check", "--at", "2026-06-30T12:00:00Z", "--strict", folder)
    lines = [json.loads(line) for line in run(world, OK, "registry", "check", *at, "--json", folder).stdout.splitlines()]
    equal([line.get("code") for line in lines], ["basis-over", None], "one object each")
    equal((lines[1]["assets"], lines[1]["dependencies"], lines[1]["warnings"]), (2, 1, 1), "its summary")
    config = world.write("c.yaml", "registry: assets.d\n")
    check("2 files" in run(world, OK, "registry", "check", "--config", config).stdout, "that of --config")
    run(world, OK, "registry", "check", "--strict", "--at", "2026-03-01T00:00:00Z")  # the embedded one
    bad = world.write("bad.yaml", FOLDER["10-power.yaml"].replace("energy.electricity", "energy.electricty"))
    done = run(world, DATA, "registry", "check", bad)
    check("bad.yaml:5:13: unknown-word:" in done.stderr and "did you mean 'energy.electricity'" in done.stderr, "the nearest", done.stderr)
    run(world, DATA, "registry", "check", world.directory / "nowhere.yaml")
    run(world, USAGE, "registry", "check", "--at", "noon", folder)
    run(world, CONFIG, "registry", "check", "--config", world.directory / "nowhere.yaml")


def test_show(world):
    path = ("--register", register(world))
    text = run(world, OK, "registry", "show", *path, "p0w3r1").stdout
    check("if it fails:   in 4 h: w4t3r9 (Water works), water.supply, treat-water" in text, "whom it takes along", text)
    text = run(world, OK, "registry", "show", *path, "192.0.2.10").stdout
    check("host:          192.0.2.10 plc1: plc; commands from 192.0.2.20" in text and "asset w4t3r9" in text, "an address", text)
    equal(run(world, OK, "registry", "show", *path, "PLC1").stdout, text, "a host's name")
    equal(json.loads(run(world, OK, "registry", "show", *path, "--json", "w4t3r9").stdout)["dependencies"][0]["on"], "p0w3r1", "as JSON")
    run(world, NOBODY, "registry", "show", *path, "8.8.8.8")
    check("did you mean 'w4t3r9'" in run(world, USAGE, "registry", "show", *path, "w4t3r8").stderr, "the nearest")


def test_graph(world):
    path = ("--register", register(world))
    check('"w4t3r9" -> "p0w3r1" [label="240 min"]' in run(world, OK, "registry", "graph", *path).stdout, "dot")
    check("flowchart" in run(world, OK, "registry", "graph", *path, "--format", "mermaid").stdout, "mermaid")
    equal(len(json.loads(run(world, OK, "registry", "graph", *path, "--format", "json").stdout)["assets"]), 2, "json")
    check("did you mean 'dot'" in run(world, USAGE, "registry", "graph", *path, "--format", "dto").stderr, "the nearest")
    run(world, USAGE, "registry", "graph", *path, "--from", "nobody")
    path = ("--register", register(world, "secret"))
    done = run(world, OK, "registry", "graph", *path)
    check("w4t3r9" not in done.stdout + done.stderr and "1 secret assets are left out" in done.stderr, "secret", done)
    check("w4t3r9" in run(world, OK, "registry", "graph", *path, "--with-secret").stdout, "on demand")
    run(world, USAGE, "registry", "graph", *path, "--from", "w4t3r9")


def test_import_nis2(world):
    table = world.write("list.csv", "Entity;IP ranges;Sector;Subsector\nno;192.0.2.0/25 2001:db8::/32;Energy;Electricity\nB;;Space;\n")
    done = run(world, OK, "registry", "import", "nis2-csv", "--seed", "7", table)
    check("list.csv: line 3: left out: 'B' has no address" in done.stderr, "what is left out", done.stderr)
    check("2 records read, 1 left out; 1 assets, 2 networks, 0 hosts" in done.stderr, "the count", done.stderr)
    equal(run(world, OK, "registry", "import", "nis2-csv", "--seed", "7", table).stdout, done.stdout, "the same seed")
    check(run(world, OK, "registry", "import", "nis2-csv", table).stdout != done.stdout, "by chance without one")
    run(world, OK, "registry", "check", "--strict", world.write("imported.yaml", done.stdout))
    run(world, DATA, "registry", "import", "nis2-csv", world.write("other.csv", "a,b\n1,2\n"))
    run(world, NO_INPUT, "registry", "import", "nis2-csv", world.directory / "nowhere.csv")
    run(world, USAGE, "registry", "import", "nis2-csv", "--seed", "x", table)


def test_import_netbox(world):
    prefixes = world.write("p.json", json.dumps({"next": None, "results": [{"prefix": "192.0.2.0/24", "tenant": {"name": "W", "slug": "w"}, "role": {"slug": "ot"}}]}))
    devices = world.write("d.json", json.dumps([{"name": "plc1", "device_type": {}, "role": {"slug": "plc"}, "primary_ip": {"address": "192.0.2.10/24"}}]))
    run(world, USAGE, "registry", "import", "netbox", prefixes)
    check("did you mean 'water.supply'" in run(world, USAGE, "registry", "import", "netbox", "--sector", "water.suply", prefixes).stderr, "the nearest")
    done = run(world, OK, "registry", "import", "netbox", "--sector", "water.supply", prefixes, devices)
    file = world.write("netbox.yaml", done.stdout)
    # The import does not know who commands the controller: the check says so.
    check("writers-missing" in run(world, OK, "registry", "check", file).stderr, "what is left to do")
    check("zone:          ot" in run(world, OK, "registry", "show", "--register", file, "192.0.2.10").stdout, "the zone")
    run(world, DATA, "registry", "import", "netbox", "--sector", "water.supply", world.write("n.json", "{}"))


def test_taxonomy(world):
    names = [json.loads(line)["name"] for line in run(world, OK, "taxonomy", "list", "--json").stdout.splitlines()]
    equal(names, ["attack", "pap", "rsit", "sectors", "tlp"], "all of them")
    for name in names:
        check(run(world, OK, "taxonomy", "show", name).stdout.count("\n") >= 4, f"{name} is short")
    text = run(world, OK, "taxonomy", "show", "sectors", "water.supply").stdout
    check("  nis2: drinking-water\n" in text and "  idmef: Water.DrinkingWater\n" in text, "what others call it", text)
    check("TLP:CLEAR" in run(world, OK, "taxonomy", "show", "tlp", "TLP:WHITE").stdout, "an alias")
    check("did you mean 'sectors'" in run(world, USAGE, "taxonomy", "show", "sector").stderr, "the nearest")
    check("did you mean 'water.supply'" in run(world, USAGE, "taxonomy", "show", "sectors", "water.suply").stderr, "the nearest entry")


def test_own_sectors(world):
    """A country's own sector is in the register, in the taxonomy, and unknown without its file."""
    world.write("at.yaml", "version: at\ncolumns: {at: {title: Austria, source: a law}}\nsectors:\n  at.ski-lifts: {scope: Lifts, maps: {at: seilbahn}}\n  water.supply: {maps: {at: wasser}}\n")
    path = world.write("r.yaml", FOLDER["10-power.yaml"].replace("energy.electricity", "at.ski-lifts"))
    config = world.write("c.yaml", "taxonomy: {extra: [at.yaml]}\n")
    run(world, DATA, "registry", "check", path)
    run(world, OK, "registry", "check", "--config", config, path)
    check("  at: wasser\n" in run(world, OK, "taxonomy", "show", "--config", config, "sectors", "water.supply").stdout, "the column")
    world.write("at.yaml", "version: at\nsectors: {water.supply: {scope: Mine}}\n")
    done = run(world, CONFIG, "registry", "check", "--config", config, path)
    check("at.yaml:2:33: changes-existing:" in done.stderr, "it changes nothing that is there", done.stderr)


if __name__ == "__main__":
    harness.main(globals(), isolated=False)
