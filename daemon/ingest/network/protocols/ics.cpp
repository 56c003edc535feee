#include "ingest/network/protocols/ics.h"

#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

using event::Value;

std::string_view to_string(IcsOperation operation) {
  static constexpr std::array<std::string_view, 13> kNames{"read",  "write",     "control",  "program",  "stop",
                                                           "start", "restart",   "time_set", "diagnose", "identify",
                                                           "file",  "subscribe", "other"};
  return kNames[static_cast<std::size_t>(operation)];
}

std::string_view to_string(IcsOutcome outcome) {
  static constexpr std::array<std::string_view, 3> kNames{"ok", "refused", "no answer"};
  return kNames[static_cast<std::size_t>(outcome)];
}

// `text` has no room.
void IcsText::cut(std::string_view text) {
  static constexpr std::string_view kCut = "...";
  cut_ = true;
  const std::size_t room = kBytesMax - kCut.size();
  if (size_ < room) text.copy(text_.data() + size_, room - size_);
  // Not within a character of UTF-8.
  std::size_t end = room;
  while (end > 0 && (static_cast<unsigned char>(end < size_ ? text_[end] : text[end - size_]) & 0xC0U) == 0x80) --end;
  kCut.copy(text_.data() + end, kCut.size());
  size_ = static_cast<std::uint8_t>(end + kCut.size());
}

void IcsText::append_octets(Bytes octets) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  for (const std::uint8_t octet : octets) {
    if (cut_) return;
    const std::array<char, 2> digits{kDigits[octet >> 4U], kDigits[octet & 15U]};
    append({digits.data(), digits.size()});
  }
}

void IcsText::append_hex(std::uint64_t number, std::size_t digits) {
  std::array<char, 16> text;
  const std::size_t size =
      static_cast<std::size_t>(std::to_chars(text.data(), text.data() + text.size(), number, 16).ptr - text.data());
  for (std::size_t zeros = size; zeros < digits; ++zeros) append('0');
  append({text.data(), size});
}

void IcsText::append_escaped(Bytes bytes) {
  TextBuffer text;
  text.append_escaped(bytes.first(std::min(bytes.size(), kBytesMax + 1)));
  append(text.view());
}

void write_ics(EventWriter& out, std::size_t first, const IcsCommand& command, std::optional<IcsOutcome> outcome,
               std::string_view reason) {
  out.set(first + kIcsOperation, Value::text(to_string(command.operation)));
  const auto set_text = [&](std::size_t field, const IcsText& text) {
    if (!text.empty() && out.wants(field)) out.set(field, Value::text(out.event().keep(text.view())));
  };
  set_text(first + kIcsTarget, command.target);
  set_text(first + kIcsValue, command.value);
  if (outcome) out.set(first + kIcsOutcome, Value::text(to_string(*outcome)));
  if (!reason.empty()) out.set(first + kIcsReason, Value::text(reason));
}

}  // namespace nw::network
