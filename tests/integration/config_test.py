#!/usr/bin/env python3
"""The sample configuration, the JSON Schema and the reader name the same keys; the samples validate and start.

usage: config_test.py --binary build/release/normwatch
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
READERS = ["daemon/app/config.cpp", "daemon/app/expect_config.cpp", "daemon/app/indicators_config.cpp", "daemon/app/record_config.cpp", *(f"daemon/export/{name}.cpp" for name in ("alertmanager", "ndjson", "text")),
           *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "daemon/ingest/logs/transports").glob("*.cpp"))]
TAKES = re.compile(r'\b(?:map|part)(?:\.|->)(?:take|require|text|require_text|integer|boolean|duration|bytes|texts|choice)\(\s*"([a-z_]+)"|\b(?:read_duration|duration|bounded)\(\*?(?:map|part), "([a-z_]+)"|\b(?:kept|count)\("([a-z_]+)"|\bpart\{map, "([a-z_]+)"')


def schema_keys(schema):
    keys = set()
    if isinstance(schema, dict):
        keys |= set(schema.get("properties", {}))
        for value in schema.values():
            keys |= schema_keys(value)
    elif isinstance(schema, list):
        for value in schema:
            keys |= schema_keys(value)
    return keys


def check(condition, what):
    if not condition:
        print("FAILED:", what)
        sys.exit(1)
    print("ok:", what)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--binary", required=True)
    binary = arguments.parse_args().binary
    schema = json.loads((ROOT / "config/normwatch.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    sample_text = (ROOT / "config/normwatch.yaml").read_text()

    code = "".join((ROOT / name).read_text() for name in READERS)
    read = {"".join(names) for names in TAKES.findall(code)} | set(re.findall(r'[a-z_]+\(map, "([a-z_]+)"', code)) | {"name", "kind"}
    known = schema_keys(schema)
    check(read == known, f"the reader and the schema know the same keys (only read: {sorted(read - known)}, only in the schema: {sorted(known - read)})")
    missing = sorted(key for key in known if not re.search(rf"\b{key}\b", sample_text))
    check(not missing, f"the sample mentions every key (missing: {missing})")

    for name, text in (("sample", sample_text), ("default", (ROOT / "config/default.yaml").read_text())):
        try:
            document = yaml.safe_load(text)
        except yaml.YAMLError as error:
            check(False, f"{name} is YAML: {error}")
        errors = [f"{'/'.join(map(str, e.path))}: {e.message}" for e in validator.iter_errors(document)]
        check(not errors, f"{name} validates {errors}")

    regimes = json.loads((ROOT / "config/regimes.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(regimes)
    for file in sorted((ROOT / "config/regimes").glob("*.yaml")):
        errors = [f"{'/'.join(map(str, e.path))}: {e.message}" for e in jsonschema.Draft202012Validator(regimes).iter_errors(yaml.safe_load(file.read_text()))]
        check(not errors, f"{file.name} validates {errors}")

    with tempfile.TemporaryDirectory() as folder:
        for name, text, status in (("good.yaml", sample_text, 0), ("bad.yaml", sample_text.replace("sources:", "surces:", 1), 78)):
            file = pathlib.Path(folder) / name
            file.write_text(text)
            run = subprocess.run([binary, "check", "--config", file], capture_output=True, text=True, check=False)
            check(run.returncode == status, f"normwatch check {name} ends with {status}: {run.stderr.strip()[:400]}")
            if status:
                check(re.search(r"bad\.yaml:\d+:\d+: unknown-key: .*surces.*did you mean 'sources'", run.stderr), "it names file, line, column and the nearest key")


if __name__ == "__main__":
    main()
