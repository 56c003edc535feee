#!/usr/bin/env python3
"""Verifies a normwatch bundle, or a whole ledger, with nothing of normwatch: Python and Debian's python3-cryptography.

Written from the specifications alone: RFC 6962 and 9162, RFC 8785, C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles,
tlog-proof and tlog-policy, and what the README files say of bundles and ledgers. Exit status: 0 all that was checked holds, 65 not so.
"""
import argparse, base64, datetime, functools, hashlib, io, json, pathlib, re, sys, tarfile, time
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

N, H = "(?:0|[1-9][0-9]*)", "[0-9a-f]{64}"
KNOWN = re.compile(rf"MANIFEST|README|incident\.json|checkpoint-new|checkpoint-old|consistency|handover|entries/{N}\.json|proofs/{N}\.tlog-proof|tsr/{N}\.tsr"
                   rf"|heads/{N}(\.consistency)?|(rules/{H}\.(yml|list))|register/{H}\.(json|list)|norms/{H}/(catalogue|law|regimes)\.yaml"
                   r"|evidence/[0-9a-f]{32}\.((values|packets|line)\.(sealed|nonce)|values\.json|packets\.pcapng|line\.log)")
ENDINGS, SLACK = {"values": "json", "packets": "pcapng", "line": "log"}, 300  # seconds by which clocks may differ
STEPS = {"reveal-approve", "reveal-deny", "reveal-done"}

def need(condition, why):
    if not condition:
        raise ValueError(why)
def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()
def b64(text, length=None):
    data = base64.b64decode(text, validate=True)
    need(base64.b64encode(data).decode() == text and length in (None, len(data)), "Base64 that has another spelling or length")
    return data
def canonical_object(data):
    """A JSON object in the form of RFC 8785, of whole numbers."""
    def pairs(items):
        need(len(dict(items)) == len(items), "a name twice in an object")
        return dict(sorted(items, key=lambda item: item[0].encode("utf-16-be")))
    def whole(text):
        need(re.fullmatch("-?[0-9]{1,16}", text) and abs(int(text)) < 2**53, "a number that is not whole, or no exact double")
        return int(text)
    value = json.loads(data.decode(), object_pairs_hook=pairs, parse_int=whole, parse_float=whole, parse_constant=whole)
    need(isinstance(value, dict) and json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() == data, "not in canonical form")
    return value
def read_entry(data):
    entry = canonical_object(data)
    need([*entry] == ["body", "t", "type", "v"] and entry["v"] == 1 and isinstance(entry["body"], dict)
         and re.fullmatch("[a-z-]{1,32}", str(entry["type"])) and re.fullmatch(r"[-0-9]{10}T[0-9:]{8}\.\d{3}Z", str(entry["t"])), "not an entry of version 1")
    return entry | {"time": datetime.datetime.strptime(entry["t"] + "+0000", "%Y-%m-%dT%H:%M:%S.%fZ%z").timestamp()}

class Key:
    """<name>+<id>+<Base64 of type and public key>"""
    def __init__(self, text):
        self.name, self.id, key = text.split("+", 2)
        data = b64(key, 33)
        need(data[0] in (1, 4) and sha(self.name.encode(), b"\n", data)[:4].hex() == self.id, "bad key " + text)
        self.cosigns, self.key = data[0] == 4, Ed25519PublicKey.from_public_bytes(data[1:])
    def check(self, text, signature):
        """The cosignature's time, or 0."""
        moment, message = 0, text.encode()
        if self.cosigns:
            need(len(signature) == 72 and signature[0] < 128, "bad cosignature by " + self.name)
            moment, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            message = f"cosignature/v1\ntime {moment}\n".encode() + message
        self.key.verify(signature, message)
        return moment
class Note:
    """A signed note, and a checkpoint when it is one."""
    def __init__(self, data, head=False):
        text, gap, lines = data.decode().rpartition("\n\n")
        found = [re.fullmatch(r"— ([^+\s]+) (\S+)", line) for line in lines[:-1].split("\n")]
        need(gap and lines.endswith("\n") and all(found) and len(found) <= 100 and not re.search(rb"[\x00-\x09\x0b-\x1f]", data), "no signed note")
        self.data, self.text, self.signatures = data, text + "\n", [(f[1], b64(f[2])) for f in found]
        need(all(len(s) > 4 for _, s in self.signatures), "a signature without bytes")
        if head:
            self.origin, size, root, *rest = text.split("\n") + ["", ""]
            need(self.origin and re.fullmatch(N, size) and int(size) < 2**63 and all(rest[:-2]), "no checkpoint")
            self.size, self.root = int(size), b64(root, 32)
            need(self.size or self.root == sha(), "no entries, and yet a root")
    def signed_by(self, keys):
        """{place in `keys`: earliest time}; one wrong signature by any of them is enough to refuse."""
        signed = [(key.check(self.text, s[4:]), i) for name, s in self.signatures for i, key in enumerate(keys) if (key.name, key.id) == (name, s[:4].hex())]
        need(signed, "no known key has signed")
        return {i: moment for moment, i in sorted(signed, reverse=True)}

class Policy:
    """Whom to trust. It is the verifier's own file, so it is read, not judged."""
    def __init__(self, text):
        lines = [line.split() for line in text.split("\n") if line.split() and not line.split()[0].startswith("#")]
        self.logs = [Key(words[1]) for words in lines if words[0] == "log"]
        self.witnesses = {words[1]: Key(words[2]) for words in lines if words[0] == "witness"}
        self.groups = {words[1]: ({"all": len(words) - 3, "any": 1}.get(words[2]) or int(words[2]), words[3:]) for words in lines if words[0] == "group"}
        self.groups["none"], (self.quorum,) = (0, []), [words[1] for words in lines if words[0] == "quorum"]
        self.met(self.quorum, {})  # a name that is not known is told here
    def met(self, name, signed):
        threshold, members = (1, []) if name in self.witnesses else self.groups[name]
        return name in signed or sum(self.met(m, signed) for m in members) >= threshold
    def check(self, head, quorum=True):
        """{witness: time}; raises unless the log, and the quorum, have signed."""
        names, logs = list(self.witnesses), len(self.logs)
        signed = head.signed_by(self.logs + list(self.witnesses.values()))
        need(any(i < logs and self.logs[i].name == head.origin for i in signed), "no log of that name has signed")
        times = {names[i - logs]: moment for i, moment in signed.items() if i >= logs}
        need(not quorum or self.met(self.quorum, times), "the quorum of witnesses is not met")
        return times
def climb(fn, sn, start, proof):
    """The roots that a proof leads to: of the older tree, and of the whole (RFC 9162 2.1.3.2, 2.1.4.2)."""
    old = new = start
    for p in proof:
        need(sn, "a proof that is too long")
        if fn & 1 or fn == sn:
            old, new = sha(b"\1", p, old), sha(b"\1", p, new)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            new = sha(b"\1", new, p)
        fn, sn = fn >> 1, sn >> 1
    need(sn == 0, "a proof that is too short")
    return old, new
def roots(leaves, sizes):
    """{size: root of that many leaves}, by RFC 6962 2.1."""
    stack, found = [], {0: sha()}
    for i, leaf in enumerate(leaves, 1):
        stack.append(leaf)
        for _ in range((i & -i).bit_length() - 1):
            stack[-2:] = [sha(b"\1", *stack[-2:])]
        if i in sizes:
            found[i] = functools.reduce(lambda right, left: sha(b"\1", left, right), reversed(stack))
    return found
def read_archive(data):
    """A tar of plain files in order, of which nothing is left over."""
    files, at, last = {}, 0, ""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as tar:
        for item in tar:
            end = at + 512 + (item.size + 511) // 512 * 512
            need(item.type == b"0" and data[at + 154:at + 156] + data[at + 257:at + 265] == b"\0 ustar\00000" and item.name > last and not item.linkname + item.uname + item.gname
                 and (item.mode, item.uid, item.gid, item.mtime, item.offset) == (0o644, 0, 0, 0, at) and end + 1024 <= len(data), "bad file " + item.name)
            need(not any(data[at + 512 + item.size:end]), "something lies between files")
            files[item.name], at, last = data[at + 512:at + 512 + item.size], end, item.name
    need(len(data) == at + 1024 and not any(data[at:]), "does not end as a bundle does")
    return files

class Bundle:
    """Each check_<claim> gives words, or (words,) where there is nothing that it could check, or raises."""
    CLAIMS = ["archive", "policy", "checkpoint", "entries", "consistency", "commitments", "hashes", "replay", "stamps", "handover"]
    def __init__(self, data, policy, old, keys):
        self.policy, self.old, self.keys, self.files, self.head, self.index, self.fault, self.entries = policy, old, keys, read_archive(data), None, None, None, {}
        for name in sorted(self.below("entries/", ".json"), key=int):
            try:
                self.entries[int(name)] = read_entry(self.files[f"entries/{name}.json"])
            except Exception as why:
                self.fault = f"entries/{name}.json: {why}"
    def below(self, folder, ending=""):
        return {p[len(folder):len(p) - len(ending)]: d for p, d in self.files.items() if p.startswith(folder) and p.endswith(ending) and KNOWN.fullmatch(p)}
    def of_type(self, wanted):
        return {i: e["body"] for i, e in self.entries.items() if e["type"] == wanted}
    def check_archive(self):
        need({"MANIFEST", "README", "incident.json", "checkpoint-new"} <= {*self.files} and all(map(KNOWN.fullmatch, self.files)), "missing or unknown files")
        listed = "".join(f"{sha(d).hex()}  {p}\n" for p, d in self.files.items() if p not in ("MANIFEST", "handover"))
        need(self.files["MANIFEST"] == listed.encode(), "not as the MANIFEST lists it")
    def check_policy(self):
        self.head = Note(self.files.get("checkpoint-new", b""), True)
        need(any(k.name == self.head.origin for k in self.policy.logs), "your policy knows no log called " + self.head.origin)
    def check_checkpoint(self):
        times, newest = self.policy.check(self.head, "entries" in self.CLAIMS), max((e["time"] for e in self.entries.values()), default=0)
        need(all(newest - SLACK <= t <= time.time() + SLACK for t in times.values()), "a cosignature earlier than an entry, or of the future")
        return f"{self.head.size} entries, signed by the log" + "".join(f", cosigned by {w} at {t}" for w, t in times.items())
    def check_entries(self):
        self.index = canonical_object(self.files["incident.json"])
        entries, proofs, alerts = self.below("entries/", ".json"), self.below("proofs/", ".tlog-proof"), self.of_type("alert")
        need(not self.fault and self.index["entries"] == [*self.entries] and set(entries) == set(proofs), self.fault or "entries or proofs were added or taken out")
        need({a["entry"]: a["id"] for a in self.index["alerts"]} == {i: b.get("id") for i, b in alerts.items()}, "not the alerts that incident.json lists")
        for name, proof in proofs.items():
            lines, _, checkpoint = proof.decode().partition("\n\n")
            match = re.fullmatch(rf"c2sp\.org/tlog-proof@v1\n(?:extra \S+\n)?index {name}((?:\n\S+)*)", lines)
            need(match and checkpoint == self.head.data.decode() and int(name) < self.head.size, f"proofs/{name}: not a proof in checkpoint-new")
            root = climb(int(name), self.head.size - 1, sha(b"\0", entries[name]), [b64(line, 32) for line in match[1].split()])[1]
            need(root == self.head.root, f"entries/{name}.json: is not in the log as it stands here")
        asked = {str(b.get("id")): i for i, b in reversed(self.of_type("reveal-request").items())}
        about = [(i, e["body"].get("request")) for i, e in self.entries.items() if e["type"] in STEPS]
        need(all(not isinstance(r, str) or not r or asked.get(r, i) < i for i, r in about), "a step of a reveal whose request is not in the bundle")
        return f"{len(entries)} entries are in the log, {len(alerts)} of them alerts"
    def check_consistency(self):
        heads = {p: Note(d, True) for p, d in self.files.items() if re.fullmatch(rf"checkpoint-old|heads/{N}", p)}
        proofs = {"heads/" + n: d for n, d in self.below("heads/", ".consistency").items()} | {"checkpoint-old": d for d in self.below("consistency").values()}
        known = {self.head.size: self.head.root} | {head.size: head.root for head in heads.values()}
        need(set(proofs) == set(heads) and all(p in ("checkpoint-old", f"heads/{h.size}") for p, h in heads.items()), "heads and proofs do not fit")
        for path, head in heads.items():
            self.policy.check(head, quorum=False)
            need(head.origin == self.head.origin and 0 < head.size <= self.head.size, "a head that is not of this log, or newer: rolled back")
            cut = 63 if head.size == self.head.size else (head.size & -head.size).bit_length() - 1
            hashes = [head.root] * (head.size in (1 << cut, self.head.size)) + [b64(line, 32) for line in proofs[path].decode().split("\n")[:-1]]
            both = climb((head.size - 1) >> cut, (self.head.size - 1) >> cut, hashes[0], hashes[1:])
            need(both == (head.root, self.head.root), "the log does not continue an older head: a fork")
        if self.old and self.old.size and self.policy.check(self.old, quorum=False) is not None:
            need(self.old.origin == self.head.origin and known.get(self.old.size) == self.old.root, "your head does not continue: rolled back, a fork, or no proof is in")
        return f"{len(heads)} older heads continue" if self.old or heads else ("no older head",)
    def check_commitments(self):
        made = {(b.get("alert"), b.get("kind"), b.get("commitment")) for b in self.of_type("evidence").values()}
        made |= {(b.get("id"), "values", b.get("sealed_values")) for b in self.of_type("alert").values()}
        objects, opened = self.below("evidence/"), 0
        for name, data in objects.items():
            alert, kind, ending = name.split(".")
            need(any(m[:2] == (alert, kind) and m[2] for m in made), name + ": no entry commits to it")
            need(ending != "nonce" or f"{alert}.{kind}.{ENDINGS[kind]}" in objects, name + ": what it opens is not there")
            if ending == ENDINGS[kind]:
                nonce, opened = objects.get(f"{alert}.{kind}.nonce", b"").decode(errors="replace"), opened + 1
                need(re.fullmatch(H + "\n", nonce), name + ": has no nonce")
                digest = sha(b"normwatch-commit/v1\0", bytes.fromhex(nonce), data).hex()
                need((alert, kind, "commit:" + digest) in made, name + ": is not what the log commits to")
        return f"{opened} opened objects are what the log committed to" if opened else ("nothing is opened",)
    def check_hashes(self):
        packs, catalogues, known = ({b.get(member) for b in self.of_type("rules-load").values()} for member in ("rules_sha256", "norms_sha256", "registry_sha256"))
        lists, rules = self.below("rules/", ".list"), self.below("rules/", ".yml")
        norms, registers = ({p[:64] for p in self.below(folder)} for folder in ("norms/", "register/"))
        known, in_force = known | {b.get("sha256") for b in self.of_type("register-load").values()}, None
        need(all(any(f"\n{h} ".encode() in b"\n" + d for d in lists.values()) for h in rules) and {*lists} <= packs and norms <= catalogues and registers <= known, "no entry names it")
        for h in norms:
            need(sha(*(self.files[f"norms/{h}/{part}.yaml"] for part in ("catalogue", "law", "regimes"))).hex() == h, h + ": the norms were changed")
        for h, data in [*lists.items(), *rules.items(), *self.below("register/", ".list").items()]:
            need(sha(data).hex() == h, h + ": was changed")
        for entry in self.entries.values():
            in_force = entry["body"].get("rules_sha256") if entry["type"] == "rules-load" else in_force
            file = entry["type"] == "alert" and entry["body"].get("rule_file")
            if file and in_force in lists:
                found = [line[:64] for line in lists[in_force].decode().split("\n") if line[64:] in (" rule " + file, " shadow " + file)]
                need(found and found[0] in rules, file + ": the rule is not in the list in force, or not in the bundle")
        return f"{len(rules)} rules, {len(norms)} norms" if lists or rules or norms or registers else ("nothing is in the bundle",)
    def check_stamps(self):
        heads = ({str(self.head.size): self.head.data} if self.head else {}) | self.below("heads/")
        stamps, receipts = self.below("tsr/", ".tsr"), {i: (str(b.get("size")), b) for i, b in self.of_type("tsa-receipt").items()}
        need(all(sha(heads[size]) in stamp for size, stamp in stamps.items()), "a stamp of something else")
        need(all((b.get("tsr_sha256"), b.get("checkpoint_sha256")) == (sha(stamps[n]).hex(), sha(heads[n]).hex()) for n, b in receipts.values() if n in stamps), "a receipt of another stamp")
        return (f"{len(stamps)} stamps, imprint only: who signed is for openssl ts -verify",)
    def check_handover(self):
        need("handover" in self.files or not self.keys, "nobody has signed the MANIFEST, though you gave a key")
        note = Note(self.files["handover"]) if "handover" in self.files else None
        want = f"normwatch.evidence/handover/v1\n{self.index['incident']['id']}\n{sha(self.files['MANIFEST']).hex()}\n" if note else ""
        need(not note or note.text == want, "it is about another MANIFEST")
        return "signed by " + ", ".join(self.keys[i].name for i in note.signed_by(self.keys)) if self.keys else ("no key to check it with",)

class Ledger(Bundle):
    """A ledger's directory: the tree's tiles and heads, and the journal that they were made from."""
    CLAIMS = ["policy", "checkpoint", "tiles", "journal", "heads"]
    def __init__(self, directory, policy, old, _):
        self.directory, self.policy, self.old, self.leaves, self.entries, checkpoint = directory, policy, old, [], {}, directory / "tree/checkpoint"
        self.files = {"checkpoint-new": checkpoint.read_bytes()}
    def tile(self, level, index, width):
        groups = re.findall("...", str(index).zfill((len(str(index)) + 2) // 3 * 3))
        path = "".join(f"x{g}/" for g in groups[:-1]) + groups[-1] + (f".p/{width}" if width < 256 else "")
        return (self.directory / "tree/tile" / str(level) / path).read_bytes()
    def check_tiles(self):
        for n in range(0, self.head.size, 256):
            width, at = min(256, self.head.size - n), 0
            bundle = self.tile("entries", n // 256, width)
            while at < len(bundle):
                end = at + 2 + int.from_bytes(bundle[at:at + 2], "big")
                at = self.leaves.append(sha(b"\0", bundle[at + 2:end])) or end
            need(at == len(bundle) and len(self.leaves) == n + width, f"entries {n} to {n + width - 1}: another number of entries")
        level, nodes = 0, self.leaves
        while nodes:
            for n in range(0, len(nodes), 256):
                need(self.tile(level, n // 256, min(256, len(nodes) - n)) == b"".join(nodes[n:n + 256]), f"tile {level}/{n // 256}: not the hashes of what is below")
            level, nodes = level + 1, [roots(nodes[n:n + 256], {256})[256] for n in range(0, len(nodes) - 255, 256)]
        need(roots(self.leaves, {self.head.size})[self.head.size] == self.head.root, "the entries do not lead to the signed root: edited, or another history")
    def check_journal(self):
        place = 0
        for file in sorted((self.directory / "journal").glob("*.log")):
            data, at = file.read_bytes(), 0
            need(int(file.stem) == place, f"{file.name}: entries {place} on are missing before it")
            while at + 8 <= len(data) and place < self.head.size:
                end = at + 8 + int.from_bytes(data[at:at + 4], "little")
                need(sha(b"\0", data[at + 8:end]) == self.leaves[place], f"{file.name}: entry {place} is not the one that was signed")
                at, place = end, place + 1
        need(place == self.head.size, f"only {place} of {self.head.size} signed entries are there: it was cut")
    def check_heads(self):
        heads = [Note(file.read_bytes(), True) for file in sorted((self.directory / "tree/heads").glob("*"))] + [self.old] * bool(self.old)
        found = roots(self.leaves, {head.size for head in heads})
        for head in heads:
            self.policy.check(head, quorum=False)
            need(head.origin == self.head.origin and head.size <= self.head.size, f"a head of {head.size} entries is known, and only {self.head.size} are left: rolled back")
            need(found[head.size] == head.root, f"another head of {head.size} entries was signed: a fork")
        return f"{len(heads)} older heads are its beginnings" if heads else ("no older head is known",)

def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("what", choices=["bundle", "ledger"])
    for name, more in {"path": {}, "--policy": {"required": True}, "--old-checkpoint": {}, "--key": {"type": Key, "action": "append", "default": []}}.items():
        options.add_argument(name, **{"type": pathlib.Path} | more)
    options = options.parse_args()
    kind, failed = (Bundle, Ledger)[options.what == "ledger"], False
    policy = Policy(options.policy.read_text(encoding="utf-8"))
    old = Note(options.old_checkpoint.read_bytes(), True) if options.old_checkpoint else None
    try:
        subject = kind(options.path.read_bytes() if kind is Bundle else options.path, policy, old, options.key)
    except Exception as why:
        sys.exit(print(f"FAILED  {kind.CLAIMS[0]:<13}{why}") or 65)
    for claim in kind.CLAIMS:
        try:
            words = getattr(subject, "check_" + claim, lambda: ("not done here",))() or "good"
            print(f"{'ok' if isinstance(words, str) else '-':<8}{claim:<13}{words if isinstance(words, str) else words[0]}")
        except Exception as why:  # what cannot even be read is not so
            failed = not print(f"FAILED  {claim:<13}{str(why) or type(why).__name__}")
    sys.exit(65 if failed else 0)

if __name__ == "__main__":
    main()
