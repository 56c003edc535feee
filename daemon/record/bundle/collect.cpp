#include "record/bundle/collect.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "record/bundle/layout.h"
#include "record/bundle/manifest.h"
#include "record/entry.h"
#include "record/merkle/checkpoint.h"
#include "record/merkle/log_proof.h"

namespace nw::bundle {

namespace {

namespace json = boost::json;
using merkle::Checkpoint;
using merkle::Note;

std::string proof_lines(const merkle::Proof& proof) {
  std::string out;
  for (const merkle::Hash& hash : proof) out += merkle::to_base64(hash) + '\n';
  return out;
}

// A text in it, at any depth, is one of `names`.
bool mentions(const json::value& value, const std::set<std::string, std::less<>>& names) {
  if (value.is_string()) return names.contains(std::string_view{value.as_string()});
  if (value.is_array())
    return std::any_of(value.as_array().begin(), value.as_array().end(),
                       [&](const json::value& item) { return mentions(item, names); });
  return value.is_object() && std::any_of(value.as_object().begin(), value.as_object().end(),
                                          [&](const auto& member) { return mentions(member.value(), names); });
}

// Entries that belong to an incident when they name it, one of its alerts, a commitment of one, a request to reveal
// something of one, or a stamp that goes along.
constexpr auto kNaming = std::to_array<std::string_view>(
    {record::kEntryFold, record::kEntryEvidence, record::kEntryIncident, record::kEntryHold, record::kEntryPurge,
     record::kEntryErase, record::kEntryOperator, record::kEntryRevealRequest, record::kEntryRevealApprove,
     record::kEntryRevealDeny, record::kEntryRevealDone, record::kEntryTsaReceipt});
// What was in force, or told how well we saw, when an alert was made: the last of each before it.
constexpr auto kStanding =
    std::to_array<std::string_view>({record::kEntryOpen, record::kEntryRulesLoad, record::kEntryRegisterLoad,
                                     record::kEntryHeartbeat, record::kEntryClock});
// All of them that stand before the last alert: few, and they only make sense together.
constexpr auto kAllBefore = std::to_array<std::string_view>(
    {record::kEntryRegimePropose, record::kEntryRegimeConfirm, record::kEntryRegimeReject});

template <std::size_t kCount>
std::size_t place_in(const std::array<std::string_view, kCount>& list, std::string_view type) {
  return static_cast<std::size_t>(std::find(list.begin(), list.end(), type) - list.begin());
}

// One pass over the ledger.
class Scan {
 public:
  // `stamps`: hashes of those that go along, as their receipts have them.
  Scan(const Wanted& wanted, const LedgerView& ledger, std::uint64_t size, const std::vector<std::string>& stamps)
      : wanted_{wanted},
        ledger_{ledger},
        size_{size},
        first_{wanted.alerts.front().entry},
        last_{wanted.alerts.back().entry} {
    names_.insert(wanted.incident);
    names_.insert(wanted.merged.begin(), wanted.merged.end());
    for (const CaseAlertPlace& alert : wanted.alerts) names_.insert(alert.id);
    names_.insert(stamps.begin(), stamps.end());
  }

  Result<std::map<std::uint64_t, std::string>> run() {
    std::uint64_t index = 0;
    while (index < size_) {
      auto some = ledger_.entries(index, size_);
      if (!some) return some.error();
      if (some->empty()) return Error{Errc::malformed, "the tree ends at entry " + std::to_string(index)};
      for (std::string& bytes : *some) {
        if (index == size_) break;
        if (auto seen = look(index, std::move(bytes)); !seen) return seen.error();
        ++index;
      }
    }
    if (next_alert_ != wanted_.alerts.size())
      return Error{Errc::malformed, "entry " + std::to_string(wanted_.alerts[next_alert_].entry) + " is not there"};
    return std::move(kept_);
  }

 private:
  Result<> look(std::uint64_t index, std::string bytes) {
    const auto view = record::parse_entry(bytes);
    if (!view) return Error{Errc::malformed, "entry " + std::to_string(index) + ": " + view.error().what};
    const std::string type{view->type};
    if (next_alert_ < wanted_.alerts.size() && wanted_.alerts[next_alert_].entry == index)
      return keep_alert(index, std::move(bytes));
    const std::size_t standing = place_in(kStanding, type);
    if (standing < kStanding.size() && index < last_) standing_[standing] = {index, bytes};
    const bool within = index > first_ && index < last_ && (type == record::kEntryDrop || type == record::kEntryClock);
    const bool after = index > last_ && type == record::kEntryHeartbeat && !heard_after_;
    heard_after_ = heard_after_ || after;
    const bool regime = index < last_ && place_in(kAllBefore, type) < kAllBefore.size();
    if (!within && !after && !regime && place_in(kNaming, type) == kNaming.size()) return {};
    if (!within && !after && !regime) {
      auto entry = read_entry(bytes);
      if (!entry) return Error{Errc::malformed, "entry " + std::to_string(index) + ": " + entry.error().what};
      if (!mentions(entry->body, names_)) return {};
      name_too(entry->body, "commitment");
      if (type == record::kEntryRevealRequest) name_too(entry->body, "id");  // the steps after it name that alone
    }
    return keep(index, std::move(bytes));
  }

  Result<> keep_alert(std::uint64_t index, std::string bytes) {
    const std::string& id = wanted_.alerts[next_alert_++].id;
    const auto entry = read_entry(bytes);
    if (!entry || entry->type != record::kEntryAlert || text_member(entry->body, "id") != id)
      return Error{Errc::malformed, "entry " + std::to_string(index) + " is not alert " + id +
                                        ", as the incident store says: normwatch record rebuild, then again"};
    name_too(entry->body, "sealed_values");
    for (auto& [at, held] : standing_)
      if (!held.empty())
        if (auto kept = keep(at, std::exchange(held, {})); !kept) return kept;
    return keep(index, std::move(bytes));
  }

  void name_too(const json::object& body, std::string_view member) {
    if (const std::string_view text = text_member(body, member); !text.empty()) names_.emplace(text);
  }

  Result<> keep(std::uint64_t index, std::string bytes) {
    if (kept_.size() == kEntriesMax)
      return Error{Errc::full, "more than " + std::to_string(kEntriesMax) +
                                   " entries belong to this incident: split it (normwatch incidents split)"};
    kept_.emplace(index, std::move(bytes));
    return {};
  }

  const Wanted& wanted_;
  const LedgerView& ledger_;
  const std::uint64_t size_, first_, last_;
  std::set<std::string, std::less<>> names_;
  std::array<std::pair<std::uint64_t, std::string>, kStanding.size()> standing_;  // not yet kept
  std::map<std::uint64_t, std::string> kept_;
  std::size_t next_alert_ = 0;
  bool heard_after_ = false;
};

struct ChosenHead {
  Note note;
  Checkpoint checkpoint;
  bool quorum = true;
  std::string missing{};  // what could not be used
};

// The head of the last quorum, when it covers `last` and the present head continues it. The tree keeps it only by
// chance; an error tells why it is of no use, not_found that there is none.
Result<ChosenHead> witnessed_head(const Wanted& wanted, const LedgerView& ledger, std::uint64_t last,
                                  const merkle::TreeHead& present) {
  auto note = ledger.witnessed();
  if (!note) return note.error();
  const auto accepted = wanted.policy->check(*note);
  if (!accepted) return accepted.error();
  const merkle::TreeHead& head = accepted->checkpoint.head;
  if (head.size <= last) return Error{Errc::not_found, "it does not cover the last alert"};
  if (head.size > present.size) return Error{Errc::malformed, "it has more entries than the last signed head"};
  const auto proof = ledger.consistency(head.size, present.size);
  if (!proof) return proof.error();
  if (!merkle::verify_consistency(head, present, *proof))
    return Error{Errc::malformed, "it is not the beginning of this ledger: one of the two is a fork"};
  return ChosenHead{std::move(*note), accepted->checkpoint};
}

// The newest head that covers `last` and that our witnesses have cosigned; without one, the last head.
Result<ChosenHead> choose_head(const Wanted& wanted, const LedgerView& ledger, std::uint64_t last) {
  auto note = ledger.checkpoint();
  if (!note) return note.error();
  auto checkpoint = Checkpoint::parse(note->text);
  if (!checkpoint) return checkpoint.error();
  if (checkpoint->head.size <= last)
    return Error{Errc::unavailable, "the last signed head has " + std::to_string(checkpoint->head.size) +
                                        " entries and does not cover entry " + std::to_string(last) +
                                        " yet: try again in a moment"};
  ChosenHead out{std::move(*note), std::move(*checkpoint)};
  if (wanted.policy == nullptr || wanted.policy->check(out.note)) return out;
  out.quorum = false;
  auto witnessed = witnessed_head(wanted, ledger, last, out.checkpoint.head);
  std::uint64_t least = last;
  if (witnessed)
    least = witnessed->checkpoint.head.size;
  else if (witnessed.error().code != Errc::not_found)
    out.missing = "the head that witnesses signed last: " + witnessed.error().what;
  auto sizes = ledger.heads();
  if (!sizes) return sizes.error();
  for (auto at = sizes->rbegin(); at != sizes->rend() && *at > least; ++at) {
    auto kept = ledger.head(*at);
    if (!kept) return kept.error();
    const auto accepted = wanted.policy->check(*kept);
    if (accepted) return ChosenHead{std::move(*kept), accepted->checkpoint, true, out.missing};
  }
  if (witnessed) return witnessed;
  return out;
}

// Why it is of no use; empty: it is.
std::string stamp_fault(const Result<StampedHead>& stamp, std::uint64_t size, const Checkpoint& newest,
                        const merkle::Proof& proof) {
  if (!stamp) return stamp.error().what;
  const auto note = Note::parse(stamp->head);
  const auto head = note ? Checkpoint::parse(note->text) : Result<Checkpoint>{note.error()};
  if (!head) return "its head: " + head.error().what;
  if (head->head.size != size || head->origin != newest.origin) return "its head is another one";
  if (stamp->reply.find(merkle::as_text(merkle::sha256(stamp->head))) == std::string::npos)
    return "it is of other bytes than the head beside it";
  if (!merkle::verify_consistency(head->head, newest.head, proof))
    return "its head is not the beginning of this ledger: one of the two is a fork";
  return {};
}

// The first stamped head behind each of these entries, with its stamp and its proof.
Result<> add_stamped_heads(Collected& out, const LedgerView& ledger, const Checkpoint& newest) {
  const auto sizes = ledger.stamps();
  if (!sizes) return sizes.error();
  if (sizes->empty()) return {};  // none is asked for here; whoever verifies is told
  std::set<std::uint64_t> bad;
  for (const std::uint64_t entry : std::set{out.index.alerts.front().entry, out.index.alerts.back().entry}) {
    bool found = false;
    for (auto at = std::upper_bound(sizes->begin(), sizes->end(), entry);
         !found && at != sizes->end() && *at <= newest.head.size; ++at) {
      found = out.files.contains(stamp_path(*at));
      if (found || bad.contains(*at)) continue;
      const auto stamp = ledger.stamp(*at);
      const auto proof = ledger.consistency(*at, newest.head.size);
      if (!proof) return proof.error();
      if (const std::string fault = stamp_fault(stamp, *at, newest, *proof); !fault.empty()) {
        out.index.missing.push_back("the stamp of the head of " + std::to_string(*at) + " entries: " + fault);
        bad.insert(*at);
        continue;
      }
      out.files[head_path(*at)] = stamp->head;
      out.files[head_consistency_path(*at)] = proof_lines(*proof);
      out.files[stamp_path(*at)] = stamp->reply;
      found = true;
    }
    if (!found)
      out.index.missing.push_back("a time stamp behind entry " + std::to_string(entry) +
                                  ": no head that covers it has one yet");
  }
  return {};
}

Result<> add_old_checkpoint(Collected& out, const Note& old, const LedgerView& ledger, const Checkpoint& newest) {
  const auto head = Checkpoint::parse(old.text);
  if (!head) return Error{Errc::malformed, "the old checkpoint: " + head.error().what};
  if (head->origin != newest.origin || head->head.size > newest.head.size || head->head.size == 0)
    return Error{Errc::malformed, "the old checkpoint, '" + printable(head->origin, 128) + "' of " +
                                      std::to_string(head->head.size) + " entries, is not one of this ledger's, '" +
                                      newest.origin + "' of " + std::to_string(newest.head.size)};
  const auto proof = ledger.consistency(head->head.size, newest.head.size);
  if (!proof) return proof.error();
  if (!merkle::verify_consistency(head->head, newest.head, *proof))
    return Error{Errc::malformed, "the old checkpoint of " + std::to_string(head->head.size) +
                                      " entries is not the beginning of this ledger: one of the two is a fork"};
  out.files[std::string{kOldCheckpoint}] = old.to_string();
  out.files[std::string{kConsistency}] = proof_lines(*proof);
  return {};
}

}  // namespace

Result<Collected> collect(const Wanted& wanted, const LedgerView& ledger) {
  if (wanted.alerts.empty())
    return Error{Errc::not_found, "incident " + printable(wanted.incident, 64) + " has no alerts"};
  if (wanted.alerts.size() > kAlertsMax)
    return Error{Errc::full, "incident " + wanted.incident + " has more than " + std::to_string(kAlertsMax) +
                                 " alerts: split it (normwatch incidents split)"};
  auto chosen = choose_head(wanted, ledger, wanted.alerts.back().entry);
  if (!chosen) return chosen.error();
  const merkle::TreeHead head = chosen->checkpoint.head;
  Collected out;
  out.index.incident = wanted.incident;
  out.index.alerts = wanted.alerts;
  out.index.row = wanted.row;
  out.index.row["id"] = wanted.incident;
  out.index.made = {{"at", to_rfc3339(wanted.at)}, {"by", wanted.by}, {"program", wanted.program}, {"why", wanted.why}};
  if (!chosen->missing.empty()) out.index.missing.push_back(chosen->missing);
  if (!chosen->quorum)
    out.index.missing.emplace_back("the witnesses' quorum: no head that covers the last alert has it yet");
  if (auto added = add_stamped_heads(out, ledger, chosen->checkpoint); !added) return added.error();
  std::vector<std::string> stamps;
  for (const auto& [path, bytes] : out.files)
    if (const auto name = read_path(path); name && name->kind == FileKind::stamp)
      stamps.push_back(merkle::to_hex(merkle::sha256(bytes)));
  auto entries = Scan{wanted, ledger, head.size, stamps}.run();
  if (!entries) return entries.error();
  out.files[std::string{kCheckpoint}] = chosen->note.to_string();
  for (auto& [index, bytes] : *entries) {
    auto proof = ledger.inclusion(index, head.size);
    if (!proof) return proof.error();
    const auto good = merkle::verify_inclusion(index, head.size, merkle::leaf_hash(bytes), *proof, head.root);
    if (!good)
      return Error{Errc::malformed, "entry " + std::to_string(index) + " does not lead to the signed head (" +
                                        good.error().what + "): normwatch ledger verify"};
    out.files[proof_path(index)] = merkle::LogProof{std::nullopt, index, std::move(*proof), chosen->note}.to_string();
    const std::string& stored = out.files[entry_path(index)] = std::move(bytes);
    auto entry = read_entry(stored);
    if (!entry) return Error{Errc::malformed, "entry " + std::to_string(index) + ": " + entry.error().what};
    out.entries.emplace(index, std::move(*entry));
    out.index.entries.push_back(index);
  }
  if (wanted.old_checkpoint)
    if (auto added = add_old_checkpoint(out, *wanted.old_checkpoint, ledger, chosen->checkpoint); !added)
      return added.error();
  return out;
}

Result<Files> finish(Collected collected) {
  auto index = collected.index.to_text();
  if (!index) return index.error();
  collected.files[std::string{kIncident}] = std::move(*index);
  collected.files[std::string{kReadme}] = readme_text(collected);
  Files out = std::move(collected.files);
  out[std::string{kManifest}] = make_manifest(out);
  return out;
}

}  // namespace nw::bundle
