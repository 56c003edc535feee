"""The evidence store as custodians find it after trouble: which objects open, told from the files without the daemon's
code, also when some of them are damaged."""

import ctypes
import json
import struct

import feed
from harness import equal
from evidence_test import epoch_key, key_pair, open_box, sodium

HEAD, OBJECT, AROUND = 128, 68, 48


class Custodians:
    """Two people, and what they can open of a state directory."""

    def __init__(self, world):
        self.lib = sodium()
        self.pairs = [key_pair(self.lib) for _ in range(2)]
        people = [{"name": f"custodian-{i}", "body": f"body {i}", "key": pair[0].hex()} for i, pair in enumerate(self.pairs)]
        self.config = {"privacy": {"custodians": str(world.write("custodians.yaml", json.dumps({"version": 1, "custodians": people})))}}
        self.pair = None

    @staticmethod
    def files(state):
        return sorted((state / "evidence").glob("*.evidence"))

    def opened(self, state):
        """{alert: (file, from, to)} of what opens. What is damaged is stepped over, byte by byte."""
        if self.pair is None:
            [sealed] = (state / "keys/epochs").glob("*.evidence.sealed")
            self.pair = epoch_key(self.lib, sealed, self.pairs)
        found = {}
        for file in self.files(state):
            data = file.read_bytes()
            data_key = open_box(self.lib, data[44:124], self.pair) if data[:8] == b"NWevid1\n" else None
            at = data.find(b"NWob", HEAD)
            while data_key and 0 <= at <= len(data) - OBJECT - AROUND:
                size = struct.unpack_from("<I", data, at + 8)[0]
                end = at + OBJECT + AROUND + size
                alert = self.open_object(data, at, end, data_key)
                if alert:
                    found[alert] = (file, at, end)
                at = data.find(b"NWob", end if alert else at + 1)
        return found

    def open_object(self, data, at, end, data_key):
        _, _, size, _, stored, alert, nonce, kind, _, _ = struct.unpack_from("<4sIIIq16s24sBHB", data, at)
        if end > len(data):  # what was erased is zeros, and does not open
            return None
        body, month = data[at + OBJECT : end], struct.unpack_from("<HB", data, 8)
        bound = b"normwatch-evidence/v1" + b"%04d-%02d" % month + struct.pack("<Iq", size, stored) + alert + bytes([kind])
        out, length = ctypes.create_string_buffer(size + 32), ctypes.c_ulonglong()
        done = self.lib.crypto_aead_xchacha20poly1305_ietf_decrypt(
            out, ctypes.byref(length), None, body, ctypes.c_ulonglong(len(body)), bound, ctypes.c_ulonglong(len(bound)),
            nonce, data_key)
        return alert.hex() if done == 0 else None

    def hold(self, state, without=()):
        """Each alert that the ledger says was sealed opens, but for those in `without`: of a damaged one, the rest may be enough; how many do."""
        said, journal = set(), feed.Journal(state)
        for file in journal.files():
            for _, payload in feed.records(file):
                entry = json.loads(payload)
                if entry["type"] == "alert" and entry["body"].get("sealed_values", "").startswith("commit:"):
                    said.add(entry["body"]["id"])
        opened = set(self.opened(state))
        equal(said - opened - set(without), set(), "alerts whose sealed values do not open any more")
        return len(opened)
