// Which alerts belong together: same place, same family of rules, same actor; and near in event time, which the store
// decides.
#pragma once

#include <string>

#include "record/alert.h"

namespace nw::record {

struct CaseKey {
  std::string place;   // "asset:water-07"; without a designated asset "to:", "host:" or "source:" and its text
  std::string family;  // "NW-F-05", the rule pack's detection that the rule belongs to; else "rule:" and the rule's id
  std::string actor;   // the source address as it is stored (a pseudonym), else the host; may be empty
  static CaseKey of(const Alert& alert);
};

// So many incidents of one place and family at a time have an actor each; whoever comes then is one of many. Forged
// source addresses would make an incident each.
inline constexpr std::size_t kCaseActorsMax = 32;
inline constexpr std::string_view kManyActors = "(many)";
// Longer texts are cut here, with a hash of the whole behind.
inline constexpr std::size_t kCaseKeyBytesMax = 256;

}  // namespace nw::record
