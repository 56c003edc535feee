// Rules, norms and register: what was in force, by the hashes in the entries.
#include <algorithm>
#include <set>

#include "base/text.h"
#include "record/bundle/checks.h"
#include "record/bundle/layout.h"
#include "record/entry.h"
#include "record/merkle/hash.h"

namespace nw::bundle {

namespace {

std::string sha256_of(std::string_view bytes) { return merkle::to_hex(merkle::sha256(bytes)); }

class HashCheck {
 public:
  HashCheck(const Files& files, const Findings& findings) : files_{files}, findings_{findings} {}

  Checked run() {
    for (const auto& [index, entry] : findings_.entries) {
      if (entry.type == record::kEntryRulesLoad) {
        note(packs_, entry, "rules_sha256");
        note(norms_, entry, "norms_sha256");
        note(registers_, entry, "registry_sha256");
      }
      if (entry.type == record::kEntryRegisterLoad) note(registers_, entry, "sha256");
    }
    for (const auto& [path, bytes] : files_) {
      const auto name = read_path(path);
      if (!name) continue;
      if (std::string why = wrong(*name, bytes); !why.empty()) return {Outcome::failed, path + ": " + why};
    }
    for (const auto& [index, entry] : findings_.entries) {
      if (entry.type == record::kEntryRulesLoad) in_force_ = text_member(entry.body, "rules_sha256");
      if (entry.type != record::kEntryAlert) continue;
      if (std::string why = rule_missing(entry); !why.empty()) return {Outcome::failed, entry_path(index) + ": " + why};
    }
    if (checked_ == 0) return {Outcome::open, "neither rules, norms nor register are in the bundle"};
    return {Outcome::ok, "rules of " + std::to_string(rules_shown_) + " of " + std::to_string(alerts_) +
                             " alerts, norms of " + std::to_string(norms_shown_.size()) + " and register extracts of " +
                             std::to_string(extracts_) + " loads have the hashes in the entries"};
  }

 private:
  static void note(std::set<std::string, std::less<>>& into, const BundledEntry& entry, std::string_view member) {
    if (const std::string_view hash = text_member(entry.body, member); !hash.empty()) into.emplace(hash);
  }

  // Why a file is not what an entry says; empty: it is, or has no part in this.
  std::string wrong(const FileName& name, std::string_view bytes) {
    constexpr std::string_view kUnnamed = "no entry in the bundle names this hash";
    constexpr std::string_view kChanged = "has another hash than its name: it was changed";
    switch (name.kind) {
      case FileKind::rules_list:
        if (!packs_.contains(name.hash)) return std::string{kUnnamed};
        break;
      case FileKind::rule:
        if (!listed(name.hash)) return "no list of rules in the bundle has it";
        break;
      case FileKind::norms: {
        if (!norms_.contains(name.hash)) return std::string{kUnnamed};
        std::string all;
        for (const std::string_view part : kNormParts) {
          const auto found = files_.find("norms/" + std::string{name.hash} + '/' + std::string{part});
          if (found == files_.end()) return std::string{part} + " is missing beside it";
          all += found->second;
        }
        if (sha256_of(all) != name.hash) return "these three have another hash than their folder: one was changed";
        norms_shown_.emplace(name.hash);
        ++checked_;
        return {};
      }
      case FileKind::register_list:
        if (!registers_.contains(name.hash)) return std::string{kUnnamed};
        break;
      case FileKind::extract:
        if (!registers_.contains(name.hash)) return std::string{kUnnamed};
        ++extracts_;
        ++checked_;
        return {};
      default: return {};
    }
    ++checked_;
    return sha256_of(bytes) == name.hash ? std::string{} : std::string{kChanged};
  }

  // Whether a line of a pack's list begins with this hash.
  [[nodiscard]] bool listed(std::string_view hash) const {
    return std::any_of(packs_.begin(), packs_.end(), [&](const std::string& pack) {
      const auto list = files_.find("rules/" + pack + ".list");
      return list != files_.end() && ('\n' + list->second).find('\n' + std::string{hash} + ' ') != std::string::npos;
    });
  }

  // "<hash> rule|shadow <file>" in the pack's list, and the file of that hash; empty: there, or the list is not.
  std::string rule_missing(const BundledEntry& alert) {
    ++alerts_;
    const auto list = files_.find("rules/" + in_force_ + ".list");
    if (list == files_.end()) return {};
    const std::string file{text_member(alert.body, "rule_file")};
    if (file.empty()) return {};  // a summary that the daemon made itself
    for (const std::string_view line : split(list->second, '\n')) {
      const std::string_view rest = line.substr(std::min<std::size_t>(line.size(), 64));
      if (rest != " rule " + file && rest != " shadow " + file) continue;
      const std::string path = "rules/" + std::string{line.substr(0, 64)} + ".yml";
      if (!files_.contains(path)) return "its rule, " + path + ", is not in the bundle";
      ++rules_shown_;
      return {};
    }
    return "its rule, '" + printable(file) + "', is not in the list of rules that was in force";
  }

  const Files& files_;
  const Findings& findings_;
  std::set<std::string, std::less<>> packs_, norms_, registers_, norms_shown_;
  std::string in_force_;
  std::size_t checked_ = 0, alerts_ = 0, rules_shown_ = 0, extracts_ = 0;
};

}  // namespace

Checked check_hashes(const Files& files, const Findings& findings) { return HashCheck{files, findings}.run(); }

}  // namespace nw::bundle
