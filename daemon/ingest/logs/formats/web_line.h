// What the logs of web servers and proxies share: the fields by the names of W3C's extended log format, which are
// Sigma's too, and how a URI fills them. Inner to this folder.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "event/event_writer.h"

namespace nw::logs {

// The first fields of every web TypeSpec, in this order.
enum WebField : std::uint8_t {
  web_c_ip,
  web_c_port,
  web_cs_username,
  web_cs_method,
  web_cs_uri,
  web_c_uri,
  web_cs_uri_stem,
  web_cs_uri_query,
  web_c_uri_query,
  web_c_uri_extension,
  web_cs_version,
  web_cs_host,
  web_cs_referer,
  web_cs_referrer,
  web_cs_user_agent,
  web_c_useragent,
  web_cs_cookie,
  web_sc_status,
  web_sc_bytes,
  web_cs_bytes,
  kWebFields
};
extern const std::array<event::FieldSpec, kWebFields> kWebFieldSpecs;

// The URI of a request line: "/a/b.php?x=1", "http://www.example.com/a", "www.example.com:443" (CONNECT).
//
// SigmaHQ's rules for web servers mean by cs-uri-query now the query, now path and query. So where there is a query the
// field is a list of both, and a rule for either matches; else it is the path.
void set_uri(event::EventWriter& writer, std::string_view uri);
// The same from a stem and a query that stand in fields of their own; empty: there is none.
void set_uri(event::EventWriter& writer, std::string_view stem, std::string_view query);

// "GET /a HTTP/1.1". False, and nothing set, when it is no request line.
bool set_request(event::EventWriter& writer, std::string_view request);

// An address as c-ip and id.orig_h; "192.0.2.1:4711" and "[2001:db8::1]:4711" with their port; else a name.
void set_client(event::EventWriter& writer, std::string_view client);

void set_referer(event::EventWriter& writer, std::string_view referer);

}  // namespace nw::logs
