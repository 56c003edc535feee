// One field of one kind of event, looked up once for all rules: which of the atoms that can set a rule off may hold.
//
// Exact values lie in a hash, beginnings and ends in tries, pieces of text in one Hyperscan database, regular
// expressions in another, whole numbers in a hash, thresholds sorted, networks by their length (DESIGN 3.2).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/function_ref.h"
#include "base/hash.h"
#include "base/ip.h"
#include "detect/sigma/scanner.h"
#include "detect/sigma/subject.h"
#include "detect/sigma/trie.h"

namespace nw::sigma {

struct Atom;

class FieldIndex {
 public:
  // What is found: an atom, and what it sets off. `exact`: on a text value it holds; otherwise it may.
  struct Target {
    std::uint32_t atom, first, end;
    bool exact;
  };
  using Hit = FunctionRef<void(const Target&, bool exact)>;

  // Whether the atom can be looked up at all.
  static bool takes(const Atom& atom);

  // `targets` ordered by atom; `atoms` by number. Borrows neither.
  FieldIndex(event::FieldId field, const std::vector<Target>& targets, const std::vector<Atom>& atoms,
             ScannerPool& pool);

  [[nodiscard]] event::FieldId field() const noexcept { return field_; }
  [[nodiscard]] const std::vector<Target>& targets() const noexcept { return targets_; }
  // Calls `hit` for every target of which an element in the range may make the atom hold; for some more than once.
  void look(Subject& subject, ElementRange range, ScanScratch& scratch, Hit hit) const;
  // How an atom is looked up, for people: "hash", "ends trie", ...
  static std::string_view way_of(const Atom& atom);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return hash64(text); }
  };
  using Targets = std::vector<std::uint32_t>;  // positions in targets_
  // Texts, each with the targets that it stands for.
  struct Texts {
    std::vector<Targets> targets;
    std::optional<Trie> trie;
  };
  struct Pieces {
    std::vector<Targets> targets;
    std::shared_ptr<const Scanner> scanner;
  };
  struct Threshold {
    double number;
    std::uint32_t target;
  };
  struct Networks {
    unsigned bits;
    std::unordered_map<std::string, Targets, Hash, std::equal_to<>> by_address;
  };
  class Builder;

  void look_text(std::string_view text, bool exact, ScanScratch& scratch, Hit hit) const;
  void look_regex(std::string_view text, ScanScratch& scratch, Hit hit) const;
  void look_number(const event::Value& value, Hit hit) const;
  void look_network(const IpAddress& address, Hit hit) const;
  void tell(const Targets& targets, bool exact, Hit hit) const {
    for (const std::uint32_t target : targets) hit(targets_[target], exact && targets_[target].exact);
  }

  event::FieldId field_;
  std::vector<Target> targets_;
  std::unordered_map<std::string, Targets, Hash, std::equal_to<>> exact_;
  Texts starts_, ends_;
  Pieces pieces_, regexes_;
  std::unordered_map<std::int64_t, Targets> integers_;
  std::unordered_map<std::string, Targets, Hash, std::equal_to<>> addresses_;
  std::vector<Networks> networks_;
  std::vector<Threshold> above_, below_;  // sorted: candidates are those up to the value, those from it on
  Targets numbers_;                       // any number may be it
  Targets present_;                       // any value
};

}  // namespace nw::sigma
