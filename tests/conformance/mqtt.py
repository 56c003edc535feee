"""MQTT: connections, messages and subscriptions, each an event of its own."""

import oracle

VERSIONS = {"3": "3.1", "4": "3.1.1", "5": "5.0"}
TOPIC_MAX = 1024  # we tell no more of it
QOS = ("at most once", "at least once", "exactly once", "unknown-qos-level-3")


def flag(value):
    return value in ("1", "True")


class Log:
    """One of Zeek's three logs: `columns` of it, and what tshark's and Suricata's tables say of the same packets."""

    def __init__(self, path, columns, tshark, suricata, ours):
        self.path, self.columns, self.tshark, self.suricata, self.ours = path, columns, tshark, suricata, ours

    def our_rows(self, events):
        for event in events:
            yield tuple(",".join(map(str, value)) if isinstance(value := event.get(name), list) else oracle.our_text(value)
                        for name in self.columns)

    def zeek_rows(self, rows):
        for row in rows:
            yield tuple(oracle.zeek_text(row[name]) for name in self.columns)

    def oracles(self, folder):
        for name, rows in oracle.zeek(folder, self.path):
            # One of its tests caps payloads at eight bytes.
            if "payload-cap" not in name:
                yield oracle.view(name, self.zeek_rows(rows), self.our_rows)
        yield oracle.view("tshark", self.tshark(oracle.tshark(folder / "mqtt.tsv")), self.ours)
        events = oracle.suricata(folder, ("mqtt",))
        if events is not None:
            yield oracle.view("suricata", self.suricata(events), self.ours)


def tshark_connects(rows):
    for row in rows:
        columns = ("mqtt.protoname", "mqtt.ver", "mqtt.clientid")
        users = oracle.cell(row, "mqtt.username")
        for name, version, client in zip(*(oracle.cell(row, column) for column in columns)):
            yield (name, VERSIONS.get(version, version), client, users[0] if users else None)


def suricata_connects(events):
    for event in events:
        connect = event["mqtt"].get("connect")
        if connect:
            yield (connect["protocol_string"], VERSIONS[str(connect["protocol_version"])], connect["client_id"],
                   connect.get("username"))


def our_connects(events):
    for event in events:
        if "proto_name" in event:
            yield (event["proto_name"], event["proto_version"], event["client_id"], event.get("username"))


def tshark_messages(rows):
    for row in rows:
        kinds, topics = oracle.cell(row, "mqtt.msgtype"), oracle.cell(row, "mqtt.topic")
        qos, retain = oracle.cell(row, "mqtt.qos"), oracle.cell(row, "mqtt.retain")
        # The columns are not told apart by message: subscriptions have topics too.
        if "3" in kinds and not {"8", "10"} & set(kinds):
            for topic, level, kept in zip(topics, qos, retain):
                yield (topic[:TOPIC_MAX], QOS[int(level)], flag(kept))


def suricata_messages(events):
    for event in events:
        publish = event["mqtt"].get("publish")
        if publish:
            yield (publish["topic"][:TOPIC_MAX], QOS[publish["qos"]], publish["retain"])


def our_messages(events):
    for event in events:
        yield (event["topic"], event["qos"], event["retain"])


def tshark_subscriptions(rows):
    for row in rows:
        kinds = oracle.cell(row, "mqtt.msgtype")
        for kind, action in (("8", "MQTT::SUBSCRIBE"), ("10", "MQTT::UNSUBSCRIBE")):
            if kind in kinds:
                yield (action, ",".join(oracle.cell(row, "mqtt.topic")))


def suricata_subscriptions(events):
    for event in events:
        mqtt = event["mqtt"]
        if "subscribe" in mqtt:
            yield ("MQTT::SUBSCRIBE", ",".join(topic["topic"] for topic in mqtt["subscribe"]["topics"]))
        if "unsubscribe" in mqtt:
            yield ("MQTT::UNSUBSCRIBE", ",".join(mqtt["unsubscribe"]["topics"]))


def our_subscriptions(events):
    for event in events:
        yield (event["action"], ",".join(event["topics"]))


CONNECT = Log("mqtt_connect", ("proto_name", "proto_version", "client_id", "connect_status", "will_topic", "will_payload"),
              tshark_connects, suricata_connects, our_connects)
PUBLISH = Log("mqtt_publish", ("from_client", "retain", "qos", "status", "topic", "payload", "payload_len"),
              tshark_messages, suricata_messages, our_messages)
SUBSCRIBE = Log("mqtt_subscribe", ("action", "topics", "qos_levels", "granted_qos_level", "ack"),
                tshark_subscriptions, suricata_subscriptions, our_subscriptions)
