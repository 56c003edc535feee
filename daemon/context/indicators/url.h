// URLs in a form in which the same resource is written the same (RFC 3986 section 6.2.2).
//
//   HTTP://User@Example.ORG:80/a/../b%7e?x=%2f#top   ->   example.org/b~?x=%2F
//
// http, https and a missing scheme are one, and so are their ports: a proxy's log says one, the wire the other. Any
// other scheme stays in front, any other port behind the host. Query kept, fragment and user left out.
#pragma once

#include <string_view>

#include "context/indicators/value.h"

namespace nw::context {

// False: it has no host, or is longer than kValueBytesMax.
bool url_key(std::string_view url, IndicatorKey& out) noexcept;
// The same from its parts, as events of HTTP have them: "example.org:8080" and "/a?b".
bool url_key(std::string_view authority, std::string_view path, IndicatorKey& out) noexcept;
// The host in a form that url_key() made, without scheme and port.
std::string_view host_of_url(std::string_view key) noexcept;

}  // namespace nw::context
