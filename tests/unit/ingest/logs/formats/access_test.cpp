#include <array>
#include <gtest/gtest.h>
#include <string>

#include "ingest/logs/formats/messages.h"
#include "unit/ingest/logs/formats/message_brief.h"
#include "unit/ingest/logs/formats/message_play.h"

namespace nw::logs {
namespace {

// The second names of fields, and Zeek's.
constexpr auto kSkip =
    std::to_array<std::string_view>({"ts", "c-uri", "cs-referrer", "c-useragent", "id.orig_h", "id.orig_p"});

TEST(Access, TellsRequests) {
  static constexpr struct {
    const char *name, *text, *want;
  } kCases[] = {
      {"common", R"(192.0.2.10 - - [15/Jan/2026:08:59:58 +0100] "GET /a/b.php?x=1&y=2 HTTP/1.1" 200 512)",
       R"(access|c-ip=192.0.2.10|cs-version=HTTP/1.1|cs-method=GET|cs-uri=/a/b.php?x=1&y=2|cs-uri-stem=/a/b.php)"
       R"(|c-uri-extension=php|c-uri-query=x=1&y=2|cs-uri-query=["x=1&y=2","/a/b.php?x=1&y=2"]|sc-status=200)"
       R"(|sc-bytes=512)"},
      {"combined",
       R"(2001:db8::10 - olga [15/Jan/2026:07:59:58 +0000] "POST /login HTTP/2.0" 302 -)"
       R"x( "https://www.example.com/" "Agent/1.0 (x; y)")x",
       "access|c-ip=2001:db8::10|cs-username=olga|cs-version=HTTP/2.0|cs-method=POST|cs-uri=/login"
       "|cs-uri-stem=/login|cs-uri-query=/login|sc-status=302|cs-referer=https://www.example.com/"
       "|cs-user-agent=Agent/1.0 (x; y)"},
      {"virtual host",
       R"(www.example.com:8443 192.0.2.10 - - [15/Jan/2026:07:59:58 +0000] "GET / HTTP/1.1" 200 1 "-" "-")",
       "access|c-ip=192.0.2.10|cs-version=HTTP/1.1|cs-method=GET|cs-uri=/|cs-uri-stem=/|cs-uri-query=/"
       "|cs-host=www.example.com|s-port=8443|sc-status=200|sc-bytes=1"},
      {"virtual host, a client's name",
       R"(www.example.com panel7.example - - [15/Jan/2026:07:59:58 +0000] "GET / HTTP/1.1" 200 1)",
       "access|c-ip=panel7.example|cs-version=HTTP/1.1|cs-method=GET|cs-uri=/|cs-uri-stem=/|cs-uri-query=/"
       "|cs-host=www.example.com|sc-status=200|sc-bytes=1"},
      {"a user with spaces", R"(192.0.2.10 - olga p [15/Jan/2026:07:59:58 +0000] "GET / HTTP/1.1" 401 1)",
       "access|c-ip=192.0.2.10|cs-username=olga p|cs-version=HTTP/1.1|cs-method=GET|cs-uri=/|cs-uri-stem=/"
       "|cs-uri-query=/|sc-status=401|sc-bytes=1"},
      {"a user with a bracket", R"(192.0.2.10 - a[b [15/Jan/2026:07:59:58 +0000] "GET / HTTP/1.1" 401 1)",
       "access|c-ip=192.0.2.10|cs-username=a[b|cs-version=HTTP/1.1|cs-method=GET|cs-uri=/|cs-uri-stem=/"
       "|cs-uri-query=/|sc-status=401|sc-bytes=1"},
      {"forwarders in front",
       R"(192.0.2.10, 198.51.100.1 - - [15/Jan/2026:07:59:58 +0000] "GET / HTTP/1.1" 200 1 "-" "A")",
       "access|c-ip=192.0.2.10|x-forwarded-for=192.0.2.10, 198.51.100.1|cs-version=HTTP/1.1|cs-method=GET|cs-uri=/"
       "|cs-uri-stem=/|cs-uri-query=/|sc-status=200|sc-bytes=1|cs-user-agent=A"},
      {"forwarders behind",
       R"(198.51.100.1 - - [15/Jan/2026:07:59:58 +0000] "GET / HTTP/1.1" 200 1 "-" "A" "192.0.2.10, 192.0.2.11")",
       "access|c-ip=198.51.100.1|cs-version=HTTP/1.1|cs-method=GET|cs-uri=/|cs-uri-stem=/|cs-uri-query=/"
       "|sc-status=200|sc-bytes=1|cs-user-agent=A|x-forwarded-for=192.0.2.10, 192.0.2.11"},
      {"times behind", R"(192.0.2.10 - - [15/Jan/2026:07:59:58 +0000] "GET / HTTP/1.1" 200 1 "-" "A" 0.125 0.100)",
       "access|c-ip=192.0.2.10|cs-version=HTTP/1.1|cs-method=GET|cs-uri=/|cs-uri-stem=/|cs-uri-query=/"
       "|sc-status=200|sc-bytes=1|cs-user-agent=A|request_time=0.125|upstream_response_time=0.1"},
      {"keys behind",
       R"(192.0.2.10 - - [15/Jan/2026:07:59:58 +0000] "GET / HTTP/1.1" 200 1 "-" "A" rt=0.125 uct="0.010" cache=-)"
       R"( id=7)",
       "access|c-ip=192.0.2.10|cs-version=HTTP/1.1|cs-method=GET|cs-uri=/|cs-uri-stem=/|cs-uri-query=/"
       "|sc-status=200|sc-bytes=1|cs-user-agent=A|rt=0.125|uct=0.010|id=7"},
      {"something else behind",
       R"(192.0.2.10 - - [15/Jan/2026:07:59:58 +0000] "GET / HTTP/1.1" 200 1 "-" "A" 45 "app@docker" 3ms)",
       R"(access|c-ip=192.0.2.10|cs-version=HTTP/1.1|cs-method=GET|cs-uri=/|cs-uri-stem=/|cs-uri-query=/)"
       R"(|sc-status=200|sc-bytes=1|cs-user-agent=A|extra=45 \"app@docker\" 3ms)"},
      {"escapes", R"(192.0.2.10 - - [15/Jan/2026:07:59:58 +0000] "GET /\"x\" HTTP/1.1" 404 1 "-" "a\x22b\\c\td")",
       R"(access|c-ip=192.0.2.10|cs-version=HTTP/1.1|cs-method=GET|cs-uri=/\"x\"|cs-uri-stem=/\"x\")"
       R"(|cs-uri-query=/\"x\"|sc-status=404|sc-bytes=1|cs-user-agent=a\"b\\c\td)"},
      {"a quote that nobody escaped",
       R"(192.0.2.10 - - [15/Jan/2026:07:59:58 +0000] "GET /?q="x"y HTTP/1.1" 404 1 "-" "A")",
       R"(access|c-ip=192.0.2.10|cs-version=HTTP/1.1|cs-method=GET|cs-uri=/?q=\"x\"y|cs-uri-stem=/)"
       R"(|c-uri-query=q=\"x\"y|cs-uri-query=["q=\"x\"y","/?q=\"x\"y"]|sc-status=404|sc-bytes=1|cs-user-agent=A)"},
      {"no request", R"(192.0.2.10 - - [15/Jan/2026:07:59:58 +0000] "-" 408 -)",
       "access|c-ip=192.0.2.10|sc-status=408"},
      {"not HTTP", R"(192.0.2.10 - - [15/Jan/2026:07:59:58 +0000] "\x16\x03\x01" 400 157 "-" "-")",
       R"(access|c-ip=192.0.2.10|request=\u0016\u0003\u0001|sc-status=400|sc-bytes=157)"},
      {"HTTP/0.9", R"(192.0.2.10 - - [15/Jan/2026:07:59:58 +0000] "GET /old" 200 1)",
       "access|c-ip=192.0.2.10|cs-method=GET|cs-uri=/old|cs-uri-stem=/old|cs-uri-query=/old|sc-status=200"
       "|sc-bytes=1"},
      {"a proxy's",
       R"(192.0.2.10 - - [15/Jan/2026:07:59:58 +0000] "GET http://www.example.org:8080/a?b HTTP/1.1" 200 1)",
       R"(access|c-ip=192.0.2.10|cs-version=HTTP/1.1|cs-method=GET|cs-uri=http://www.example.org:8080/a?b)"
       R"(|cs-host=www.example.org:8080|cs-uri-stem=/a|c-uri-query=b)"
       R"(|cs-uri-query=["b","http://www.example.org:8080/a?b"]|sc-status=200|sc-bytes=1)"},
      {"CONNECT", R"(192.0.2.10 - - [15/Jan/2026:07:59:58 +0000] "CONNECT mail.example.org:25 HTTP/1.1" 400 1)",
       "access|c-ip=192.0.2.10|cs-version=HTTP/1.1|cs-method=CONNECT|cs-uri=mail.example.org:25"
       "|cs-uri-stem=mail.example.org:25|cs-uri-query=mail.example.org:25|sc-status=400|sc-bytes=1"},
      {"an agent that is cut", R"(192.0.2.10 - - [15/Jan/2026:07:59:58 +0000] "GET / HTTP/1.1" 403 1 "-" "Robot/1)",
       "access|c-ip=192.0.2.10|cs-version=HTTP/1.1|cs-method=GET|cs-uri=/|cs-uri-stem=/|cs-uri-query=/"
       "|sc-status=403|sc-bytes=1|cs-user-agent=Robot/1"},
      {"no zone", R"(192.0.2.10 - - [15/Jan/2026:07:59:58] "GET / HTTP/1.1" 200 1)",
       "access|c-ip=192.0.2.10|cs-version=HTTP/1.1|cs-method=GET|cs-uri=/|cs-uri-stem=/|cs-uri-query=/"
       "|sc-status=200|sc-bytes=1"},
      {"TLS request log",
       R"([15/Jan/2026:07:59:58 +0000] 192.0.2.10 TLSv1.3 TLS_AES_128_GCM_SHA256 "GET / HTTP/1.1" 99)",
       "access|c-ip=192.0.2.10|cs-version=HTTP/1.1|cs-method=GET|cs-uri=/|cs-uri-stem=/|cs-uri-query=/|sc-bytes=99"
       "|tls_version=TLSv1.3|tls_cipher=TLS_AES_128_GCM_SHA256"},
      {"client with port", R"(192.0.2.10:40001 - - [15/Jan/2026:07:59:58 +0000] "GET / HTTP/1.1" 200 1)",
       "access|c-port=40001|c-ip=192.0.2.10|cs-version=HTTP/1.1|cs-method=GET|cs-uri=/|cs-uri-stem=/"
       "|cs-uri-query=/|sc-status=200|sc-bytes=1"},
      {"no such day", R"(192.0.2.10 - - [31/Feb/2026:07:59:58 +0000] "GET / HTTP/1.1" 200 1)", "fault: bad_time"},
      {"no status", R"(192.0.2.10 - - [15/Jan/2026:07:59:58 +0000] "GET / HTTP/1.1" ok 1)", "fault: bad_header"},
      {"no access line", "hello", "fault: bad_header"},
  };
  MessagePlay play{access_format()};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(brief(play.play(c.text), kSkip), c.want);
  }
}

TEST(Access, TellsErrors) {
  static constexpr struct {
    const char *name, *text, *want;
  } kCases[] = {
      {"Apache",
       "[Thu Jan 15 07:59:58.250125 2026] [core:error] [pid 7:tid 99] [client 192.0.2.10:40001] AH00126: Invalid"
       " URI in request GET /../x HTTP/1.1, referer: http://www.example.com/",
       "apache.error|level=error|module=core|pid=7|tid=99|error_code=AH00126|error=Invalid URI in request GET"
       " /../x HTTP/1.1|c-port=40001|c-ip=192.0.2.10|cs-referer=http://www.example.com/"},
      {"Apache 2.2", "[Thu Jan 15 07:59:58 2026] [error] [client 192.0.2.10] File does not exist: /srv/x",
       "apache.error|level=error|error=File does not exist: /srv/x|c-ip=192.0.2.10"},
      {"Apache, IPv6",
       "[Thu Jan 15 07:59:58 2026] [authz_core:error] [pid 7] [client [2001:db8::10]:40001] AH01630: client denied"
       " by server configuration: /srv",
       "apache.error|level=error|module=authz_core|pid=7|error_code=AH01630|error=client denied by server"
       " configuration: /srv|c-port=40001|c-ip=2001:db8::10"},
      {"Apache, syslog", "[auth_basic:error] [pid 7] [client 192.0.2.10:40001] AH01618: user olga not found: /",
       "apache.error|level=error|module=auth_basic|pid=7|error_code=AH01618|error=user olga not found: /"
       "|c-port=40001|c-ip=192.0.2.10"},
      {"Apache, child", "[Thu Jan 15 07:59:58 2026] [notice] child pid 9 exit signal Segmentation fault (11)",
       "apache.error|level=notice|error=child pid 9 exit signal Segmentation fault (11)"},
      {"ModSecurity",
       R"([Thu Jan 15 07:59:58.250125 2026] [:error] [pid 7] [client 192.0.2.10:40001] [client 192.0.2.10])"
       R"( ModSecurity: Access denied with code 403. [id "949110"] [msg "Inbound \"score\" exceeded"] [severity)"
       R"( "CRITICAL"] [hostname "www.example.com"] [uri "/a"] [unique_id "Zx1"])",
       R"(modsecurity|level=error|pid=7|error=ModSecurity: Access denied with code 403. [id \"949110\"] [msg)"
       R"( \"Inbound \"score\" exceeded\"] [severity \"CRITICAL\"] [hostname \"www.example.com\"] [uri \"/a\"])"
       R"( [unique_id \"Zx1\"]|c-port=40001|c-ip=192.0.2.10|rule_id=949110|rule_msg=Inbound \"score\" exceeded)"
       R"(|rule_severity=CRITICAL|cs-host=www.example.com|cs-uri-stem=/a|unique_id=Zx1)"},
      {"Apache, no such day", "[Thu Feb 31 07:59:58 2026] [error] x", "fault: bad_time"},
      {"Apache, no level", "[Thu Jan 15 07:59:58 2026] [x y] z", "fault: bad_header"},
      {"nginx",
       R"(2026/01/15 07:59:58 [error] 7#9: *3 open() "/srv/x" failed (2: No such file or directory), client:)"
       R"( 192.0.2.10, server: www.example.com, request: "GET /x?y HTTP/1.1", upstream:)"
       R"( "http://198.51.100.1:80/x", host: "www.example.com", referrer: "http://www.example.com/")",
       R"(nginx.error|level=error|pid=7|tid=9|connection=3|error=open() \"/srv/x\" failed (2: No such file or)"
       R"( directory)|c-ip=192.0.2.10|s-computername=www.example.com|upstream=http://198.51.100.1:80/x)"
       R"(|cs-version=HTTP/1.1|cs-method=GET|cs-uri=/x?y|cs-uri-stem=/x|c-uri-query=y|cs-uri-query=["y","/x?y"])"
       R"(|cs-host=www.example.com|cs-referer=http://www.example.com/)"},
      {"nginx, no connection", "2026/01/15 07:59:58 [alert] 7#7: worker process 8 exited on signal 6 (core dumped)",
       "nginx.error|level=alert|pid=7|tid=7|error=worker process 8 exited on signal 6 (core dumped)"},
      {"nginx, mail",
       R"(2026/01/15 07:59:58 [info] 7#7: *6 client login failed: "AUTH not supported" while in http auth state,)"
       R"( client: 192.0.2.10, server: 0.0.0.0:25, login: "olga@example.com")",
       R"(nginx.error|level=info|pid=7|tid=7|connection=6|error=client login failed: \"AUTH not supported\" while)"
       R"( in http auth state|c-ip=192.0.2.10|s-computername=0.0.0.0:25|cs-username=olga@example.com)"},
      {"nginx, a user who writes in the log",
       R"(2026/01/15 07:59:58 [error] 7#9: *3 user "x": password mismatch, client: 127.0.0.1, server: a, request:)"
       R"( "GET / HTTP/1.1", host: "b": was not found in "/etc/pw", client: 198.51.100.9, server:)"
       R"( www.example.com, request: "GET / HTTP/1.1", host: "www.example.com")",
       R"(nginx.error|level=error|pid=7|tid=9|connection=3|error=user \"x\": password mismatch, client:)"
       R"( 127.0.0.1, server: a, request: \"GET / HTTP/1.1\", host: \"b\": was not found in \"/etc/pw\")"
       R"(|c-ip=198.51.100.9|s-computername=www.example.com|cs-version=HTTP/1.1|cs-method=GET|cs-uri=/)"
       R"(|cs-uri-stem=/|cs-uri-query=/|cs-host=www.example.com)"},
      {"nginx, a quote in the request",
       R"(2026/01/15 07:59:58 [error] 7#9: *3 forbidden, client: 198.51.100.9, server: s, request: "GET /?a="><b>)"
       R"( HTTP/1.1", host: "h")",
       R"(nginx.error|level=error|pid=7|tid=9|connection=3|error=forbidden|c-ip=198.51.100.9|s-computername=s)"
       R"(|cs-version=HTTP/1.1|cs-method=GET|cs-uri=/?a=\"><b>|cs-uri-stem=/|c-uri-query=a=\"><b>)"
       R"(|cs-uri-query=["a=\"><b>","/?a=\"><b>"]|cs-host=h)"},
      {"nginx, no level", "2026/01/15 07:59:58 x", "fault: bad_header"},
      {"nginx, no such day", "2026/02/31 07:59:58 [error] 7#9: x", "fault: bad_time"},
  };
  MessagePlay play{access_format()};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(brief(play.play(c.text), kSkip), c.want);
  }
}

// Rules for web servers and for proxies have names of their own for the same things.
TEST(Access, SaysItInEveryVocabulary) {
  MessagePlay play{access_format()};
  const std::string told =
      play.play(R"(192.0.2.10:40001 - - [15/Jan/2026:07:59:58 +0000] "GET /a?b HTTP/1.1" 200 1 "http://r/" "A/1")");
  for (const char* want : {R"("cs-uri":"/a?b")", R"("c-uri":"/a?b")", R"("cs-referer":"http://r/")",
                           R"("cs-referrer":"http://r/")", R"("cs-user-agent":"A/1")", R"("c-useragent":"A/1")",
                           R"("c-ip":"192.0.2.10")", R"("id.orig_h":"192.0.2.10")", R"("id.orig_p":40001)"})
    EXPECT_NE(told.find(want), std::string::npos) << want;
}

TEST(Access, ReadsItsTimes) {
  static constexpr struct {
    const char *text, *want;
  } kCases[] = {
      {R"(192.0.2.10 - - [15/Jan/2026:08:59:58 +0100] "GET / HTTP/1.1" 200 1)", "1768463998.000000"},
      {R"(192.0.2.10 - - [5/Jan/2026:07:59:58] "GET / HTTP/1.1" 200 1)", "1767599998.000000"},
      {"[Thu Jan 15 07:59:58.250125 2026] [core:error] x", "1768463998.250125"},
      {"[Thu Jan  5 07:59:58 2026] [error] x", "1767599998.000000"},
      {"2026/01/15 07:59:58 [error] 7#9: x", "1768463998.000000"},
  };
  MessagePlay play{access_format()};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    EXPECT_NE(play.play(c.text).find(std::string{R"("ts":)"} + c.want + ','), std::string::npos);
  }
}

TEST(Access, TypesCarryTheLogSources) {
  const auto& types = access_format().types;
  ASSERT_EQ(types.size(), 4U);
  for (const event::TypeSpec& type : types) EXPECT_EQ(type.categories[0], "webserver");
  EXPECT_EQ(types[1].services[0], "apache");
  EXPECT_EQ(types[2].product, "modsecurity");
  EXPECT_EQ(types[3].services[0], "nginx");
}

TEST(Access, Recognises) {
  const auto is = [](std::string_view text) { return access_format().recognise(MessagePlay::message(text)); };
  EXPECT_TRUE(is(R"(192.0.2.10 - - [15/Jan/2026:08:59:58 +0100] "GET / HTTP/1.1" 200 1)"));
  EXPECT_TRUE(is(R"([15/Jan/2026:07:59:58 +0000] 192.0.2.10 TLSv1.3 X "GET / HTTP/1.1" 99)"));
  EXPECT_TRUE(is("[Thu Jan 15 07:59:58.250125 2026] [core:error] [pid 7:tid 99] x"));
  EXPECT_TRUE(is("2026/01/15 07:59:58 [error] 7#9: *3 x"));
  EXPECT_FALSE(is(""));
  EXPECT_FALSE(is("192.0.2.10:35982 [15/Jan/2026:08:59:58.395] front back/s 0/0/1/0/2 304 168"));  // HAProxy
  EXPECT_FALSE(is("2026/01/15 07:59:58 something that is not nginx"));
  EXPECT_FALSE(is("[15/Jan/2026:07:59:58 +0000] 192.0.2.10 asked for something"));
  EXPECT_FALSE(is("[15/Jan/2026:07:59:58 +0000] job 7 of 9 done, all is well"));
  EXPECT_FALSE(is("[Thu Jan 15 07:59:58 2026] usb 1-1: new device found"));
}

TEST(Access, BoundsWhatStandsBehind) {
  MessagePlay play{access_format()};
  std::string text = R"(192.0.2.10 - - [15/Jan/2026:07:59:58 +0000] "GET / HTTP/1.1" 200 1 "-" "A")";
  for (int i = 0; i < 64; ++i) text += " k" + std::to_string(i) + "=1";
  EXPECT_NE(play.play(text).find(R"("k63":1)"), std::string::npos);
  EXPECT_EQ(play.play(text + " k64=1"), "fault: too_deep\n");
}

TEST(Access, SurvivesPrefixes) {
  MessagePlay play{access_format()};
  for (const std::string text :
       {R"(v:1 192.0.2.10 - a [15/Jan/2026:07:59:58 +0000] "GET /\"?a\x22 HTTP/1.1" 200 1 "r" "a" "-" 0.1 k="v")",
        R"([Thu Jan 15 07:59:58.2 2026] [core:error] [pid 7:tid 9] [client [2001:db8::1]:4] AH00001: x, referer: y)",
        R"(2026/01/15 07:59:58 [error] 7#9: *3 x, client: 1, server: s, request: "GET / HTTP/1.1", host: "h")"})
    for (std::size_t size = 1; size <= text.size(); ++size)
      EXPECT_FALSE(play.play(std::string_view{text}.substr(0, size)).empty());
}

}  // namespace
}  // namespace nw::logs
