// NTLM in HTTP/1.x: who authenticates a connection.
#include "play.h"
#include "smb_frames.h"

namespace nw::network {
namespace {

std::string base64(const std::vector<std::uint8_t>& bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8U | (i + k < bytes.size() ? bytes[i + k] : 0U);
    for (std::size_t k = 0; k < 4; ++k) out += i + k <= bytes.size() ? kDigits[group >> (18 - 6 * k) & 63U] : '=';
  }
  return out;
}

struct Flow : Play {
  Flow() : Play{"http", Transport::tcp} {}
  void ask(const std::string& headers) { say("GET / HTTP/1.1\r\n" + headers + "\r\n"); }
  void answer(const std::string& code, const std::string& headers = {}) {
    say("HTTP/1.1 " + code + " x\r\nContent-Length: 0\r\n" + headers + "\r\n", kBack);
  }
};

const std::string kNegotiate = base64(from_hex("'NTLMSSP' 00 01000000"));
const std::string kChallenge = base64(from_hex(smb_frames::ntlm_challenge()));
const std::string kAnswer = base64(from_hex(smb_frames::ntlm_authenticate("OT", "eve", "WS7", 40)));

TEST(HttpNtlm, AnAuthentication) {
  const struct {
    const char *name, *from, *to, *refusal, *scheme, *code, *success;
  } kCases[] = {
      {"let in", "Authorization", "WWW-Authenticate", "401", "NTLM", "200", "true"},
      {"Negotiate", "authorization", "www-authenticate", "401", "Negotiate", "200", "true"},
      {"found nothing, but let in", "Authorization", "WWW-Authenticate", "401", "NTLM", "404", "true"},
      {"refused", "Authorization", "WWW-Authenticate", "401", "NTLM", "401", "false"},
      {"an error that says nothing of the user", "Authorization", "WWW-Authenticate", "401", "NTLM", "400", "-"},
      {"only the proxy refuses", "Authorization", "WWW-Authenticate", "401", "NTLM", "407", "-"},
      {"a proxy", "Proxy-Authorization", "Proxy-Authenticate", "407", "NTLM", "200", "true"},
      {"a proxy, and its server wants more", "Proxy-Authorization", "Proxy-Authenticate", "407", "NTLM", "401", "true"},
      {"a proxy refuses", "Proxy-Authorization", "Proxy-Authenticate", "407", "NTLM", "407", "false"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const std::string from = std::string{c.from} + ": " + c.scheme + " ", to = std::string{c.to} + ": " + c.scheme;
    Flow flow;
    flow.ask("");
    flow.answer(c.refusal, to + "\r\n");
    flow.ask(from + kNegotiate + "\r\n");
    flow.answer(c.refusal, to + " " + kChallenge + "\r\n" + c.to + ": Basic realm=x\r\n");
    flow.ask(from + kAnswer + "\r\n");
    flow.answer(c.code, to + "\r\n");
    flow.ask("");
    flow.answer("200");
    flow.end();
    ASSERT_EQ(flow.context.paths, (std::vector<std::string>{"http", "http", "ntlm", "http", "http"}));
    expect(flow.context, 2,
           {{"username", "eve"},
            {"domainname", "OT"},
            {"hostname", "WS7"},
            {"success", c.success},
            {"ntlm_version", "NTLMv2"}});
    EXPECT_NE(flow.get(2, "server_nb_computer_name"), "-");
    for (const auto& event : flow.context.events)
      for (const auto& [field, value] : event) EXPECT_EQ(value.find("TlRMTVNT"), std::string::npos) << field;
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
}

TEST(HttpNtlm, WithoutItsAnswer) {
  Flow flow;
  flow.ask("Authorization: NTLM " + kAnswer + "\r\n");
  flow.end();
  ASSERT_EQ(flow.context.paths, (std::vector<std::string>{"http", "ntlm"}));
  expect(flow.context, 1, {{"username", "eve"}, {"success", "-"}});
}

TEST(HttpNtlm, AServerProvesNothing) {
  const std::string forged = base64(from_hex(smb_frames::ntlm_authenticate("OT", "admin", "WS7", 40)));
  for (const char* code : {"100", "200"}) {
    SCOPED_TRACE(code);
    Flow flow;
    flow.ask("Authorization: NTLM " + kAnswer + "\r\n");
    flow.answer(code, "WWW-Authenticate: NTLM " + forged + "\r\n");
    flow.answer("200");
    flow.end();
    EXPECT_EQ(std::ranges::count(flow.context.paths, "ntlm"), 1);
    for (const auto& event : flow.context.events) {
      if (const auto user = event.find("username"); user != event.end()) {
        EXPECT_EQ(user->second, "eve");
      }
    }
  }
}

TEST(HttpNtlm, BesideAPassword) {
  const std::string basic = "Authorization: Basic YWxpY2U6c2VjcmV0\r\n",
                    proof = "Proxy-Authorization: NTLM " + kAnswer + "\r\n";
  for (const std::string& headers : {basic + proof, proof + basic}) {
    Flow flow;
    flow.ask(headers);
    flow.answer("200");
    flow.end();
    ASSERT_EQ(flow.context.paths, (std::vector<std::string>{"ntlm", "http"}));
    expect(flow.context, 0, {{"username", "eve"}, {"success", "true"}});
    expect(flow.context, 1, {{"username", "alice"}, {"password", "true"}});
  }
}

TEST(HttpNtlm, WhatIsNone) {
  const std::string tokens[] = {"Negotiate YIIG", "NTLM", "NTLM !!!", "Digest username=x", "Basic YWxpY2U6c2VjcmV0"};
  for (const std::string& token : tokens) {
    SCOPED_TRACE(token);
    Flow flow;
    flow.ask("Authorization: " + token + "\r\nWWW-Authenticate: NTLM " + kChallenge + "\r\n");
    flow.answer("200");
    flow.end();
    EXPECT_EQ(flow.context.paths, std::vector<std::string>{"http"});
    EXPECT_EQ(flow.get(0, "username"), token.starts_with("Basic") ? "alice" : "-");
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
  Flow broken;
  broken.ask("Authorization: NTLM " + kAnswer.substr(0, 24) + "\r\n");
  EXPECT_EQ(broken.context.refused_count(DecodeError::bad_value), 1U);
}

}  // namespace
}  // namespace nw::network
