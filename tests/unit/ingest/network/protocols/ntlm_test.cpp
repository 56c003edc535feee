#include "ingest/network/protocols/ntlm.h"

#include <gtest/gtest.h>

#include "ingest/network/protocols/windows_text.h"
#include "smb_frames.h"

namespace nw::network {
namespace {

using namespace smb_frames;

// One value of ASN.1 with a length of one or three bytes.
std::string value(const char* tag, const std::string& contents) {
  const std::size_t size = size_of(contents);
  return std::string{tag} + (size < 128 ? number(size, 1) : "82" + number(size >> 8U, 1) + number(size, 1)) + contents;
}

// Writes what an exchange knows into an event of the carrier SMB.
std::string written(NtlmExchange& exchange, const std::string& field) {
  FakeContext context{protocol("smb")};
  constexpr std::size_t kNtlm = 4;
  EventWriter out = context.begin(kNtlm, context.time);
  exchange.write(out, {});
  context.emit();
  return context.get(0, field);
}

TEST(Spnego, TokensAreFound) {
  const std::string token = "'NTLMSSP' 00 01000000";
  const std::string list = value("a0", value("30", "06 0a 2b06010401823702020a"));
  static const struct {
    const char* name;
    std::string blob, want;
  } kCases[] = {
      {"bare", token, token},
      {"in GSS-API's wrapping",
       value("60", "06 06 2b0601050502" + value("a0", value("30", list + value("a2", value("04", token))))), token},
      {"first, without wrapping", value("a0", value("30", list + value("a2", value("04", token)))), token},
      {"response", value("a1", value("30", "a0 03 0a0101" + value("a2", value("04", token)))), token},
      {"response without token", value("a1", value("30", "a0 03 0a0100")), ""},
      {"Kerberos, in GSS-API's wrapping", value("60", "06 09 2a864886f712010202 0100"),
       value("60", "06 09 2a864886f712010202 0100")},
      {"cut", "60 40 06 06 2b0601050502", "60 40 06 06 2b0601050502"},
      {"wrapping without anything", value("60", "06 06 2b0601050502"), ""},
      {"empty", "", ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto blob = from_hex(c.blob), want = from_hex(c.want);
    const Bytes got = spnego_token(blob);
    EXPECT_EQ(std::vector<std::uint8_t>(got.begin(), got.end()), want);
  }
}

TEST(Ntlm, NamesOfACodePage) {
  NtlmExchange exchange;
  // | message | LM | NT | domain | user | host | key | flags without Unicode | "OT" "e\x80"
  const auto token = from_hex("'NTLMSSP' 00 03000000" + ntlm_field(0, 64) + ntlm_field(0, 64) + ntlm_field(2, 64) +
                              ntlm_field(2, 66) + ntlm_field(0, 64) + ntlm_field(0, 64) + "00000000 'OTe' 80");
  EXPECT_FALSE(exchange.take(token));
  EXPECT_EQ(written(exchange, "username"), "e\\x80");
  EXPECT_FALSE(exchange.open());
}

TEST(Ntlm, OldMessagesHaveNoFlagsAndNoPairs) {
  NtlmExchange exchange;
  EXPECT_FALSE(exchange.take(from_hex("'NTLMSSP' 00 02000000" + ntlm_field(0, 40) + "01028a00" + zeros(16))));
  EXPECT_TRUE(exchange.open());
  EXPECT_FALSE(exchange.authenticated());
  const auto answer = from_hex("'NTLMSSP' 00 03000000" + ntlm_field(0, 60) + ntlm_field(0, 60) + ntlm_field(0, 60) +
                               ntlm_field(2, 60) + ntlm_field(0, 60) + ntlm_field(0, 60) + utf16("e"));
  EXPECT_FALSE(exchange.take(answer));
  EXPECT_TRUE(exchange.authenticated());
}

TEST(Ntlm, Refuses) {
  std::string many;
  for (int i = 0; i < 33; ++i) many += ntlm_pair(2, "X");
  static const struct {
    const char* name;
    std::string token;
    DecodeError want;
  } kCases[] = {
      {"no such type", "'NTLMSSP' 00 04000000", DecodeError::bad_value},
      {"a challenge that is cut", "'NTLMSSP' 00 02000000 0000", DecodeError::bad_value},
      {"pairs beyond the message", "'NTLMSSP' 00 02000000" + zeros(28) + ntlm_field(9, 48), DecodeError::bad_value},
      {"a pair beyond the pairs", ntlm_challenge("0100 ff00 4100"), DecodeError::bad_value},
      {"an answer that is cut", "'NTLMSSP' 00 03000000" + ntlm_field(0, 0), DecodeError::bad_value},
      {"a name beyond the message", "'NTLMSSP' 00 03000000" + zeros(16) + ntlm_field(9, 64) + zeros(28),
       DecodeError::bad_value},
      {"33 pairs", ntlm_challenge(many + "0000 0000"), DecodeError::limit},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    NtlmExchange exchange;
    EXPECT_EQ(exchange.take(from_hex(c.token)), c.want);
  }
  NtlmExchange exchange;
  EXPECT_FALSE(exchange.take(from_hex(ntlm_challenge(many.substr(0, many.size() / 33 * 32) + "0000 0000"))));
}

// | message | LM | NT | domain | user | host | key | flags without Unicode | "OTe" |
TEST(Ntlm, AFieldThatLiesHidesNoOther) {
  const std::string head = "'NTLMSSP' 00 03000000", none = ntlm_field(0, 64), lie = ntlm_field(9, 640);
  const std::string tail = none + "00000000 'OTe'";
  const std::string names = ntlm_field(2, 64) + ntlm_field(1, 66);
  static const struct {
    const char* name;
    std::string token, user, domain, version;
  } kCases[] = {
      {"host", head + none + none + names + lie + tail, "e", "OT", "NTLMv1"},
      {"LM", head + lie + none + names + none + tail, "e", "OT", "NTLMv1"},
      {"NT", head + none + lie + names + none + tail, "e", "OT", "-"},
      {"domain", head + none + none + lie + ntlm_field(1, 66) + none + tail, "e", "-", "NTLMv1"},
      {"user", head + none + none + ntlm_field(2, 64) + lie + none + tail, "-", "OT", "-"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    for (const auto& [field, want] :
         {std::pair{"username", c.user}, std::pair{"domainname", c.domain}, std::pair{"ntlm_version", c.version}}) {
      NtlmExchange exchange;
      EXPECT_EQ(exchange.take(from_hex(c.token)), DecodeError::bad_value);
      EXPECT_EQ(written(exchange, field), want) << field;
    }
  }
}

TEST(Ntlm, NothingOfAnEarlierExchangeIsTold) {
  const auto challenge = [](const char* host) { return from_hex(ntlm_challenge(ntlm_pair(3, host) + "0000 0000")); };
  const auto answer = from_hex(ntlm_authenticate("D", "user", "h", 40));
  const auto cut = from_hex("'NTLMSSP' 00 03000000");
  for (const char* field : {"username", "hostname", "domainname", "ntlm_version"}) {
    SCOPED_TRACE(field);
    NtlmExchange exchange;
    EXPECT_FALSE(exchange.take(answer));
    EXPECT_EQ(exchange.take(cut), DecodeError::bad_value);
    EXPECT_EQ(written(exchange, field), "-");
    EXPECT_FALSE(exchange.take(answer));
    EXPECT_FALSE(exchange.take(challenge("a")));
    EXPECT_FALSE(exchange.authenticated());
    EXPECT_EQ(written(exchange, field), "-");
  }
  NtlmExchange exchange;
  EXPECT_FALSE(exchange.take(challenge("a")));
  EXPECT_FALSE(exchange.take(from_hex("'NTLMSSP' 00 02000000" + ntlm_field(0, 40) + "01028a00" + zeros(16))));
  EXPECT_EQ(written(exchange, "server_dns_computer_name"), "-");
}

TEST(Ntlm, NamesAreBounded) {
  NtlmExchange exchange;
  EXPECT_FALSE(exchange.take(from_hex(ntlm_authenticate("", std::string(600, 'u'), "", 40))));
  EXPECT_EQ(written(exchange, "username").size(), 509U);
}

TEST(WindowsText, Utf16) {
  static constexpr struct {
    const char *name, *hex, *want;
  } kCases[] = {
      {"ASCII", "5c006100", "\\a"},
      {"two and three bytes", "e400 ac20", "\xc3\xa4\xe2\x82\xac"},
      {"a pair", "3dd8 00de", "\xf0\x9f\x98\x80"},
      {"half a pair", "3dd8 4100", "\xef\xbf\xbd\x41"},
      {"the other half", "00de", "\xef\xbf\xbd"},
      {"a pair that is cut", "3dd8", "\xef\xbf\xbd"},
      {"controls", "0a00 0000 4100", "\\x0a\\x00\x41"},
      {"padding", "4100 0000 0000", "A"},
      {"an odd byte", "4100 42", "A"},
      {"an odd byte of padding", "4100 00", "A"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(text_of_utf16(from_hex(c.hex), 64), c.want);
  }
  EXPECT_EQ(text_of_utf16(from_hex("4100 4200 4300 4400 4500 4600"), 8), "ABCDE");
}

TEST(WindowsText, CodePage) {
  EXPECT_EQ(text_of_oem(from_hex("'a\\b' 80 0a 00"), 64), "a\\b\\x80\\x0a");
  EXPECT_EQ(text_of_oem(from_hex("'ABCDEFGH'"), 8), "ABCDE");
}

TEST(WindowsText, Times) {
  EXPECT_EQ(time_of_filetime(116'444'736'000'000'001), from_unix_nanoseconds(100));
  EXPECT_EQ(time_of_filetime(116'444'735'999'999'999), from_unix_nanoseconds(-100));
  EXPECT_FALSE(time_of_filetime(0));
  EXPECT_FALSE(time_of_filetime(~std::uint64_t{0}));
  EXPECT_FALSE(time_of_filetime(116'444'736'000'000'000U + 92'233'720'368'547'759U));
  EXPECT_FALSE(time_of_filetime(116'444'736'000'000'000U - 92'233'720'368'547'759U));
  EXPECT_TRUE(time_of_filetime(116'444'736'000'000'000U + 92'233'720'368'547'758U));
}

}  // namespace
}  // namespace nw::network
