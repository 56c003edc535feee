// The columns of an extended log file, W3C working draft WD-logfile-960323: which field stands where, from "#Fields:".
// Also with tabs (CloudFront) and commas (Exchange) between the columns. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/schema.h"
#include "ingest/logs/formats/web_line.h"

namespace nw::logs {

enum W3cField : std::uint8_t {
  w3c_first = kWebFields - 1,
  w3c_s_ip,
  w3c_s_port,
  w3c_src_ip,
  w3c_src_port,
  w3c_dst_ip,
  w3c_dst_port,
  w3c_action,
  w3c_blocked,
  w3c_protocol,
  w3c_r_dns,
  kW3cFields
};
std::span<const event::FieldSpec> w3c_fields();

// What is done with a column.
enum class W3cRole : std::uint8_t {
  other,  // an open field under its own name
  text,   // a declared field
  number,
  date,
  time,
  date_time,
  epoch,
  client,
  client_port,
  server,  // s-ip; of a proxy r-ip
  server_port,
  uri,
  scheme,
  stem,
  query,
  host,
  referer,
  agent,
  source,  // Windows' firewall
  source_port,
  destination,
  destination_port,
  transport,
  action,
};

struct W3cColumn {
  std::string_view name;
  W3cRole role = W3cRole::other;
  std::uint8_t field = 0;  // text, number
};

enum W3cType : std::uint8_t { w3c_webserver, w3c_proxy, w3c_firewall, w3c_plain, kW3cTypes };

class W3cLayout {
 public:
  static constexpr std::size_t kColumnsMax = 128;
  static constexpr std::size_t kBytesMax = 8192;

  W3cLayout() = default;
  W3cLayout(const W3cLayout&) = delete;  // its columns view its text
  W3cLayout& operator=(const W3cLayout&) = delete;

  // The text behind "#Fields:". False, and no columns: there is none, or more than fit.
  bool read(std::string_view fields);
  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  [[nodiscard]] std::span<const W3cColumn> columns() const noexcept { return columns_; }
  [[nodiscard]] char separator() const noexcept { return separator_; }
  [[nodiscard]] W3cType type() const noexcept { return type_; }
  // Whether dates, addresses, ports and states stand where this layout has them: for lines whose head was not seen.
  [[nodiscard]] bool fits(std::span<const std::string_view> values) const noexcept;

 private:
  std::string text_;
  std::vector<W3cColumn> columns_;  // views into text_
  char separator_ = ' ';
  W3cType type_ = w3c_plain;
};

// What IIS, HTTP.sys and Windows' firewall write when nobody told them otherwise.
std::span<const std::string_view> known_w3c_layouts();

// The values of a line; how many, or `out.size() + 1` when there are more. Quotes are taken off, not undone.
std::size_t split_w3c(std::string_view line, char separator, std::span<std::string_view> out) noexcept;

}  // namespace nw::logs
