// What an indicator can be, and how it is shared: the words that files, events and metrics use.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace nw::context {

enum class IndicatorKind : std::uint8_t {
  domain,       // itself and what lies below it
  hostname,     // itself only
  address,      // IPv4 or IPv6
  prefix,       // a range of them
  url,          // by its parts (url.h)
  url_prefix,   // what begins so, up to a '/'
  md5,          // of files
  sha1,         //
  sha256,       //
  ja3,          // MD5 of a TLS client hello
  ja3s,         // of a server hello
  ja4,          // text: t13d1516h2_8daaf6152771_e5627efa2ab1
  cert_sha1,    // of a certificate as it was sent
  cert_sha256,  // the fingerprint that the TLS decoder gives
};
constexpr std::size_t kIndicatorKinds = 14;
constexpr std::size_t index(IndicatorKind kind) noexcept { return static_cast<std::size_t>(kind); }

std::string_view to_string(IndicatorKind kind) noexcept;
std::optional<IndicatorKind> indicator_kind(std::string_view name) noexcept;
std::array<std::string_view, kIndicatorKinds> indicator_kind_names() noexcept;
// Octets of its binary form; 0: it is text.
std::size_t fixed_size(IndicatorKind kind) noexcept;

// Both from the freest to the strictest, so that the strictest of several is their maximum. `unset`: nobody said.
enum class Tlp : std::uint8_t { unset, clear, green, amber, amber_strict, red };  // FIRST TLP 2.0
enum class Pap : std::uint8_t { unset, clear, green, amber, red };                // MISP's taxonomy PAP

// "amber+strict"; empty for `unset`.
std::string_view to_string(Tlp tlp) noexcept;
std::string_view to_string(Pap pap) noexcept;
// Letter case aside, with or without "tlp:" or "pap:" in front; `white` is the old name of `clear`.
std::optional<Tlp> parse_tlp(std::string_view text) noexcept;
std::optional<Pap> parse_pap(std::string_view text) noexcept;

}  // namespace nw::context
