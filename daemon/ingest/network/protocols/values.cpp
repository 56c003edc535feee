#include "ingest/network/protocols/values.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

using event::Value;

namespace {

// 0x00 to 0xff, one behind the other.
constexpr std::size_t kOctetText = 4;
constexpr auto kOctetTexts = [] {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, 256 * kOctetText> texts{};
  for (std::size_t i = 0; i < 256; ++i) {
    const std::array<char, kOctetText> text{'0', 'x', kDigits[i >> 4U], kDigits[i & 15U]};
    std::ranges::copy(text, texts.begin() + static_cast<std::ptrdiff_t>(i * kOctetText));
  }
  return texts;
}();

}  // namespace

Value hex_value(EventWriter& out, std::uint64_t number, std::size_t digits) {
  if (number < 256 && digits == 2) return Value::text({kOctetTexts.data() + number * kOctetText, kOctetText});
  std::array<char, 2 + kHexDigitsMax> text;
  const std::size_t size = hex_digits(number, digits, std::span{text}.last<kHexDigitsMax>()).size();
  const std::span<char> all = std::span{text}.last(2 + size);
  all[0] = '0', all[1] = 'x';
  return Value::text(out.event().keep({all.data(), all.size()}));
}

Value unnamed(EventWriter& out, unsigned number) {
  static constexpr std::string_view kUnknown = "unknown-";
  std::array<char, kUnknown.size() + 10> text;
  char* const digits = text.data() + kUnknown.copy(text.data(), kUnknown.size());
  const char* const end = std::to_chars(digits, text.data() + text.size(), number).ptr;
  return Value::text(out.event().keep({text.data(), static_cast<std::size_t>(end - text.data())}));
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
  static constexpr char kDigits[] = "0123456789abcdef";
  bytes = bytes.first(std::min(bytes.size(), TextBuffer::kBytesMax / 2));
  const std::span<char> text = out.event().arena().make<char>(2 * bytes.size());
  if (text.empty()) return;
  char* at = text.data();
  for (const std::uint8_t byte : bytes) {
    *at++ = kDigits[byte >> 4U];
    *at++ = kDigits[byte & 15U];
  }
  out.set(field, Value::text({text.data(), text.size()}));
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
