#include "ingest/logs/formats/w3c_layout.h"

#include <algorithm>

#include "base/ip.h"
#include "base/text.h"
#include "ingest/logs/formats/line_scan.h"

namespace nw::logs {

namespace {

struct Known {
  std::string_view name;
  W3cRole role;
  std::uint8_t field = 0;
};
constexpr auto kKnown = std::to_array<Known>({
    {"action", W3cRole::action},
    {"c-ip", W3cRole::client},
    {"c-port", W3cRole::client_port},
    {"cs(Cookie)", W3cRole::text, web_cs_cookie},
    {"cs(Host)", W3cRole::host},
    {"cs(Referer)", W3cRole::referer},
    {"cs(User-Agent)", W3cRole::agent},
    {"cs-bytes", W3cRole::number, web_cs_bytes},
    {"cs-host", W3cRole::host},
    {"cs-method", W3cRole::text, web_cs_method},
    {"cs-uri", W3cRole::uri},
    {"cs-uri-extension", W3cRole::text, web_c_uri_extension},
    {"cs-uri-path", W3cRole::stem},
    {"cs-uri-query", W3cRole::query},
    {"cs-uri-scheme", W3cRole::scheme},
    {"cs-uri-stem", W3cRole::stem},
    {"cs-username", W3cRole::text, web_cs_username},
    {"cs-version", W3cRole::text, web_cs_version},
    {"date", W3cRole::date},
    {"date-time", W3cRole::date_time},
    {"dst-ip", W3cRole::destination},
    {"dst-port", W3cRole::destination_port},
    {"protocol", W3cRole::transport},
    {"r-dns", W3cRole::text, w3c_r_dns},
    {"r-ip", W3cRole::server},
    {"r-port", W3cRole::server_port},
    {"s-ip", W3cRole::server},
    {"s-port", W3cRole::server_port},
    {"sc-bytes", W3cRole::number, web_sc_bytes},
    {"sc-status", W3cRole::number, web_sc_status},
    {"src-ip", W3cRole::source},
    {"src-port", W3cRole::source_port},
    {"time", W3cRole::time},
    {"timestamp", W3cRole::epoch},
});
static_assert(std::ranges::is_sorted(kKnown, {}, &Known::name));

// Columns that only proxies write.
constexpr auto kOfProxies = std::to_array<std::string_view>({"cs-auth-group", "cs-categories", "cs-uri-scheme", "r-dns",
                                                             "r-ip", "r-supplier-ip", "s-action", "s-hierarchy",
                                                             "s-supplier-name", "sc-filter-result", "x-exception-id"});
static_assert(std::ranges::is_sorted(kOfProxies));

bool address_or_dash(std::string_view text) noexcept {
  IpAddress address;
  return text == "-" || IpAddress::parse_into(text, address);
}

bool number_or_dash(std::string_view text) noexcept {
  std::int64_t number = 0;
  return text == "-" || parse_digits(text, number);
}

}  // namespace

std::span<const event::FieldSpec> w3c_fields() {
  static const auto all = [] {
    std::array<event::FieldSpec, kW3cFields> out{};
    std::ranges::copy(kWebFieldSpecs, out.begin());
    out[w3c_s_ip] = {"s-ip", "address", "the server"};
    out[w3c_s_port] = {"s-port", "integer", "the server's port"};
    out[w3c_src_ip] = {"src_ip", "address", "who sent the packet or the request"};
    out[w3c_src_port] = {"src_port", "integer", ""};
    out[w3c_dst_ip] = {"dst_ip", "address", "to whom"};
    out[w3c_dst_port] = {"dst_port", "integer", ""};
    out[w3c_action] = {"action", "text", "Windows' firewall: ALLOW, DROP; others' own"};
    out[w3c_blocked] = {"blocked", "boolean", "Windows' firewall dropped it"};
    out[w3c_protocol] = {"protocol", "text", "TCP, UDP, ICMP or a number"};
    out[w3c_r_dns] = {"r-dns", "text", "proxies: the server's name"};
    return out;
  }();
  return all;
}

bool W3cLayout::read(std::string_view fields) {
  columns_.clear();
  text_.clear();
  if (fields.size() > kBytesMax) return false;
  text_.assign(trim(fields));
  separator_ = text_.find('\t') != std::string::npos ? '\t' : text_.find(',') != std::string::npos ? ',' : ' ';
  bool proxy = false, web = false, source = false, destination = false;
  for (std::string_view rest = text_; !rest.empty();) {
    const std::size_t end = std::min(rest.find(separator_), rest.size());
    const std::string_view name = trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (name.empty()) continue;
    if (columns_.size() == kColumnsMax) {
      columns_.clear();
      return false;
    }
    W3cColumn column{name, W3cRole::other, 0};
    const auto* const known = std::ranges::lower_bound(kKnown, name, {}, &Known::name);
    if (known != kKnown.end() && known->name == name) {
      column.role = known->role;
      column.field = known->field;
    }
    proxy = proxy || std::ranges::binary_search(kOfProxies, name);
    web = web || name == "cs-method" || column.role == W3cRole::stem || column.role == W3cRole::uri;
    source = source || column.role == W3cRole::source;
    destination = destination || column.role == W3cRole::destination;
    columns_.push_back(column);
  }
  type_ = source && destination ? w3c_firewall : proxy ? w3c_proxy : web ? w3c_webserver : w3c_plain;
  return !columns_.empty();
}

bool W3cLayout::fits(std::span<const std::string_view> values) const noexcept {
  if (values.size() != columns_.size()) return false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string_view value = values[i];
    switch (columns_[i].role) {
      case W3cRole::date:
        if (value.size() != 10 || value[4] != '-' || value[7] != '-') return false;
        break;
      case W3cRole::time:
        if (value.size() < 8 || value[2] != ':' || value[5] != ':') return false;
        break;
      case W3cRole::client:
      case W3cRole::server:
      case W3cRole::source:
      case W3cRole::destination:
        if (!address_or_dash(value)) return false;
        break;
      case W3cRole::client_port:
      case W3cRole::server_port:
      case W3cRole::source_port:
      case W3cRole::destination_port:
      case W3cRole::number:
        if (!number_or_dash(value)) return false;
        break;
      default: break;
    }
  }
  return true;
}

std::span<const std::string_view> known_w3c_layouts() {
  static constexpr auto kLayouts = std::to_array<std::string_view>(
      {"date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status "
       "sc-substatus sc-win32-status time-taken",
       "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status "
       "sc-substatus "
       "sc-win32-status time-taken",
       "date time s-sitename s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status "
       "sc-substatus sc-win32-status",
       "date time s-sitename s-computername s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs-version "
       "cs(User-Agent) cs(Cookie) cs(Referer) cs-host sc-status sc-substatus sc-win32-status sc-bytes cs-bytes "
       "time-taken",
       "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename",
       "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri streamid sc-status s-siteid s-reason s-queuename",
       "date time action protocol src-ip dst-ip src-port dst-port size tcpflags tcpsyn tcpack tcpwin icmptype icmpcode "
       "info path",
       "date time action protocol src-ip dst-ip src-port dst-port size tcpflags tcpsyn tcpack tcpwin icmptype icmpcode "
       "info path pid"});
  return kLayouts;
}

std::size_t split_w3c(std::string_view line, char separator, std::span<std::string_view> out) noexcept {
  std::size_t count = 0;
  // CloudFront writes its names with spaces between, and its values with tabs.
  if (separator == ' ' && line.find('\t') != std::string_view::npos) separator = '\t';
  while (!line.empty()) {
    if (count == out.size()) return out.size() + 1;
    std::size_t end = std::string_view::npos;
    if (line.front() == '"') {
      // A quote inside is doubled.
      std::size_t close = 1;
      for (; (close = line.find('"', close)) != std::string_view::npos; close += 2)
        if (close + 1 == line.size() || line[close + 1] != '"') break;
      if (close != std::string_view::npos && (close + 1 == line.size() || line[close + 1] == separator)) {
        out[count++] = line.substr(1, close - 1);
        end = close + 1;
      }
    }
    if (end == std::string_view::npos) {
      end = std::min(line.find(separator), line.size());
      out[count++] = line.substr(0, end);
    }
    const bool more = end < line.size();
    line.remove_prefix(std::min(end + 1, line.size()));
    // Blanks may come in rows; an empty value between commas or tabs is one.
    if (separator == ' ') skip_spaces(line);
    if (more && line.empty() && separator != ' ') {
      if (count == out.size()) return out.size() + 1;
      out[count++] = {};
    }
  }
  return count;
}

}  // namespace nw::logs
