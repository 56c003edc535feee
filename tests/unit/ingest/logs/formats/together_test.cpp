#include "ingest/logs/formats/together.h"

#include <array>
#include <gtest/gtest.h>

#include "ingest/logs/formats/message.h"

namespace nw::logs {
namespace {

const std::array<MessageFormat, 3> kFormats{{
    {"alone", "", {}},
    {"joined", "", {}, {}, nullptr, nullptr, Order::joined, "audit("},
    {"table", "", {}, {}, nullptr, nullptr, Order::headed, "#"},
}};

// 't' for each line that must stay with the others.
std::string together(const Format& format, std::initializer_list<std::string_view> lines) {
  Together kept{format, kFormats};
  std::string out;
  for (const std::string_view line : lines) out += kept.line(line) ? 't' : '-';
  return out;
}

TEST(Together, ByHowFarTheFormatReaches) {
  const std::initializer_list<std::string_view> lines = {
      "x", "type=A msg=audit(1:2): x", "audit(", "udit(", "f(audit)(audit(", "", "a # b", "# b", "c"};
  EXPECT_EQ(together({"json", "", Reach::none}, lines), "---------");
  EXPECT_EQ(together({"syslog", "", Reach::syslog}, lines), "-tt-t----");
  EXPECT_EQ(together({"auto", "", Reach::any}, lines), "-tt-t--tt");
  Format one{"one", "", Reach::one};
  for (const auto& [message, want] :
       {std::pair{&kFormats[0], "---------"}, {&kFormats[1], "ttttttttt"}, {&kFormats[2], "ttttttttt"}}) {
    one.message = message;
    EXPECT_EQ(together(one, lines), want) << message->name;
  }
}

TEST(Together, EveryFormatThatKeepsStateHasAMark) {
  for (const Format& format : formats()) EXPECT_FALSE(Together{format}.line("x") && format.reach != Reach::one);
}

}  // namespace
}  // namespace nw::logs
