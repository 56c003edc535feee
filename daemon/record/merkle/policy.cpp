#include "record/merkle/policy.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"

namespace nw::merkle {
namespace {

constexpr auto kKeywords = std::to_array<std::string_view>({"group", "log", "quorum", "witness"});
constexpr std::string_view kNone = "none";

struct Word {
  std::string_view text;
  std::size_t column = 0;
};

std::vector<Word> words_of(std::string_view line) {
  std::vector<Word> out;
  for (std::size_t at = 0; at < line.size();) {
    if (line[at] == ' ' || line[at] == '\t') {
      ++at;
      continue;
    }
    const std::size_t end = std::min(line.find_first_of(" \t", at), line.size());
    out.push_back({line.substr(at, end - at), at + 1});
    at = end;
  }
  return out;
}

class Reader {
 public:
  Reader(std::string_view file, Diagnostics& diagnostics) : file_{file}, diagnostics_{diagnostics} {}

  std::optional<Policy> read(std::string_view text) {
    const std::size_t errors = diagnostics_.errors();
    if (text.size() > kPolicyBytesMax) {
      diagnostics_.error(file_, {}, "policy-too-large", "the policy has over 256 KiB");
      return std::nullopt;
    }
    while (!text.empty()) {
      ++line_;
      const std::size_t end = text.find('\n');
      read_line(text.substr(0, end));
      if (end == std::string_view::npos) {
        fault(1, "policy-bytes", "the last line has no newline", "was the file cut? end it with a newline");
        break;
      }
      text.remove_prefix(end + 1);
    }
    if (!quorum_line_)
      diagnostics_.error(file_, {}, "policy-quorum", "the policy has no quorum",
                         "end it with 'quorum <name>', or 'quorum none' to ask for no witness");
    if (diagnostics_.errors() != errors) return std::nullopt;
    return std::move(policy_);
  }

 private:
  void fault(std::size_t column, std::string_view code, std::string text, std::string hint = {}) {
    diagnostics_.error(file_, {line_, column}, code, std::move(text), std::move(hint));
  }

  void read_line(std::string_view line) {
    const auto forbidden = [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; };
    if (const auto bad = std::find_if(line.begin(), line.end(), forbidden); bad != line.end()) {
      fault(static_cast<std::size_t>(bad - line.begin()) + 1, "policy-bytes",
            "control character " + printable({bad, bad + 1}), "only tabs and newlines are allowed");
      return;
    }
    const auto words = words_of(line);
    if (words.empty() || words[0].text.starts_with('#')) return;
    const std::string_view keyword = words[0].text;
    if (keyword == "log")
      log(words);
    else if (keyword == "witness")
      witness(words);
    else if (keyword == "group")
      group(words);
    else if (keyword == "quorum")
      quorum(words);
    else
      fault(words[0].column, "policy-keyword",
            "unknown line '" + printable(keyword, 64) + "'" + did_you_mean(keyword, kKeywords),
            "a line is log, witness, group, quorum or a # comment");
  }

  bool count(const std::vector<Word>& words, std::size_t least, std::size_t most, std::string_view form) {
    if (words.size() >= least && words.size() <= most) return true;
    fault(words[0].column, "policy-arguments", words.size() < least ? "the line is too short" : "the line is too long",
          "write: " + std::string{form});
    return false;
  }

  template <class List>
  bool room(const List& list, const Word& word, const char* what) {
    if (list.size() < kPolicyEntriesMax) return true;
    fault(word.column, "policy-too-large", std::string{"over "} + std::to_string(kPolicyEntriesMax) + " " + what);
    return false;
  }

  // A key of this type, which no line before had.
  std::optional<VerifierKey> key(const Word& word, KeyType type) {
    auto key = VerifierKey::parse(word.text);
    if (!key) {
      fault(word.column, "policy-key", key.error().what);
      return std::nullopt;
    }
    if (key->type != type) {
      fault(word.column, "policy-key",
            type == KeyType::note ? "a log's key is of type 1 (Ed25519), this is the key of a witness"
                                  : "a witness's key is of type 4 (Ed25519 cosignature), this is the key of a log");
      return std::nullopt;
    }
    const auto [before, first] = keys_.try_emplace(key->key, line_);
    if (!first) {
      fault(word.column, "policy-key", "this key stands in line " + std::to_string(before->second) + " already",
            "each log and each witness has a key of its own");
      return std::nullopt;
    }
    return std::move(*key);
  }

  bool free_name(const Word& word) {
    if (word.text == kNone) {
      fault(word.column, "policy-name", "'none' is the empty quorum and cannot be a name");
      return false;
    }
    if (const auto before = names_.find(word.text); before != names_.end()) {
      fault(
          word.column, "policy-name",
          "'" + printable(word.text, 64) + "' is defined in line " + std::to_string(before->second.line) + " already");
      return false;
    }
    return true;
  }

  void log(const std::vector<Word>& words) {
    if (!count(words, 2, 3, "log <vkey> [<url>]") || !room(policy_.logs, words[0], "logs")) return;
    auto found = key(words[1], KeyType::note);
    if (!found) return;
    policy_.logs.push_back({std::move(*found), words.size() > 2 ? std::string{words[2].text} : std::string{}});
  }

  void witness(const std::vector<Word>& words) {
    if (!count(words, 3, 4, "witness <name> <vkey> [<url>]") || !room(policy_.witnesses, words[0], "witnesses")) return;
    const bool free = free_name(words[1]);
    auto found = key(words[2], KeyType::cosignature);
    // Known by name even with a wrong key, so that groups do not complain as well.
    if (free) names_.emplace(words[1].text, Name{line_, {PolicyMember::Kind::witness, policy_.witnesses.size()}, 0});
    if (!free || !found) return;
    policy_.witnesses.push_back(
        {std::string{words[1].text}, std::move(*found), words.size() > 3 ? std::string{words[3].text} : std::string{}});
  }

  void group(const std::vector<Word>& words) {
    // More members than names can be defined are named twice.
    if (!count(words, 4, 3 + 2 * kPolicyEntriesMax, "group <name> all|any|<k> <name>...") ||
        !room(policy_.groups, words[0], "groups"))
      return;
    PolicyGroup out{std::string{words[1].text}, 0, {}};
    const std::size_t members = words.size() - 3;
    const std::string_view k = words[2].text;
    if (k == "all")
      out.threshold = members;
    else if (k == "any")
      out.threshold = 1;
    else if (const auto number = parse_decimal(k); number && *number >= 1 && *number <= members)
      out.threshold = static_cast<std::size_t>(*number);
    else
      fault(words[2].column, "policy-threshold", "'" + printable(k, 64) + "' members of " + std::to_string(members),
            "write all, any, or a number from 1 to " + std::to_string(members));
    for (std::size_t i = 3; i < words.size(); ++i)
      if (const auto found = member(words[i])) out.members.push_back(*found);
    if (!free_name(words[1])) return;
    names_.emplace(words[1].text, Name{line_, {PolicyMember::Kind::group, policy_.groups.size()}, 0});
    policy_.groups.push_back(std::move(out));
  }

  std::optional<PolicyMember> member(const Word& word) {
    const auto found = names_.find(word.text);
    if (found == names_.end()) {
      unknown(word);
      return std::nullopt;
    }
    if (found->second.grouped_line != 0) {
      fault(word.column, "policy-member",
            "'" + printable(word.text, 64) + "' is in the group of line " + std::to_string(found->second.grouped_line) +
                " already",
            "a witness counts in one way only");
      return std::nullopt;
    }
    found->second.grouped_line = line_;
    return found->second.member;
  }

  void unknown(const Word& word) {
    std::vector<std::string_view> known;
    for (const auto& [name, where] : names_) known.push_back(name);
    fault(word.column, "policy-member",
          "'" + printable(word.text, 64) + "' is no witness and no group of a line above" +
              did_you_mean(word.text, known));
  }

  void quorum(const std::vector<Word>& words) {
    if (quorum_line_) {
      fault(words[0].column, "policy-quorum",
            "the quorum is set in line " + std::to_string(*quorum_line_) + " already");
      return;
    }
    quorum_line_ = line_;
    if (!count(words, 2, 2, "quorum <name>|none")) return;
    if (words[1].text == kNone) return;
    const auto found = names_.find(words[1].text);
    if (found == names_.end())
      unknown(words[1]);
    else
      policy_.quorum = found->second.member;
  }

  struct Name {
    std::size_t line = 0;
    PolicyMember member;
    std::size_t grouped_line = 0;  // 0: in no group so far
  };
  std::string_view file_;
  Diagnostics& diagnostics_;
  std::size_t line_ = 0;
  Policy policy_;
  std::map<std::string_view, Name> names_;
  std::map<PublicKey, std::size_t> keys_;
  std::optional<std::size_t> quorum_line_;
};

// Which witnesses and groups have witnessed; groups name earlier ones only, so one pass is enough.
struct Tally {
  std::vector<bool> witnesses, groups;
  [[nodiscard]] bool has(PolicyMember member) const {
    return member.kind == PolicyMember::Kind::witness ? witnesses[member.at] : groups[member.at];
  }
};

std::string missing(const Policy& policy, const Tally& tally) {
  const PolicyMember quorum = *policy.quorum;
  if (quorum.kind == PolicyMember::Kind::witness)
    return "witness '" + printable(policy.witnesses[quorum.at].name, 64) + "' has not cosigned";
  const PolicyGroup& group = policy.groups[quorum.at];
  std::string absent;
  std::size_t present = 0;
  for (const PolicyMember member : group.members) {
    if (tally.has(member)) {
      ++present;
      continue;
    }
    const std::string& name =
        member.kind == PolicyMember::Kind::witness ? policy.witnesses[member.at].name : policy.groups[member.at].name;
    absent += (absent.empty() ? "" : ", ") + printable(name, 64);
  }
  return "group '" + printable(group.name, 64) + "' has " + std::to_string(present) + " of the " +
         std::to_string(group.threshold) + " that it needs; not among them: " + printable(absent);
}

}  // namespace

std::optional<Policy> Policy::parse(std::string_view text, std::string_view file, Diagnostics& diagnostics) {
  return Reader{file, diagnostics}.read(text);
}

Result<AcceptedCheckpoint> Policy::check(const Note& note) const {
  AcceptedCheckpoint out;
  auto checkpoint = Checkpoint::parse(note.text);
  if (!checkpoint) return checkpoint.error();
  out.checkpoint = std::move(*checkpoint);
  const std::string origin = "'" + printable(out.checkpoint.origin) + "'";
  const auto ours = [&](const PolicyLog& log) { return log.key.name == out.checkpoint.origin; };
  if (std::none_of(logs.begin(), logs.end(), ours))
    return Error{Errc::no_permission, "the policy has no log with the origin " + origin};

  std::vector<VerifierKey> known;
  for (const PolicyLog& log : logs) known.push_back(log.key);
  for (const PolicyWitness& witness : witnesses) known.push_back(witness.key);
  const auto signatures = verify_note(note, known);
  if (!signatures) return signatures.error();

  const auto by_log = std::find_if(signatures->begin(), signatures->end(), [&](const KnownSignature& signature) {
    return signature.key < logs.size() && ours(logs[signature.key]);
  });
  if (by_log == signatures->end())
    return Error{Errc::no_permission, "no key of the log " + origin + " that the policy names has signed"};
  out.log = by_log->key;

  Tally tally{std::vector<bool>(witnesses.size()), std::vector<bool>(groups.size())};
  for (const KnownSignature& signature : *signatures) {
    if (signature.key < logs.size()) continue;
    const std::size_t witness = signature.key - logs.size();
    if (!tally.witnesses[witness]) {
      out.cosigned.push_back({witness, signature.timestamp});
    } else {
      const auto before = std::find_if(out.cosigned.begin(), out.cosigned.end(),
                                       [&](const Cosigned& cosigned) { return cosigned.witness == witness; });
      before->timestamp = std::min(before->timestamp, signature.timestamp);
    }
    tally.witnesses[witness] = true;
  }
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto count = std::count_if(groups[i].members.begin(), groups[i].members.end(),
                                     [&](PolicyMember member) { return tally.has(member); });
    tally.groups[i] = static_cast<std::size_t>(count) >= groups[i].threshold;
  }
  if (quorum && !tally.has(*quorum))
    return Error{Errc::no_permission, "the quorum is not reached: " + missing(*this, tally)};
  return out;
}

}  // namespace nw::merkle
