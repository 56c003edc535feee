// A ledger in memory, with entries as a daemon writes them, of which bundles can be made; and a pack of rules, norms
// and register that its entries name. Shared by the unit tests, the fuzz target and tests/integration/bundle_dump.cpp.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/text.h"
#include "record/bundle/claims.h"
#include "record/bundle/collect.h"
#include "record/bundle/layout.h"
#include "record/bundle/manifest.h"
#include "record/entry.h"
#include "record/merkle/checkpoint.h"
#include "record/merkle/cosignature.h"
#include "record/privacy/commitment.h"

namespace nw::bundle::test {

// A helper may stop where it stands.
template <class T>
T need(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "tests: %s\n", result.error().what.c_str());
    std::abort();
  }
  return *std::move(result);
}

inline std::string seed_of(int first) {
  std::string out;
  for (int i = 0; i < 32; ++i) out += static_cast<char>(first + i);
  return out;
}

inline constexpr std::string_view kLogName = "normwatch.example/ledger/demo-01", kWitness = "witness.example/w1";
inline constexpr std::string_view kIncidentId = "NW-2026-000001";
inline constexpr std::int64_t kBegin = 1'768'464'000;  // 2026-01-15T08:00:00Z
inline Timestamp seconds_in(std::uint64_t seconds) {
  return Timestamp{std::chrono::seconds{kBegin + static_cast<std::int64_t>(seconds)}};
}

inline merkle::SignerKey log_key(int first = 0) {
  return need(merkle::SignerKey::make(kLogName, merkle::KeyType::note, seed_of(first)));
}
inline merkle::SignerKey witness_key() {
  return need(merkle::SignerKey::make(kWitness, merkle::KeyType::cosignature, seed_of(32)));
}
inline merkle::SignerKey giver_key() {
  return need(merkle::SignerKey::make("giver.example/duty-officer", merkle::KeyType::note, seed_of(64)));
}
inline merkle::SignerKey receiver_key() {
  return need(merkle::SignerKey::make("receiver.example/evidence", merkle::KeyType::note, seed_of(96)));
}

inline std::string policy_text() {
  return "log " + log_key().verifier().to_string() + "\nwitness w1 " + witness_key().verifier().to_string() +
         "\ngroup all-of-them all w1\nquorum all-of-them\n";
}
inline merkle::Policy policy() {
  Diagnostics diagnostics;
  return *merkle::Policy::parse(policy_text(), "policy", diagnostics);
}

inline std::string hash_hex(std::string_view bytes) { return merkle::to_hex(merkle::sha256(bytes)); }

// What the rules-load entry names.
inline Pack sample_pack() {
  static const std::map<std::string, std::string, std::less<>> kRules{
      {"rules/13f/write.yml", "title: Write to a controller\n"}, {"rules/13g/scan.yml", "title: Scan\n"}};
  Pack out;
  for (const auto& [file, text] : kRules) out.rules_list += hash_hex(text) + " rule " + file + '\n';
  out.rules_list += hash_hex("") + " settings -\n";
  out.rule = [](std::string_view file) {
    const auto found = kRules.find(file);
    return found == kRules.end() ? std::string{} : found->second;
  };
  out.norms = {"norms: [13f]\n", "law: []\n", "regimes: []\n"};
  out.registry_list = hash_hex("assets: []\n") + "  a.yaml\n";
  out.registry_hash = hash_hex(out.registry_list);
  out.registry_extract = R"({"assets":[{"id":"grid-ss-07"}]})";
  return out;
}

inline std::string alert_id(std::uint64_t number) { return hash_hex("alert " + std::to_string(number)).substr(0, 32); }
inline privacy::Nonce nonce_of(std::uint64_t number) {
  privacy::Nonce out{};
  const std::string bytes = hash_hex("nonce " + std::to_string(number));
  std::copy_n(bytes.begin(), out.size(), out.begin());
  return out;
}
inline std::string packets_of(std::uint64_t number) { return "packets of alert " + std::to_string(number); }

// The ledger of `size` entries: at its beginning what is in force, then alerts (every third is of the incident), folds,
// acts, evidence and heartbeats.
class SampleLedger final : public LedgerView {
 public:
  explicit SampleLedger(std::uint64_t seed = 1) : seed_{seed}, pack_{sample_pack()} {}

  // Another history from here on.
  void go_another_way() { ++seed_; }

  void grow(std::uint64_t size) {
    while (entries_.size() < size) {
      entries_.push_back(next_entry());
      leaves_.push_back(merkle::leaf_hash(entries_.back()));
    }
    sign(log_key(key_));
  }
  // An entry of its own, and a head over it.
  void append(std::string_view type, const std::string& body) {
    entries_.push_back(record::make_entry(type, seconds_in(2 * entries_.size()), body));
    leaves_.push_back(merkle::leaf_hash(entries_.back()));
    sign(log_key(key_));
  }
  // Custodians opened something of the incident; a stranger's request was refused.
  void reveal() {
    append(record::kEntryRevealRequest,
           R"({"alerts":[")" + alerts_.back().id + R"("],"case":"NW-2026-000009","id":"RV-1"})");
    append(record::kEntryRevealRequest,
           R"({"alerts":[")" + std::string(32, '0') + R"("],"case":"NW-2026-000009","id":"RV-2"})");
    for (const char* custodian : {"a", "b"})
      append(record::kEntryRevealApprove, R"({"custodian":")" + std::string{custodian} + R"(","request":"RV-1"})");
    append(record::kEntryRevealDeny, R"({"request":"RV-2","what":"denied"})");
    append(record::kEntryRevealDeny, R"({"what":"refused"})");
    append(record::kEntryRevealDone, R"({"outcome":"done","request":"RV-1"})");
  }
  // Says in the ledger that the head of `size` entries has its stamp.
  void note_stamp(std::uint64_t size) {
    append(record::kEntryTsaReceipt, R"({"checkpoint_sha256":")" + hash_hex(stamped(size).head) + R"(","size":)" +
                                         std::to_string(size) + R"(,"tsr_sha256":")" + hash_hex(stamped(size).reply) +
                                         R"("})");
  }
  // With which seed's key grow() signs.
  void sign_with(int key) { key_ = key; }
  void sign(const merkle::SignerKey& key, bool cosigned = true) {
    const merkle::Checkpoint head{std::string{key.verifier().name}, {entries_.size(), root(entries_.size())}, {}};
    head_ = {need(head.to_text()), {}};
    head_.signatures.push_back(need(merkle::sign_note(head_.text, key)));
    if (cosigned)
      head_.signatures.push_back(need(
          merkle::cosign(head_.text, witness_key(), static_cast<std::uint64_t>(kBegin) + 2 * entries_.size() + 60)));
  }
  void keep_head() { heads_[entries_.size()] = head_; }
  void stamp_head() {
    const std::string head = head_.to_string();
    stamps_[entries_.size()] = {head, "DER " + std::string{merkle::as_text(merkle::sha256(head))}};
  }
  void witness_head() { witnessed_ = head_; }
  std::optional<merkle::Note>& last_witnessed() { return witnessed_; }
  StampedHead& stamped(std::uint64_t size) { return stamps_.at(size); }

  [[nodiscard]] const std::vector<std::string>& all() const { return entries_; }
  [[nodiscard]] const std::vector<merkle::Hash>& leaves() const { return leaves_; }
  [[nodiscard]] const std::map<std::uint64_t, merkle::Note>& kept() const { return heads_; }
  std::string& entry(std::size_t index) { return entries_[index]; }

  Result<merkle::Note> checkpoint() const override { return head_; }
  Result<std::vector<std::uint64_t>> heads() const override {
    std::vector<std::uint64_t> out;
    for (const auto& [size, note] : heads_) out.push_back(size);
    return out;
  }
  Result<merkle::Note> head(std::uint64_t size) const override { return heads_.at(size); }
  Result<std::vector<std::string>> entries(std::uint64_t from, std::uint64_t size) const override {
    const std::uint64_t end = std::min<std::uint64_t>({size, from + 7, entries_.size()});
    return std::vector<std::string>{entries_.begin() + static_cast<std::ptrdiff_t>(from),
                                    entries_.begin() + static_cast<std::ptrdiff_t>(end)};
  }
  Result<merkle::Proof> inclusion(std::uint64_t index, std::uint64_t size) const override {
    return merkle::inclusion_proof(index, size, [this](merkle::NodeId node) { return node_hash(node); });
  }
  Result<merkle::Proof> consistency(std::uint64_t old_size, std::uint64_t size) const override {
    return merkle::consistency_proof(old_size, size, [this](merkle::NodeId node) { return node_hash(node); });
  }
  Result<merkle::Note> witnessed() const override {
    if (!witnessed_) return Error{Errc::not_found, "none yet"};
    return *witnessed_;
  }
  Result<std::vector<std::uint64_t>> stamps() const override {
    std::vector<std::uint64_t> out;
    for (const auto& [size, stamp] : stamps_) out.push_back(size);
    return out;
  }
  Result<StampedHead> stamp(std::uint64_t size) const override {
    const auto found = stamps_.find(size);
    if (found == stamps_.end() || found->second.head.empty()) return Error{Errc::not_found, "it is not there"};
    return found->second;
  }

  [[nodiscard]] std::vector<CaseAlertPlace> alerts() const { return alerts_; }
  [[nodiscard]] Wanted wanted() const {
    Wanted out;
    out.incident = kIncidentId;
    out.row = {{"level", "high"}, {"norm", "13f"}};
    out.alerts = alerts_;
    out.by = "duty-officer-2";
    out.why = "handed to the national CERT";
    out.program = "0.1.0";
    out.at = seconds_in(100'000);
    return out;
  }

 private:
  merkle::Hash root(std::size_t size) const {
    return need(merkle::root_of(size, [this](merkle::NodeId node) { return node_hash(node); }));
  }
  Result<merkle::Hash> node_hash(merkle::NodeId node) const {
    if (node.level == 0) return leaves_.at(node.index);
    const auto known = nodes_.find({node.level, node.index});
    if (known != nodes_.end()) return known->second;
    const merkle::Hash out = merkle::node_hash(*node_hash({node.level - 1, 2 * node.index}),
                                               *node_hash({node.level - 1, 2 * node.index + 1}));
    nodes_.emplace(std::pair{node.level, node.index}, out);
    return out;
  }

  std::string next_entry() {
    const std::uint64_t i = entries_.size();
    const Timestamp t = seconds_in(2 * i);
    const std::string pack = hash_hex(pack_.rules_list),
                      norms = hash_hex(pack_.norms[0] + pack_.norms[1] + pack_.norms[2]);
    if (i == 0) return record::make_entry(record::kEntryOpen, t, R"({"version":"0.1.0"})");
    if (i == 1)
      return record::make_entry(record::kEntryRulesLoad, t,
                                R"({"norms_sha256":")" + norms + R"(","registry_sha256":")" + pack_.registry_hash +
                                    R"(","rules":2,"rules_sha256":")" + pack + R"("})");
    if (i == 2)
      return record::make_entry(record::kEntryRegisterLoad, t,
                                R"({"assets":1,"sha256":")" + pack_.registry_hash + R"("})");
    if (i == 3) return record::make_entry(record::kEntryHeartbeat, t, R"({"packets":1000})");
    switch ((mix64(seed_ * 1'000'003 + i)) % 8) {
      case 0: return record::make_entry(record::kEntryHeartbeat, t, R"({"packets":)" + std::to_string(i) + '}');
      case 1: return record::make_entry(record::kEntryDrop, t, R"({"packets":1,"source":"tap"})");
      case 2:
        if (!alerts_.empty())
          return record::make_entry(record::kEntryFold, t,
                                    R"({"count":3,"id":")" + alerts_.back().id + R"(","ids":""})");
        break;
      case 3:
        return record::make_entry(record::kEntryIncident, t,
                                  R"({"act":"note","by":"a-17","incident":")" + std::string{kIncidentId} +
                                      R"(","values":{"text":"seen by the operator \u00e4"}})");
      case 4:
        if (!alerts_.empty()) return evidence(t);
        break;
      default: break;
    }
    const std::string rule = i % 2 == 0 ? "rules/13f/write.yml" : "rules/13g/scan.yml";
    if (i % 3 == 0 || alerts_.empty()) {
      alerts_.push_back({alert_id(i), i});
      return record::make_entry(record::kEntryAlert, t,
                                R"({"id":")" + alert_id(i) + R"(","norm":"13f","rule_file":")" + rule +
                                    R"(","rule_id":"r1","rule_title":"Write","seed":)" + std::to_string(seed_) + '}');
    }
    return record::make_entry(record::kEntryAlert, t,
                              R"({"id":")" + alert_id(i) + R"(","rule_file":")" + rule + R"("})");
  }

  std::string evidence(Timestamp t) const {
    const CaseAlertPlace& alert = alerts_.back();
    const std::string commitment = privacy::commitment_text(
        privacy::commitment(nonce_of(alert.entry), privacy::bytes_of(packets_of(alert.entry))));
    return record::make_entry(
        record::kEntryEvidence, t,
        R"({"alert":")" + alert.id + R"(","commitment":")" + commitment + R"(","kind":"packets"})");
  }

  std::uint64_t seed_;
  int key_ = 0;
  Pack pack_;
  std::vector<std::string> entries_;
  std::vector<merkle::Hash> leaves_;
  mutable std::map<std::pair<unsigned, std::uint64_t>, merkle::Hash> nodes_;
  std::vector<CaseAlertPlace> alerts_;
  merkle::Note head_;
  std::map<std::uint64_t, merkle::Note> heads_;
  std::optional<merkle::Note> witnessed_;
  std::map<std::uint64_t, StampedHead> stamps_;
};

// All that a bundle can have: an old head, a stamp, sealed and opened evidence, rules, both signatures.
inline Files full_bundle(const SampleLedger& ledger, const merkle::Note* old = nullptr) {
  Wanted wanted = ledger.wanted();
  const merkle::Policy own = policy();
  wanted.policy = &own;
  if (old != nullptr) wanted.old_checkpoint = *old;
  Collected collected = need(collect(wanted, ledger));
  add_pack(collected, sample_pack());
  add_evidence(collected, [](std::string_view, record::EvidenceKind) -> Result<std::string> { return "sealed bytes"; });
  for (const auto& [index, entry] : collected.entries) {
    if (entry.type != record::kEntryEvidence) continue;
    const std::string id{text_member(entry.body, "alert")};
    const auto alerts = ledger.alerts();
    const auto alert = std::find_if(alerts.begin(), alerts.end(), [&](const auto& one) { return one.id == id; });
    const auto kind = record::EvidenceKind::packets;
    Files opened{{clear_path(id, kind), packets_of(alert->entry)},
                 {nonce_path(id, kind), privacy::to_hex(nonce_of(alert->entry)) + '\n'}};
    if (const auto added = add_opened(collected, opened); !added) std::abort();
    break;
  }
  Files files = need(finish(std::move(collected)));
  if (!sign_handover(files, kIncidentId, giver_key()) || !sign_handover(files, kIncidentId, receiver_key()))
    std::abort();
  return files;
}

inline Held held() {
  Held out;
  out.policy = policy();
  out.now = seconds_in(200'000);
  return out;
}

}  // namespace nw::bundle::test
