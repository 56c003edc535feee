#include "record/privacy/token.h"

#include <algorithm>

#include "base/text.h"

namespace nw::privacy {

namespace {

constexpr std::string_view kScheme = "tok:e", kLabel = "normwatch-token/v1";
constexpr std::uint8_t kZero[1] = {0};

Error malformed(std::string_view text, std::string_view what) {
  return Error{Errc::malformed, "'" + printable(text, 80) + "' is no token: " + std::string{what}};
}

int hex_digit(char c) noexcept {
  if (ascii_digit(c)) return c - '0';
  const char lower = ascii_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string phone(std::string_view value) {
  std::string digits;
  const std::size_t first = value.find_first_not_of(" \t(");
  const bool plus = first != std::string_view::npos && value[first] == '+';
  for (const char c : value)
    if (ascii_digit(c)) digits += c;
  if (plus) return "+" + digits;
  if (digits.starts_with("00")) return "+" + digits.substr(2);
  // No digit at all: an extension's name, as SIP has it.
  return digits.empty() ? to_ascii_lower(trim(value)) : digits;
}

std::string mail(std::string_view value) {
  const std::size_t open = value.rfind('<');
  if (open != std::string_view::npos) {
    value.remove_prefix(open + 1);
    value = value.substr(0, value.find('>'));
  }
  std::string lower = to_ascii_lower(trim(value));
  if (lower.starts_with("mailto:")) lower.erase(0, 7);
  return lower;
}

}  // namespace

std::string Token::to_string() const {
  std::string out{kScheme};
  out += epoch.to_string();
  out += ':';
  out += privacy::to_string(kind);
  out += ':';
  append_hex(value, out);
  return out;
}

Result<Token> Token::parse(std::string_view text) {
  constexpr std::size_t kEpochBytes = 7;
  if (!text.starts_with(kScheme)) return malformed(text, "it begins with tok:e and the epoch");
  std::string_view rest = text.substr(kScheme.size());
  const auto epoch = Epoch::parse(rest.substr(0, kEpochBytes));
  if (!epoch || rest.size() <= kEpochBytes || rest[kEpochBytes] != ':')
    return malformed(text, "behind tok:e stands the epoch, as in tok:e2026-01:user:...");
  rest.remove_prefix(kEpochBytes + 1);
  const std::size_t colon = rest.find(':');
  const auto kind = std::ranges::find(kTokenKinds, rest.substr(0, colon));
  if (kind == kTokenKinds.end() || colon == std::string_view::npos)
    return malformed(text, "behind the epoch stands what it is the token of, as in user, mac or domain");
  Token out{*epoch, static_cast<TokenKind>(kind - kTokenKinds.begin()), {}};
  if (!read_hex(rest.substr(colon + 1), out.value)) return malformed(text, "it ends with 32 hex digits in lower case");
  return out;
}

bool read_mac(std::string_view text, std::string& bytes) {
  constexpr std::size_t kLongest = 8 * 3 - 1;
  bytes.clear();
  if (text.size() > kLongest) return false;
  int high = -1;
  char separator = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int digit = hex_digit(text[i]);
    if (digit < 0) {
      // The same between all, between whole bytes, and neither first nor last.
      if ((text[i] != ':' && text[i] != '-' && text[i] != '.') || high >= 0 || bytes.empty() || i + 1 == text.size())
        return false;
      if (separator != 0 && separator != text[i]) return false;
      if (hex_digit(text[i - 1]) < 0) return false;
      separator = text[i];
    } else if (high < 0) {
      high = digit;
    } else {
      bytes += static_cast<char>(high << 4 | digit);
      high = -1;
    }
  }
  return high < 0 && (bytes.size() == 6 || bytes.size() == 8);
}

std::string normalised(TokenKind kind, std::string_view value) {
  switch (kind) {
    case TokenKind::user: return to_ascii_lower(trim(value));
    case TokenKind::mail: return mail(value);
    case TokenKind::phone: return phone(value);
    case TokenKind::mac: {
      std::string bytes;
      return read_mac(trim(value), bytes) ? bytes : to_ascii_lower(trim(value));
    }
    case TokenKind::host:
    case TokenKind::domain: {
      std::string name = to_ascii_lower(trim(value));
      if (name.size() > 1 && name.ends_with('.')) name.pop_back();
      return name;
    }
    case TokenKind::ip:
    case TokenKind::url:
    case TokenKind::text: break;
  }
  return std::string{value};
}

Tokens::Tokens(const Key32& key, Epoch epoch) : hmac_{key.bytes()}, epoch_{epoch} {}

Token Tokens::make(TokenKind kind, Bytes value) const {
  const Digest digest = hmac_.of({bytes_of(kLabel), kZero, bytes_of(privacy::to_string(kind)), kZero, value});
  Token out{epoch_, kind, {}};
  std::copy_n(digest.begin(), Token::kBytes, out.value.begin());
  return out;
}

Token Tokens::of(TokenKind kind, std::string_view value) const {
  IpAddress address;
  if (kind == TokenKind::ip && IpAddress::parse_into(value, address)) return of(address);
  const std::string text = normalised(kind, value);
  return make(kind, bytes_of(text));
}

Token Tokens::of(const IpAddress& address) const { return make(TokenKind::ip, address.bytes()); }

}  // namespace nw::privacy
