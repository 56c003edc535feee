#include "ingest/network/protocols/dns_query.h"

#include <gtest/gtest.h>
#include <string>

namespace nw::network {
namespace {

TEST(DnsQuery, RegisteredDomain) {
  static constexpr struct {
    const char *name, *want;
  } kCases[] = {
      {"www.example.com", "example.com"},
      {"example.com", "example.com"},
      {"com", "com"},
      {".", "."},
      {"", ""},
      {"a.b.c.example.com", "example.com"},
      {"www.example.co.uk", "example.co.uk"},
      {"example.co.uk", "example.co.uk"},
      {"co.uk", "co.uk"},
      {"www.amt.gv.at", "amt.gv.at"},
      {"www.example.at", "example.at"},
      {"www.ibm.de", "ibm.de"},
      {"a.b.t.co", "t.co"},
      {"www.ab.museum", "ab.museum"},
      {"a..b", ".b"},
      {"a.b.", "b."},
      {"...", "."},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(registered_domain(c.name), c.want);
  }
}

TEST(DnsQuery, Entropy) {
  EXPECT_EQ(query_entropy("example.com"), 0);
  EXPECT_EQ(query_entropy(""), 0);
  EXPECT_EQ(query_entropy("aaaa.example.com"), 0);
  EXPECT_EQ(query_entropy("ab.ab.example.com"), 1);  // the dots do not count
  EXPECT_EQ(query_entropy("abcdefgh.example.com"), 3);
  EXPECT_LT(query_entropy("webmail.office.example.com"), 3.5);
  EXPECT_GT(query_entropy("nbswy3dpo5xxe3dekr2gk43uonzxi2lmnqztem5.example.com"), 3.8);
}

}  // namespace
}  // namespace nw::network
