#include "play.h"

namespace nw::network {
namespace {

struct ZoneAnswers : Play {
  // A response to a question for example.com, of such answers.
  ZoneAnswers(const std::string& type, std::size_t count, const std::string& answers) : Play{"dns", Transport::udp} {
    char number[8];
    std::snprintf(number, sizeof number, " %04zx", count);
    give("0001 8400 0001" + std::string{number} + " 0000 0000 07 6578616d706c65 03 636f6d 00 " + type + " 0001" +
             answers,
         kBack);
  }
};

const std::string kFirstDs = " c00c 002b 0001 00000e10 0008 1234 0d 02 aabbccdd";
const std::string kSecondDs = " c00c 002b 0001 00000e10 0008 0a0b 0d 02 11223344";
const std::string kSignsKeys = " c00c 0030 0001 00000e10 0008 0101 03 0d 01020304";
const std::string kSignsTheRest = " c00c 0030 0001 00000e10 0008 0100 03 0d 01020304";

TEST(DnsZone, Serial) {
  const std::string soa = " c00c 0006 0001 00000e10 0018 c00c c00c 78e3a1e5 00000002 00000003 00000004 00000005";
  ZoneAnswers flow{"0006", 1, soa};
  expect(flow.context, 0, {{"soa_serial", "2028184037"}, {"ds_set", "-"}, {"dnskey_set", "-"}});
  // Of another name: not the zone that was asked for.
  ZoneAnswers other{"0006", 1,
                    " 01 61 c00c 0006 0001 00000e10 0018 c00c c00c 78e3a1e5 00000002 00000003 00000004 00000005"};
  EXPECT_EQ(other.get(0, "soa_serial"), "-");
  ZoneAnswers cut{"0006", 1, " c00c 0006 0001 00000e10 0004 78e3a1e5"};
  EXPECT_EQ(cut.get(0, "soa_serial"), "-");
}

TEST(DnsZone, ASetIsOneTextInAnyOrder) {
  const char* want = "2571/13/2/11223344 4660/13/2/aabbccdd";
  EXPECT_EQ((ZoneAnswers{"002b", 2, kFirstDs + kSecondDs}.get(0, "ds_set")), want);
  EXPECT_EQ((ZoneAnswers{"002b", 2, kSecondDs + kFirstDs}.get(0, "ds_set")), want);
  EXPECT_EQ((ZoneAnswers{"002b", 1, kFirstDs}.get(0, "ds_set")), "4660/13/2/aabbccdd");
  const std::string same_tag = " c00c 002b 0001 00000e10 0008 1234 0d 02 aabbccdc";
  const char* sorted = "4660/13/2/aabbccdc 4660/13/2/aabbccdd";
  EXPECT_EQ((ZoneAnswers{"002b", 2, kFirstDs + same_tag}.get(0, "ds_set")), sorted);
  EXPECT_EQ((ZoneAnswers{"002b", 2, same_tag + kFirstDs}.get(0, "ds_set")), sorted);
}

// RFC 4034, appendix B.
TEST(DnsZone, KeyTags) {
  // 0100 + 0305 + 0103 + 9389 + 4a00 = e291; f000 more, 1d291, of which the upper part is added to the lower.
  const std::string key = " c00c 0030 0001 00000e10 0009 0100 03 05 01039389 4a";
  EXPECT_EQ((ZoneAnswers{"0030", 1, key}.get(0, "dnskey_set")), "256/5/58001");
  const std::string longer = " c00c 0030 0001 00000e10 000c 0100 03 05 01039389 4a00 f000";
  EXPECT_EQ((ZoneAnswers{"0030", 1, longer}.get(0, "dnskey_set")), "256/5/53906");
  // 0101 + 030d + 0102 + 0304 = 0814, 0813.
  const char* want = "256/13/2067 257/13/2068";
  EXPECT_EQ((ZoneAnswers{"0030", 2, kSignsKeys + kSignsTheRest}.get(0, "dnskey_set")), want);
  EXPECT_EQ((ZoneAnswers{"0030", 2, kSignsTheRest + kSignsKeys}.get(0, "dnskey_set")), want);
  // RSA/MD5: the last octets but one.
  EXPECT_EQ((ZoneAnswers{"0030", 1, " c00c 0030 0001 00000e10 0008 0100 03 01 01020304"}.get(0, "dnskey_set")),
            "256/1/515");
  EXPECT_EQ((ZoneAnswers{"0030", 1, " c00c 0030 0001 00000e10 0003 0100 03"}.get(0, "dnskey_set")), "-");
}

TEST(DnsZone, Bounds) {
  std::string many;
  for (int i = 0; i < 16; ++i) many += kFirstDs;
  ZoneAnswers full{"002b", 16, many};
  EXPECT_EQ(full.context.refused_total(), 0U);
  EXPECT_NE(full.get(0, "ds_set"), "-");
  ZoneAnswers more{"002b", 17, many + kSecondDs};
  EXPECT_EQ(more.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(more.get(0, "ds_set"), "-");  // a part would be another set
}

// A transfer of a zone has the keys of those below it.
TEST(DnsZone, OfNamesBelow) {
  ZoneAnswers flow{"00fc", 1, " 01 61 c00c 002b 0001 00000e10 0008 1234 0d 02 aabbccdd"};
  EXPECT_EQ(flow.get(0, "ds_set"), "-");
}

TEST(DnsZone, OnlyWhatIsWanted) {
  Play flow{"dns", Transport::udp, {"ds_set"}};
  flow.give("0001 8400 0001 0001 0000 0000 07 6578616d706c65 03 636f6d 00 002b 0001" + kFirstDs, kBack);
  EXPECT_EQ(flow.get(0, "ds_set"), "4660/13/2/aabbccdd");
}

}  // namespace
}  // namespace nw::network
