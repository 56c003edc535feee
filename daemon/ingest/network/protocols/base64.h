// Base64 (RFC 4648 section 4) of one short text: credentials and tokens. For what passes by in pieces there is
// transfer_decoder.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nw::network {

// As far as `text` is Base64.
std::string from_base64(std::string_view text);
// What held a secret does not keep it.
void wipe(std::string& secret);

// The name in SASL's PLAIN (RFC 4616): Base64 of `[other name] NUL name NUL password`. Nothing unless all of it is
// there and nothing else: in half of one, or in a made-up one, the password could stand in the name's place.
std::optional<std::string> plain_user(std::string_view base64);

}  // namespace nw::network
