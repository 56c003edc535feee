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

namespace {

constexpr std::string_view kCut = "...";

}  // namespace

std::uint32_t IcsWhole::begin(std::string_view first, std::string_view text) {
  text_.assign(first);
  cut_ = false;
  append(++turn_, text);
  return turn_;
}

void IcsWhole::append(std::uint32_t turn, std::string_view text) {
  if (full(turn)) return;
  cut_ = text.size() > kBytesMax - text_.size();
  text_ += text.substr(0, kBytesMax - text_.size());
  if (cut_) text_ += kCut;
}

// `text` has no room.
void IcsText::cut(std::string_view text) {
  if (whole_ != nullptr) turn_ = whole_->begin(view(), text);
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
    if (full()) return;
    const std::array<char, 2> digits{kDigits[octet >> 4U], kDigits[octet & 15U]};
    append({digits.data(), digits.size()});
  }
}

void IcsText::append_hex(std::uint64_t number, std::size_t digits) {
  std::array<char, kHexDigitsMax> text;
  append(hex_digits(number, digits, text));
}

void IcsText::append_escaped(Bytes bytes) {
  if (whole_ == nullptr) bytes = bytes.first(std::min(bytes.size(), kBytesMax + 1));
  if (plain_ascii(bytes) == bytes.size()) return append({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  TextBuffer text;
  text.append_escaped(bytes);
  append(text.view());
}

void write_ics(EventWriter& out, std::size_t first, IcsOperation operation, std::string_view target,
               std::string_view value, std::optional<IcsOutcome> outcome, std::string_view reason) {
  out.set(first + kIcsOperation, Value::text(to_string(operation)));
  if (!target.empty()) out.set(first + kIcsTarget, Value::text(target));
  if (!value.empty()) out.set(first + kIcsValue, Value::text(value));
  if (outcome) out.set(first + kIcsOutcome, Value::text(to_string(*outcome)));
  if (!reason.empty()) out.set(first + kIcsReason, Value::text(reason));
}

void keep_whole(IcsText& target, IcsText& value, Context& context, std::size_t type, std::size_t first) {
  if (context.wants(type, first + kIcsAllTargets)) target.keep_whole(context.ics_wholes().target);
  if (context.wants(type, first + kIcsAllValues)) value.keep_whole(context.ics_wholes().value);
}

void write_whole(EventWriter& out, std::size_t first, const IcsCommand& command) {
  if (command.operation != IcsOperation::write && command.operation != IcsOperation::control) return;
  if (const std::string_view all = command.target.whole(); !all.empty())
    out.set(first + kIcsAllTargets, Value::text(all));
  if (const std::string_view all = command.value.whole(); !all.empty())
    out.set(first + kIcsAllValues, Value::text(all));
}

void write_ics(EventWriter& out, std::size_t first, const IcsCommand& command, std::optional<IcsOutcome> outcome,
               std::string_view reason) {
  write_ics(out, first, command.operation, command.target.view(), command.value.view(), outcome, reason);
  if (!outcome) write_whole(out, first, command);
}

void write_ics(EventWriter& out, std::size_t first, IcsCommand&& command, std::optional<IcsOutcome> outcome,
               std::string_view reason) {
  event::Event& event = out.event();
  write_ics(out, first, command.operation, event.keep(command.target.view()), event.keep(command.value.view()), outcome,
            reason);
  if (!outcome) write_whole(out, first, command);
}

}  // namespace nw::network
