// What the tests of the log formats share: a schema with one format in it, an Interest, and the events as NDJSON.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "event/event.h"
#include "event/schema.h"
#include "ingest/logs/formats/format.h"

namespace nw::logs {

struct Seen {
  std::string path, json, raw;
  Timestamp event_time;
  event::TimeQuality quality;
  std::uint64_t ordinal;
};

// Keeps a copy of every event.
class Collector final : public event::EventSink {
 public:
  explicit Collector(const event::Schema& schema) : schema_{schema} {}
  void accept(event::Event& event) override {
    std::string json;
    event::append_ndjson(event, schema_, json);
    seen.push_back({schema_.type(event.type()).path, json, std::string{event.raw}, event.event_time(),
                    event.time_quality(), event.ordinal});
  }
  std::vector<Seen> seen;

 private:
  const event::Schema& schema_;
};

enum class Wants { nothing, types, all };

// One parser. `fields` are wanted on every type, and added to the schema, as a rule that names them would do.
struct Bench {
  Bench(std::string_view format, FormatOptions options, Wants wants,
        std::initializer_list<std::string_view> fields = {}) {
    auto built = std::make_shared<event::Schema>();
    const Format* const found = find_format(format);
    found->declare(*built, options);
    for (const std::string_view name : fields) built->add_field(name);
    schema = built;
    interest = std::make_shared<event::Interest>();
    for (std::size_t i = 0; i < schema->type_count(); ++i) {
      const auto type = static_cast<event::TypeId>(i);
      if (wants == Wants::types) interest->want(type);
      if (wants == Wants::all) interest->want_all(type);
      for (const std::string_view name : fields) interest->want(type, *schema->find_field(name));
    }
    parser = found->make(schema, interest, options);
    sink = std::make_unique<Collector>(*schema);
  }

  LineFault line(std::string_view text, std::string_view received = "2026-03-01T12:00:00Z",
                 std::optional<IpAddress> peer = std::nullopt) {
    LineOrigin origin;
    origin.ordinal = next++;
    origin.receive_time = *parse_rfc3339(received);
    origin.peer = peer;
    return parser->line(text, origin, *sink);
  }
  // The last event, without `_path` and `ts`.
  [[nodiscard]] std::string fields() const {
    if (sink->seen.empty()) return "(none)";
    const std::string& json = sink->seen.back().json;
    const auto ts = json.find("\"ts\":");
    return "{" + json.substr(std::min(json.find_first_of(",}", ts), json.size() - 1) +
                             (json[json.find_first_of(",}", ts)] == ',' ? 1 : 0));
  }
  [[nodiscard]] const Seen& last() const { return sink->seen.back(); }

  std::shared_ptr<const event::Schema> schema;
  std::shared_ptr<event::Interest> interest;
  std::unique_ptr<LineParser> parser;
  std::unique_ptr<Collector> sink;
  std::uint64_t next = 0;
};

}  // namespace nw::logs
