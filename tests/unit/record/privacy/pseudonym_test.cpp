#include "record/privacy/pseudonym.h"

#include "unit/record/privacy/support.h"

namespace nw::privacy {
namespace {

TEST(AddressClass, OfAddresses) {
  static constexpr struct {
    const char *address, *kind;
  } kCases[] = {
      {"8.8.8.8", "global4"},         {"192.0.2.1", "global4"},
      {"203.0.113.7", "global4"},     {"2001:db8::1", "global6"},
      {"2a00:1450::1", "global6"},    {"64:ff9b::808:808", "global6"},
      {"2002:a00:1::", "global6"},    {"10.0.0.1", "private"},
      {"172.16.0.0", "private"},      {"172.31.255.255", "private"},
      {"172.15.0.1", "global4"},      {"172.32.0.1", "global4"},
      {"192.168.1.1", "private"},     {"fc00::1", "private"},
      {"fdff::1", "private"},         {"fe00::1", "global6"},
      {"100.64.0.1", "cgnat"},        {"100.127.255.255", "cgnat"},
      {"100.128.0.1", "global4"},     {"127.0.0.1", "loopback"},
      {"127.255.0.1", "loopback"},    {"::1", "loopback"},
      {"169.254.1.1", "linklocal"},   {"fe80::1", "linklocal"},
      {"febf::1", "linklocal"},       {"fec0::1", "global6"},
      {"224.0.0.251", "multicast"},   {"239.255.255.255", "multicast"},
      {"ff02::fb", "multicast"},      {"255.255.255.255", "broadcast"},
      {"240.0.0.1", "reserved"},      {"255.255.255.254", "reserved"},
      {"0.0.0.0", "unspecified"},     {"0.0.0.1", "reserved"},
      {"::", "unspecified"},          {"::2", "global6"},
      {"::ffff:10.0.0.1", "private"}, {"::ffff:8.8.8.8", "global4"},
      {"::10.0.0.1", "global6"},
  };
  for (const auto& c : kCases) {
    const AddressClass got = classify(ip(c.address));
    EXPECT_EQ(to_string(got), c.kind) << c.address;
    EXPECT_TRUE(fits_family(got, ip(c.address).is_v4())) << c.address;
  }
  for (const std::string_view name : kAddressClasses) EXPECT_EQ(to_string(*address_class(name)), name);
  EXPECT_FALSE(address_class("global"));
  EXPECT_FALSE(address_class(""));
}

TEST(Pseudonym, TextAndBack) {
  const Pseudonym p{{2026, 1}, AddressClass::global4, ip("100.115.72.131")};
  EXPECT_EQ(p.to_string(), "pfx:e2026-01:global4:100.115.72.131");
  for (const char* text :
       {"pfx:e2026-01:global4:100.115.72.131", "pfx:e2026-12:global6:c180:5dd4:2587:3524:30ab:fa65:6ab6:f88",
        "pfx:e1970-01:private:10.0.0.1", "pfx:e2026-01:private:fd00::1",
        "pfx:e2026-01:unspecified:::", "pfx:e2026-01:cgnat:1.2.3.4"}) {
    const auto parsed = Pseudonym::parse(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(parsed->to_string(), text);
  }
  // The longest fits.
  const std::string longest = "pfx:e2026-01:unspecified:1111:2222:3333:4444:5555:6666:7777:8888";
  EXPECT_EQ(longest.size(), kPseudonymBytesMax);
  EXPECT_TRUE(Pseudonym::parse(longest));
}

TEST(Pseudonym, Refuses) {
  static constexpr struct {
    const char *name, *text, *says;
  } kCases[] = {
      {"empty", "", "begins with pfx:e"},
      {"an address", "192.0.2.1", "begins with pfx:e"},
      {"a token", "tok:e2026-01:user:00000000000000000000000000000000", "begins with pfx:e"},
      {"space before", " pfx:e2026-01:global4:1.2.3.4", "begins with pfx:e"},
      {"space behind", "pfx:e2026-01:global4:1.2.3.4 ", "shortest form"},
      {"no epoch", "pfx:e:global4:1.2.3.4", "epoch"},
      {"a bad month", "pfx:e2026-13:global4:1.2.3.4", "epoch"},
      {"a day", "pfx:e2026-01-01:global4:1.2.3.4", "epoch"},
      {"ends early", "pfx:e2026-01", "epoch"},
      {"no class", "pfx:e2026-01:1.2.3.4", "class"},
      {"no class, IPv6", "pfx:e2026-01:2001:db8::1", "class"},
      {"unknown class", "pfx:e2026-01:Global4:1.2.3.4", "class"},
      {"class alone", "pfx:e2026-01:global4", "class"},
      {"no value", "pfx:e2026-01:global4:", "shortest form"},
      {"another family", "pfx:e2026-01:global4:2001:db8::1", "family"},
      {"another family, IPv4", "pfx:e2026-01:global6:1.2.3.4", "family"},
      {"mapped", "pfx:e2026-01:global4:::ffff:1.2.3.4", "shortest form"},
      {"upper case", "pfx:e2026-01:global6:2001:DB8::1", "shortest form"},
      {"zeros", "pfx:e2026-01:global6:2001:0db8::1", "shortest form"},
      {"a zone", "pfx:e2026-01:linklocal:fe80::1%eth0", "shortest form"},
      {"a prefix", "pfx:e2026-01:global4:1.2.3.0/24", "shortest form"},
      {"too long", "pfx:e2026-01:unspecified:1111:2222:3333:4444:5555:6666:7777:88888", "too long"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto parsed = Pseudonym::parse(c.text);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().code, Errc::malformed);
    EXPECT_NE(parsed.error().what.find(c.says), std::string::npos) << parsed.error().what;
  }
}

TEST(Pseudonym, IsFoundInTexts) {
  EXPECT_TRUE(carries_pseudonym("pfx:e2026-01:global4:100.115.72.131"));
  EXPECT_TRUE(carries_pseudonym("deny ip host pfx:e2026-01:global4:1.2.3.4 any"));
  EXPECT_TRUE(carries_pseudonym("pfx:ex tok:e2026-01:mac:0"));
  for (const char* text : {"", "pfx:", "pfx:e", "pfx:example", "prefix:e2026-01", "tok:e2026-01", "10.0.0.1"})
    EXPECT_FALSE(carries_pseudonym(text)) << text;
}

}  // namespace
}  // namespace nw::privacy
