// Where a message ends, and what its lines say: what smugglers of requests play with.
#include "ingest/network/protocols/http_message.h"

#include <gtest/gtest.h>
#include <utility>

#include "fake_context.h"

namespace nw::network {
namespace {

constexpr auto kOut = Direction::to_responder;

Bytes as_bytes(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

// Writes down what a reader tells.
class Notes final : public HttpTaker {
 public:
  explicit Notes(Expect expect = Expect::any, Unknown unknown = Unknown::broken) : expect_{expect}, unknown_{unknown} {}
  void started(const HttpHead&) override {}
  Expect headed(HttpHead& head) override {
    text += head.request ? head.method + " " + head.uri : std::to_string(head.code.value_or(0));
    return expect_;
  }
  void body(Bytes bytes) override { octets_ += bytes.size(); }
  void body_lost(std::uint64_t bytes) override { octets_ += bytes; }
  void ended() override { text += " " + std::to_string(std::exchange(octets_, 0)) + "; "; }
  Unknown unknown() override { return unknown_; }
  void refused(DecodeError) override { text += "! "; }

  std::string text;

 private:
  Expect expect_;
  Unknown unknown_;
  std::uint64_t octets_ = 0;
};

std::string notes_on(std::string_view stream, Notes notes = Notes{}) {
  HttpReader reader;
  const std::size_t done = reader.read(as_bytes(stream), notes);
  reader.finish(notes);
  if (done != stream.size()) notes.text += "+" + std::to_string(stream.size() - done);
  return notes.text;
}

TEST(HttpFraming, WhereMessagesEnd) {
  static const struct {
    const char *name, *stream, *want;
  } kCases[] = {
      {"length", "POST /1 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /2 HTTP/1.1\r\n\r\n", "POST /1 3; GET /2 0; "},
      {"no length, no body", "POST /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n", "POST /1 0; GET /2 0; "},
      {"the same length twice",
       "POST /1 HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabcGET /2 HTTP/1.1\r\n\r\n",
       "POST /1 3; GET /2 0; "},
      {"two lengths: nobody can tell",
       "POST /1 HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc\r\nGET /2 HTTP/1.1\r\n\r\n",
       "! POST /1 0; GET /2 0; "},
      {"length and chunked: chunked, and said",
       "POST /1 HTTP/1.1\r\nContent-Length: 30\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
       "GET /2 HTTP/1.1\r\n\r\n",
       "! POST /1 0; GET /2 0; "},
      {"chunked in another spelling",
       "POST /1 HTTP/1.1\r\ntransfer-ENCODING:\tgzip , Chunked \r\n\r\n1\r\na\r\n0\r\n\r\nGET /2 HTTP/1.1\r\n\r\n",
       "POST /1 1; GET /2 0; "},
      {"chunked in a folded line",
       "POST /1 HTTP/1.1\r\nTransfer-Encoding:\r\n chunked\r\n\r\n1\r\na\r\n0\r\n\r\nGET /2 HTTP/1.1\r\n\r\n",
       "POST /1 1; GET /2 0; "},
      {"chunked over two lines",
       "POST /1 HTTP/1.1\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /2 "
       "HTTP/1.1\r\n\r\n",
       "POST /1 0; GET /2 0; "},
      {"not chunked at last", "POST /1 HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\nGET /2 HTTP/1.1\r\n\r\n",
       "! POST /1 0; GET /2 0; "},
      {"identity is no coding",
       "POST /1 HTTP/1.1\r\nTransfer-Encoding: identity\r\nContent-Length: 1\r\n\r\naGET /2 HTTP/1.1\r\n\r\n",
       "POST /1 1; GET /2 0; "},
      {"extensions and trailers",
       "POST /1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n00a;x=\"0\"\r\n0123456789\r\n0;last\r\nContent-Length: "
       "9\r\n"
       "\r\nGET /2 HTTP/1.1\r\n\r\n",
       "POST /1 10; GET /2 0; "},
      {"a chunk longer than said",
       "POST /1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\nGET /2 HTTP/1.1\r\n\r\n",
       "POST /1!  1; GET /2 0; "},
      {"an empty line before a chunk's size",
       "POST /1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\r\n1\r\na\r\n0\r\n\r\nGET /2 HTTP/1.1\r\n\r\n",
       "POST /1!  1; GET /2 0; "},
      {"bare line feeds", "POST /1 HTTP/1.1\nTransfer-Encoding: chunked\n\n1\na\n0\n\nGET /2 HTTP/1.1\n\n",
       "POST /1 1; GET /2 0; "},
      {"a blank before the colon", "POST /1 HTTP/1.1\r\nContent-Length : 3\r\n\r\nabcGET /2 HTTP/1.1\r\n\r\n",
       "POST /1 3; GET /2 0; "},
      {"empty lines between", "\r\n\nGET /1 HTTP/1.1\r\n\r\n\r\n\r\nGET /2 HTTP/1.1\r\n\r\n", "GET /1 0; GET /2 0; "},
      {"codes without a body",
       "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 204 N\r\nContent-Length: 9\r\n\r\nHTTP/1.1 304 N\r\nTransfer-Encoding: "
       "chunked\r\n\r\n"
       "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
       "100 0; 204 0; 304 0; 200 1; "},
      {"to the end", "HTTP/1.0 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "200 19; "},
      {"to the end, for its length is none", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc", "! 200 3; "},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(notes_on(c.stream), c.want);
  }
}

TEST(HttpFraming, WhatTheRequestSays) {
  const std::string_view stream =
      "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n";
  EXPECT_EQ(notes_on(stream, Notes{HttpTaker::Expect::no_body}), "200 0; 200 0; ");
  EXPECT_EQ(notes_on(stream, Notes{HttpTaker::Expect::tunnel}), "200 0; +38");
  const std::string_view none = "<html>";
  EXPECT_EQ(notes_on(none), "! ");
  EXPECT_EQ(notes_on(none, Notes{HttpTaker::Expect::any, HttpTaker::Unknown::bare}), "0 6; ");
  EXPECT_EQ(notes_on(none, Notes{HttpTaker::Expect::any, HttpTaker::Unknown::tunnel}), "+6");
}

// Each adds an octet or none to what is kept.
TEST(HttpBounds, LinesThatSayLittle) {
  for (const char* line : {" x\r\n", "Content-Length: 1\r\n", "Via:\r\n", "Transfer-Encoding:\r\n"}) {
    SCOPED_TRACE(line);
    struct Kept final : HttpTaker {
      void started(const HttpHead&) override {}
      Expect headed(HttpHead& head) override {
        octets = head.bytes();
        return Expect::any;
      }
      void body(Bytes) override {}
      void body_lost(std::uint64_t) override {}
      void ended() override {}
      Unknown unknown() override { return Unknown::broken; }
      void refused(DecodeError) override {}
      std::size_t octets = 0;
    } kept;
    HttpReader reader;
    reader.read(as_bytes("GET / HTTP/1.1\r\nUser-Agent: x\r\n"), kept);
    for (std::size_t i = 0; i < 2 * kHttpTextMax; ++i) reader.read(as_bytes(line), kept);
    reader.read(as_bytes("\r\n"), kept);
    EXPECT_GT(kept.octets, 0U);
    EXPECT_LE(kept.octets, kHttpTextMax + 64);
  }
}

// Other headers cannot push out what says where the message ends.
TEST(HttpBounds, FramingHasRoomOfItsOwn) {
  std::string head = "POST /1 HTTP/1.1\r\n";
  for (int i = 0; i < 3; ++i) head += "X-Forwarded-For: " + std::string(8'000, 'x') + "\r\n";
  const std::string body = "GET /forged HTTP/1.1\r\n\r\n";
  const std::string told =
      notes_on(head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body + "GET /2 HTTP/1.1\r\n\r\n");
  EXPECT_EQ(told.find("forged"), std::string::npos) << told;
  EXPECT_NE(told.find("GET /2"), std::string::npos) << told;
  const std::string chunked =
      notes_on(head + "Transfer-Encoding: chunked\r\n\r\n18\r\n" + body + "\r\n0\r\n\r\nGET /2 HTTP/1.1\r\n\r\n");
  EXPECT_EQ(chunked.find("forged"), std::string::npos) << chunked;
  EXPECT_NE(chunked.find("GET /2"), std::string::npos) << chunked;
  const std::string cut =
      notes_on("POST /1 HTTP/1.1\r\nContent-Length: " + std::string(kFramingMax, '0') + "9\r\n\r\n");
  EXPECT_EQ(cut.substr(0, 2), "! ") << cut;
}

// A header that comes again takes the place of the first, however much was kept.
TEST(HttpBounds, ARepeatedHeaderIsNotEmptied) {
  HttpHead head;
  HttpHeaders headers;
  headers.begin(head);
  headers.add("Host", "host.example");
  headers.add("X-Forwarded-For", std::string(kHttpTextMax, 'x'));
  headers.add("Host", "host.example");
  EXPECT_EQ(head.host, "host.example");
}

TEST(HttpText, OriginsHaveNoPasswords) {
  HttpHead head;
  HttpHeaders headers;
  headers.begin(head);
  headers.add("Origin", "http://user:secret@host.example");
  headers.end();
  EXPECT_EQ(head.origin.find("secret"), std::string::npos) << head.origin;
  EXPECT_TRUE(head.password);
}

TEST(HttpProbe, Verdicts) {
  const struct {
    const char* text;
    Verdict off, on;
  } kCases[] = {
      {"GET / HTTP/1.1\r\n", Verdict::yes, Verdict::yes},
      {"FOO / HTTP/1.0\r\n", Verdict::yes, Verdict::yes},
      {"HTTP/1.1 200 OK", Verdict::yes, Verdict::yes},
      {"HTTP/1.1 2", Verdict::unsure, Verdict::unsure},
      {"HTT", Verdict::unsure, Verdict::unsure},
      {"G", Verdict::unsure, Verdict::unsure},
      {"GET /half", Verdict::unsure, Verdict::unsure},
      {"GET /old\r\n", Verdict::no, Verdict::yes},
      {"GET\x01", Verdict::no, Verdict::no},
      {"PRI * HTTP/2.0\r\n", Verdict::unsure, Verdict::unsure},
      {"HTTP/2 200\r\n", Verdict::no, Verdict::no},
      {"OPTIONS sip:a SIP/2.0\r\n", Verdict::no, Verdict::no},
      {"OPTIONS rtsp://a RTSP/1.0\r\n", Verdict::no, Verdict::no},
      {"EHLO example.com\r\n", Verdict::no, Verdict::no},
      {"SSH-2.0-OpenSSH_9\r\n", Verdict::no, Verdict::no},
      {"\x16\x03\x01", Verdict::no, Verdict::no},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(protocol("http").probe(as_bytes(c.text), kOut, Transport::tcp, false), c.off);
    EXPECT_EQ(protocol("http").probe(as_bytes(c.text), kOut, Transport::tcp, true), c.on);
  }
  const std::string endless = "GET /" + std::string(1100, 'x');
  EXPECT_EQ(protocol("http").probe(as_bytes(endless), kOut, Transport::tcp, false), Verdict::yes);
}

TEST(HttpText, Unescaped) {
  const struct {
    const char *in, *out;
  } kCases[] = {
      {"/plain", "/plain"}, {"/a%2fb%41", "/a/bA"}, {"/%25%32%65", "/%2e"}, {"/%", "/%"},     {"/%4", "/%4"},
      {"/%zz", "/%zz"},     {"/%u0041", "/A"},      {"/%u1234", "/%u1234"}, {"/%%41", "/%A"},
  };
  for (const auto& c : kCases) EXPECT_EQ(http_unescaped(c.in), c.out);
}

TEST(HttpText, NamesOfFiles) {
  const struct {
    const char *in, *out;
  } kCases[] = {
      {"attachment; filename=\"a b.pdf\"", "a b.pdf"},
      {"attachment;FileName=a.pdf ; size=3", "a.pdf"},
      {"inline; filename*=UTF-8''%e2%82%ac.txt", "%e2%82%ac.txt"},
      {"form-data; name=\"x\"; filename=\"y\"", "y"},
      {"attachment; filename=\"open", "open"},
      {"attachment; filename=", ""},
      {"attachment; filename*=''", ""},
      {"filename=a", ""},
      {";;;", ""},
      {"", ""},
  };
  for (const auto& c : kCases) EXPECT_EQ(disposition_name(c.in), c.out) << c.in;
}

TEST(HttpText, PasswordsInAuthorities) {
  const struct {
    const char *in, *out;
    bool hidden;
  } kCases[] = {
      {"user:secret@host", "user@host", true},
      {"user:secret@host:80/a@b:c", "user@host:80/a@b:c", true},
      {"user@host", "user@host", false},
      {"host:80", "host:80", false},
      {"[2001:db8::1]:80", "[2001:db8::1]:80", false},
      {"user:a@b@host", "user@host", true},
  };
  for (const auto& c : kCases) {
    HttpHead head;
    std::string text = c.in;
    hide_in_authority(text, 0, head);
    EXPECT_EQ(text, c.out);
    EXPECT_EQ(head.password, c.hidden);
  }
}

TEST(HttpText, Lengths) {
  EXPECT_EQ(read_content_length("5"), 5U);
  EXPECT_EQ(read_content_length("5,5"), 5U);
  for (const char* bad : {"", "-1", "+1", "5 6", "1,2", "0x5", "9223372036854775808"})
    EXPECT_FALSE(read_content_length(bad)) << bad;
  EXPECT_EQ(read_chunk_size("fF ; a=b"), 255U);
  for (const char* bad : {"", "g", "-1", "0x1", "8000000000000000"}) EXPECT_FALSE(read_chunk_size(bad)) << bad;
}

}  // namespace
}  // namespace nw::network
