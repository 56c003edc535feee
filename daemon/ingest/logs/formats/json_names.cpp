#include "ingest/logs/formats/json_names.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/check.h"

namespace nw::logs {

namespace {

constexpr std::array<std::string_view, 4> kTimeNames{"ts", "timestamp", "@timestamp", "time"};
// Names that hold one address wherever they occur: compared as addresses, not as text.
constexpr std::array<std::string_view, 5> kAddressNames{"dest_ip", "dst_ip", "id.orig_h", "id.resp_h", "src_ip"};

bool names_address(std::string_view name) { return std::ranges::find(kAddressNames, name) != kAddressNames.end(); }

}  // namespace

std::uint32_t JsonNames::add_table() {
  tables_.emplace_back();
  return static_cast<std::uint32_t>(tables_.size() - 1);
}

// The table for what lies below `prefix`, reached in every way that its parts can be joined or nested.
std::uint32_t JsonNames::below(std::uint32_t root, std::string_view prefix) {
  const auto key = std::pair{root, std::string{prefix}};
  if (const auto found = below_.find(key); found != below_.end()) return found->second;
  const std::uint32_t made = add_table();
  below_.emplace(key, made);
  if (prefix.ends_with(".*")) {
    tables_[below(root, prefix.substr(0, prefix.size() - 2))].any = made;
  } else {
    place(root, prefix, [made](JsonSlot& slot) { slot.child = made; });
  }
  return made;
}

// Changes the slot of `path` wherever it can stand: "a.b.c" as one name, `c` below "a.b", and "b.c" below `a`.
template <class Change>
void JsonNames::place(std::uint32_t root, std::string_view path, const Change& change) {
  change(tables_[root].building[std::string{path}]);
  // Deeper than the reader goes there is only the joined name.
  if (static_cast<std::size_t>(std::ranges::count(path, '.')) >= kMappingPartsMax) return;
  for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
    const std::uint32_t table = below(root, path.substr(0, dot));
    change(tables_[table].building[std::string{path.substr(dot + 1)}]);
  }
}

void JsonNames::add_fields(const event::Schema& schema, const event::Interest& interest,
                           std::span<const event::TypeId> types, std::string_view host_field) {
  wanted_.assign(schema.field_count(), false);
  bool any = false;
  for (const event::TypeId type : types) {
    if (!interest.wants(type)) continue;
    any = true;
    for (std::size_t i = 0; i < schema.field_count(); ++i)
      if (interest.wants(type, static_cast<event::FieldId>(i))) wanted_[i] = true;
    // A value may come under the name that rules use, though the type has another for it.
    for (const event::FieldAlias& alias : schema.type(type).aliases)
      if (interest.wants(type, alias.carried)) wanted_[event::index(alias.named)] = true;
  }
  if (any) std::fill_n(wanted_.begin(), event::common_fields().size(), true);
  if (const auto host = schema.find_field(host_field); any && host) wanted_[event::index(*host)] = true;
  for (std::size_t i = 0; i < wanted_.size(); ++i) {
    if (!wanted_[i]) continue;
    const auto field = static_cast<event::FieldId>(i);
    const std::string_view name = schema.field_name(field);
    const bool address = names_address(name);
    for (const std::uint32_t root : {kRoot, kFields})
      place(root, name, [&](JsonSlot& slot) {
        slot.field = field;
        slot.address = address;
      });
  }
}

void JsonNames::add_mapping(const event::Schema& schema, const Mapping& mapping) {
  drop_spaces_ = mapping.drop_spaces;
  for (const Mapping::Field& field : mapping.fields) {
    const auto id = schema.find_field(field.name);
    const bool wanted = id && wanted_[event::index(*id)];
    for (std::size_t i = 0; i < field.spellings.size(); ++i)
      place(kRoot, field.spellings[i], [&](JsonSlot& slot) {
        slot.field = wanted ? *id : event::kNoField;
        slot.rank = static_cast<std::uint8_t>(std::min<std::size_t>(i + 1, 100));
        slot.address = names_address(field.name);
      });
  }
  for (std::size_t decider = 0; decider < mapping.by.size(); ++decider) {
    const auto mark = [&](JsonSlot& slot) { slot.decider = static_cast<std::uint8_t>(decider + 1); };
    place(kRoot, mapping.by[decider], mark);
    for (const Mapping::Field& field : mapping.fields)
      if (field.name == mapping.by[decider])
        for (const std::string& spelling : field.spellings) place(kRoot, spelling, mark);
  }
  for (const std::string& prefix : mapping.below) {
    Table& table = tables_[below(kRoot, prefix)];
    table.fallback = kFields;
    table.anew = true;
  }
  for (const std::string& list : mapping.pairs.lists) {
    const std::string_view last = std::string_view{list}.substr(list.rfind('.') + 1);
    const auto id = schema.find_field(last);
    const bool wanted = id && wanted_[event::index(*id)];
    place(kRoot, list, [&](JsonSlot& slot) {
      slot.pairs = true;
      if (wanted) slot.field = *id;  // elements without a name
    });
  }
  for (const std::string& name : mapping.pairs.names)
    place(kPair, name, [](JsonSlot& slot) { slot.role = JsonSlot::Role::pair_name; });
  for (const std::string& value : mapping.pairs.values)
    place(kPair, value, [](JsonSlot& slot) { slot.role = JsonSlot::Role::pair_value; });
}

void JsonNames::seal() {
  for (Table& table : tables_) {
    table.cells.assign(std::bit_ceil(2 * table.building.size() + 2), {});
    for (auto& [name, slot] : table.building) {
      backslashes_ = backslashes_ || name.find('\\') != std::string::npos;
      const std::uint32_t hashed = hash(name);
      std::size_t i = hashed & (table.cells.size() - 1);
      while (table.cells[i].entry != 0) i = (i + 1) & (table.cells.size() - 1);
      entries_.push_back({name, slot});
      table.cells[i] = {hashed, static_cast<std::uint32_t>(entries_.size())};
    }
    table.building.clear();
  }
  below_.clear();
}

void JsonNames::build(const event::Schema& schema, const event::Interest& interest,
                      std::span<const event::TypeId> types, const Mapping* mapping, const std::string& time_field) {
  tables_.clear();
  entries_.clear();
  drop_spaces_ = backslashes_ = false;
  for (const std::uint32_t table : {kRoot, kFields, kPair}) NW_CHECK(add_table() == table);
  if (std::ranges::any_of(types, [&](event::TypeId type) { return interest.wants(type); })) {
    add_fields(schema, interest, types, mapping == nullptr ? std::string_view{} : mapping->host);
    if (mapping != nullptr) add_mapping(schema, *mapping);
    std::vector<std::string> times{kTimeNames.begin(), kTimeNames.end()};
    if (mapping != nullptr && !mapping->times.empty()) times = mapping->times;
    if (!time_field.empty()) times = {time_field};
    for (std::size_t i = 0; i < std::min(times.size(), kTimesMax); ++i)
      place(kRoot, times[i], [i](JsonSlot& slot) { slot.time_rank = static_cast<std::uint8_t>(i + 1); });
  }
  seal();
}

const JsonSlot* JsonNames::find_parts(std::uint32_t table, std::string_view key) const noexcept {
  if (const JsonSlot* const slot = find(table, key)) return slot;
  for (std::size_t dot = key.find('.'); dot != std::string_view::npos; dot = key.find('.', dot + 1)) {
    const JsonSlot* const outer = find(table, key.substr(0, dot));
    if (outer == nullptr || outer->child == JsonSlot::kNoTable) continue;
    if (const JsonSlot* const slot = find(outer->child, key.substr(dot + 1))) return slot;
  }
  return nullptr;
}

}  // namespace nw::logs
