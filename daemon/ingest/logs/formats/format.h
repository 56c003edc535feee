// What log lines mean. Pure. A format is one file beside this one and one row in table.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ip.h"
#include "base/time.h"
#include "event/event.h"
#include "event/schema.h"

namespace nw::flows {
struct Counters;
}

namespace nw::logs {

struct Mapping;
class PatternSet;
class TimeZone;

// From the source's configuration.
struct FormatOptions {
  std::string path;                        // JSON lines: the event's `_path`; empty: the format's own
  std::string product, service, category;  // Sigma log source of the events; empty: what the format itself knows
  std::string time_field;  // JSON lines: where the time stands; empty: ts, timestamp, @timestamp, time, in this order
  std::chrono::minutes zone{0};               // for times without a zone: how far it is east of UTC
  std::shared_ptr<const TimeZone> time_zone;  // in place of `zone`; may be null
  std::shared_ptr<const Mapping> mapping;     // JSON lines: how the events spell the fields; null: as the rules do
  // All of them: for message formats that know their product, and so which one is theirs.
  std::vector<std::shared_ptr<const Mapping>> mappings;
  std::shared_ptr<const PatternSet> patterns;  // the site's own; may be null
};

// What is known of one line besides its bytes.
struct LineOrigin {
  event::SourceId source{};
  std::uint64_t ordinal = 0;
  Timestamp receive_time;
  std::optional<IpAddress> peer;  // who sent it, where a network brought it
};

// Why a line could not be parsed: a closed set, used as a metric label.
enum class LineFault : std::uint8_t { none, empty, too_long, not_json, bad_header, bad_time, too_deep, bad_flow };
constexpr std::size_t kLineFaults = static_cast<std::size_t>(LineFault::bad_flow) + 1;
std::string_view to_string(LineFault fault);

class LineParser {
 public:
  virtual ~LineParser() = default;
  // One line without its line end. Emits its event, mostly exactly one: what was read, or, when it returns a fault, one
  // that holds the line as it came: of type `unparsed` with the `reason`, or, where a header could be read and what
  // stands behind it could not, a plain one. None when nobody wants it, or when the line is joined() with others.
  virtual LineFault line(std::string_view line, const LineOrigin& origin, event::EventSink& sink) = 0;
  // Tells what has waited for more lines since before `now`; with `end` all of it. Called about once a second of the
  // source's time, between two lines.
  virtual void flush(Timestamp /*now*/, bool /*end*/, event::EventSink& /*sink*/) {}
  // How many lines so far had no event of their own because they are part of what others say: records of one event, the
  // head of a table.
  [[nodiscard]] virtual std::uint64_t joined() const noexcept { return 0; }
  // As NetworkDecoder::subscribe().
  virtual void subscribe(std::shared_ptr<const event::Schema> schema,
                         std::shared_ptr<const event::Interest> interest) = 0;
  // What later lines are read with and earlier ones said (templates of flow records), for the next start of the daemon.
  // Empty: nothing.
  [[nodiscard]] virtual std::string state() const { return {}; }
  // Before the first line. What is damaged or of another version is refused as a whole: false, and it begins with
  // nothing.
  virtual bool restore(std::string_view /*state*/) { return true; }
  // Of flow records (ingest/flows/decoder.h); false: there are none.
  virtual bool flow_counters(flows::Counters& /*out*/) const { return false; }
};

struct MessageFormat;

// Which messages (message.h) may stand in a line.
enum class Reach : std::uint8_t {
  none,    // the line is of one kind: JSON
  syslog,  // behind a syslog header, those of every format
  any,     // with a header or without, JSON besides
  one,     // with a header or without, those of one format
};

struct Format {
  std::string_view name;  // "syslog", "json"
  std::string_view help;
  Reach reach = Reach::none;
  void (*declare_as)(const Format&, event::Schema&, const FormatOptions&) = nullptr;
  std::unique_ptr<LineParser> (*make_as)(const Format&, std::shared_ptr<const event::Schema>,
                                         std::shared_ptr<const event::Interest>, const FormatOptions&) = nullptr;
  const MessageFormat* message = nullptr;  // for Reach::one
  bool datagrams = false;                  // a line is a datagram, any octets: only where a transport keeps it whole

  void declare(event::Schema& schema, const FormatOptions& options) const { declare_as(*this, schema, options); }
  [[nodiscard]] std::unique_ptr<LineParser> make(std::shared_ptr<const event::Schema> schema,
                                                 std::shared_ptr<const event::Interest> interest,
                                                 const FormatOptions& options) const {
    return make_as(*this, std::move(schema), std::move(interest), options);
  }
};

// Sorted by name (formats/table.cpp): those of table.cpp, and every message format.
std::span<const Format> formats();
const Format* find_format(std::string_view name);
std::vector<std::string_view> format_names();

constexpr std::size_t kLineBytesMax = 64 * 1024;

}  // namespace nw::logs
