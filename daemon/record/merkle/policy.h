// Whom to trust for a log: C2SP tlog-policy (a draft, of June 2026), a file that a person writes and an outsider holds
// beforehand.
//
//   log <vkey> [<url>]                           its key's name is the log's origin
//   witness <name> <vkey> [<url>]
//   group <name> all|any|<k> <name>...           k of these witnesses and groups
//   quorum <name>|none                           exactly once
//
// Names stand above their use, and in one group at most. Words are parted by spaces and tabs; # begins a line of
// comment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"
#include "record/merkle/checkpoint.h"
#include "record/merkle/note.h"

namespace nw::merkle {

constexpr std::size_t kPolicyBytesMax = std::size_t{256} << 10U;
// Logs, witnesses and groups, of each. The specification asks for 32.
constexpr std::size_t kPolicyEntriesMax = 256;

struct PolicyLog {
  VerifierKey key;
  std::string url;  // may be empty
};

struct PolicyWitness {
  std::string name;  // in this file only
  VerifierKey key;
  std::string url;
};

// A witness or a group, by its place among them.
struct PolicyMember {
  enum class Kind : std::uint8_t { witness, group };
  Kind kind = Kind::witness;
  std::size_t at = 0;
};

struct PolicyGroup {
  std::string name;
  std::size_t threshold = 0;
  std::vector<PolicyMember> members;
};

struct Cosigned {
  std::size_t witness = 0;      // in Policy::witnesses
  std::uint64_t timestamp = 0;  // seconds since 1970; of several, the earliest
};

// A checkpoint that the policy accepts.
struct AcceptedCheckpoint {
  Checkpoint checkpoint;
  std::size_t log = 0;             // in Policy::logs: one that signed
  std::vector<Cosigned> cosigned;  // by all the witnesses that did, beyond the quorum too
};

struct Policy {
  std::vector<PolicyLog> logs;
  std::vector<PolicyWitness> witnesses;
  std::vector<PolicyGroup> groups;     // each names earlier ones only
  std::optional<PolicyMember> quorum;  // none: no cosignature is asked for

  // All that is wrong goes to `diagnostics`: policy-bytes, policy-keyword, policy-arguments, policy-name, policy-key,
  // policy-threshold, policy-member, policy-quorum, policy-too-large. Then there is no policy.
  static std::optional<Policy> parse(std::string_view text, std::string_view file, Diagnostics& diagnostics);

  // The note is a checkpoint, signed by a log of that origin, cosigned by the quorum; no signature by a key of the
  // policy is wrong. `malformed`: it is no checkpoint; `no_permission`: all else, and what is missing. When a
  // cosignature was made is for the caller to judge.
  [[nodiscard]] Result<AcceptedCheckpoint> check(const Note& note) const;
};

}  // namespace nw::merkle
