// The entries themselves, and what they commit to.
#include <algorithm>
#include <set>

#include "base/text.h"
#include "record/bundle/checks.h"
#include "record/bundle/layout.h"
#include "record/entry.h"
#include "record/merkle/log_proof.h"
#include "record/privacy/commitment.h"

namespace nw::bundle {

namespace {

Checked failed(std::string words) { return {Outcome::failed, std::move(words)}; }

// Why the entry is not shown to be in the log; empty: it is.
std::string not_proven(const Files& files, std::uint64_t index, std::string_view entry, const Findings& findings) {
  const std::string path = proof_path(index);
  const auto found = files.find(path);
  if (found == files.end()) return path + ": is not there";
  const auto proof = merkle::LogProof::parse(found->second);
  if (!proof) return path + ": " + proof.error().what;
  if (proof->index != index) return path + ": is about entry " + std::to_string(proof->index);
  if (proof->checkpoint.to_string() != findings.note->to_string())
    return path + ": goes by another head than checkpoint-new";
  const merkle::TreeHead& head = findings.checkpoint->head;
  const auto good = merkle::verify_inclusion(index, head.size, merkle::leaf_hash(entry), proof->hashes, head.root);
  return good ? std::string{} : entry_path(index) + ": is not in the log as it stands here (" + good.error().what + ")";
}

// Fills findings.entries; the first fault.
std::string read_entries(const Files& files, Findings& findings) {
  std::string fault;
  const auto first = [&fault](std::string why) {
    if (fault.empty()) fault = std::move(why);
  };
  for (const auto& [path, bytes] : files) {
    const auto name = read_path(path);
    if (!name) continue;
    if (name->kind == FileKind::proof && !files.contains(entry_path(name->number))) first(path + ": of which entry?");
    if (name->kind != FileKind::entry) continue;
    auto entry = read_entry(bytes);
    if (!entry) {
      first(path + ": " + entry.error().what);
      continue;
    }
    findings.entries.emplace(name->number, std::move(*entry));
    if (fault.empty() && findings.checkpoint) first(not_proven(files, name->number, bytes, findings));
  }
  return fault;
}

// What incident.json says is there, is there, and nothing else.
std::string not_as_listed(const Findings& findings) {
  const CaseIndex& index = *findings.index;
  for (const std::uint64_t entry : index.entries)
    if (!findings.entries.contains(entry))
      return entry_path(entry) + ": incident.json lists it, and it is not there: it was taken out";
  if (findings.entries.size() != index.entries.size()) return "there are entries that incident.json does not list";
  std::set<std::uint64_t> alerts;
  for (const CaseAlertPlace& alert : index.alerts) {
    const auto found = findings.entries.find(alert.entry);
    if (found == findings.entries.end() || found->second.type != record::kEntryAlert ||
        text_member(found->second.body, "id") != alert.id)
      return entry_path(alert.entry) + ": is not the alert that incident.json says it is";
    alerts.insert(alert.entry);
  }
  for (const auto& [number, entry] : findings.entries)
    if (entry.type == record::kEntryAlert && !alerts.contains(number))
      return entry_path(number) + ": is an alert that incident.json does not list";
  return {};
}

// The texts in which entries commit to the object of an alert.
std::vector<std::string_view> commitments_to(const Entries& entries, std::string_view alert,
                                             record::EvidenceKind kind) {
  std::vector<std::string_view> out;
  for (const auto& [index, entry] : entries) {
    std::string_view text;
    if (entry.type == record::kEntryEvidence && text_member(entry.body, "alert") == alert &&
        text_member(entry.body, "kind") == to_string(kind))
      text = text_member(entry.body, "commitment");
    if (entry.type == record::kEntryAlert && kind == record::EvidenceKind::values &&
        text_member(entry.body, "id") == alert)
      text = text_member(entry.body, "sealed_values");
    if (!text.empty()) out.push_back(text);
  }
  return out;
}

// "<64 hex digits>\n"
bool read_nonce(std::string_view text, privacy::Nonce& out) {
  return text.ends_with('\n') && privacy::read_hex(text.substr(0, text.size() - 1), out);
}

}  // namespace

namespace {

// Steps of a reveal stand behind the request that they are about; empty: so they do.
std::string step_without_request(const Entries& entries) {
  std::set<std::string_view> requests;
  for (const auto& [index, entry] : entries) {
    if (entry.type == record::kEntryRevealRequest) requests.insert(text_member(entry.body, "id"));
    if (entry.type != record::kEntryRevealApprove && entry.type != record::kEntryRevealDeny &&
        entry.type != record::kEntryRevealDone)
      continue;
    const std::string_view about = text_member(entry.body, "request");
    if (!about.empty() && !requests.contains(about))
      return entry_path(index) + ": is a step of a reveal whose request is not in the bundle";
  }
  return {};
}

}  // namespace

Checked check_entries(const Files& files, Findings& findings) {
  std::string fault = read_entries(files, findings);
  const auto index = files.find(kIncident);
  if (index == files.end()) return failed("incident.json: is not there");
  auto read = CaseIndex::parse(index->second);
  if (!read) return failed(fault.empty() ? read.error().what : std::move(fault));
  findings.index = std::move(*read);
  if (!findings.checkpoint) return failed("there is no head by which they could be in a log");
  if (fault.empty()) fault = not_as_listed(findings);
  if (fault.empty()) fault = step_without_request(findings.entries);
  if (!fault.empty()) return failed(std::move(fault));
  return {Outcome::ok, std::to_string(findings.entries.size()) + " entries are in the log, unaltered, " +
                           std::to_string(findings.index->alerts.size()) + " of them alerts of " +
                           findings.index->incident};
}

Checked check_commitments(const Files& files, const Findings& findings) {
  std::size_t sealed = 0, opened = 0;
  for (const auto& [path, bytes] : files) {
    const auto name = read_path(path);
    if (!name) continue;
    if (name->kind != FileKind::sealed && name->kind != FileKind::clear && name->kind != FileKind::nonce) continue;
    const auto committed = commitments_to(findings.entries, name->alert, name->evidence);
    if (committed.empty()) return failed(path + ": no entry in the bundle commits to it");
    if (name->kind == FileKind::sealed) ++sealed;
    if (name->kind == FileKind::nonce && !files.contains(clear_path(name->alert, name->evidence)))
      return failed(path + ": what it opens is not there");
    if (name->kind != FileKind::clear) continue;
    const auto nonce_file = files.find(nonce_path(name->alert, name->evidence));
    privacy::Nonce nonce{};
    if (nonce_file == files.end() || !read_nonce(nonce_file->second, nonce))
      return failed(path + ": there is no nonce to open it with, 64 hex digits in " +
                    nonce_path(name->alert, name->evidence));
    const auto opens = [&nonce, clear = std::string_view{bytes}](std::string_view text) {
      privacy::Digest digest{};
      return privacy::read_commitment(text, digest) && privacy::opens(digest, nonce, privacy::bytes_of(clear));
    };
    if (std::none_of(committed.begin(), committed.end(), opens))
      return failed(path + ": is not what the log commits to: it was changed");
    ++opened;
  }
  if (opened > 0)
    return {Outcome::ok, std::to_string(opened) + " opened objects are what the log committed to; " +
                             std::to_string(sealed) + " are there sealed"};
  return {Outcome::open,
          sealed == 0 ? "no evidence is in the bundle"
                      : std::to_string(sealed) + " objects are there sealed; what they say only custodians can open"};
}

}  // namespace nw::bundle
