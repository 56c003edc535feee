// An indicator's value in the one form in which it is kept and looked up: names in lower case without the last dot,
// addresses and digests in binary, URLs by url.h.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/ip.h"
#include "context/indicators/kind.h"
#include "context/indicators/refusal.h"

namespace nw::context {

constexpr std::size_t kDomainBytesMax = 253;  // RFC 1035 section 2.3.4, as text
constexpr std::size_t kValueBytesMax = 2048;

// A value's form; of fixed size, so that look-ups allocate nothing.
class IndicatorKey {
 public:
  [[nodiscard]] std::string_view view() const noexcept { return {bytes_.data(), size_}; }
  void clear() noexcept { size_ = 0; }
  // False: it does not fit.
  bool add(char c) noexcept {
    if (size_ == bytes_.size()) return false;
    bytes_[size_++] = c;
    return true;
  }
  bool add(std::string_view text) noexcept;
  void cut(std::size_t size) noexcept { size_ = size; }  // to the first `size`

 private:
  std::array<char, kValueBytesMax> bytes_;
  std::size_t size_ = 0;
};

// A host name: letters, digits, '-', '_'; labels of 1 to 63; one dot may end it. False: it is none.
bool name_key(std::string_view text, IndicatorKey& out) noexcept;
// 4 or 16 octets.
void address_key(const IpAddress& address, IndicatorKey& out) noexcept;
// Length in the 128-bit form, then 16 octets.
void prefix_key(const IpPrefix& prefix, IndicatorKey& out) noexcept;
IpPrefix prefix_of(std::string_view key) noexcept;
// Hexadecimal of exactly this many octets; ':' between them is passed over (fingerprints are written so).
bool digest_key(std::string_view text, std::size_t octets, IndicatorKey& out) noexcept;
// JA4: 10 characters, '_', 12, '_', 12; lower case.
bool ja4_key(std::string_view text, IndicatorKey& out) noexcept;

// What a file says, as `kind`. An address with a length is a prefix and a full-length prefix an address, a domain that
// is an address is one, an URL that ends with '*' is a prefix of URLs: so `kind` may change.
Refusal indicator_key(IndicatorKind& kind, std::string_view text, IndicatorKey& out);
// What a value that nobody explains looks like.
std::optional<IndicatorKind> guess_kind(std::string_view text);
// Back to text: "192.0.2.0/24", hexadecimal, names and URLs as they are.
std::string indicator_text(IndicatorKind kind, std::string_view key);

// Values that were written so that nobody follows them by accident: hxxp://example[.]org, example(dot)org.
std::string refang(std::string_view text);

}  // namespace nw::context
