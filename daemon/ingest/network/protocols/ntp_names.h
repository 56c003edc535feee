// What ntpd's tools call the numbers of control and private messages.
#pragma once

#include <string_view>

namespace nw::network {

// Control messages: RFC 9327 section 2. Empty when the number has no name.
std::string_view ntp_operation_name(unsigned code);
// Private messages: REQ_* of ntpd's ntp_request.h. Empty when the number has no name.
std::string_view ntp_request_name(unsigned code);

}  // namespace nw::network
