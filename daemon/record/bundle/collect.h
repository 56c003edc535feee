// Makes a bundle: out of the ledger, what belongs to an incident, each entry with its proof; beside it what the entries
// name by their hashes.
//
//   collect() -> add_pack(), add_evidence() -> finish() -> write_archive()
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "record/bundle/archive.h"
#include "record/bundle/reading.h"
#include "record/evidence/evidence.h"
#include "record/merkle/note.h"
#include "record/merkle/policy.h"
#include "record/merkle/proofs.h"

namespace nw::bundle {

struct StampedHead {
  std::string head;   // the very bytes that were stamped: the kept head may have got more signatures since
  std::string reply;  // RFC 3161
};

// A ledger with its tree, to read (tree_view.h; tests have one in memory).
class LedgerView {
 public:
  virtual ~LedgerView() = default;
  // The last signed head; the sizes of those that are kept, rising; one of those.
  [[nodiscard]] virtual Result<merkle::Note> checkpoint() const = 0;
  [[nodiscard]] virtual Result<std::vector<std::uint64_t>> heads() const = 0;
  [[nodiscard]] virtual Result<merkle::Note> head(std::uint64_t size) const = 0;
  // Some entries from `from` on, at least one, of the first `size`.
  [[nodiscard]] virtual Result<std::vector<std::string>> entries(std::uint64_t from, std::uint64_t size) const = 0;
  [[nodiscard]] virtual Result<merkle::Proof> inclusion(std::uint64_t index, std::uint64_t size) const = 0;
  [[nodiscard]] virtual Result<merkle::Proof> consistency(std::uint64_t old_size, std::uint64_t size) const = 0;
  // The newest head that had its quorum of witnesses, with their signatures: on a busy site the last head has moved on
  // before they have signed. not_found: there was none yet.
  [[nodiscard]] virtual Result<merkle::Note> witnessed() const = 0;
  // Sizes of the heads that have a stamp, rising.
  [[nodiscard]] virtual Result<std::vector<std::uint64_t>> stamps() const = 0;
  // One of those. An error is of this stamp alone.
  [[nodiscard]] virtual Result<StampedHead> stamp(std::uint64_t size) const = 0;
};

struct Wanted {
  std::string incident;
  std::vector<std::string> merged;     // ids of incidents whose alerts count here
  boost::json::object row;             // the incident as the store has it; `id` is set
  std::vector<CaseAlertPlace> alerts;  // rising
  std::string by, why, program;        // who makes it, why, with which version
  Timestamp at{};
  std::optional<merkle::Note> old_checkpoint;  // that the receiver holds
  const merkle::Policy* policy = nullptr;      // of our witnesses; null: none. Borrowed
};

struct Collected {
  Collected() = default;
  Collected(Collected&&) = default;  // moving a map moves no element, so the views stay good; a copy's would not
  Collected& operator=(Collected&&) = default;

  CaseIndex index;
  Files files;
  Entries entries;  // views `files`
};

// Entries, proofs, heads and stamps. `unavailable`: no signed head covers the latest alert yet; `malformed`: an alert
// is not where the incident says, or the old checkpoint is of another history; `full`: over kEntriesMax.
Result<Collected> collect(const Wanted& wanted, const LedgerView& ledger);

// Rules, norms and register as they are now. Only what has a hash that the entries name goes in; of the rest, `missing`
// says that it is not the same any more.
struct Pack {
  std::string rules_list;                                  // app/snapshot.h
  std::function<std::string(std::string_view file)> rule;  // its text; empty: not there
  std::array<std::string, 3> norms;                        // as kNormParts
  std::string registry_hash, registry_list;                // the list is empty when the register is one file
  std::string registry_extract;                            // canonical JSON: assets of the incident
};
void add_pack(Collected& collected, const Pack& pack);

// The sealed objects that entries commit to. `read` is EvidenceStore::read().
using ReadEvidence = std::function<Result<std::string>(std::string_view alert, record::EvidenceKind kind)>;
void add_evidence(Collected& collected, const ReadEvidence& read);
// Objects that custodians opened, by the paths that they have in a bundle ("evidence/..."), with their nonces.
// `malformed`: one is not what the entries commit to.
Result<> add_opened(Collected& collected, const Files& opened);

// incident.json, README, MANIFEST.
Result<Files> finish(Collected collected);

// README: what the bundle is, what it proves and what not, and how it is checked.
std::string readme_text(const Collected& collected);

}  // namespace nw::bundle
