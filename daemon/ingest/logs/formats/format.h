// What log lines mean. Pure. A format is one file beside this one and one row in table.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "base/time.h"
#include "event/event.h"
#include "event/schema.h"

namespace nw::logs {

struct Mapping;

// From the source's configuration.
struct FormatOptions {
  std::string path;                        // JSON lines: the event's `_path`; empty: the format's own
  std::string product, service, category;  // Sigma log source of the events; empty: what the format itself knows
  std::string time_field;  // JSON lines: where the time stands; empty: ts, timestamp, @timestamp, time, in this order
  std::chrono::minutes zone{0};            // for times without a zone
  std::shared_ptr<const Mapping> mapping;  // JSON lines: how the events spell the fields; null: as the rules do
  // All of them: for message formats that know their product, and so which one is theirs.
  std::vector<std::shared_ptr<const Mapping>> mappings;
};

// What is known of one line besides its bytes.
struct LineOrigin {
  event::SourceId source{};
  std::uint64_t ordinal = 0;
  Timestamp receive_time;
  std::optional<IpAddress> peer;  // who sent it, where a network brought it
};

// Why a line could not be parsed: a closed set, used as a metric label.
enum class LineFault : std::uint8_t { none, empty, too_long, not_json, bad_header, bad_time, too_deep };
constexpr std::size_t kLineFaults = static_cast<std::size_t>(LineFault::too_deep) + 1;
std::string_view to_string(LineFault fault);

class LineParser {
 public:
  virtual ~LineParser() = default;
  // One line without its line end. Emits exactly one event: the parsed one, or, when it returns a fault, one of type
  // `unparsed` with `message` (the raw line) and `reason`. An event that nobody wants is not built, only counted by the
  // caller; the fault is returned all the same.
  virtual LineFault line(std::string_view line, const LineOrigin& origin, event::EventSink& sink) = 0;
  // As NetworkDecoder::subscribe().
  virtual void subscribe(std::shared_ptr<const event::Schema> schema,
                         std::shared_ptr<const event::Interest> interest) = 0;
};

struct Format {
  std::string_view name;  // "syslog", "json"
  std::string_view help;
  void (*declare)(event::Schema&, const FormatOptions&);
  std::unique_ptr<LineParser> (*make)(std::shared_ptr<const event::Schema>, std::shared_ptr<const event::Interest>,
                                      const FormatOptions&);
};

// Sorted by name (formats/table.cpp).
std::span<const Format> formats();
const Format* find_format(std::string_view name);

constexpr std::size_t kLineBytesMax = 64 * 1024;

}  // namespace nw::logs
