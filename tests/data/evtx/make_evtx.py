#!/usr/bin/env python3
"""Writes pumps.evtx: a Windows event log file with every kind of value and token that the reader knows.

usage: make_evtx.py [FILE]

A writer of its own, by the public descriptions of the format ([MS-EVEN6] 2.2.12; libevtx's documentation): Debian's evtxexport
reads what it writes, but for the last record, whose character reference it does not know.
"""
import binascii
import datetime
import pathlib
import struct
import sys
import uuid

CHUNK, RECORDS = 65536, 512
XMLNS = "http://schemas.microsoft.com/win/2004/08/events/event"
STRING, ANSI, INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64 = range(1, 11)
REAL32, REAL64, BOOL, BINARY, GUID, SIZE, FILETIME, SYSTEMTIME, SID, HEX32, HEX64 = range(11, 22)
NULL, XML, ARRAY = 0, 0x21, 0x80


class Sub:
    """A place that a value fills; an optional one leaves nothing behind when the value is null."""

    def __init__(self, number, kind, optional=False):
        self.number, self.kind, self.optional = number, kind, optional


class Raw:
    """Bytes as they are: a token that has no class of its own."""

    def __init__(self, make):
        self.make = make


class Element:
    def __init__(self, tag, attributes=(), content=()):
        self.tag, self.attributes, self.content = tag, list(attributes), list(content)


def utf16(text):
    return text.encode("utf-16-le", "surrogatepass")


def filetime(text):
    moment = datetime.datetime.fromisoformat(text) - datetime.datetime(1601, 1, 1)
    return (moment.days * 86400 + moment.seconds) * 10_000_000 + moment.microseconds * 10


class Chunk:
    def __init__(self, first):
        self.data = bytearray(RECORDS)
        self.names, self.templates = {}, {}
        self.first = self.next = first
        self.last_at = RECORDS

    def put(self, form, *values):
        self.data += struct.pack("<" + form, *values)

    # Where a name stands; when it is new, here.
    def name(self, text):
        known = self.names.get(text)
        here = len(self.data) + 4
        self.put("I", known or here)
        if known is None:
            self.names[text] = here
            hashed = 0
            for character in text:
                hashed = (hashed * 65599 + ord(character)) & 0xFFFFFFFF
            self.put("IHH", 0, hashed & 0xFFFF, len(text))
            self.data += utf16(text) + b"\0\0"

    def part(self, item, in_value):
        if isinstance(item, Element):
            self.element(item, in_value)
        elif isinstance(item, Sub):
            self.put("BHB", 0x0E if item.optional else 0x0D, item.number, item.kind)
        elif isinstance(item, Raw):
            item.make(self)
        else:
            self.put("BBH", 0x05, STRING, len(item))
            self.data += utf16(item)

    def element(self, element, in_value=False):
        self.put("B", 0x41 if element.attributes else 0x01)
        if not in_value:
            self.put("H", 0xFFFF)
        size_at = len(self.data)
        self.put("I", 0)
        self.name(element.tag)
        if element.attributes:
            list_at = len(self.data)
            self.put("I", 0)
            for i, (name, value) in enumerate(element.attributes):
                self.put("B", 0x06 if i + 1 == len(element.attributes) else 0x46)
                self.name(name)
                self.part(value, in_value)
            struct.pack_into("<I", self.data, list_at, len(self.data) - list_at - 4)
        if element.content:
            self.put("B", 0x02)
            for item in element.content:
                self.part(item, in_value)
            self.put("B", 0x04)
        else:
            self.put("B", 0x03)
        struct.pack_into("<I", self.data, size_at, len(self.data) - size_at - 4)

    # A template's instance: its definition, where it is new, and the values.
    def instance(self, key, tree, values):
        known = self.templates.get(key)
        here = len(self.data) + 10
        self.put("BBII", 0x0C, 1, binascii.crc32(key.encode()), known or here)
        if known is None:
            self.templates[key] = here
            self.put("I", 0)
            self.data += uuid.uuid5(uuid.NAMESPACE_URL, key).bytes_le
            size_at = len(self.data)
            self.put("I", 0)
            self.put("BBBB", 0x0F, 1, 1, 0)
            self.element(tree)
            self.put("B", 0)
            struct.pack_into("<I", self.data, size_at, len(self.data) - size_at - 4)
        self.put("I", len(values))
        sizes_at = len(self.data)
        self.data += bytes(4 * len(values))
        for i, (kind, value) in enumerate(values):
            start = len(self.data)
            if callable(value):
                value(self)  # binary XML, which has to know where it stands
            else:
                self.data += value
            struct.pack_into("<HBB", self.data, sizes_at + 4 * i, len(self.data) - start, kind, 0)

    def record(self, written, make):
        start = len(self.data)
        self.last_at = start
        self.put("IIQQ", 0x2A2A, 0, self.next, filetime(written))
        self.put("BBBB", 0x0F, 1, 1, 0)
        make(self)
        self.put("B", 0)
        self.data += bytes(-(len(self.data) - start + 4) % 8)
        size = len(self.data) - start + 4
        self.put("I", size)
        struct.pack_into("<I", self.data, start + 4, size)
        self.next += 1

    def close(self):
        free = len(self.data)
        assert free <= CHUNK, "the records of one chunk do not fit"
        self.data += bytes(CHUNK - free)
        self.data[0:8] = b"ElfChnk\0"
        struct.pack_into("<QQQQIIII", self.data, 8, self.first, self.next - 1, self.first, self.next - 1, 128, self.last_at,
                         free, binascii.crc32(self.data[RECORDS:free]))
        struct.pack_into("<I", self.data, 124, binascii.crc32(self.data[:120] + self.data[128:RECORDS]))
        return bytes(self.data)


def file_header(chunks, next_record):
    head = bytearray(4096)
    head[0:8] = b"ElfFile\0"
    struct.pack_into("<QQQIHHHH", head, 8, 0, len(chunks) - 1, next_record, 128, 1, 3, 4096, len(chunks))
    struct.pack_into("<I", head, 124, binascii.crc32(head[:120]))
    return bytes(head)


SYSTEM = Element("System", [], [
    Element("Provider", [("Name", Sub(0, STRING)), ("Guid", Sub(1, GUID, True))]),
    Element("EventID", [("Qualifiers", Sub(3, UINT16, True))], [Sub(2, UINT16)]),
    Element("Version", [], [Sub(4, UINT8)]),
    Element("Level", [], [Sub(5, UINT8)]),
    Element("Keywords", [], [Sub(6, HEX64)]),
    Element("TimeCreated", [("SystemTime", Sub(7, FILETIME))]),
    Element("EventRecordID", [], [Sub(8, UINT64)]),
    Element("Correlation", [("ActivityID", Sub(9, GUID, True))]),
    Element("Execution", [("ProcessID", Sub(10, UINT32)), ("ThreadID", Sub(11, UINT32))]),
    Element("Channel", [], [Sub(12, STRING)]),
    Element("Computer", [], [Sub(13, STRING)]),
    Element("Security", [("UserID", Sub(14, SID, True))])])
PROVIDER = uuid.UUID("5a1f0000-0000-4000-8000-0000000000e1")
WRITTEN = "2026-01-15T08:00:01.250000"


def sid(*parts):
    return struct.pack("<BB", 1, len(parts) - 1) + parts[0].to_bytes(6, "big") + struct.pack(f"<{len(parts) - 1}I", *parts[1:])


def system(number, channel, event, user=sid(5, 18)):
    null = (NULL, b"")
    return [(STRING, utf16("Pumps")), (GUID, PROVIDER.bytes_le), (UINT16, struct.pack("<H", event)), null,
            (UINT8, b"\x05"), (UINT8, b"\x04"), (HEX64, struct.pack("<Q", 1 << 63)),
            (FILETIME, struct.pack("<Q", filetime(WRITTEN))), (UINT64, struct.pack("<Q", number)), null,
            (UINT32, struct.pack("<I", 612)), (UINT32, struct.pack("<I", 31)), (STRING, utf16(channel)),
            (STRING, utf16("pump3.plant.example")), (SID, user) if user else null]


# An event whose data is a template of its own, as Windows writes most.
def event(chunk, channel, number, key, data, values, user=sid(5, 18)):
    def inner(at):
        at.put("BBBB", 0x0F, 1, 1, 0)
        at.instance(key, data, values)
        at.put("B", 0)

    def outer(at):
        tree = Element("Event", [("xmlns", XMLNS)], [SYSTEM, Sub(15, XML)])
        at.instance("event", tree, system(at.next, channel, number, user) + [(XML, inner)])

    chunk.record(WRITTEN, outer)


def data(*names):
    return Element("EventData", [], [Element("Data", [("Name", name)], [Sub(i, kind)]) for i, (name, kind) in enumerate(names)])


SYSMON = "Microsoft-Windows-Sysmon/Operational"
STARTED = data(("UtcTime", STRING), ("ProcessGuid", GUID), ("ProcessId", UINT32), ("Image", STRING), ("CommandLine", STRING),
               ("User", STRING))
TYPES = [
    ("Int8", INT8, struct.pack("<b", -8)), ("UInt8", UINT8, b"\xff"), ("Int16", INT16, struct.pack("<h", -300)),
    ("UInt16", UINT16, struct.pack("<H", 502)), ("Int32", INT32, struct.pack("<i", -70000)),
    ("UInt32", UINT32, struct.pack("<I", 4000000000)), ("Int64", INT64, struct.pack("<q", -(1 << 62))),
    ("UInt64", UINT64, struct.pack("<Q", (1 << 64) - 1)), ("Real64", REAL64, struct.pack("<d", 2.5)),
    ("True", BOOL, struct.pack("<I", 1)), ("Binary", BINARY, bytes.fromhex("00ff7e")), ("Guid", GUID, PROVIDER.bytes_le),
    ("Size", HEX64, struct.pack("<Q", 0x7FF0)), ("FileTime", FILETIME, struct.pack("<Q", filetime(WRITTEN) + 7)),
    ("SystemTime", SYSTEMTIME, struct.pack("<8H", 2026, 1, 4, 15, 8, 0, 1, 250)), ("Sid", SID, sid(5, 21, 1, 2, 3, 1001)),
    ("Hex32", HEX32, struct.pack("<I", 0xBEEF)), ("Ansi", ANSI, b"valve\0"), ("String", STRING, utf16("<a> & \"b\"\0")),
    ("Lines", STRING, utf16("one\r\ntwo\t\u20ac \U0001F600")),
]


def pumps():
    first = Chunk(1)
    event(first, SYSMON, 1, "started", STARTED, [
        (STRING, utf16("2026-01-15 08:00:01.250")), (GUID, PROVIDER.bytes_le), (UINT32, struct.pack("<I", 4711)),
        (STRING, utf16("C:\\Plant\\hmi.exe")), (STRING, utf16("hmi.exe /open \"valve <7>\" & stay")),
        (STRING, utf16("PLANT\\op1"))])
    # The same template and names again, without a definition.
    event(first, SYSMON, 1, "started", STARTED, [
        (STRING, utf16("2026-01-15 08:00:02.000")), (GUID, PROVIDER.bytes_le), (UINT32, struct.pack("<I", 4712)),
        (STRING, utf16("C:\\Windows\\cmd.exe")), (STRING, utf16("cmd")), (STRING, b"")], user=None)
    event(first, "Pumps/Types", 7, "types", data(*((name, kind) for name, kind, _ in TYPES)),
          [(kind, value) for _, kind, value in TYPES])
    # One element for each of an array; an optional element that is not there.
    event(first, "Application", 1000, "classic",
          Element("EventData", [], [Element("Data", [], [Sub(0, ARRAY | STRING)]), Element("Binary", [], [Sub(1, BINARY, True)])]),
          [(ARRAY | STRING, utf16("pump 3\0trip\0\0high\0")), (NULL, b"")])
    event(first, "Security", 1102, "cleared",
          Element("UserData", [], [Element("LogFileCleared", [("xmlns", "urn:pumps")], [
              Element("SubjectUserName", [], [Sub(0, STRING)]), Element("Channel", [], [Sub(1, STRING)])])]),
          [(STRING, utf16("op1")), (STRING, utf16("Security"))])

    second = Chunk(first.next)

    # An element without a template; tokens that few events have.
    def plain(at):
        def tokens(to):
            to.put("BH", 0x48, 65)
            to.put("B", 0x49)
            to.name("amp")
            to.put("BH", 0x07, 4)
            to.data += utf16("<b>&")
            to.put("B", 0x0A)
            to.name("note")
            to.put("BH", 0x0B, 2)
            to.data += utf16("no")

        at.element(Element("Event", [("xmlns", XMLNS)], [
            Element("System", [], [Element("EventID", [], ["11"]), Element("Channel", [], [SYSMON])]),
            Element("EventData", [], [Element("Data", [("Name", "TargetFilename")], ["C:\\Plant\\", Raw(tokens)])])]))

    second.record(WRITTEN, plain)
    chunks = [first.close(), second.close()]
    return file_header(chunks, second.next) + b"".join(chunks)


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).with_name("pumps.evtx"))
    target.write_bytes(pumps())
