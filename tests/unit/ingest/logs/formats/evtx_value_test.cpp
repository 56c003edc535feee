#include "ingest/logs/formats/evtx_value.h"

#include <gtest/gtest.h>
#include <vector>

namespace nw::logs {
namespace {

std::vector<std::uint8_t> from_hex(std::string_view hex) {
  std::vector<std::uint8_t> out;
  int high = -1;
  for (const char c : hex) {
    if (c == ' ') continue;
    const int digit = c <= '9' ? c - '0' : c - 'a' + 10;
    if (high < 0) {
      high = digit;
      continue;
    }
    out.push_back(static_cast<std::uint8_t>(high * 16 + digit));
    high = -1;
  }
  return out;
}

TEST(EvtxValue, Reads) {
  static constexpr struct {
    const char* name;
    EvtxType type;
    const char *hex, *want;
  } kCases[] = {
      {"null", EvtxType::null, "", ""},
      {"string", EvtxType::string, "6100 2600 0000", "a&amp;"},
      {"zero inside", EvtxType::string, "6100 0000 6200", "a&#0;b"},
      {"surrogates", EvtxType::string, "3dd8 00de", "\xF0\x9F\x98\x80"},
      {"a surrogate alone", EvtxType::string, "3dd8 6100 00de",
       "\xEF\xBF\xBD"
       "a"
       "\xEF\xBF\xBD"},
      {"half a character", EvtxType::string, "6100 62", "a"},
      {"line ends and quotes", EvtxType::string, "0d00 0a00 2200 3e00", "&#13;&#10;\"&gt;"},
      {"two and three bytes", EvtxType::string, "e400 ac20", "\xC3\xA4\xE2\x82\xAC"},
      {"ANSI", EvtxType::ansi, "41 3c e4 00 00", "A&lt;\xC3\xA4"},
      {"int8", EvtxType::int8, "ff", "-1"},
      {"uint8", EvtxType::uint8, "ff", "255"},
      {"int16", EvtxType::int16, "feff", "-2"},
      {"uint16", EvtxType::uint16, "f601", "502"},
      {"int32", EvtxType::int32, "00000080", "-2147483648"},
      {"uint32", EvtxType::uint32, "ffffffff", "4294967295"},
      {"int64", EvtxType::int64, "ffffffffffffffff", "-1"},
      {"uint64", EvtxType::uint64, "ffffffffffffffff", "18446744073709551615"},
      {"real32", EvtxType::real32, "0000 c03f", "1.5"},
      {"real64", EvtxType::real64, "0000 0000 0000 04c0", "-2.5"},
      {"infinity", EvtxType::real64, "0000 0000 0000 f0ff", "-1.#INF"},
      {"no number", EvtxType::real32, "0000 c07f", "-1.#IND"},
      {"true", EvtxType::boolean, "01000000", "true"},
      {"false", EvtxType::boolean, "00000000", "false"},
      {"binary", EvtxType::binary, "00ff7e", "00FF7E"},
      {"GUID", EvtxType::guid, "04030201 0605 0807 090a 0b0c0d0e0f10", "{01020304-0506-0708-090a-0b0c0d0e0f10}"},
      {"size of 32 bits", EvtxType::size, "f0070000", "0x7f0"},
      {"size of 64 bits", EvtxType::size, "f007000000000000", "0x7f0"},
      {"FILETIME", EvtxType::file_time, "0000 0000 0000 0000", "1601-01-01T00:00:00.0000000Z"},
      {"FILETIME of today", EvtxType::file_time, "877c 2bf3 f485 dc01", "2026-01-15T08:00:01.2500103Z"},
      {"the last FILETIME", EvtxType::file_time, "ff3f c0d1 5e5a c824", "9999-12-31T23:59:59.9999999Z"},
      {"FILETIME past it", EvtxType::file_time, "ffff ffff ffff ffff", "FFFFFFFFFFFFFFFF"},
      {"SYSTEMTIME", EvtxType::system_time, "ea07 0100 0400 0f00 0800 0000 0100 fa00", "2026-01-15T08:00:01.250Z"},
      {"SID", EvtxType::sid, "01 02 000000000005 20000000 20020000", "S-1-5-32-544"},
      {"SID of a high authority", EvtxType::sid, "01 00 010000000005", "S-1-0x10000000005"},
      {"hex32", EvtxType::hex32, "efbe0000", "0xbeef"},
      {"hex64", EvtxType::hex64, "0000000000000080", "0x8000000000000000"},
      {"handle", EvtxType::handle, "0a0b", "0A0B"},
      {"a type of tomorrow", static_cast<EvtxType>(0x7f), "0102", "0102"},
      {"too short for its type", EvtxType::uint32, "0102", "0102"},
      {"a SID that says more than it has", EvtxType::sid, "0102 000000000005 20000000", "010200000000000520000000"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    std::string out;
    append_evtx_value(c.type, from_hex(c.hex), out);
    EXPECT_EQ(out, c.want);
  }
}

TEST(EvtxValue, Elements) {
  static constexpr struct {
    const char* name;
    EvtxType type;
    const char *hex, *want;
  } kCases[] = {
      {"none", EvtxType::string, "", ""},
      {"strings", EvtxType::string, "6100 0000 0000 6200 0000", "a,,b,"},
      {"the last without an end", EvtxType::string, "6100 0000 6200", "a,b,"},
      {"ANSI", EvtxType::ansi, "61 00 62", "a,b,"},
      {"numbers", EvtxType::uint16, "0100 0200", "1,2,"},
      {"half a number at the end", EvtxType::uint16, "0100 02", "1,02,"},
      {"SIDs", EvtxType::sid, "01 00 000000000001 01 01 000000000005 12000000", "S-1-1,S-1-5-18,"},
      {"no SID", EvtxType::sid, "01", "01,"},
      {"what has no size", EvtxType::binary, "0102", "0102,"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto bytes = from_hex(c.hex);
    Bytes rest{bytes}, each;
    std::string out;
    while (next_evtx_element(c.type, rest, each)) {
      append_evtx_value(c.type, each, out);
      out += ',';
    }
    EXPECT_EQ(out, c.want);
  }
}

}  // namespace
}  // namespace nw::logs
