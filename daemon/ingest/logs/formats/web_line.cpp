#include "ingest/logs/formats/web_line.h"

#include <algorithm>
#include <cstring>

#include "base/ip.h"
#include "base/text.h"
#include "ingest/logs/formats/line_scan.h"

namespace nw::logs {

const std::array<event::FieldSpec, kWebFields> kWebFieldSpecs{{
    {"c-ip", "address", "the client; a name where the server writes names"},
    {"c-port", "integer", "the client's port"},
    {"cs-username", "text", "the user who was authenticated"},
    {"cs-method", "text", "GET, POST, ..."},
    {"cs-uri", "text", "what was asked for: path and query, as sent"},
    {"c-uri", "text", "the same: rules for proxies name it so"},
    {"cs-uri-stem", "text", "the path"},
    {"cs-uri-query", "list of text",
     "the query, and path with query: rules mean either; the path alone where there is no query"},
    {"c-uri-query", "text", "the query"},
    {"c-uri-extension", "text", "php, exe, ...: what ends the path"},
    {"cs-version", "text", "HTTP/1.1"},
    {"cs-host", "text", "the host that was asked for"},
    {"cs-referer", "text", ""},
    {"cs-referrer", "text", "the same: some rules spell it so"},
    {"cs-user-agent", "text", "what the client calls itself"},
    {"c-useragent", "text", "the same: rules for proxies name it so"},
    {"cs-cookie", "text", ""},
    {"sc-status", "integer", "the status of the response"},
    {"sc-bytes", "integer", "bytes of the response"},
    {"cs-bytes", "integer", "bytes of the request"},
}};

namespace {

constexpr std::size_t kMethodBytesMax = 32;

void set_text(event::EventWriter& writer, std::size_t field, std::string_view text) {
  if (!text.empty()) writer.set(field, event::Value::text(text));
}

void set_stem(event::EventWriter& writer, std::string_view stem) {
  set_text(writer, web_cs_uri_stem, stem);
  if (!writer.wants(web_c_uri_extension)) return;
  const std::size_t slash = stem.rfind('/');
  if (slash == std::string_view::npos) return;  // CONNECT's host
  const std::string_view file = stem.substr(slash + 1);
  const std::size_t dot = file.rfind('.');
  if (dot != std::string_view::npos && file.size() - dot <= 16)
    set_text(writer, web_c_uri_extension, file.substr(dot + 1));
}

void set_query(event::EventWriter& writer, std::string_view query, std::string_view whole) {
  set_text(writer, web_c_uri_query, query);
  if (!writer.wants(web_cs_uri_query)) return;
  if (query.empty() || query == whole) return set_text(writer, web_cs_uri_query, whole);
  const std::span<event::Value> list = writer.event().arena().make<event::Value>(2);
  if (list.empty()) return set_text(writer, web_cs_uri_query, whole);
  list[0] = event::Value::text(query);
  list[1] = event::Value::text(whole);
  writer.set(web_cs_uri_query, event::Value::list(list));
}

void set_whole(event::EventWriter& writer, std::string_view whole) {
  set_text(writer, web_cs_uri, whole);
  set_text(writer, web_c_uri, whole);
}

}  // namespace

void set_uri(event::EventWriter& writer, std::string_view uri) {
  set_whole(writer, uri);
  const std::size_t mark = uri.find('?');
  std::string_view stem = uri.substr(0, mark);
  // Absolute, as proxies get it (RFC 9112 section 3.2.2).
  if (const std::size_t scheme = stem.substr(0, 16).find("://"); scheme != std::string_view::npos) {
    stem.remove_prefix(scheme + 3);
    const std::size_t slash = std::min(stem.find('/'), stem.size());
    set_text(writer, web_cs_host, stem.substr(0, slash));
    stem.remove_prefix(slash);
  }
  set_stem(writer, stem);
  set_query(writer, mark == std::string_view::npos ? std::string_view{} : uri.substr(mark + 1), uri);
}

void set_uri(event::EventWriter& writer, std::string_view stem, std::string_view query) {
  set_stem(writer, stem);
  std::string_view whole = stem;
  const bool joined = writer.wants(web_cs_uri) || writer.wants(web_c_uri) || writer.wants(web_cs_uri_query);
  if (!query.empty() && joined) {
    const std::span<char> both = writer.event().arena().make<char>(stem.size() + query.size() + 1);
    if (!both.empty()) {
      std::memcpy(both.data(), stem.data(), stem.size());
      both[stem.size()] = '?';
      std::memcpy(both.data() + stem.size() + 1, query.data(), query.size());
      whole = {both.data(), both.size()};
    }
  }
  set_whole(writer, whole);
  set_query(writer, query, whole);
}

bool set_request(event::EventWriter& writer, std::string_view request) {
  const std::size_t space = request.substr(0, kMethodBytesMax).find(' ');
  if (space == std::string_view::npos || space == 0) return false;
  const std::string_view method = request.substr(0, space);
  const auto token = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || ascii_digit(c) || c == '-' || c == '_';
  };
  if (!std::all_of(method.begin(), method.end(), token)) return false;
  std::string_view uri = request.substr(space + 1);
  // A URI may hold spaces; only what stands behind the last one can be the version.
  if (const std::size_t last = uri.rfind(' ');
      last != std::string_view::npos && uri.substr(last + 1).starts_with("HTTP/")) {
    set_text(writer, web_cs_version, uri.substr(last + 1));
    uri = uri.substr(0, last);
  }
  set_text(writer, web_cs_method, method);
  if (!uri.empty()) set_uri(writer, uri);
  return true;
}

void set_client(event::EventWriter& writer, std::string_view client) {
  if (client.empty() || client == "-") return;
  IpAddress address;
  bool known = IpAddress::parse_into(client, address);
  if (!known) {
    const std::size_t colon = client.rfind(':');
    std::string_view host = client.substr(0, colon);
    std::int64_t port = 0;
    if (colon != std::string_view::npos && parse_digits(client.substr(colon + 1), port)) {
      if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
      known = IpAddress::parse_into(host, address);
      if (known) {
        writer.set(web_c_port, event::Value::integer(port));
        writer.event().set(event::common(event::Common::orig_p), event::Value::integer(port));
      }
    }
  }
  if (!known) return set_text(writer, web_c_ip, client);
  writer.set(web_c_ip, event::Value::address(address));
  writer.event().set(event::common(event::Common::orig_h), event::Value::address(address));
}

void set_referer(event::EventWriter& writer, std::string_view referer) {
  set_text(writer, web_cs_referer, referer);
  set_text(writer, web_cs_referrer, referer);
}

}  // namespace nw::logs
