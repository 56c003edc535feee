#include "ingest/network/protocols/base64.h"

#include <algorithm>
#include <cstdint>

#include "base/text.h"

namespace nw::network {

namespace {

// A digit, or -1.
int base64_digit(char c) noexcept {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (ascii_digit(c)) return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

// Whole groups of four, padding in the last only.
bool is_base64(std::string_view text) noexcept {
  if (text.empty() || text.size() % 4 != 0) return false;
  text.remove_suffix(text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0);
  return std::ranges::all_of(text, [](char c) { return base64_digit(c) >= 0; });
}

}  // namespace

std::string from_base64(std::string_view text) {
  std::string out;
  out.reserve(text.size() / 4 * 3 + 3);  // no copy of a secret is left behind by growing
  unsigned bits = 0, held = 0;
  for (const char c : text) {
    const int digit = base64_digit(c);
    if (digit < 0) break;
    bits = (bits << 6U | static_cast<unsigned>(digit)) & 0xffffU;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>(bits >> held & 0xffU);
  }
  return out;
}

void wipe(std::string& secret) {
  std::ranges::fill(secret, '\0');
  secret.clear();
}

std::optional<std::string> plain_user(std::string_view base64) {
  if (!is_base64(base64)) return {};
  std::string message = from_base64(base64);
  std::optional<std::string> user;
  const std::size_t first = message.find('\0'),
                    second = message.find('\0', first + (first != std::string::npos ? 1 : 0));
  const bool two = first != std::string::npos && second != std::string::npos;
  if (two && message.find('\0', second + 1) == std::string::npos && second > first + 1 && second + 1 < message.size())
    user = message.substr(first + 1, second - first - 1);
  wipe(message);
  return user;
}

}  // namespace nw::network
