"""How other projects' expected results lie beside their log lines, read as cases.

A case is (file, lines, wanted): the lines that make one result, and the fields that it names, by their names.
"""
import datetime
import json
import re
from pathlib import Path


def flat(value, prefix=""):
    """{"a": {"b": 1}} as {"a.b": 1}."""
    out = {}
    for key, inner in value.items():
        if isinstance(inner, dict):
            out.update(flat(inner, prefix + key + "."))
        else:
            out[prefix + key] = inner
    return out


def beats(path: Path):
    """Filebeat's golden files: a list of events, each with the offset of its line, or with its lines."""
    raw = path.read_bytes()
    for event in json.loads(Path(str(path) + ".expected.json").read_text()):
        event = flat(event)
        original = event.get("event.original")
        if "log.offset" in event:
            offset = event["log.offset"]
            end = raw.find(b"\n", offset)
            lines = [raw[offset : end if end >= 0 else len(raw)].decode(errors="replace")]
        elif isinstance(original, list):
            lines = original
        else:
            continue
        yield path.name, lines, event


CROWDSEC = re.compile(
    r'^results\["(?P<stage>[^"]+)"\]\["(?P<parser>[^"]+)"\]\[(?P<index>\d+)\]\.'
    r'(?:Success == (?P<success>true|false)|Evt\.(?P<where>Parsed|Meta|Unmarshaled\["[^"]+"\])\["(?P<key>[^"]+)"\]'
    r' == "(?P<value>.*)")$'
)


def crowdsec(path: Path, parser: str):
    """CrowdSec's assertions on one parser: fields as Parsed.x, Meta.x and Unmarshaled.x, with the message that they are of."""
    events = {}
    for line in Path(str(path) + ".expected.parser.assert.txt").read_text().splitlines():
        match = CROWDSEC.match(line)
        if not match or match["parser"] != parser:
            continue
        event = events.setdefault(int(match["index"]), {})
        if match["success"]:
            event["success"] = match["success"] == "true"
        else:
            where = match["where"].split("[")[0]
            value = match["value"].replace('\\"', '"').replace("\\\\", "\\")
            event[where + "." + match["key"]] = value
    lines = path.read_text(errors="replace").splitlines()
    for event in events.values():
        message = event.get("Parsed.message", "")
        line = next((line for line in lines if message and line.rstrip().endswith(message.rstrip())), None)
        if line is not None and event.get("success"):
            yield path.name, [line], event


def fail2ban(path: Path):
    """fail2ban's samples: a comment with JSON before each line."""
    wanted = None
    for line in path.read_text(errors="replace").splitlines():
        if line.startswith("# failJSON:"):
            wanted = json.loads(line.partition(":")[2])
        elif line and not line.startswith("#"):
            if wanted is not None:
                yield path.name, [line], wanted
            wanted = None


def mapped(wanted, fields):
    """The wanted fields by our names: `fields` says which; a function makes several of one."""
    out = {}
    for theirs, ours in fields.items():
        if theirs not in wanted or wanted[theirs] in (None, "", []):
            continue
        if callable(ours):
            out.update(ours(wanted[theirs], wanted))
        else:
            out[ours] = wanted[theirs]
    return out


def stamp(text, ours):
    """Elastic's time in seconds. Where the line states no zone it was read as of UTC-2, and we read it as of UTC."""
    stated = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    readings = (stated.timestamp(), stated.replace(tzinfo=datetime.timezone.utc).timestamp())
    return str(ours if any(abs(one - ours) < 0.001 for one in readings) else readings[0])
