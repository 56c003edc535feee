// What stands beside the entries: rules, norms, register, evidence.
#include <algorithm>
#include <set>

#include "base/text.h"
#include "record/bundle/checks.h"
#include "record/bundle/claims.h"
#include "record/bundle/collect.h"
#include "record/bundle/layout.h"
#include "record/entry.h"
#include "record/merkle/hash.h"

namespace nw::bundle {

namespace {

std::string hash_of(std::string_view bytes) { return merkle::to_hex(merkle::sha256(bytes)); }

// Whether the register's hash is named by the entries; which packs and catalogues are, of other hashes than `now`.
class Named {
 public:
  Named(const Entries& entries, std::string_view type, std::string_view member) {
    for (const auto& [index, entry] : entries)
      if (entry.type == type)
        if (const std::string_view hash = text_member(entry.body, member); !hash.empty()) hashes_.emplace(hash);
  }
  // Puts a note about each that is not `now`; whether `now` is among them.
  bool has(const std::string& now, std::string_view what, std::vector<std::string>& missing) const {
    for (const std::string& hash : hashes_)
      if (hash != now)
        missing.push_back(std::string{what} + " " + hash.substr(0, 16) +
                          "...: not the same any more where the bundle was made");
    return hashes_.contains(now);
  }

 private:
  std::set<std::string> hashes_;
};

void add_rules(Collected& out, const Pack& pack, const std::string& hash) {
  out.files["rules/" + hash + ".list"] = pack.rules_list;
  std::set<std::string> wanted;
  std::string_view in_force;
  for (const auto& [index, entry] : out.entries) {
    if (entry.type == record::kEntryRulesLoad) in_force = text_member(entry.body, "rules_sha256");
    if (entry.type == record::kEntryAlert && in_force == hash) wanted.emplace(text_member(entry.body, "rule_file"));
  }
  for (const std::string& file : wanted) {
    if (file.empty()) continue;
    std::string text = pack.rule(file);
    if (text.empty()) continue;  // the list's hash was made of it a moment ago
    std::string path = "rules/" + hash_of(text) + ".yml";
    out.files.emplace(std::move(path), std::move(text));
  }
}

// The objects that entries commit to, in order, each once.
std::set<std::pair<std::string, record::EvidenceKind>> committed_objects(const Entries& entries) {
  std::set<std::pair<std::string, record::EvidenceKind>> out;
  for (const auto& [index, entry] : entries) {
    if (entry.type == record::kEntryAlert && !text_member(entry.body, "sealed_values").empty())
      out.emplace(text_member(entry.body, "id"), record::EvidenceKind::values);
    if (entry.type != record::kEntryEvidence || text_member(entry.body, "commitment").empty()) continue;
    const auto kind =
        std::find(record::kEvidenceKinds.begin(), record::kEvidenceKinds.end(), text_member(entry.body, "kind"));
    if (kind != record::kEvidenceKinds.end() && is_hex(text_member(entry.body, "alert"), 32))
      out.emplace(text_member(entry.body, "alert"),
                  static_cast<record::EvidenceKind>(kind - record::kEvidenceKinds.begin()));
  }
  return out;
}

}  // namespace

void add_pack(Collected& collected, const Pack& pack) {
  std::vector<std::string>& missing = collected.index.missing;
  const std::string rules_hash = hash_of(pack.rules_list);
  const std::string norms_hash = hash_of(pack.norms[0] + pack.norms[1] + pack.norms[2]);
  if (Named{collected.entries, record::kEntryRulesLoad, "rules_sha256"}.has(rules_hash, "the rules of pack", missing))
    add_rules(collected, pack, rules_hash);
  if (Named{collected.entries, record::kEntryRulesLoad, "norms_sha256"}.has(norms_hash, "the norms", missing))
    for (std::size_t i = 0; i < kNormParts.size(); ++i)
      collected.files["norms/" + norms_hash + '/' + std::string{kNormParts[i]}] = pack.norms[i];
  if (!Named{collected.entries, record::kEntryRulesLoad, "registry_sha256"}.has(pack.registry_hash, "the register",
                                                                                missing))
    return;
  collected.files["register/" + pack.registry_hash + ".json"] = pack.registry_extract;
  if (!pack.registry_list.empty()) collected.files["register/" + pack.registry_hash + ".list"] = pack.registry_list;
}

void add_evidence(Collected& collected, const ReadEvidence& read) {
  for (const auto& [alert, kind] : committed_objects(collected.entries)) {
    auto sealed = read(alert, kind);
    if (sealed)
      collected.files[sealed_path(alert, kind)] = std::move(*sealed);
    else
      collected.index.missing.push_back("evidence of alert " + alert + ", " + std::string{to_string(kind)} + ": " +
                                        printable(sealed.error().what, 200));
  }
}

Result<> add_opened(Collected& collected, const Files& opened) {
  Findings findings;
  for (const auto& [index, entry] : collected.entries)
    findings.entries.emplace(index, BundledEntry{entry.bytes, entry.type, entry.time, entry.body});
  for (const auto& [path, bytes] : opened) {
    const auto name = read_path(path);
    if (!name || (name->kind != FileKind::clear && name->kind != FileKind::nonce))
      return Error{Errc::malformed, printable(path) + ": is not called as an opened object is in a bundle"};
  }
  if (const Checked checked = check_commitments(opened, findings); checked.outcome == Outcome::failed)
    return Error{Errc::malformed, checked.words};
  for (const auto& [path, bytes] : opened) collected.files.insert_or_assign(path, bytes);
  return {};
}

}  // namespace nw::bundle
