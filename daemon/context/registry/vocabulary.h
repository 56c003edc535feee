// The closed word lists of the register. Ids are never renamed; a word that falls out of use stays readable.
#pragma once

#include <span>
#include <string_view>

namespace nw::context {

// "sector.subsector": a neutral taxonomy that national lists (NIS2 annexes, the US sixteen, China's Article 2,
// Australia's section 8D) map onto. Sorted.
std::span<const std::string_view> sectors();
// What a host does: plc, hmi, jump, ... Sorted.
std::span<const std::string_view> roles();
// What protects an asset or makes it special, whatever its class. Sorted.
std::span<const std::string_view> flags();
// Vital, high, moderate, supporting: C1 to C4.
std::span<const std::string_view> classes();
// Who may learn that the asset is designated.
std::span<const std::string_view> disclosures();
inline constexpr std::string_view kSecret = "secret";
// What outputs say in place of a secret asset's id. No asset has this id.
inline constexpr std::string_view kUndisclosed = "undisclosed";
// How one asset needs another: Rinaldi, Peerenboom and Kelly's four kinds.
std::span<const std::string_view> dependency_kinds();
// The labels of the Traffic Light Protocol 2.0, as a contact has them.
std::span<const std::string_view> tlp_labels();

// Whether `word` is in one of the sorted lists.
bool is_one_of(std::string_view word, std::span<const std::string_view> sorted);

}  // namespace nw::context
