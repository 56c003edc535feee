// Formats whose types are data, as the parser of messages plays them.
#include <gtest/gtest.h>

#include "ingest/logs/formats/message_parser.h"
#include "ingest/logs/formats/messages.h"
#include "ingest/logs/formats/together.h"
#include "unit/ingest/logs/formats/log_test_support.h"
#include "unit/ingest/logs/formats/shipped_mapping.h"

namespace nw::logs {
namespace {

const std::array<MessageFormat, 2>& table() {
  static const std::array<MessageFormat, 2> kFormats{windows_xml_format(), zeek_tsv_format()};
  return kFormats;
}

const std::string kEvent =
    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><EventID>1</EventID><Channel>"
    "Microsoft-Windows-Sysmon/Operational</Channel></System><EventData><Data Name='Image'>C:\\a.exe</Data></EventData>"
    "</Event>";

class EveryPump final : public event::LineFilter {
 public:
  [[nodiscard]] std::unique_ptr<Memory> make_memory() const override { return std::make_unique<Memory>(); }
  [[nodiscard]] bool wants_all(std::string_view line, Memory& /*memory*/) const override {
    return line.find("pump") != std::string_view::npos;
  }
};

struct World {
  World(Reach reach, std::size_t one, const FormatOptions& options) : reading{&index, reach, one} {
    auto built = std::make_shared<event::Schema>();
    declare_messages(*built, options, reading);
    auto all = std::make_shared<event::Interest>();
    for (std::size_t i = 0; i < built->type_count(); ++i) all->want_all(static_cast<event::TypeId>(i));
    schema = built;
    parser = make_message_parser(schema, all, options, reading);
    sink = std::make_unique<Collector>(*schema);
  }
  // Paths of the events that came.
  std::string line(std::string_view text) {
    LineOrigin origin;
    origin.ordinal = next++;
    origin.receive_time = *parse_rfc3339("2026-03-01T12:00:00Z");
    const std::size_t before = sink->seen.size();
    const LineFault fault = parser->line(text, origin, *sink);
    std::string out = fault == LineFault::none ? "" : "[" + std::string{to_string(fault)} + "]";
    for (std::size_t i = before; i < sink->seen.size(); ++i) out += (out.empty() ? "" : " ") + sink->seen[i].path;
    return out;
  }

  MessageIndex index{table()};
  Reading reading;
  std::shared_ptr<const event::Schema> schema;
  std::unique_ptr<LineParser> parser;
  std::unique_ptr<Collector> sink;
  std::uint64_t next = 0;
};

TEST(MessageTypes, OfTheMapping) {
  World world{Reach::any, 0, with_mapping("windows")};
  EXPECT_EQ(world.line(kEvent), "windows.sysmon.process_creation");
  EXPECT_EQ(world.line("<13>1 2026-03-01T12:00:00Z wec nxlog - - - " + kEvent), "windows.sysmon.process_creation");
  // Keywords search values: the line is none.
  EXPECT_EQ(world.sink->seen.back().json.find("\"message\""), std::string::npos);
  EXPECT_NE(world.sink->seen.back().json.find("\"program\":\"nxlog\""), std::string::npos);
  // Without Zeek's mapping there is one type.
  EXPECT_EQ(world.line("#separator \\x09"), "");
  EXPECT_EQ(world.line("#path\tdns"), "");
  EXPECT_EQ(world.line("#fields\tts\tquery"), "");
  EXPECT_EQ(world.line("#types\ttime\tstring"), "");
  EXPECT_EQ(world.parser->joined(), 4U);
  EXPECT_EQ(world.line("1768464000.5\tpump.example"), "zeek");
}

TEST(MessageTypes, OfAnotherMapping) {
  World world{Reach::one, 1, with_mapping("zeek")};
  for (const char* head : {"#separator \\x09", "#path\tdns", "#fields\tts\tquery", "#types\ttime\tstring"})
    EXPECT_EQ(world.line(head), "");
  EXPECT_EQ(world.line("1768464000.5\tpump.example"), "zeek.dns");
  EXPECT_EQ(world.line("1768464000.5"), "[bad_header] unparsed");
}

TEST(MessageTypes, WithoutAMapping) {
  World world{Reach::one, 0, {}};
  EXPECT_EQ(world.line(kEvent), "windows");
}

// A keyword rule wants everything of the few lines that hold a piece of it.
TEST(MessageTypes, AFilterOpensALine) {
  World world{Reach::one, 0, with_mapping("windows")};
  auto interest = std::make_shared<event::Interest>();
  for (std::size_t i = 0; i < world.schema->type_count(); ++i)
    interest->want_all_of(static_cast<event::TypeId>(i), std::make_shared<EveryPump>());
  world.parser->subscribe(world.schema, interest);
  EXPECT_EQ(world.line(kEvent), "windows.sysmon.process_creation");
  EXPECT_EQ(world.sink->seen.back().json.find("Image"), std::string::npos);
  std::string line = kEvent;
  line.replace(line.find("a.exe"), 1, "pump");
  EXPECT_EQ(world.line(line), "windows.sysmon.process_creation");
  EXPECT_NE(world.sink->seen.back().json.find("pump.exe"), std::string::npos);
}

TEST(MessageTypes, LinesThatGoTogether) {
  Format format{"windows_xml", "", Reach::one, nullptr, nullptr, &table()[0]};
  Together windows{format, table()};
  EXPECT_TRUE(windows.line("a line inside an event"));
  format = {"auto", "", Reach::any};
  Together any{format, table()};
  EXPECT_FALSE(any.line("a line"));
  EXPECT_TRUE(any.line("#separator \\x09"));
  EXPECT_TRUE(any.line("a row"));
}

}  // namespace
}  // namespace nw::logs
