#include "ingest/network/protocols/mail_header.h"

#include <gtest/gtest.h>

namespace nw::network {
namespace {

MailHeader read(const std::vector<std::string>& lines) {
  MailHeaderReader reader;
  for (const std::string& line : lines) reader.line(line);
  reader.end();
  return reader.header();
}

TEST(MailHeader, Fields) {
  const MailHeader header = read({"SUBJECT:a", " b", "\t\tc\t", "subject-x: no", "From: \t x\xff ", "no colon",
                                  "To: , a@b,,a@b,c@d", "X-Mailer: one", "User-Agent: two", "", "From: body"});
  EXPECT_EQ(header.subject, "a b c");
  EXPECT_EQ(header.from, "x\\xff");
  EXPECT_EQ(header.to, (std::vector<std::string>{"a@b", "c@d"}));
  EXPECT_EQ(header.user_agent, "two");
}

TEST(MailHeader, EndsAtTheEmptyLine) {
  MailHeaderReader reader;
  EXPECT_TRUE(reader.line("From: a"));
  EXPECT_FALSE(reader.line(""));
  EXPECT_TRUE(reader.over());
  EXPECT_FALSE(reader.line("From: b"));
  EXPECT_EQ(reader.header().from, "a");
}

TEST(MailHeader, TheHopsAreInOrderOfTime) {
  const MailHeader header = read({"Received: from c ([192.0.2.3])", "Received: from b (b [192.0.2.9]) (x [192.0.2.2])",
                                  "Received: from b2 ([192.0.2.2])", "Received: from 192.0.2.8 by a"});
  EXPECT_EQ(header.first_received, "from 192.0.2.8 by a");
  EXPECT_EQ(header.second_received, "from b2 ([192.0.2.2])");
  ASSERT_EQ(header.path.size(), 2U);  // one hop told twice, one without brackets
  EXPECT_EQ(header.path[0].to_string(), "192.0.2.3");
  EXPECT_EQ(header.path[1].to_string(), "192.0.2.2");
}

TEST(MailHeader, Addresses) {
  static constexpr struct {
    const char* text;
    bool wrapped;
    const char* want;
  } kCases[] = {
      {"[192.0.2.1]", false, "192.0.2.1"},
      {"192.0.2.1, 192.0.2.2", false, "192.0.2.1 192.0.2.2"},
      {"192.0.2.1 (192.0.2.2)", true, "192.0.2.2"},
      {"[IPv6:2001:db8::1]", true, "2001:db8::1"},
      {"ipv6:2001:db8::1", false, "2001:db8::1"},
      {"(2001:db8::1)", true, "2001:db8::1"},
      {"1.2.3 and a.b.c at 10:20:30", false, ""},
      {"", false, ""},
      {"[192.0.2.1", true, ""},
      {"999.0.2.1", false, ""},
  };
  for (const auto& c : kCases) {
    std::string got;
    for (const IpAddress& address : find_addresses(c.text, c.wrapped))
      got += (got.empty() ? "" : " ") + address.to_string();
    EXPECT_EQ(got, c.want) << c.text;
  }
}

TEST(MailHeader, AValueIsBounded) {
  for (const std::size_t bytes : {MailHeaderReader::kValueBytesMax, MailHeaderReader::kValueBytesMax + 1}) {
    MailHeaderReader reader;
    reader.line("Subject: " + std::string(1000, 'x'));
    reader.line(" " + std::string(bytes - 1001, 'x'));
    reader.end();
    EXPECT_EQ(reader.header().subject.size(), MailHeaderReader::kValueBytesMax);
    EXPECT_EQ(reader.cut(), bytes > MailHeaderReader::kValueBytesMax);
  }
}

TEST(MailHeader, AddressesAreBounded) {
  for (const std::size_t count : {MailHeaderReader::kAddressesMax, MailHeaderReader::kAddressesMax + 1}) {
    MailHeaderReader reader;
    for (std::size_t i = 0; i < count; ++i) reader.line("To: a" + std::to_string(i) + "@b");
    reader.end();
    EXPECT_EQ(reader.header().to.size(), MailHeaderReader::kAddressesMax);
    EXPECT_EQ(reader.cut(), count > MailHeaderReader::kAddressesMax);
  }
}

TEST(MailHeader, ThePathIsBounded) {
  for (const std::size_t count : {MailHeaderReader::kPathMax, MailHeaderReader::kPathMax + 1}) {
    MailHeaderReader reader;
    for (std::size_t i = 0; i < count; ++i) reader.line("Received: ([192.0.2." + std::to_string(i) + "])");
    reader.end();
    EXPECT_EQ(reader.header().path.size(), MailHeaderReader::kPathMax);
    EXPECT_EQ(reader.cut(), count > MailHeaderReader::kPathMax);
  }
}

}  // namespace
}  // namespace nw::network
