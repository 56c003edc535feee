// Names of persons and things as keyed tokens: HMAC-SHA-256, cut to 16 bytes, over "normwatch-token/v1", the kind and
// the value, with a zero byte between them. The same name has the same token within an operator's epoch, so that it can
// be counted and followed; who has the key can try names, nobody can turn one back.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ip.h"
#include "base/result.h"
#include "record/privacy/forms.h"
#include "record/privacy/kdf.h"

namespace nw::privacy {

enum class TokenKind : std::uint8_t { ip, user, mail, phone, mac, host, domain, url, text };
inline constexpr std::array<std::string_view, 9> kTokenKinds{"ip",   "user",   "mail", "phone", "mac",
                                                             "host", "domain", "url",  "text"};
constexpr std::string_view to_string(TokenKind kind) noexcept { return kTokenKinds[static_cast<std::size_t>(kind)]; }

struct Token {
  static constexpr std::size_t kBytes = 16;
  Epoch epoch;
  TokenKind kind = TokenKind::text;
  std::array<std::uint8_t, kBytes> value{};

  // "tok:e2026-01:user:<32 hex digits>"
  [[nodiscard]] std::string to_string() const;
  // Takes only what to_string() writes. `malformed` says which part is wrong.
  static Result<Token> parse(std::string_view text);
  friend bool operator==(const Token&, const Token&) noexcept = default;
};

// What two writings of one thing have in common, so that they have one token. ASCII letters become small; beyond that:
//   user    spaces around it go
//   mail    "mailto:", angle brackets and a display name before them go
//   phone   digits alone; "+" and a leading "00" are the same
//   mac     six or eight bytes, whatever stands between them, as their bytes; anything else as text
//   host, domain   the dot at the end goes
//   ip, url, text  as they are (an address that can be read goes through Tokens::of(IpAddress))
[[nodiscard]] std::string normalised(TokenKind kind, std::string_view value);

// "aa:bb:cc:dd:ee:ff", "AA-BB-...", "aabb.ccdd.eeff" or hex digits alone; six bytes, or the eight of EUI-64.
[[nodiscard]] bool read_mac(std::string_view text, std::string& bytes);

// The tokens of one epoch. Immutable: any thread.
class Tokens {
 public:
  explicit Tokens(const EpochKeys& keys) : Tokens{keys.token, keys.epoch} {}
  Tokens(const Key32& key, Epoch epoch);
  // The value is normalised first.
  [[nodiscard]] Token of(TokenKind kind, std::string_view value) const;
  [[nodiscard]] Token of(const IpAddress& address) const;
  [[nodiscard]] Epoch epoch() const noexcept { return epoch_; }

 private:
  [[nodiscard]] Token make(TokenKind kind, Bytes value) const;
  Hmac hmac_;
  Epoch epoch_;
};

}  // namespace nw::privacy
