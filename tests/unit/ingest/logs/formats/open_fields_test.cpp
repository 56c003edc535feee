#include <gtest/gtest.h>

#include "ingest/logs/formats/message.h"

namespace nw::logs {
namespace {

using event::kNoField;

class Has final : public event::LineFilter {
 public:
  [[nodiscard]] std::unique_ptr<Memory> make_memory() const override { return std::make_unique<Memory>(); }
  [[nodiscard]] bool wants_all(std::string_view line, Memory& /*memory*/) const override {
    return line.find("pump") != std::string_view::npos;
  }
};

TEST(OpenFields, FindsWhatIsWanted) {
  event::Schema schema;
  const auto type = schema.add_type({"pumps", "site", {}, {}, {}, true});
  const auto wanted = schema.add_field("speed");
  schema.add_field("state");
  event::Interest interest;
  OpenFields open;
  open.build(schema, interest, type);
  EXPECT_TRUE(open.none());
  EXPECT_EQ(open.find("speed"), kNoField);
  interest.want(type, wanted);
  open.build(schema, interest, type);
  EXPECT_EQ(open.find("speed"), wanted);
  EXPECT_EQ(open.find(OpenName{"speed"}), wanted);
  EXPECT_EQ(open.find("state"), kNoField);
  EXPECT_FALSE(open.none());
  EXPECT_FALSE(open.all());
  interest.want_all(type);
  open.build(schema, interest, type);
  EXPECT_TRUE(open.all_of("any line"));
}

// A keyword rule wants every field of the lines that its filter lets through, and of those that may hide a letter.
TEST(OpenFields, AFilterLetsSomeLinesThrough) {
  event::Schema schema;
  const auto type = schema.add_type({"pumps", "site", {}, {}, {}, true, true});
  event::Interest interest;
  interest.want_all_of(type, std::make_shared<Has>());
  OpenFields open;
  open.build(schema, interest, type);
  static const struct {
    const char* line;
    bool all;
  } kCases[] = {{"a pump", true}, {"a valve", false}, {"a &#112;ump", true}, {"a \\x70ump", true}, {"", false}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.line);
    event::Event event;
    event.begin(type, {}, {}, {}, event::TimeQuality::received);
    event.raw = c.line;
    MessageWriter writer{event, {}, &open};
    EXPECT_EQ(writer.closed(), !c.all);
    EXPECT_EQ(writer.wants_named("state"), c.all);
    writer.set("state", event::Value::text("on"));
    EXPECT_EQ(event.extras().size(), c.all ? 1U : 0U);
  }
}

}  // namespace
}  // namespace nw::logs
