#include "ingest/logs/transports/relp_frame.h"

#include <gtest/gtest.h>
#include <optional>
#include <vector>

namespace nw::logs {
namespace {

using Got = std::vector<std::string>;  // "TXNR COMMAND DATA", '!' before it when it was cut; "bad: why" ends it
using Step = RelpFramer::Step;

constexpr std::size_t kLineBytesMax = 12;

struct Case {
  const char* name;
  std::string stream;
  Got want;
};

const std::string kBadNumber = "bad: its transaction number is not one from 1 to 999999999";
const std::string kBadCommand = "bad: its command is not 1 to 32 letters and a space";
const std::string kBadLength = "bad: the length of its data is not 1 to 9 digits and a space";
const std::string kNoEnd = "bad: there is no line feed behind its data";

const std::vector<Case>& cases() {
  static const std::vector<Case> kCases{
      {"one", "1 syslog 5 hello\n", {"1 syslog hello"}},
      {"one after the other", "1 syslog 1 a\n2 syslog 2 bc\n3 close 0\n", {"1 syslog a", "2 syslog bc", "3 close "}},
      {"no data, with its space", "7 close 0 \n8 close 0\n", {"7 close ", "8 close "}},
      {"zeros before the length", "7 close 000\n8 syslog 003 abc\n", {"7 close ", "8 syslog abc"}},
      {"line feeds in the data", "1 syslog 5 a\nb\n\n\n2 close 0\n", {"1 syslog a\nb\n\n", "2 close "}},
      {"data that looks like a frame", "1 syslog 13 2 syslog 1 x\n\n", {"1 syslog 2 syslog 1 x\n"}},
      {"NUL is a byte like any other", std::string{"1 syslog 3 a\0b\n", 15}, {std::string{"1 syslog a\0b", 12}}},
      {"the last number, and the first again",
       "999999999 syslog 1 a\n1 syslog 1 b\n",
       {"999999999 syslog a", "1 syslog b"}},
      {"the longest command", "1 " + std::string(32, 'c') + " 0\n", {"1 " + std::string(32, 'c') + " "}},
      {"with a line end, exactly the limit", "1 syslog 14 0123456789ab\r\n\n", {"1 syslog 0123456789ab\r\n"}},
      {"one past the limit", "1 syslog 15 0123456789abcde\n2 close 0\n", {"!1 syslog 0123456789abcd", "2 close "}},
      {"far past the limit",
       "1 syslog 99 " + std::string(99, 'z') + "\n2 syslog 1 x\n",
       {"!1 syslog " + std::string(14, 'z'), "2 syslog x"}},
      {"offers may be longer than lines", "1 open 20 relp_version=1\nabcde\n", {"1 open relp_version=1\nabcde"}},
      {"half a frame at the end", "1 syslog 1 a\n2 syslog 5 hal", {"1 syslog a"}},

      {"the server's number", "0 syslog 1 a\n", {kBadNumber}},
      {"no number", " syslog 1 a\n", {kBadNumber}},
      {"ten digits", "1234567890 syslog 1 a\n", {kBadNumber}},
      {"a letter in the number", "1a syslog 1 a\n", {kBadNumber}},
      {"a sign", "-1 syslog 1 a\n", {kBadNumber}},
      {"syslog, not RELP", "<13>hello\n", {kBadNumber}},
      {"TLS, not RELP", "\x16\x03\x01\x02", {kBadNumber}},
      {"a frame, then none", "1 syslog 1 a\n\n2 syslog 1 b\n", {"1 syslog a", kBadNumber}},
      {"no command", "1  1 a\n", {kBadCommand}},
      {"a digit in the command", "1 sys1og 1 a\n", {kBadCommand}},
      {"33 letters", "1 " + std::string(33, 'c') + " 0\n", {kBadCommand}},
      {"no length", "1 close \n", {kBadLength}},
      {"not even its space", "1 close\n", {kBadCommand}},
      {"a length of ten digits", "1 syslog 1000000000 a", {kBadLength}},
      {"a negative length", "1 syslog -1 a\n", {kBadLength}},
      {"data that is missing", "1 syslog 1\n", {kBadLength}},
      {"less data than it says", "1 syslog 3 a\n2 syslog 1 b\n", {kNoEnd}},
      {"more data than it says", "1 syslog 1 ab\n", {kNoEnd}},
      {"data although it says none", "1 close 0 a\n", {kNoEnd}},
      {"too long, and no line feed behind", "1 syslog 20 " + std::string(20, 'z') + "x", {kNoEnd}},
  };
  return kCases;
}

Got frames(std::string_view stream, std::size_t first, std::size_t second) {
  RelpFramer framer{kLineBytesMax};
  Got got;
  for (const std::string_view part :
       {stream.substr(0, first), stream.substr(first, second - first), stream.substr(second)}) {
    const std::string own{part};
    std::string_view left{own};
    for (;;) {
      const Step step = framer.next(left);
      if (step == Step::more) break;
      if (step == Step::bad) {
        got.push_back("bad: " + std::string{framer.fault()});
        EXPECT_EQ(framer.next(left), Step::bad);  // for good
        return got;
      }
      const RelpFrame& frame = framer.frame();
      got.push_back((frame.cut ? "!" : "") + std::to_string(frame.txnr) + ' ' + std::string{frame.command} + ' ' +
                    std::string{frame.data});
    }
    EXPECT_TRUE(left.empty());
    EXPECT_LE(framer.held(), 20U);
  }
  return got;
}

// Two cuts, everywhere: what comes out does not depend on how the bytes came in.
TEST(RelpFramer, AnyCut) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    for (std::size_t first = 0; first <= c.stream.size(); ++first)
      for (std::size_t second = first; second <= c.stream.size(); ++second) {
        ASSERT_EQ(frames(c.stream, first, second), c.want) << first << " " << second;
      }
  }
}

TEST(RelpFramer, ByteByByte) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    RelpFramer framer{kLineBytesMax};
    std::size_t count = 0;
    bool bad = false;
    for (const char& byte : c.stream) {
      std::string_view one{&byte, 1};
      const Step step = framer.next(one);
      count += step == Step::frame ? 1U : 0U;
      bad = bad || step == Step::bad;
    }
    EXPECT_EQ(count + (bad ? 1U : 0U), c.want.size());
    EXPECT_EQ(bad, !c.want.empty() && c.want.back().starts_with("bad"));
  }
}

TEST(RelpFramer, SkippedDataTakesNoMemory) {
  RelpFramer framer{1000};
  std::string_view header{"1 syslog 999999999 "};
  ASSERT_EQ(framer.next(header), Step::more);
  const std::string piece(1'000'000, 'x');
  for (std::size_t left = 999'999'999; left > 0;) {
    std::string_view part{piece.data(), std::min(left, piece.size())};
    left -= part.size();
    ASSERT_EQ(framer.next(part), Step::more);
    ASSERT_TRUE(part.empty());
    ASSERT_EQ(framer.held(), 1002U);
  }
  std::string_view end{"\n"};
  ASSERT_EQ(framer.next(end), Step::frame);
  EXPECT_TRUE(framer.frame().cut);
  EXPECT_EQ(framer.frame().data.size(), 1002U);
  // Other commands have a limit of their own.
  std::string_view offers{"2 open 5000 "};
  ASSERT_EQ(framer.next(offers), Step::more);
  std::string_view data{piece.data(), 5000};
  ASSERT_EQ(framer.next(data), Step::more);
  EXPECT_EQ(framer.held(), RelpFramer::kOtherBytesMax);
  std::string_view next_end{"\n"};
  ASSERT_EQ(framer.next(next_end), Step::frame);
  EXPECT_TRUE(framer.frame().cut);
}

TEST(Relp, Answers) {
  std::string out;
  append_relp_answer(out, 999'999'999, "200 OK");
  append_relp_answer(out, 1, "200 OK\na=b");
  EXPECT_EQ(out, "999999999 rsp 6 200 OK\n1 rsp 10 200 OK\na=b\n");
}

TEST(Relp, Version) {
  static constexpr struct {
    std::string_view offers;
    int want;
  } kCases[] = {
      {"relp_version=1\nrelp_software=librelp,1.11.0\ncommands=syslog", 1},
      {"commands=syslog\nrelp_version=0", 0},
      {"commands=syslog\nrelp_version=0\n", 0},
      {"relp_version=7", 1},
      {"", 0},
      {"pigeons=many\ncommands=syslog,starttls", 0},
      {"my_relp_version=x", 0},
      {"relp_version=", -1},
      {"relp_version=one", -1},
      {"relp_version=-1", -1},
      {"relp_version=99999999999", -1},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(relp_version(c.offers), c.want) << c.offers;
  }
}

TEST(Relp, PlaceNamesAMessageWithATime) {
  const IpAddress peer = IpAddress::v4(0xC0000201), other = IpAddress::v4(0xC0000202);
  const Timestamp now = *parse_rfc3339("2026-01-15T08:00:00Z"), next_year = *parse_rfc3339("2027-01-15T08:00:00Z");
  static constexpr std::string_view kWithTime[] = {
      "<13>1 2026-01-15T08:00:00Z plc app - - - valve 4 opens",
      "<13>Jan 15 08:00:00 plc app: valve 4 opens",
      "<191>Jan  5 08:00:00 plc app: valve 4 opens",
      "<13>2026-01-15T08:00:00.123+01:00 plc app: valve 4 opens",
  };
  for (const std::string_view message : kWithTime) {
    SCOPED_TRACE(message);
    const std::uint64_t place = relp_place(message, peer, now);
    EXPECT_NE(place, 0U);
    EXPECT_EQ(relp_place(std::string{message}, peer, now + std::chrono::hours{1}), place);
    EXPECT_NE(relp_place(message, other, now), place);
    EXPECT_NE(relp_place(std::string{message} + '!', peer, now), place);
    // Only where the message does not tell the year, it is the receiver's.
    EXPECT_EQ(relp_place(message, peer, next_year) == place, message.find("2026") != std::string_view::npos);
  }
  static constexpr std::string_view kWithout[] = {
      "",
      "<",
      "<13",
      "<13>",
      "<>1 2026-01-15T08:00:00Z",
      "<1234>1 2026-01-15T08:00:00Z plc",
      "<1a>1 2026-01-15T08:00:00Z plc",
      "<13>1 - plc app - - - valve 4 opens",  // NILVALUE: no time
      "<13>valve 4 opens",
      "<13>Jan 15 08:00",
      "<189>123: *Mar  1 00:00:01: %SYS-5-CONFIG_I",
      "2026-01-15T08:00:00Z plc app: valve 4 opens",
      "{\"message\": \"valve 4 opens\"}",
  };
  for (const std::string_view message : kWithout) {
    EXPECT_EQ(relp_place(message, peer, now), 0U) << message;
  }
}

}  // namespace
}  // namespace nw::logs
