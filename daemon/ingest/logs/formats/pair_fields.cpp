#include "ingest/logs/formats/pair_fields.h"

#include <bit>

#include "base/hash.h"

namespace nw::logs {

namespace {

// Field names are short and differ near their ends; weaker than hash64() and four times as fast. What a stranger can
// fill is only looked up.
std::size_t place_of(std::string_view name) noexcept {
  std::uint64_t head = 0, tail = 0;
  if (name.size() >= 8) {
    std::memcpy(&head, name.data(), 8);
    std::memcpy(&tail, name.data() + name.size() - 8, 8);
  } else {
    std::memcpy(&head, name.data(), name.size());
  }
  const std::uint64_t mixed = (head ^ std::rotl(tail, 29) ^ name.size()) * 0x9e3779b97f4a7c15ULL;
  return static_cast<std::size_t>(mixed >> 32U);
}

}  // namespace

PairFields::PairFields(std::span<const event::FieldSpec> fields, std::span<const RoleName> roles)
    : cells_(std::bit_ceil(4 * (fields.size() + roles.size()) + 1)) {
  const auto cell = [&](std::string_view name) -> Field& {
    std::size_t at = place_of(name) & (cells_.size() - 1);
    while (!cells_[at].name.empty() && cells_[at].name != name) at = (at + 1) & (cells_.size() - 1);
    cells_[at].name = name;
    return cells_[at];
  };
  for (std::size_t i = 0; i < fields.size(); ++i) {
    Field& field = cell(fields[i].name);
    field.local = static_cast<std::uint16_t>(i);
    field.kind = kind_of(fields[i].type);
  }
  for (const RoleName& name : roles) cell(name.key).role = name.role;
}

const PairFields::Field* PairFields::find(std::string_view name) const noexcept {
  for (std::size_t at = place_of(name) & (cells_.size() - 1);; at = (at + 1) & (cells_.size() - 1)) {
    const Field& cell = cells_[at];
    if (cell.name.empty()) return nullptr;
    if (cell.name == name) return &cell;
  }
}

void PairFields::note(std::span<const KeyValue> pairs) noexcept {
  said_ = {};
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    fields_[i] = find(pairs[i].key);
    if (fields_[i] != nullptr && !pairs[i].value.empty())
      said_[static_cast<std::size_t>(fields_[i]->role)] = pairs[i].value;
  }
}

}  // namespace nw::logs
