#include "record/privacy/shorten.h"

#include "unit/record/privacy/support.h"

namespace nw::privacy {
namespace {

Policy site() {
  Policy policy;
  policy.public_suffixes = {"github.io", "io"};
  policy.registry_labels = {"co", "gv"};
  policy.path_words = {".php", ".tar", "admin", "api", "v1"};
  return policy;
}

TEST(Domain, SuffixAndRegisteredName) {
  static constexpr struct {
    const char *name, *suffix, *registered;
  } kCases[] = {
      {"www.example.com", "com", "example.com"},
      {"example.com", "com", "example.com"},
      {"com", "com", "com"},
      {"a.b.example.co.uk", "co.uk", "example.co.uk"},
      {"co.uk", "co.uk", "co.uk"},
      {"www.ministry.gv.at", "gv.at", "ministry.gv.at"},
      {"alice.github.io", "github.io", "alice.github.io"},
      {"x.alice.github.io", "github.io", "alice.github.io"},
      {"co.example", "example", "co.example"},
      {"www.co.info", "info", "co.info"},
  };
  const Policy policy = site();
  for (const auto& c : kCases) {
    EXPECT_EQ(public_suffix(c.name, policy), c.suffix) << c.name;
    EXPECT_EQ(registered_domain(c.name, policy), c.registered) << c.name;
  }
}

TEST(Domain, Names) {
  for (const char* name :
       {"a.b", "www.example.com.", "_ldap._tcp.example.org", "xn--mnchen-3ya.de", "1.0.0.127.in-addr.arpa"})
    EXPECT_TRUE(is_domain_name(name)) << name;
  for (const char* name : {"", ".", "localhost", "a..b", ".a", "a b.c", "a/b.c", "a.b..", "10.0.0.1:80"})
    EXPECT_FALSE(is_domain_name(name)) << name;
  EXPECT_TRUE(is_domain_name(std::string(63, 'a') + ".b"));
  EXPECT_FALSE(is_domain_name(std::string(64, 'a') + ".b"));
  std::string longest;
  while (longest.size() < 252) longest += "a.";
  EXPECT_TRUE(is_domain_name(longest + "b"));
  EXPECT_FALSE(is_domain_name("aa." + longest + "b"));
}

TEST(Entropy, OfTexts) {
  EXPECT_EQ(entropy(""), 0);
  EXPECT_EQ(entropy("aaaa"), 0);
  EXPECT_NEAR(entropy("abcd"), 2, 1e-9);
  EXPECT_NEAR(entropy("aabb"), 1, 1e-9);
}

TEST(PathTemplate, KeepsOnlyWordsThatAreListed) {
  static constexpr struct {
    const char *path, *want;
  } kCases[] = {
      {"", ""},
      {"/", "/"},
      {"/admin", "/admin"},
      {"/ADMIN/", "/admin/"},
      {"/api/v1/users/alice", "/api/v1/{word}/{word}"},
      {"/api/v1/4711", "/api/v1/{n}"},
      {"/a/550e8400-e29b-41d4-a716-446655440000", "/{word}/{id}"},
      {"/deadbeef", "/{word}"},
      {"/deadbee7", "/{id}"},
      {"/admin.php?user=alice", "/admin.php?{query}"},
      {"/alice.php#part", "/{word}.php"},
      {"/alice.tar.exe", "/{word}"},
      {"/4711.tar", "/{n}.tar"},
      {"/admin.tar.php", "/{word}.php"},
      {"/../../etc/passwd", "/../../{word}/{word}"},
      {"/api;jsessionid=0123456789", "/api;{word}"},
      {"//admin", "//admin"},
      {"alice", "{word}"},
      {"?q=alice", "?{query}"},
      {"/%61lice", "/{word}"},
      {"/.php", "/.php"},
  };
  const Policy policy = site();
  for (const auto& c : kCases) EXPECT_EQ(path_template(c.path, policy), c.want) << c.path;
  std::string deep, want;
  for (int i = 0; i < 33; ++i) deep += "/admin";
  for (int i = 0; i < 32; ++i) want += "/admin";
  EXPECT_EQ(path_template(deep, policy), want + "/{more}");
}

TEST(Scrub, FindsWhatTellsOfPersons) {
  static constexpr struct {
    const char *text, *want;
  } kCases[] = {
      {"", ""},
      {"nothing here", "nothing here"},
      {"from 203.0.113.7 port 22", "from <A 203.0.113.7> port 22"},
      {"203.0.113.7", "<A 203.0.113.7>"},
      {"(203.0.113.7)", "(<A 203.0.113.7>)"},
      {"by 203.0.113.7.", "by <A 203.0.113.7>."},
      {"203.0.113.7:443", "<A 203.0.113.7>:443"},
      {"host-203.0.113.7-x", "host-<A 203.0.113.7>-x"},
      {"net 10.0.0.0/8", "net <A 10.0.0.0>/8"},
      {"1.2.3.4.5", "1.2.3.4.5"},
      {"1.2.3", "1.2.3"},
      {"1.2.3.256", "1.2.3.256"},
      {"v1.2.3.4", "v<A 1.2.3.4>"},
      {"[2001:db8::1]:80", "[<A 2001:db8::1>]:80"},
      {"fe80::1%eth0", "<A fe80::1>%eth0"},
      {"to 2001:db8::, ok", "to <A 2001:db8::>, ok"},
      {"time 12:30:00", "time 12:30:00"},
      {"aa:bb:cc:dd:ee:ff", "<C aa:bb:cc:dd:ee:ff>"},
      {"AA-BB-CC-DD-EE-FF up", "<C AA-BB-CC-DD-EE-FF> up"},
      {"mail <alice@example.org>", "mail <<M alice@example.org>>"},
      {"see http://x.y/a?b now", "see <U http://x.y/a?b> now"},
      {"\"https://[::1]/\"", "\"<U https://[::1]/>\""},
      {"login bob failed", "login <N bob> failed"},
      {"CORP\\bob, bob-pc", "CORP\\<N bob>, <N bob>-pc"},
      {"bobby", "bobby"},
      {"k=\"v w\" z", "k=\"<P k v w>\" z"},
      {"k=v,n=1", "k=<P k v>,n=1"},
      {"k=", "k="},
      {"/home/alice/x", "/home/<O alice>/x"},
      {"C:\\Users\\Alice Smith\\x", "C:\\Users\\<O Alice> Smith\\x"},
      {"C:\\Users\\alice.s\\x", "C:\\Users\\<O alice.s>\\x"},
      {"/Users/a-b/x", "/Users/<O a-b>/x"},
      {"\xc3\xa4 10.0.0.1", "\xc3\xa4 <A 10.0.0.1>"},
      {":: .", "<A ::> ."},
  };
  const auto wrap = [](char mark) {
    return [mark](std::string_view found) { return std::string{'<', mark, ' '} + std::string{found} + '>'; };
  };
  const auto mail = wrap('M'), mac = wrap('C'), url = wrap('U'), user = wrap('O');
  const auto address = [](const IpAddress& found) { return "<A " + found.to_string() + ">"; };
  const auto wants_pair = [](std::string_view key) { return key == "k"; };
  const auto pair = [](std::string_view key, std::string_view value) {
    return "<P " + std::string{key} + ' ' + std::string{value} + ">";
  };
  const auto name = [](std::string_view word, std::string& out) {
    out = "<N bob>";
    return word == "bob";
  };
  for (const auto& c : kCases)
    EXPECT_EQ(scrub(c.text, Replacements{address, mail, mac, url, user, wants_pair, pair, name}), c.want) << c.text;
}

}  // namespace
}  // namespace nw::privacy
