#include "context/taxonomy/match.h"

#include <algorithm>

#include "base/text.h"

namespace nw::taxonomy {

namespace {

// "1. Energy & Heat" is "energy-heat": small letters, the rest as one '-', no number in front. Bytes beyond ASCII stay.
std::string folded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool kept =
        ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || static_cast<unsigned char>(c) >= 0x80;
    if (kept)
      out += ascii_lower(c);
    else if (!out.empty() && out.back() != '-')
      out += '-';
  }
  if (out.ends_with('-')) out.pop_back();
  const std::size_t word = out.find_first_not_of("0123456789-");
  return word == std::string::npos ? out : out.substr(word);
}

// The value below `parent` ("" or "energy/") that bears this name.
const SectorColumn::Value* value_of(const SectorColumn& column, std::string_view parent, std::string_view text) {
  const std::string wanted = folded(text);
  if (wanted.empty()) return nullptr;
  for (const SectorColumn::Value& value : column.values) {
    if (!std::string_view{value.id}.starts_with(parent)) continue;
    const std::string_view own = std::string_view{value.id}.substr(parent.size());
    if (own.empty() || own.find('/') != std::string_view::npos) continue;
    const bool named =
        std::ranges::any_of(value.names, [&](const std::string& name) { return folded(name) == wanted; });
    if (folded(own) == wanted || folded(value.title) == wanted || named) return &value;
  }
  return nullptr;
}

SectorMatch in_column(const Sectors& sectors, const SectorColumn& column, std::string_view sector,
                      std::string_view subsector) {
  SectorMatch out;
  const SectorColumn::Value* value = value_of(column, "", sector);
  if (value == nullptr) return out;
  if (!trim(subsector).empty()) {
    const SectorColumn::Value* part = value_of(column, value->id + '/', subsector);
    // Where a list has no subsectors, people say the sector twice.
    out.by_sector_only = part == nullptr && value_of(column, "", subsector) != value;
    if (part != nullptr) value = part;
  }
  out.value = value->id;
  const std::string below = value->id + '/';
  for (const Sector& one : sectors.all()) {
    if (!one.deprecated_since.empty()) continue;
    const auto words = sectors.map(one.id, column.id);
    if (std::ranges::any_of(words,
                            [&](const std::string& word) { return word == value->id || word.starts_with(below); }))
      out.sectors.push_back(&one);
  }
  return out;
}

}  // namespace

SectorMatch match_sector(const Sectors& sectors, std::string_view column_id, std::string_view sector,
                         std::string_view subsector) {
  const std::string ours = to_ascii_lower(trim(sector)), both = ours + '.' + to_ascii_lower(trim(subsector));
  if (const Sector* own = sectors.find(ours)) return {{own}, ours, false};
  SectorMatch out;
  if (const SectorColumn* column = sectors.column(column_id)) out = in_column(sectors, *column, sector, subsector);
  if (out.sectors.empty() || out.by_sector_only)
    if (const Sector* own = sectors.find(both)) return {{own}, both, false};
  return out;
}

}  // namespace nw::taxonomy
