"""MySQL: logins, commands and how they ended, as our `mysql` events tell them."""

import re

import oracle

COLUMNS = ("cmd", "arg", "success", "rows", "response")
# By number, as far as tshark's table names them.
COMMANDS = ("sleep quit init_db query field_list create_db drop_db refresh shutdown statistics process_info connect process_kill "
            "debug ping time delayed_insert change_user binlog_dump table_dump connect_out register_slave stmt_prepare "
            "stmt_execute stmt_send_long_data stmt_close stmt_reset set_option stmt_fetch daemon binlog_dump_gtid "
            "reset_connection").split()


def plain(text):
    """Each tool writes blanks and odd characters in its own way, and cuts long texts somewhere."""
    return re.sub(r"\\x[0-9a-f]{2}|\\[rnt\\]|\s", "", text)[:2000]


def zeek_rows(rows):
    for row in rows:
        values = [oracle.zeek_text(row[name]) for name in COLUMNS]
        yield tuple(plain(value) if value else value for value in values)


def our_rows(events):
    for event in events:
        values = [oracle.our_text(event.get(name)) for name in COLUMNS]
        # Zeek has no event for a response alone, nor for a server that refuses before it knows who asks.
        if values[0] is not None and values[:2] != ["login", ""]:
            yield tuple(plain(value) if value else value for value in values)


def tshark_messages(rows):
    for row in rows:
        for user in oracle.cell(row, "mysql.user"):
            yield ("user", user)
        for number in oracle.cell(row, "mysql.command"):
            yield ("command", COMMANDS[int(number)] if int(number) < len(COMMANDS) else "")
        query = row.get("mysql.query")
        if query:
            yield ("query", plain(query))


def our_messages(events):
    for event in events:
        if event.get("cmd") in ("login", "change_user") and event["arg"]:
            yield ("user", event["arg"])
        if event.get("cmd") not in (None, "login"):
            yield ("command", event["cmd"])
        if event.get("cmd") in ("query", "stmt_prepare"):
            yield ("query", plain(event.get("arg", "")))


def oracles(folder):
    for name, rows in oracle.zeek(folder, "mysql"):
        yield oracle.view(name, zeek_rows(rows), our_rows)
    yield oracle.view("tshark", tshark_messages(oracle.tshark(folder / "db.tsv")), our_messages)
