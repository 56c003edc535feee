// A pseudonym as text: "pfx:e2026-01:global4:100.115.72.131", that is scheme, epoch, class of the address behind it,
// value. Nobody takes it for an address, and whoever may reveal it knows the key that it needs. An address of a class
// that leads to nobody is only told as its class: "class:multicast".
#pragma once

#include <string>
#include <string_view>

#include "base/ip.h"
#include "base/result.h"
#include "record/privacy/address_class.h"
#include "record/privacy/kdf.h"

namespace nw::privacy {

// The longest: "pfx:e2026-01:unspecified:" and 39 characters of IPv6.
constexpr std::size_t kPseudonymBytesMax = 64;

struct Pseudonym {
  Epoch epoch;
  AddressClass kind = AddressClass::global4;
  IpAddress value;

  [[nodiscard]] std::string to_string() const;
  // Takes only what to_string() writes. `malformed` says which part is wrong.
  static Result<Pseudonym> parse(std::string_view text);
  friend bool operator==(const Pseudonym&, const Pseudonym&) noexcept = default;
};

// Whether a pseudonym or a token stands anywhere in the text. What feeds firewalls and block lists asks this and sends
// nothing of the kind: a pseudonym's value is somebody else's address.
[[nodiscard]] bool carries_pseudonym(std::string_view text) noexcept;

}  // namespace nw::privacy
