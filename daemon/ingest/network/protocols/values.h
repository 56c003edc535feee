// Values that several protocols write alike. Each call costs a comparison when nobody wants the field; `field` is its
// position in the TypeSpec's fields.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

// unknown-NN
event::Value unnamed(EventWriter& out, unsigned number);
// A number's name (static), or unknown-NN when it has none.
inline event::Value named(EventWriter& out, std::string_view name, unsigned number) {
  return name.empty() ? unnamed(out, number) : event::Value::text(name);
}
// "0x0a", with `digits` at least.
event::Value hex_value(EventWriter& out, std::uint64_t number, std::size_t digits);

// Octets that people read: escaped as Zeek does.
event::Value text_value(EventWriter& out, Bytes bytes);
// The same without the zeros that fill them up. Nothing when nothing is left.
void set_text(EventWriter& out, std::size_t field, Bytes bytes);
// "00:05:3c:04:8d:59". Nothing when there are no octets.
void set_hardware(EventWriter& out, std::size_t field, Bytes bytes);
// The octets in hexadecimal.
void set_hex(EventWriter& out, std::size_t field, Bytes bytes);

// A list that grows inside an event's memory; its bound is set when it is made, what is more is left out.
class ValueList {
 public:
  void reserve(Arena& arena, std::size_t count) {
    slots_ = arena.make<event::Value>(count);
    used_ = 0;
  }
  void add(event::Value value) {
    if (used_ < slots_.size()) slots_[used_++] = value;
  }
  void add(std::uint32_t number) { add(event::Value::integer(number)); }
  [[nodiscard]] bool empty() const noexcept { return used_ == 0; }
  [[nodiscard]] std::span<const event::Value> all() const noexcept { return slots_.first(used_); }

 private:
  std::span<event::Value> slots_;
  std::size_t used_ = 0;
};

// Nothing when the list is empty. `values` live as long as the event.
inline void set_list(EventWriter& out, std::size_t field, std::span<const event::Value> values) {
  if (!values.empty()) out.set(field, event::Value::list(values));
}
// The same of values that do not: the list is copied, what they point to is not.
void set_list_copy(EventWriter& out, std::size_t field, std::span<const event::Value> values);
// One address after the other, `width` (4 or 16) octets each; a rest is left out.
void set_addresses(EventWriter& out, std::size_t field, Bytes bytes, std::size_t width);
// One number after the other, `width` (1 or 2) octets each; a rest is left out.
void set_numbers(EventWriter& out, std::size_t field, Bytes bytes, std::size_t width);

}  // namespace nw::network
