// What a domain name looks like: its labels decoded, letters of other alphabets and digits as the Latin letters that
// they are taken for. Two names with one skeleton cannot be told apart at a glance.
#pragma once

#include <string>
#include <string_view>

namespace nw::context {

constexpr std::size_t kDomainBytesMax = 253;  // RFC 1035, 2.3.4, as text

// An internationalised label without its "xn--" (RFC 3492), as UTF-8. False: it is none.
bool decode_punycode(std::string_view label, std::string& out);

// `name` is in small letters, without a dot at its end; of at most kDomainBytesMax bytes. `out` is emptied first: a-z,
// '-', '.', and '?' for a character that no Latin letter resembles.
void skeleton_of(std::string_view name, std::string& out);

}  // namespace nw::context
