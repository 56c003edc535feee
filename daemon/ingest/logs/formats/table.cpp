// The log formats: one row here, one file beside this one; and every message format (messages.cpp).
#include "ingest/logs/formats/table.h"

#include <algorithm>

#include "base/check.h"
#include "ingest/logs/formats/message_parser.h"

namespace nw::logs {

namespace {

using SchemaPtr = std::shared_ptr<const event::Schema>;
using InterestPtr = std::shared_ptr<const event::Interest>;

void declare_flows_row(const Format&, event::Schema& schema, const FormatOptions& options) {
  declare_flows(schema, options);
}
std::unique_ptr<LineParser> make_flows_row(const Format&, SchemaPtr schema, InterestPtr interest,
                                           const FormatOptions& options) {
  return make_flows(std::move(schema), std::move(interest), options);
}

void declare_json_row(const Format&, event::Schema& schema, const FormatOptions& options) {
  declare_json(schema, options);
}
std::unique_ptr<LineParser> make_json_row(const Format&, SchemaPtr schema, InterestPtr interest,
                                          const FormatOptions& options) {
  return make_json(std::move(schema), std::move(interest), options);
}

Reading reading(const Format& format) {
  const MessageIndex& index = message_index();
  const std::size_t one =
      format.message == nullptr ? 0 : static_cast<std::size_t>(format.message - index.formats().data());
  return {&index, format.reach, one};
}
void declare_row(const Format& format, event::Schema& schema, const FormatOptions& options) {
  declare_messages(schema, options, reading(format));
}
std::unique_ptr<LineParser> make_row(const Format& format, SchemaPtr schema, InterestPtr interest,
                                     const FormatOptions& options) {
  return make_message_parser(std::move(schema), std::move(interest), options, reading(format));
}

std::vector<Format> rows() {
  std::vector<Format> out{
      {"auto", "each line as what it looks like: JSON, syslog, or one of the formats below", Reach::any, declare_row,
       make_row},
      {"flows", "datagrams of NetFlow v1, v5, v7, v9, IPFIX and sFlow v5, told apart by their version", Reach::none,
       declare_flows_row, make_flows_row, nullptr, true},
      {"json", "one JSON object per line", Reach::none, declare_json_row, make_json_row},
      {"syslog", "syslog of RFC 5424 and RFC 3164, told apart line by line; messages by program and by their looks",
       Reach::syslog, declare_row, make_row},
  };
  for (const MessageFormat& message : message_formats())
    out.push_back({message.name, message.help, Reach::one, declare_row, make_row, &message});
  std::ranges::sort(out, {}, &Format::name);
  NW_CHECK(std::ranges::adjacent_find(out, {}, &Format::name) == out.end());
  return out;
}

}  // namespace

std::span<const Format> formats() {
  static const std::vector<Format> kFormats = rows();
  return kFormats;
}

const Format* find_format(std::string_view name) {
  const auto all = formats();
  const auto found = std::ranges::find(all, name, &Format::name);
  return found == all.end() ? nullptr : &*found;
}

std::vector<std::string_view> format_names() {
  std::vector<std::string_view> names;
  for (const Format& format : formats()) names.push_back(format.name);
  return names;
}

}  // namespace nw::logs
