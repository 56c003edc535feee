// Small readers that the formats of Linux's own messages share. Pure; what they return views into the line. Inner to
// this folder.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/text.h"
#include "event/value.h"
#include "ingest/logs/formats/message.h"

namespace nw::logs {

// Consumes `prefix`, or leaves `text` as it was.
inline bool take(std::string_view& text, std::string_view prefix) noexcept {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

inline bool take_end(std::string_view& text, std::string_view suffix) noexcept {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

inline void skip_spaces(std::string_view& text) noexcept {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
}

inline void drop_spaces_at_end(std::string_view& text) noexcept {
  while (!text.empty() && ascii_space(text.back())) text.remove_suffix(1);
}

// Up to the next space, which stays; consumed.
inline std::string_view take_word(std::string_view& text) noexcept {
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

// All of `text` as decimal digits, with a '-' or without. Not "007": what begins with a zero is a mode, or a name.
inline bool parse_integer(std::string_view text, std::int64_t& out) noexcept {
  if (text.empty() || text.size() > 20) return false;
  const std::size_t first = text.front() == '-' ? 1 : 0;
  if (text.size() == first || (text[first] == '0' && text.size() != 1)) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

// `text` as a port, 0 to 65535; -1 when it is none.
inline std::int64_t parse_port(std::string_view text) noexcept {
  std::int64_t port = 0;
  return parse_integer(text, port) && port >= 0 && port <= 65'535 ? port : -1;
}

inline event::Value integer_or_text(std::string_view text) noexcept {
  std::int64_t number = 0;
  return parse_integer(text, number) ? event::Value::integer(number) : event::Value::text(text);
}

// The address that a host is written as: also in brackets, and with the zone of an interface, which is no part of it.
inline bool parse_address(std::string_view host, IpAddress& out) noexcept {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  host = host.substr(0, host.find('%'));
  return IpAddress::parse_into(host, out);
}

inline event::Value address_or_text(std::string_view host) noexcept {
  IpAddress address;
  return parse_address(host, address) ? event::Value::address(address) : event::Value::text(host);
}

inline void set_common(MessageWriter& writer, event::Common field, const event::Value& value) {
  writer.event().set(event::common(field), value);
}

inline void set_text(MessageWriter& writer, std::size_t local, std::string_view text) {
  if (!text.empty()) writer.set(local, event::Value::text(text));
}

// What the kernel's own log sets before a message: "[   12.345678] ", and who wrote it: "[T1] ".
inline void skip_kernel_time(std::string_view& text) noexcept {
  if (!text.starts_with('[')) return;
  std::size_t at = 1;
  while (at < text.size() && text[at] == ' ') ++at;
  const std::size_t digits = at;
  while (at < text.size() && (ascii_digit(text[at]) || text[at] == '.')) ++at;
  if (at == digits || at >= text.size() || text[at] != ']') return;
  text.remove_prefix(at + 1);
  if (text.starts_with("[ ") || text.starts_with("[T") || text.starts_with("[C"))
    if (const auto close = text.find(']'); close < 16) text.remove_prefix(close + 1);
  skip_spaces(text);
}

// Solaris sets "[ID 800047 auth.info] " before each message.
inline void skip_message_id(std::string_view& text) noexcept {
  if (!text.starts_with("[ID ")) return;
  if (const auto close = text.find("] "); close < 48) text.remove_prefix(close + 2);
}

// "sshd" of "/usr/sbin/sshd(pam_unix)".
inline std::string_view program_name(std::string_view program) noexcept {
  program = program.substr(0, program.find('('));
  if (const auto slash = program.rfind('/'); slash != std::string_view::npos) program.remove_prefix(slash + 1);
  return program;
}

// One table of fields after another.
template <std::size_t A, std::size_t B>
constexpr std::array<event::FieldSpec, A + B> join_fields(const std::array<event::FieldSpec, A>& a,
                                                          const std::array<event::FieldSpec, B>& b) {
  std::array<event::FieldSpec, A + B> out{};
  for (std::size_t i = 0; i < A; ++i) out[i] = a[i];
  for (std::size_t i = 0; i < B; ++i) out[A + i] = b[i];
  return out;
}

}  // namespace nw::logs
