#include "ingest/network/protocols/http_body.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "play.h"

namespace nw::network {
namespace {

constexpr int kGzip = 15 + 16, kZlib = 15, kBare = -15;  // zlib's numbers for them
// `printf 'hello, world' | sha256sum`.
constexpr const char* kHello = "09ca7e4eaa6e8ae9c7d261167129184883644d07dfba7cbfbc4c8a2e08360d5b";

std::string packed(std::string_view text, int bits = kGzip) {
  z_stream stream{};
  EXPECT_EQ(::deflateInit2(&stream, 9, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(::deflateBound(&stream, static_cast<uLong>(text.size())) + 64, '\0');
  const auto in = octets(text);
  stream.next_in = const_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(::deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  ::deflateEnd(&stream);
  return out;
}

// What no compression makes small.
std::string noise(std::size_t bytes) {
  std::string out;
  for (std::uint32_t state = 1; out.size() < bytes; state = state * 1664525U + 1013904223U)
    out += static_cast<char>(state >> 24U);
  return out;
}

std::string head(std::string_view encoding, std::size_t bytes) {
  return "HTTP/1.1 200 OK\r\nContent-Encoding: " + std::string{encoding} +
         "\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n";
}

struct Flow : Play {
  explicit Flow(const std::vector<std::string>& only = {}) : Play{"http", Transport::tcp, only} {}
  void answer(std::string_view encoding, std::string_view body) {
    say("GET / HTTP/1.1\r\n\r\n");
    say(head(encoding, body.size()) + std::string{body}, kBack);
  }
};

TEST(HttpBody, ContentEncodingsAreUndone) {
  const std::string text = "hello, world", gzip = packed(text), twice = packed("hello, ") + packed("world");
  std::string wrong_sum = gzip;
  wrong_sum[wrong_sum.size() - 8] ^= 1;
  const struct {
    const char* name;
    std::string encoding, body;
    const char *told, *decoded, *seen, *sha256;
    unsigned refused;
  } kCases[] = {
      {"none", "", text, "-", "-", "12", kHello, 0},
      {"identity", "identity", text, "-", "-", "12", kHello, 0},
      {"gzip", "gzip", gzip, "gzip", "all", "12", kHello, 0},
      {"its old name", " X-GZIP ", gzip, "X-GZIP", "all", "12", kHello, 0},
      {"two members", "gzip", twice, "gzip", "all", "12", kHello, 0},
      {"deflate", "deflate", packed(text, kZlib), "deflate", "all", "12", kHello, 0},
      {"deflate, bare", "deflate", packed(text, kBare), "deflate", "all", "12", kHello, 0},
      {"a wrong checksum, as browsers", "gzip", wrong_sum, "gzip", "all", "12", kHello, 0},
      {"more behind it, as browsers", "gzip", gzip + "xyz", "gzip", "all", "12", kHello, 0},
      {"not what it says", "gzip", text, "gzip", "none", "12", kHello, 1},
      {"no deflate at all", "deflate", text, "deflate", "none", "12", kHello, 1},
      // Two stored blocks; the head of the first passes for zlib's.
      {"bare, but it looks wrapped", "deflate",
       std::string{"\x78\x01\x00\xfe\xffh\x01\x0b\x00\xf4\xff", 11} + "ello, world", "deflate", "all", "12", kHello, 0},
      {"empty elements of the list", ", gzip ,", gzip, "gzip", "all", "12", kHello, 0},
      {"one octet", "gzip", "a", "gzip", "none", "1",
       "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb", 0},
      {"without its end", "gzip", gzip.substr(0, gzip.size() - 8), "gzip", "part", "12", "-", 0},
      {"broken", "gzip", gzip.substr(0, 10) + std::string(20, '\xff'), "gzip", "part", "0", "-", 1},
      {"Brotli", "br", "hello, world", "br", "none", "12", kHello, 0},
      {"several", "gzip, deflate", "hello, world", "gzip, deflate", "none", "12", kHello, 0},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.answer(c.encoding, c.body);
    ASSERT_EQ(flow.context.paths, (std::vector<std::string>{"files", "http"}));
    expect(flow.context, 0,
           {{"encoding", c.told}, {"decoded", c.decoded}, {"seen_bytes", c.seen}, {"sha256", c.sha256}});
    EXPECT_EQ(flow.get(1, "response_body_len"), std::to_string(c.body.size()));
    EXPECT_EQ(flow.context.refused_total(), c.refused);
  }
}

TEST(HttpBody, CutWhileEncodedIsNotWhole) {
  for (const char* encoding : {"br", "gzip", "deflate"}) {
    SCOPED_TRACE(encoding);
    Flow flow;
    flow.say("GET / HTTP/1.1\r\n\r\n").say(head(encoding, 1000) + "0123456789", kBack).end();
    expect(flow.context, 0, {{"decoded", "none"}, {"seen_bytes", "10"}, {"total_bytes", "1000"}, {"sha256", "-"}});
  }
}

TEST(HttpBody, InAnyPieces) {
  const std::string text = noise(20'000) + std::string(30'000, 'a'), gzip = packed(text);
  std::vector<std::string> digests;
  for (const std::size_t piece : {gzip.size(), std::size_t{1}, std::size_t{7}, std::size_t{1460}}) {
    Flow flow;
    flow.say("GET / HTTP/1.1\r\n\r\n").say(head("gzip", gzip.size()), kBack);
    for (std::size_t at = 0; at < gzip.size(); at += piece) flow.say(gzip.substr(at, piece), kBack);
    expect(flow.context, 0, {{"seen_bytes", "50000"}, {"decoded", "all"}, {"total_bytes", "-"}});
    digests.push_back(flow.get(0, "sha256"));
  }
  EXPECT_EQ(digests, std::vector<std::string>(4, digests.front()));
}

TEST(HttpBody, RequestsToo) {
  Flow flow;
  const std::string body = packed("%PDF-1.4 and more");
  flow.say("POST / HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body);
  flow.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", kBack);
  expect(flow.context, 0, {{"is_orig", "true"}, {"mime_type", "application/pdf"}, {"decoded", "all"}});
  EXPECT_EQ(flow.get(1, "orig_mime_types"), "application/pdf");
  EXPECT_EQ(flow.get(1, "request_body_len"), std::to_string(body.size()));
}

TEST(HttpBody, NothingIsUndoneBehindAGap) {
  Flow flow;
  const std::string body = packed(noise(1000));
  flow.say("GET / HTTP/1.1\r\n\r\n").say(head("gzip", body.size()) + body.substr(0, 500), kBack);
  flow.analyzer->gap(100, kBack, flow.context);
  flow.say(body.substr(600), kBack);
  expect(flow.context, 0, {{"decoded", "part"}, {"sha256", "-"}, {"missing_bytes", "100"}});
  EXPECT_NE(flow.get(0, "seen_bytes"), "0");
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

// Nobody asks for files, but for what a body is: its beginning is enough.
TEST(HttpBody, KindsAloneCostTheirFirstBytes) {
  Flow flow{{"resp_mime_types"}};
  const std::string body = packed("%PDF-1.4" + noise(100'000));
  flow.answer("gzip", body);
  EXPECT_EQ(flow.get(1, "resp_mime_types"), "application/pdf");
}

TEST(HttpBodyBounds, OfWhatOneBodySwellsTo) {
  Flow flow;
  const std::string zeros(8 << 20U, '\0');
  flow.answer("gzip", packed(zeros));
  expect(flow.context, 0, {{"decoded", "part"}, {"sha256", "-"}});
  EXPECT_LT(std::stoul(flow.get(0, "seen_bytes")), Inflater::kFree + Inflater::kRatioMax * 8400 + 8192);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(flow.context.refused_total(), 1U);
}

TEST(HttpBodyBounds, OfWhatManyBodiesSwellTo) {
  Flow flow;
  const std::string small = packed(std::string(60'000, '\0'));
  for (int i = 0; i < 20; ++i) flow.answer("gzip", small);
  EXPECT_EQ(flow.get(0, "decoded"), "all");
  EXPECT_EQ(flow.get(38, "decoded"), "part");
}

TEST(HttpBodyBounds, OfABody) {
  Inflater inflater;
  Inflater::Totals totals;
  inflater.begin(Inflater::Coding::gzip, totals);
  const auto member = octets(packed(noise(1U << 20U)));
  std::uint64_t made = 0;
  for (int i = 0; i < 65; ++i) {
    Bytes in = member;
    while (!in.empty() && inflater.state() != Inflater::State::limit) made += inflater.inflate(in).size();
  }
  EXPECT_EQ(inflater.state(), Inflater::State::limit);
  EXPECT_LE(made, Inflater::kMadeMax + 4096);
}

TEST(HttpBodyBounds, OfInflaters) {
  InflaterPool pool;
  std::vector<InflaterPool::Lease> leases(InflaterPool::kMax);
  for (auto& lease : leases) pool.lend(lease);
  ASSERT_NE(leases[0].get(), nullptr);  // the second is now the one that waits longest
  InflaterPool::Lease one_more;
  pool.lend(one_more);
  EXPECT_NE(one_more.get(), nullptr);
  EXPECT_NE(leases[0].get(), nullptr);
  EXPECT_EQ(leases[1].get(), nullptr);
  EXPECT_NE(leases[2].get(), nullptr);
}

TEST(HttpBodyBounds, ABodyWhoseInflaterWasNeededElsewhere) {
  Flow flow;
  const std::string body = packed(noise(1000));
  flow.say("GET / HTTP/1.1\r\n\r\n").say(head("gzip", body.size()) + body.substr(0, 500), kBack);
  std::vector<InflaterPool::Lease> others(InflaterPool::kMax);
  for (auto& other : others) flow.context.inflaters().lend(other);
  flow.say(body.substr(500), kBack);
  expect(flow.context, 0, {{"decoded", "part"}, {"sha256", "-"}});
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
}

TEST(HttpForm, FieldsAreFiles) {
  const std::string body =
      "--XX\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nsecret\r\n"
      "--XX\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a b.php\"\r\n"
      "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nhello, world\r\n"
      "--XX\r\nContent-Disposition: form-data; name=\"m\"; filename=\"m.eml\"\r\n"
      "Content-Type: message/rfc822\r\n\r\n%PDF-1.4\r\n--XX--\r\nbehind";
  for (const bool encoded : {false, true}) {
    Flow flow;
    const std::string sent = encoded ? packed(body) : body;
    flow.say("POST /up HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=\"XX\"\r\nContent-Length: " +
             std::to_string(sent.size()) + (encoded ? "\r\nContent-Encoding: gzip" : "") + "\r\n\r\n" + sent);
    flow.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", kBack);
    ASSERT_EQ(flow.context.paths, (std::vector<std::string>{"files", "files", "files", "files", "http"}));
    // Of a password no digest is told.
    expect(flow.context, 0, {{"filename", "-"}, {"seen_bytes", "6"}, {"sha256", "-"}, {"depth", "1"}});
    expect(flow.context, 1,
           {{"filename", "a b.php"},
            {"carrier", "HTTP"},
            {"is_orig", "true"},
            {"seen_bytes", "12"},
            {"mime_type", "text/plain"},
            {"sha256", kHello}});
    expect(flow.context, 2, {{"filename", "m.eml"}, {"seen_bytes", "8"}, {"mime_type", "application/pdf"}});
    expect(flow.context, 3, {{"is_orig", "false"}, {"seen_bytes", "2"}, {"depth", "0"}});
    EXPECT_EQ(flow.get(4, "orig_mime_types"), "text/plain,text/plain,application/pdf");
    EXPECT_EQ(flow.get(4, "orig_fuids"), flow.get(0, "fuid") + "," + flow.get(1, "fuid") + "," + flow.get(2, "fuid"));
    EXPECT_EQ(flow.get(4, "resp_fuids"), flow.get(3, "fuid"));
    EXPECT_EQ(flow.context.json.find("secret"), std::string::npos);
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
}

TEST(HttpForm, AGapLeavesTheOtherFields) {
  Flow flow;
  const std::string first = "--X\r\nContent-Disposition: form-data; name=a; filename=a\r\n\r\nabc",
                    second = "--X\r\nContent-Disposition: form-data; name=b; filename=b\r\n\r\nxyz\r\n--X--\r\n";
  flow.say("POST / HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=X\r\nContent-Length: " +
           std::to_string(first.size() + 10 + 2 + second.size()) + "\r\n\r\n" + first);
  flow.analyzer->gap(10, kOut, flow.context);
  flow.say("\r\n" + second);
  expect(flow.context, 0, {{"filename", "a"}, {"missing_bytes", "10"}, {"sha256", "-"}});
  expect(flow.context, 1, {{"filename", "b"}, {"seen_bytes", "3"}, {"missing_bytes", "0"}});
}

TEST(HttpForm, WhatIsNotWholeHasNoDigest) {
  for (const bool whole : {true, false}) {
    Flow flow;
    flow.say(
        "POST / HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=X\r\nTransfer-Encoding: chunked\r\n\r\n"
        "31\r\n--X\r\nContent-Disposition: form; filename=a\r\n\r\nabc\r\n");
    flow.say(whole ? "7\r\n\r\n--X--\r\n" : "").end();
    expect(flow.context, 0, {{"filename", "a"}, {"seen_bytes", "3"}});
    EXPECT_EQ(flow.get(0, "sha256") != "-", whole);
  }
}

TEST(HttpForm, WithoutABoundaryItIsOneFile) {
  Flow flow;
  flow.say("POST / HTTP/1.1\r\nContent-Type: multipart/form-data\r\nContent-Length: 3\r\n\r\nabc").end();
  ASSERT_EQ(flow.context.paths, (std::vector<std::string>{"files", "http"}));
  expect(flow.context, 0, {{"seen_bytes", "3"}, {"depth", "0"}});
}

// A body must not hide behind delimiters that it does not have.
TEST(HttpForm, WhatNoDelimiterEndsIsAFile) {
  const std::string type = "Content-Type: multipart/form-data; boundary=", length = "\r\nContent-Length: 17\r\n\r\n";
  Flow other;
  other.say("POST / HTTP/1.1\r\n" + type + "AAA," + length + "--AAA\r\n%PDF-1.4\r\n").end();
  ASSERT_EQ(other.context.paths, (std::vector<std::string>{"files", "http"}));
  expect(other.context, 0, {{"seen_bytes", "17"}, {"missing_bytes", "0"}});
  Flow answer;
  answer.say("GET / HTTP/1.1\r\n\r\n");
  answer.say("HTTP/1.1 200 OK\r\n" + type + "x" + length + "%PDF-1.4 and more", kBack);
  ASSERT_EQ(answer.context.paths, (std::vector<std::string>{"files", "http"}));
  expect(answer.context, 0, {{"seen_bytes", "17"}, {"mime_type", "application/pdf"}, {"depth", "0"}});
  EXPECT_NE(answer.get(0, "sha256"), "-");
}

TEST(HttpFormBounds, FieldsAndTheirNames) {
  Flow flow;
  std::string body;
  for (int i = 0; i < 300; ++i) body += "--X\r\nContent-Disposition: form-data; filename=a\r\n\r\nabc\r\n";
  flow.say("POST / HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=X\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body)
      .end();
  EXPECT_EQ(flow.context.events.size(), 1U + MailMessage::kPartsMax);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  const std::string fuids = flow.get(MailMessage::kPartsMax, "orig_fuids");
  EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(fuids, ',')) + 1, MailMessage::kToldMax);
}

TEST(HttpFormBounds, FormsAtATime) {
  HttpBodies flow;
  std::vector<std::unique_ptr<MailMessage>> forms;
  for (std::size_t i = 0; i < HttpBodies::kFormsMax; ++i) forms.push_back(flow.take_form());
  EXPECT_EQ(flow.take_form(), nullptr);
  flow.give_back(std::move(forms.back()));
  EXPECT_NE(flow.take_form(), nullptr);
}

}  // namespace
}  // namespace nw::network
