#include "ingest/logs/formats/shared.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace nw::logs {

std::string_view to_string(LineFault fault) {
  static constexpr std::array<std::string_view, kLineFaults> kNames{"none",       "empty",    "too_long", "not_json",
                                                                    "bad_header", "bad_time", "too_deep", "bad_flow"};
  return kNames[static_cast<std::size_t>(fault)];
}

void declare_unparsed(event::Schema& schema, std::string_view product) {
  static constexpr auto kFields = std::to_array<event::FieldSpec>({
      {"reason", "text",
       "why the line could not be read: empty, too_long, not_json, bad_header, bad_time, too_deep, bad_flow"},
      {"message", "text", "the line as it came"},
  });
  schema.add_type({"unparsed", product, {}, {}, kFields, false});
}

event::TypeId find_type(const event::Schema& schema, std::string_view path, std::string_view product) {
  std::size_t i = 0;
  for (; i < schema.type_count(); ++i) {
    const event::Type& type = schema.type(static_cast<event::TypeId>(i));
    if (type.path == path && type.product == product) break;
  }
  NW_CHECK(i < schema.type_count());
  return static_cast<event::TypeId>(i);
}

std::string type_path(std::string_view base, const FormatOptions& options) {
  const std::string_view kind = base.substr(std::min(base.find('.'), base.size()));
  std::string path{base.substr(0, base.size() - kind.size())};
  if (!options.service.empty() || !options.category.empty()) path += ':' + options.service;
  if (!options.category.empty()) path += ':' + options.category;
  return path.append(kind);
}

void UnparsedEmitter::subscribe(const event::Schema& schema, const event::Interest& interest,
                                std::string_view product) {
  type_ = find_type(schema, "unparsed", product);
  reason_ = *schema.find_field("reason");
  wanted_ = interest.wants(type_);
}

void UnparsedEmitter::emit(std::string_view line, LineFault fault, const LineOrigin& origin, event::Event& event,
                           event::EventSink& sink) const {
  if (!wanted_) return;
  event.begin(type_, origin.source, origin.receive_time, origin.receive_time, event::TimeQuality::received);
  event.ordinal = origin.ordinal;
  event.raw = line;
  event.set(event::common(event::Common::message), event::Value::text(line.substr(0, kLineBytesMax)));
  event.set(reason_, event::Value::text(to_string(fault)));
  if (origin.peer)
    event.set(event::common(event::Common::host), event::Value::text(event.keep(origin.peer->to_string())));
  sink.accept(event);
}

}  // namespace nw::logs
