#include "ingest/network/protocols/values.h"

#include <algorithm>

#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

using event::Value;

Value named(EventWriter& out, std::string_view name, unsigned number) {
  if (!name.empty()) return Value::text(name);
  TextBuffer text;
  text.append("unknown-");
  text.append_number(number);
  return Value::text(out.event().keep(text.view()));
}

Value text_value(EventWriter& out, Bytes bytes) {
  TextBuffer text;
  text.append_escaped(bytes);
  return Value::text(out.event().keep(text.view()));
}

void set_text(EventWriter& out, std::size_t field, Bytes bytes) {
  while (!bytes.empty() && bytes.back() == 0) bytes = bytes.first(bytes.size() - 1);
  if (!bytes.empty() && out.wants(field)) out.set(field, text_value(out, bytes));
}

void set_hardware(EventWriter& out, std::size_t field, Bytes bytes) {
  if (bytes.empty() || !out.wants(field)) return;
  TextBuffer text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i != 0) text.append(':');
    text.append_hex(bytes.subspan(i, 1));
  }
  out.set(field, Value::text(out.event().keep(text.view())));
}

void set_hex(EventWriter& out, std::size_t field, Bytes bytes) {
  if (bytes.empty() || !out.wants(field)) return;
  TextBuffer text;
  text.append_hex(bytes);
  out.set(field, Value::text(out.event().keep(text.view())));
}

void set_list(EventWriter& out, std::size_t field, std::span<const Value> values) {
  if (!values.empty()) out.set(field, Value::list(values));
}

void set_list_copy(EventWriter& out, std::size_t field, std::span<const Value> values) {
  if (values.empty() || !out.wants(field)) return;
  const std::span<Value> kept = out.event().arena().make<Value>(values.size());
  std::copy_n(values.begin(), kept.size(), kept.begin());
  set_list(out, field, kept);
}

void set_addresses(EventWriter& out, std::size_t field, Bytes bytes, std::size_t width) {
  if (!out.wants(field)) return;
  const std::span<Value> values = out.event().arena().make<Value>(bytes.size() / width);
  ByteReader reader{bytes};
  for (Value& value : values) value = Value::address(IpAddress::from_bytes(reader.bytes(width)));
  set_list(out, field, values);
}

void set_numbers(EventWriter& out, std::size_t field, Bytes bytes, std::size_t width) {
  if (!out.wants(field)) return;
  const std::span<Value> values = out.event().arena().make<Value>(bytes.size() / width);
  ByteReader reader{bytes};
  for (Value& value : values) value = Value::integer(width == 1 ? reader.u8() : reader.u16be());
  set_list(out, field, values);
}

}  // namespace nw::network
