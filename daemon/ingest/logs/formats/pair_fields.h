// The pairs of a line against the fields that a format declares: one look-up per pair, and what a reader must know
// before its event begins. Pure; built once per reader, nothing is allocated per line.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "ingest/logs/formats/field_values.h"
#include "ingest/logs/formats/key_values.h"

namespace nw::logs {

// What a key says to us, whatever a format calls it. Where two keys serve, the second stands in when the first is
// empty.
enum class Role : std::uint8_t {
  none,
  orig_h,
  orig_h_second,
  orig_p,
  resp_h,
  resp_p,
  proto,
  host,
  host_second,
  action,
  time,
  time_second,
  time_third,
  date,
  clock,
  zone,
  type,
  subtype,
  kCount,
};
struct RoleName {
  std::string_view key;
  Role role;
};

class PairFields {
 public:
  PairFields(std::span<const event::FieldSpec> fields, std::span<const RoleName> roles);

  struct Field {
    static constexpr std::uint16_t kUndeclared = 0xffff;
    std::string_view name;
    std::uint16_t local = kUndeclared;  // position in the TypeSpec's fields
    FieldKind kind = FieldKind::text;
    Role role = Role::none;
  };
  // Null: neither a declared field nor a role. Valid as long as this.
  [[nodiscard]] const Field* find(std::string_view name) const noexcept;

  // Looks at every pair; what it tells holds until the next call. Of two values for one role the last counts, as of two
  // for one field; an empty one says nothing.
  void note(std::span<const KeyValue> pairs) noexcept;
  // As it stands in the line.
  [[nodiscard]] std::string_view said(Role role) const noexcept { return said_[static_cast<std::size_t>(role)]; }
  [[nodiscard]] std::string_view said(Role role, Role second) const noexcept {
    return said(role).empty() ? said(second) : said(role);
  }
  [[nodiscard]] Ends ends() const noexcept {
    return {said(Role::orig_h, Role::orig_h_second), said(Role::orig_p), said(Role::resp_h), said(Role::resp_p),
            said(Role::proto)};
  }
  // Of the i-th pair; null as find().
  [[nodiscard]] const Field* field(std::size_t i) const noexcept { return fields_[i]; }

 private:
  std::vector<Field> cells_;  // open addressing; a power of two; an empty name: free
  std::array<std::string_view, static_cast<std::size_t>(Role::kCount)> said_;
  std::array<const Field*, KeyValues::kPairsMax> fields_{};
};

}  // namespace nw::logs
