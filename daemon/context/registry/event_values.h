// What this folder reads of events of other folders.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <string_view>

#include "event/event.h"

namespace nw::context {

// Operations on a device (`ics.operation`) that only those who work on it should ask for.
inline constexpr auto kChanges =
    std::to_array<std::string_view>({"write", "control", "program", "stop", "start", "restart", "time_set"});
inline bool is_change(std::string_view operation) noexcept {
  return std::ranges::find(kChanges, operation) != kChanges.end();
}

// Empty when the event does not have it as a text.
inline std::string_view text_of(const event::Event& event, event::FieldId field) noexcept {
  const event::Value* value = event.get(field);
  return value != nullptr && value->kind() == event::Value::Kind::text ? value->as_text() : std::string_view{};
}

// An address, or a text that is one. False when it is neither.
inline bool address_of(const event::Event& event, event::FieldId field, IpAddress& out) noexcept {
  const event::Value* value = event.get(field);
  if (value == nullptr) return false;
  if (value->kind() == event::Value::Kind::text) return IpAddress::parse_into(value->as_text(), out);
  if (value->kind() != event::Value::Kind::address) return false;
  out = value->as_address();
  return true;
}

}  // namespace nw::context
