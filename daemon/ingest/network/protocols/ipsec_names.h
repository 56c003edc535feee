// Names of numbers and vendor ids in IKE. Empty when there is none.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/byte_reader.h"

namespace nw::network {

// IKEv2's and IKEv1's notifications: IANA's registries, RFC 2408 section 3.14.1.
std::string_view ike_notify_name(bool v2, std::uint16_t number) noexcept;
// Attributes of IKEv1's transforms: RFC 2409 appendix A; IKEv2 has one of them.
std::string_view ike_attribute_name(std::uint16_t number) noexcept;
// Kinds of IKEv2's transforms: ENCR, PRF, INTEG, DH, ESN.
std::string_view ike_transform_name(std::uint8_t kind) noexcept;
// What the vendor payload's octets mean; most are MD5 digests of a text.
std::string_view ike_vendor_name(Bytes id) noexcept;

}  // namespace nw::network
