"""RADIUS. tshark tells messages, we and Zeek exchanges; so of tshark are compared the users, each once, and how many final
answers there were. Zeek's rows are compared in all fields but the time."""

from collections import Counter

import oracle

ANSWERS = {"2": "success", "3": "failed", "5": "success", "41": "success", "42": "failed", "44": "success", "45": "failed"}
FIELDS = ("username", "mac", "framed_addr", "tunnel_client", "connect_info", "reply_msg", "result")


def users_and_answers(users, answers):
    return +(Counter({("user", user): 1 for user in users}) + Counter(("answer", answer) for answer in answers))


def plain(name):
    """Every tool escapes odd characters in its own way."""
    return "".join(c if " " <= c <= "~" and c != "\\" else "?" for c in name)[:8]


def our_users_and_answers(events):
    return users_and_answers((plain(event["username"]) for event in events if "username" in event),
                             (event["result"] for event in events if event["result"] != "unknown"))


def tshark_users_and_answers(rows, frames):
    rows = [row for row in rows
            if "icmp" not in (frames.get(row["frame.number"], {}).get("frame.protocols") or "")]
    return users_and_answers((plain(row["radius.User_Name"]) for row in rows if row.get("radius.User_Name")),
                             (ANSWERS[row["radius.code"]] for row in rows if row["radius.code"] in ANSWERS))


def whole(rows):
    return (tuple(row.get(name, "-") for name in FIELDS) for row in rows)


def oracles(folder):
    for name, rows in oracle.zeek(folder, "radius"):
        yield oracle.view(name, whole(rows), whole)
    told = tshark_users_and_answers(oracle.tshark(folder / "radius.tsv"), oracle.frames(folder))
    yield oracle.view("tshark", told, our_users_and_answers)
