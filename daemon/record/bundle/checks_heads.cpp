// Signed heads, and who signed what: policy, checkpoint, consistency, stamps, hand-over.
#include <algorithm>

#include "base/text.h"
#include "record/bundle/checks.h"
#include "record/bundle/layout.h"
#include "record/bundle/manifest.h"
#include "record/entry.h"
#include "record/merkle/hash.h"

namespace nw::bundle {

namespace {

using merkle::Checkpoint;
using merkle::Note;

Checked failed(std::string words) { return {Outcome::failed, std::move(words)}; }

const std::string* find_file(const Files& files, std::string_view path) {
  const auto found = files.find(path);
  return found == files.end() ? nullptr : &found->second;
}

std::string entries_text(std::uint64_t size) { return std::to_string(size) + (size == 1 ? " entry" : " entries"); }

Timestamp time_of(std::uint64_t seconds) {
  // Beyond what a Timestamp reaches every time is in the future.
  constexpr std::uint64_t kMost = 9'000'000'000;
  return Timestamp{std::chrono::seconds{static_cast<std::int64_t>(std::min(seconds, kMost))}};
}

// A head of the log that the bundle is about, signed by it; cosignatures are not asked for.
Result<Checkpoint> read_head(std::string_view bytes, const Held& held, const Checkpoint& newest) {
  const auto note = Note::parse(bytes);
  if (!note) return note.error();
  merkle::Policy log_alone = held.policy;
  log_alone.quorum.reset();
  const auto accepted = log_alone.check(*note);
  if (!accepted) return accepted.error();
  if (accepted->checkpoint.origin != newest.origin)
    return Error{Errc::malformed, "is of another log, '" + printable(accepted->checkpoint.origin, 128) + "'"};
  return accepted->checkpoint;
}

Result<merkle::Proof> read_hashes(std::string_view text) {
  merkle::Proof out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos || out.size() == merkle::kProofHashesMax)
      return Error{Errc::malformed, "is no list of hashes, one a line"};
    const auto hash = merkle::hash_from_base64(text.substr(0, end));
    if (!hash) return hash.error();
    out.push_back(*hash);
    text.remove_prefix(end + 1);
  }
  return out;
}

// An older head that the bundle holds continues to its newest; empty: it does. `proof`: its file.
std::string not_continued(const Files& files, std::string_view proof, const Checkpoint& older,
                          const Checkpoint& newest) {
  const std::string sizes = "from " + std::to_string(older.head.size) + " to " + entries_text(newest.head.size);
  if (older.head.size > newest.head.size)
    return "the bundle is about an earlier state, " + entries_text(newest.head.size) + ", than the head of " +
           entries_text(older.head.size) + ": it was rolled back";
  const std::string* text = find_file(files, proof);
  if (text == nullptr) return std::string{proof} + ": is not there";
  const auto hashes = read_hashes(*text);
  if (!hashes) return std::string{proof} + ": " + hashes.error().what;
  const auto good = merkle::verify_consistency(older.head, newest.head, *hashes);
  return good ? std::string{}
              : "the log does not continue " + sizes + ": a fork, or another history (" + good.error().what + ")";
}

// The head that the verifier held, against the heads of that size that are in the bundle and continue (`known`).
std::string held_is_not(const Held& held, const Checkpoint& newest, const std::vector<Checkpoint>& known) {
  const auto own = read_head(held.old_checkpoint->to_string(), held, newest);
  if (!own) return "the head that you hold: " + own.error().what;
  if (own->head.size == 0) return {};
  if (own->head.size > newest.head.size)
    return "you hold a head of " + entries_text(own->head.size) + ", the bundle has only " +
           std::to_string(newest.head.size) + ": it was rolled back";
  for (const Checkpoint& head : known)
    if (head.head.size == own->head.size)
      return head.head == own->head
                 ? std::string{}
                 : "you hold another head of " + entries_text(own->head.size) + " than the bundle: a fork";
  return "the bundle does not show that your head of " + entries_text(own->head.size) +
         " is its beginning: ask for one made with --old-checkpoint";
}

}  // namespace

Checked check_policy(const Files& files, const Held& held, Findings& findings) {
  const std::string* text = find_file(files, kCheckpoint);
  if (text == nullptr) return failed("there is no head to ask for: checkpoint-new");
  auto note = Note::parse(*text);
  if (!note) return failed("checkpoint-new: " + note.error().what);
  auto checkpoint = Checkpoint::parse(note->text);
  if (!checkpoint) return failed("checkpoint-new: " + checkpoint.error().what);
  findings.note = std::move(*note);
  findings.checkpoint = std::move(*checkpoint);
  for (const merkle::PolicyLog& log : held.policy.logs)
    if (log.key.name == findings.checkpoint->origin)
      return {Outcome::ok, "you know the key of this log, " + log.key.to_string()};
  return failed("your policy knows no log called '" + findings.checkpoint->origin + "'");
}

Checked check_checkpoint(const Held& held, const Findings& findings) {
  if (!findings.note) return failed("there is no signed head");
  const auto accepted = held.policy.check(*findings.note);
  if (!accepted) return failed(accepted.error().what);
  Timestamp newest{};
  for (const auto& [index, entry] : findings.entries) newest = std::max(newest, entry.time);
  std::string words = "signed by the log: " + entries_text(accepted->checkpoint.head.size);
  for (const merkle::Cosigned& one : accepted->cosigned) {
    const std::string& name = held.policy.witnesses[one.witness].key.name;
    const Timestamp at = time_of(one.timestamp);
    if (at > held.now + kClockSlack) return failed("the cosignature of " + name + " is of the future");
    if (at + kClockSlack < newest)
      return failed("the cosignature of " + name + ", " + to_rfc3339(at, 0) +
                    ", is earlier than an entry says it is, " + to_rfc3339(newest));
    words += "; cosigned by " + name + " at " + to_rfc3339(at, 0);
  }
  if (accepted->cosigned.empty()) words += "; no witness: for when it was, there is only the log's own word";
  return {Outcome::ok, std::move(words)};
}

Checked check_consistency(const Files& files, const Held& held, const Findings& findings) {
  if (!findings.checkpoint) return failed("there is no head that others could continue to");
  const Checkpoint& newest = *findings.checkpoint;
  std::vector<Checkpoint> known{newest};
  const auto take = [&](const std::string& path, const std::string& bytes, std::string_view proof,
                        std::optional<std::uint64_t> size) -> std::string {
    const auto head = read_head(bytes, held, newest);
    if (!head) return path + ": " + head.error().what;
    if (size && head->head.size != *size) return path + ": says another size";
    if (std::string why = not_continued(files, proof, *head, newest); !why.empty()) return path + ": " + why;
    known.push_back(*head);
    return {};
  };
  for (const auto& [path, bytes] : files) {
    const auto name = read_path(path);
    if (!name) continue;
    std::string why;
    if (name->kind == FileKind::old_checkpoint) why = take(path, bytes, kConsistency, std::nullopt);
    if (name->kind == FileKind::head) why = take(path, bytes, head_consistency_path(name->number), name->number);
    if (name->kind == FileKind::consistency && !files.contains(kOldCheckpoint)) why = path + ": of which head?";
    if (name->kind == FileKind::head_consistency && !files.contains(head_path(name->number)))
      why = path + ": of which head?";
    if (!why.empty()) return failed(std::move(why));
  }
  if (held.old_checkpoint) {
    if (std::string why = held_is_not(held, newest, known); !why.empty()) return failed(std::move(why));
    return {Outcome::ok, "the head that you hold is the beginning of this log, as are " +
                             std::to_string(known.size() - 1) + " older ones in the bundle"};
  }
  if (known.size() == 1) return {Outcome::open, "no older head is in the bundle, and you gave none (--old-checkpoint)"};
  return {Outcome::ok, std::to_string(known.size() - 1) + (known.size() == 2 ? " older head is" : " older heads are") +
                           " the beginning of this log"};
}

namespace {

// Entries about stamps that go along tell the same of them; empty: they do.
std::string receipts_differ(const Files& files, const Findings& findings, const std::string& head, std::uint64_t size) {
  for (const auto& [index, entry] : findings.entries) {
    if (entry.type != record::kEntryTsaReceipt) continue;
    const auto* named = entry.body.if_contains("size");
    if (named == nullptr || !named->is_int64() || named->as_int64() < 0 ||
        static_cast<std::uint64_t>(named->as_int64()) != size)
      continue;
    const std::string* stamp = find_file(files, stamp_path(size));
    if (text_member(entry.body, "checkpoint_sha256") != merkle::to_hex(merkle::sha256(head)) || stamp == nullptr ||
        text_member(entry.body, "tsr_sha256") != merkle::to_hex(merkle::sha256(*stamp)))
      return entry_path(index) + ": is the receipt of another stamp of this head";
  }
  return {};
}

}  // namespace

Checked check_stamps(const Files& files, const Held& held, const Findings& findings) {
  std::size_t stamps = 0;
  std::string words;
  for (const auto& [path, bytes] : files) {
    const auto name = read_path(path);
    if (!name || name->kind != FileKind::stamp) continue;
    ++stamps;
    const bool newest = findings.checkpoint && findings.checkpoint->head.size == name->number;
    const std::string* head = find_file(files, head_path(name->number));
    if (head == nullptr && newest) head = find_file(files, kCheckpoint);
    if (head == nullptr) return failed(path + ": the head that it stamps is not in the bundle");
    const merkle::Hash digest = merkle::sha256(*head);
    if (bytes.find(merkle::as_text(digest)) == std::string::npos)
      return failed(path + ": stamps something else than that head");
    if (std::string why = receipts_differ(files, findings, *head, name->number); !why.empty())
      return failed(std::move(why));
    if (!held.stamp_roots) continue;
    const auto stamp = witness::verify_kept_stamp(bytes, digest, *held.stamp_roots);
    if (!stamp) return failed(path + ": " + stamp.error().what);
    words += "; " + entries_text(name->number) + " at " + to_rfc3339(stamp->time, 0) +
             (stamp->authority.empty() ? std::string{} : " by " + stamp->authority);
  }
  const std::string count = std::to_string(stamps) + (stamps == 1 ? " RFC 3161 stamp" : " RFC 3161 stamps");
  if (stamps == 0) return {Outcome::open, "there is no RFC 3161 stamp in the bundle"};
  if (held.stamp_roots) return {Outcome::ok, count + ", signed for time stamps by whom your roots lead to" + words};
  return {Outcome::open, count +
                             ": only the imprint was checked, not who signed; give the authority's roots "
                             "(--tsa-roots), or see the README for openssl ts -verify"};
}

Checked check_handover(const Files& files, const Held& held, const Findings& findings) {
  const std::string* text = find_file(files, kHandover);
  if (text == nullptr) {
    if (!held.keys.empty()) return failed("nobody has signed the MANIFEST, though you gave a key");
    return {Outcome::open, "nobody has signed the MANIFEST"};
  }
  const auto note = Note::parse(*text);
  if (!note) return failed("handover: " + note.error().what);
  const std::string* manifest = find_file(files, kManifest);
  if (manifest == nullptr || !findings.index || note->text != handover_text(findings.index->incident, *manifest))
    return failed("handover: it is about another MANIFEST");
  std::string names;
  for (const merkle::NoteSignature& signature : note->signatures) names += (names.empty() ? "" : ", ") + signature.name;
  if (held.keys.empty()) return {Outcome::open, "said to be signed by " + names + "; give their keys to know (--key)"};
  const auto known = merkle::verify_note(*note, held.keys);
  if (!known) return failed("handover: " + known.error().what);
  names.clear();
  for (const merkle::KnownSignature& one : *known) names += (names.empty() ? "" : ", ") + held.keys[one.key].name;
  return {Outcome::ok, "the MANIFEST is signed by " + names};
}

}  // namespace nw::bundle
