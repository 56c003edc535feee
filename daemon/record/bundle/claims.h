// What a bundle claims, checked by somebody who trusts nothing in it: with a policy that was held beforehand, offline.
//
//   bytes --read_archive()--> Files --verify()--> Claims, in the order in which each leans on those before it
//
// A second verifier, written apart, is tests/verifier/nwverify.py: both say the same of each bundle.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "record/bundle/archive.h"
#include "record/merkle/note.h"
#include "record/merkle/policy.h"
#include "record/witness/stamp.h"

namespace nw::bundle {

// ok: checked, and so. open: nothing to check, or not checked here; the words say which. failed: it is not so.
enum class Outcome : unsigned char { ok, open, failed };

struct Claim {
  std::string_view name;  // of kClaims
  Outcome outcome = Outcome::open;
  std::string words;  // one line
};

inline constexpr std::array<std::string_view, 10> kClaims{"archive",     "policy",      "checkpoint", "entries",
                                                          "consistency", "commitments", "hashes",     "replay",
                                                          "stamps",      "handover"};

// What the verifier held before the bundle came.
struct Held {
  merkle::Policy policy;
  std::optional<merkle::Note> old_checkpoint;  // of the same log, from an earlier time
  std::vector<merkle::VerifierKey> keys;       // of those who hand over and receive
  // Of the authorities whose time stamps are believed; null: of stamps only the imprint is checked.
  std::shared_ptr<const witness::StampRoots> stamp_roots = {};
  Timestamp now{};
};

// Cosignatures may be this much before an entry's own time, or after `now`: clocks differ.
constexpr Nanoseconds kClockSlack = std::chrono::minutes{5};

// All of kClaims, in that order.
std::vector<Claim> verify(const Files& files, const Held& held);
// The same from the archive's bytes; of what is no bundle, only that `archive` fails.
std::vector<Claim> verify_archive(std::string_view bytes, const Held& held);
// None failed.
bool holds(const std::vector<Claim>& claims);
// "FAILED  entries      <words>", with its line end.
std::string to_line(const Claim& claim);

}  // namespace nw::bundle
