"""Windows events as XML against evtx_dump's JSON of them (sigma/regression_data): xml() writes the one from the other."""

import html
import json

SYSTEM = ("Channel", "Computer", "Level", "Task", "Opcode", "Keywords", "EventRecordID")


def text(value):
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def attributes(values):
    return "".join(f' {name}="{html.escape(text(value))}"' for name, value in values.items())


def element(name, value):
    if isinstance(value, list):
        return "".join(element(name, item) for item in value)
    if not isinstance(value, dict):
        return f"<{name}>{html.escape(text(value), quote=False)}</{name}>"
    own = attributes(value.get("#attributes", {}))
    texts = value.get("#text")
    inside = "".join(element(inner, item) for inner, item in value.items() if not inner.startswith("#"))
    return "".join(f"<{name}{own}>{html.escape(text(item), quote=False)}{inside}</{name}>"
                   for item in (texts if isinstance(texts, list) else [texts]))


def data(values):
    out = ""
    for name, value in values.items():
        if name == "Data":
            out += element(name, value)
        elif name != "#attributes":
            out += f'<Data Name="{html.escape(name)}">{html.escape(text(value), quote=False)}</Data>'
    return f"<EventData{attributes(values.get('#attributes', {}))}>{out}</EventData>"


def events(path):
    """The events of a file: objects one after the other, or a list of them; none when it is another tool's JSON."""
    text, decoder, found = path.read_text(encoding="utf-8-sig").strip(), json.JSONDecoder(), []
    while text:
        value, end = decoder.raw_decode(text)
        found += value if isinstance(value, list) else [value]
        text = text[end:].lstrip()
    return [event for event in found if "Event" in event]


def xml(expected):
    """One line. Line ends in values are references, as Windows writes them."""
    event = expected["Event"]
    inside = "".join(data(value) if name == "EventData" and isinstance(value, dict) else element(name, value)
                     for name, value in event.items() if name != "#attributes")
    whole = f"<Event{attributes(event.get('#attributes', {}))}>{inside}</Event>"
    return whole.replace("\r", "&#13;").replace("\n", "&#10;")


def pairs(expected, event):
    system = expected["Event"]["System"]
    number = system["EventID"]
    wanted = {"EventID": number["#text"] if isinstance(number, dict) else number,
              "Provider_Name": system["Provider"]["#attributes"]["Name"]}
    wanted.update((name, system[name]) for name in SYSTEM if name in system)
    wanted.update(expected["Event"].get("EventData") or {})
    for inner in (expected["Event"].get("UserData") or {}).values():
        wanted.update(inner if isinstance(inner, dict) else {})
    wanted.pop("#attributes", None)
    for name, theirs in wanted.items():
        ours = event.get(name, event.get(name.replace(" ", "")))
        yield name, text(theirs), None if ours is None else text(ours)
