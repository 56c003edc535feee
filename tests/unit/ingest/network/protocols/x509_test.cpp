#include <gtest/gtest.h>

#include "fake_context.h"
#include "golden_frames.h"
#include "ingest/network/protocols/x509_certificate.h"

namespace nw::network {
namespace {

std::string hex_number(std::size_t value, int digits) {
  std::string text(static_cast<std::size_t>(digits), '0');
  for (auto at = text.rbegin(); at != text.rend(); ++at, value /= 16) *at = "0123456789abcdef"[value % 16];
  return text;
}

// | tag | length | contents |, in hexadecimal, with a length of three octets.
std::string der(std::string_view tag, std::string_view contents) {
  return std::string{tag} + "83" + hex_number(from_hex(contents).size(), 6) + std::string{contents};
}

std::string text(std::string_view characters) {
  std::string hex;
  for (const char c : characters) hex += hex_number(static_cast<unsigned char>(c), 2);
  return hex;
}

// One attribute; OIDs are given by their contents.
std::string attribute(std::string_view oid, std::string_view tag, std::string_view contents) {
  return der("30", der("06", oid) + der(tag, contents));
}
std::string name(std::string_view oid, std::string_view tag, std::string_view contents) {
  return der("31", attribute(oid, tag, contents));
}

constexpr const char *kCn = "550403", *kCountry = "550406", *kOrganisation = "55040a";
const std::string kEd25519 = der("30", der("06", "2b6570")) + der("03", "00" + std::string(64, 'a'));

// A certificate from its parts; all but what a case is about stay as they are.
struct Parts {
  std::string version = der("a0", der("02", "02"));
  std::string serial = "01";
  std::string issuer = name(kCn, "0c", text("a"));
  std::string not_before = der("17", text("260101000000Z")), not_after = der("17", text("270101000000Z"));
  std::string subject = name(kCn, "0c", text("b"));
  std::string key = kEd25519;
  std::string extensions = "";
};

std::string certificate(const Parts& parts) {
  std::string body = parts.version + der("02", parts.serial) + der("30", der("06", "2b6570")) +
                     der("30", parts.issuer) + der("30", parts.not_before + parts.not_after) +
                     der("30", parts.subject) + der("30", parts.key);
  if (!parts.extensions.empty()) body += der("a3", der("30", parts.extensions));
  return der("30", der("30", body) + der("30", der("06", "2b6570")) + der("03", "00aa"));
}

std::string extension(std::string_view oid, std::string_view value) {
  return der("30", der("06", oid) + der("04", value));
}

// The events of a server that sends these certificates, in hexadecimal.
std::unique_ptr<FakeContext> sent(const std::vector<std::string>& certificates,
                                  Direction direction = Direction::to_originator,
                                  const std::vector<std::string>& only = {}) {
  auto context = std::make_unique<FakeContext>(protocol("ssl"), only);
  const auto analyzer = protocol("ssl").make(Transport::tcp);
  std::string list;
  for (const std::string& one : certificates) list += hex_number(from_hex(one).size(), 6) + one;
  const std::size_t size = from_hex(list).size();
  std::string message = "0b" + hex_number(size + 3, 6) + hex_number(size, 6) + list;
  FakeStream stream{*analyzer, direction, *context};
  for (auto bytes = from_hex(message); !bytes.empty();) {
    const std::size_t piece = std::min<std::size_t>(bytes.size(), 16'384);
    EXPECT_TRUE(stream.feed(from_hex("16 0303" + hex_number(piece, 4))));
    EXPECT_TRUE(stream.feed(Bytes{bytes}.first(piece)));
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(piece));
  }
  analyzer->finish(*context);
  return context;
}

struct Want {
  const char *field, *value;
};

void expect(const FakeContext& context, std::size_t index, const std::vector<Want>& wants) {
  for (const Want& want : wants) EXPECT_EQ(context.get(index, want.field), want.value) << want.field;
}

TEST(X509, FieldsOfARealCertificate) {
  const auto context = sent({NW_CERTIFICATE_HEAD NW_CERTIFICATE_TAIL});
  ASSERT_EQ(context->paths, (std::vector<std::string>{"x509", "ssl"}));
  EXPECT_EQ(context->refused_total(), 0U);
  expect(*context, 0,
         {{"fingerprint", "cf7549c0605f0ea572b283e7b1f4fba366a7a156121413fecd0da37650e143b5"},
          {"certificate.version", "3"},
          {"certificate.serial", "0A1B"},
          {"certificate.subject", "CN=plc.example,O=Example\\, Ltd,C=CH"},
          {"certificate.issuer", "CN=plc.example,O=Example\\, Ltd,C=CH"},
          {"certificate.not_valid_before", "1795864827.000000"},
          {"certificate.not_valid_after", "1827400827.000000"},
          {"certificate.age_days", "-1110"},
          {"certificate.days_left", "1474"},
          {"certificate.key_alg", "id-ecPublicKey"},
          {"certificate.sig_alg", "ecdsa-with-SHA256"},
          {"certificate.key_type", "ecdsa"},
          {"certificate.key_length", "256"},
          {"certificate.curve", "prime256v1"},
          {"certificate.exponent", "-"},
          {"san.dns", "plc.example,*.plc.example"},
          {"san.ip", "192.0.2.7"},
          {"san.email", "a@example"},
          {"san.uri", "urn:plc"},
          {"basic_constraints.ca", "true"},
          {"basic_constraints.path_len", "0"},
          {"host_cert", "true"},
          {"client_cert", "false"}});
}

// The `ssl` event and the `x509` event may want a certificate's digest, or one of them, or none.
TEST(X509, OneDigestForAll) {
  constexpr const char* kDigest = "cf7549c0605f0ea572b283e7b1f4fba366a7a156121413fecd0da37650e143b5";
  for (const bool chain : {false, true})
    for (const bool fingerprint : {false, true}) {
      std::vector<std::string> only{"ssl_history", "host_cert"};
      if (chain) only.emplace_back("cert_chain_fps");
      if (fingerprint) only.emplace_back("fingerprint");
      const auto context = sent({NW_CERTIFICATE_HEAD NW_CERTIFICATE_TAIL}, Direction::to_originator, only);
      expect(*context, 0, {{"host_cert", "true"}, {"fingerprint", fingerprint ? kDigest : "-"}});
      expect(*context, 1, {{"ssl_history", "x"}, {"cert_chain_fps", chain ? kDigest : "-"}});
    }
}

TEST(X509, TheFirstOfAChainIsTheHosts) {
  const auto server = sent({certificate({}), certificate({})});
  expect(*server, 0, {{"host_cert", "true"}, {"client_cert", "false"}});
  expect(*server, 1, {{"host_cert", "false"}, {"client_cert", "false"}});
  const auto client = sent({certificate({})}, Direction::to_responder);
  expect(*client, 0, {{"host_cert", "true"}, {"client_cert", "true"}});
}

TEST(X509, Fields) {
  const std::string rsa = der("30", der("06", "2a864886f70d010101") + "0500");
  const std::string rsa_key = der("03", "00" + der("30", der("02", "00c0ffee") + der("02", "010001")));
  const std::string dsa = der("30", der("06", "2a8648ce380401") + der("30", der("02", "0fff") + der("02", "03")));
  const struct {
    const char* name;
    Parts parts;
    std::vector<Want> want;
  } kCases[] = {
      {"version 1", {.version = ""}, {{"certificate.version", "1"}, {"certificate.key_type", "ed25519"}}},
      {"RSA",
       {.key = rsa + rsa_key},
       {{"certificate.key_alg", "rsaEncryption"},
        {"certificate.key_type", "rsa"},
        {"certificate.key_length", "24"},
        {"certificate.exponent", "65537"}}},
      {"RSA for PSS alone",
       {.key = der("30", der("06", "2a864886f70d01010a") + der("30", "")) + rsa_key},
       {{"certificate.key_alg", "rsassaPss"},
        {"certificate.key_type", "rsa"},
        {"certificate.key_length", "24"},
        {"certificate.exponent", "65537"}}},
      {"ed25519", {}, {{"certificate.key_type", "ed25519"}, {"certificate.key_length", "256"}}},
      {"ed448",
       {.key = der("30", der("06", "2b6571")) + der("03", "00" + std::string(114, 'a'))},
       {{"certificate.key_type", "ed448"}, {"certificate.key_length", "456"}}},
      {"DSA", {.key = dsa + der("03", "00")}, {{"certificate.key_type", "dsa"}, {"certificate.key_length", "12"}}},
      {"secp521r1",
       {.key = der("30", der("06", "2a8648ce3d0201") + der("06", "2b81040023")) + der("03", "0004")},
       {{"certificate.curve", "secp521r1"}, {"certificate.key_length", "521"}}},
      {"a curve that is written out",
       {.key = der("30", der("06", "2a8648ce3d0201") +
                             der("30", der("02", "01") + der("30", der("06", "2a8648ce3d0101") + der("02", "17")) +
                                           der("30", der("04", "01") + der("04", "01")) + der("04", "041101") +
                                           der("02", "00fc01") + der("02", "01"))) +
               der("03", "0004")},
       {{"certificate.key_type", "ecdsa"}, {"certificate.curve", "-"}, {"certificate.key_length", "16"}}},
      {"a curve by no parameters",
       {.key = der("30", der("06", "2a8648ce3d0201") + der("30", "")) + der("03", "0004")},
       {{"certificate.key_type", "ecdsa"}, {"certificate.curve", "-"}, {"certificate.key_length", "-"}}},
      {"a curve without a name",
       {.key = der("30", der("06", "2a8648ce3d0201") + der("06", "2b8104007f")) + der("03", "0004")},
       {{"certificate.key_type", "ecdsa"}, {"certificate.curve", "1.3.132.0.127"}, {"certificate.key_length", "-"}}},
      {"a version that is as large as numbers get",
       {.version = der("a0", der("02", "7fffffffffffffff"))},
       {{"certificate.version", "1"}, {"certificate.serial", "01"}}},
      {"an algorithm without a name",
       {.key = der("30", der("06", "2a030405")) + der("03", "00")},
       {{"certificate.key_alg", "1.2.3.4.5"}, {"certificate.key_type", "-"}}},
      {"a serial number with its sign's octet", {.serial = "00ff"}, {{"certificate.serial", "FF"}}},
      {"zero", {.serial = "00"}, {{"certificate.serial", "00"}}},
      {"a negative serial number", {.serial = "ff00"}, {{"certificate.serial", "-0100"}}},
      {"2049 and 1950",
       {.not_before = der("17", text("500101000000Z")), .not_after = der("17", text("491231235959Z"))},
       {{"certificate.not_valid_before", "-631152000.000000"}, {"certificate.not_valid_after", "2524607999.000000"}}},
      {"without seconds",
       {.not_before = der("17", text("7001010001Z"))},
       {{"certificate.not_valid_before", "60.000000"}}},
      {"no end",
       {.not_after = der("18", text("99991231235959Z"))},
       {{"certificate.not_valid_after", "9223372036.000000"}}},
      {"the year 0",
       {.not_before = der("18", text("00000101000000Z"))},
       {{"certificate.not_valid_before", "-9223372036.000000"}}},
      {"no such day", {.not_before = der("17", text("260230000000Z"))}, {{"certificate.not_valid_before", "-"}}},
      {"no such hour", {.not_before = der("17", text("260201240000Z"))}, {{"certificate.not_valid_before", "-"}}},
      {"no zone", {.not_before = der("17", text("260201230000"))}, {{"certificate.not_valid_before", "-"}}},
      {"letters in a time", {.not_before = der("17", text("26o201230000Z"))}, {{"certificate.not_valid_before", "-"}}},
      {"a time that is a number", {.not_before = der("02", "01")}, {{"certificate.not_valid_before", "-"}}},
      {"no authority",
       {.extensions = extension("551d13", der("30", ""))},
       {{"basic_constraints.ca", "false"}, {"basic_constraints.path_len", "-"}}},
      {"an IPv6 address, one that is none, a directory name",
       {.extensions = extension("551d11", der("30", der("87", "20010db8000000000000000000000001") + der("87", "0102") +
                                                        der("a4", "") + der("82", "61ff62")))},
       {{"san.ip", "2001:db8::1"}, {"san.dns", "a\\xffb"}, {"san.email", "-"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto context = sent({certificate(c.parts)});
    EXPECT_EQ(context->refused_total(), 0U);
    expect(*context, 0, c.want);
  }
}

TEST(X509, WhichHostsItNames) {
  const auto dns = [](std::initializer_list<const char*> names) {
    std::string list;
    for (const char* name : names) list += der("82", text(name));
    return extension("551d11", der("30", list));
  };
  const struct {
    const char* name;
    Parts parts;
    const char* host;
    bool want;
  } kCases[] = {
      {"the second", {.extensions = dns({"a.ch", "b.ch"})}, "b.ch", true},
      {"in capitals", {.extensions = dns({"PLC.ch"})}, "plc.CH", true},
      {"a part", {.extensions = dns({"plc.ch"})}, "lc.ch", false},
      {"a wildcard", {.extensions = dns({"*.plc.ch"})}, "a.plc.ch", true},
      {"a wildcard for two labels", {.extensions = dns({"*.plc.ch"})}, "a.b.plc.ch", false},
      {"a wildcard for none", {.extensions = dns({"*.plc.ch"})}, "plc.ch", false},
      {"a wildcard for an empty label", {.extensions = dns({"*.plc.ch"})}, ".plc.ch", false},
      {"a wildcard of a whole domain", {.extensions = dns({"*.ch"})}, "plc.ch", false},
      {"a wildcard in a label", {.extensions = dns({"a*.plc.ch"})}, "ab.plc.ch", false},
      {"a wildcard in another label", {.extensions = dns({"a.*.ch"})}, "a.b.ch", false},
      {"a wildcard alone", {.extensions = dns({"*"})}, "a", false},
      {"the subject", {}, "b", true},
      {"the subject's wildcard", {.subject = name(kCn, "0c", text("*.plc.ch"))}, "a.plc.ch", true},
      {"another attribute", {.subject = name(kCountry, "0c", text("b"))}, "b", false},
      {"the second of the subject", {.subject = name(kCn, "0c", text("a")) + name(kCn, "0c", text("b"))}, "b", true},
      {"no subject beside host names", {.extensions = dns({"a.ch"})}, "b", false},
      {"the subject beside other names",
       {.extensions = extension("551d11", der("30", der("86", text("urn:b"))))},
       "b",
       true},
      {"an empty name", {.extensions = dns({""})}, "", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto bytes = from_hex(certificate(c.parts));
    Certificate read;
    ASSERT_TRUE(read_certificate(bytes, read));
    EXPECT_EQ(names_host(read, from_hex(text(c.host))), c.want);
  }
}

TEST(X509, DistinguishedNames) {
  const struct {
    const char* name;
    std::string der;
    const char* want;
  } kCases[] = {
      {"none", "", ""},
      {"the last first", name(kCountry, "13", text("CH")) + name(kCn, "0c", text("x")), "CN=x,C=CH"},
      {"two in one", der("31", attribute(kCountry, "13", text("CH")) + attribute(kCn, "0c", text("x"))), "C=CH+CN=x"},
      {"special characters", name(kCn, "0c", text("a,b+c\"d\\e<f>g;h=i")), "CN=a\\,b\\+c\\\"d\\\\e\\<f\\>g\\;h=i"},
      {"a hash and spaces", name(kCn, "0c", text("#a b ")), "CN=\\#a b\\ "},
      {"a space first", name(kCn, "0c", text(" #")), "CN=\\ #"},
      {"control characters", name(kCn, "0c", "00610a7f"), "CN=\\00a\\0A\\7F"},
      {"UTF-8", name(kCn, "0c", "c3a9"), "CN=\\C3\\A9"},
      {"Latin-1", name(kOrganisation, "14", "e9"), "O=\\C3\\A9"},
      {"two octets each", name(kCn, "1e", "0041 00e9 20ac"), "CN=A\\C3\\A9\\E2\\82\\AC"},
      {"no text", name(kCn, "02", "05"),
       "CN=#0283000001"
       "05"},
      {"an unknown attribute", name("2a030405", "0c", "61"),
       "1.2.3.4.5=#0C83000001"
       "61"},
      {"usual attributes",
       name("550407", "0c", "61") + name("550408", "0c", "62") + name("55040b", "0c", "63") +
           name("550405", "0c", "64"),
       "serialNumber=d,OU=c,ST=b,L=a"},
      {"mail", name("2a864886f70d010901", "16", text("a@b")), "emailAddress=a@b"},
      {"an attribute without value", der("31", der("30", der("06", kCn))), ""},
      {"no set", der("30", ""), ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    TextBuffer out;
    append_distinguished_name(from_hex(c.der), out);
    EXPECT_EQ(out.view(), c.want);
  }
}

TEST(X509, EveryCutIsRefusedAndTold) {
  const auto whole = from_hex(NW_CERTIFICATE_HEAD NW_CERTIFICATE_TAIL);
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    SCOPED_TRACE(cut);
    const std::vector<std::uint8_t> part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut));
    Certificate out;
    EXPECT_FALSE(read_certificate(part, out));
  }
  const auto context = sent({"3003020105"});
  EXPECT_EQ(context->refused_count(DecodeError::bad_value), 1U);
  expect(*context, 0, {{"host_cert", "true"}, {"certificate.version", "-"}});
  EXPECT_EQ(context->get(0, "fingerprint").size(), 64U);
}

// Whatever lies at whatever place, nothing outside the input is read (the sanitizer looks).
TEST(X509, EveryOctetMayLie) {
  const auto whole = from_hex(NW_CERTIFICATE_HEAD NW_CERTIFICATE_TAIL);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const unsigned value : {0x00U, 0x1fU, 0x30U, 0x7fU, 0x80U, 0x83U, 0x84U, 0xffU}) {
      auto bytes = whole;
      bytes[at] = static_cast<std::uint8_t>(value);
      Certificate out;
      (void)read_certificate(bytes, out);
      TextBuffer names;
      append_distinguished_name(out.issuer, names);
      append_distinguished_name(out.subject, names);
      (void)oid_long_name(out.key_algorithm);
      (void)oid_short_name(out.curve);
    }
  }
}

// Bounds

TEST(X509, AlternativeNamesAre256) {
  for (const std::size_t count : {256U, 257U}) {
    SCOPED_TRACE(count);
    std::string names;
    for (std::size_t at = 0; at < count; ++at) names += der("82", "61");
    const auto context = sent({certificate({.extensions = extension("551d11", der("30", names))})});
    EXPECT_EQ(context->refused_count(DecodeError::limit), count - 256);
    EXPECT_EQ(std::ranges::count(context->get(0, "san.dns"), ','), 255);
  }
}

TEST(X509, ExtensionsAre64) {
  for (const std::size_t before : {63U, 64U}) {
    SCOPED_TRACE(before);
    std::string extensions;
    for (std::size_t at = 0; at < before; ++at) extensions += extension("551d0e", "0400");
    extensions += extension("551d13", der("30", "0101ff"));
    EXPECT_EQ(sent({certificate({.extensions = extensions})})->get(0, "basic_constraints.ca"),
              before == 63 ? "true" : "-");
  }
}

TEST(X509, AttributesOfANameAre64) {
  for (const bool one_set : {false, true}) {
    SCOPED_TRACE(one_set);
    std::string sets, attributes;
    for (int at = 0; at < 65; ++at) {
      sets += name(kCn, "0c", "61");
      attributes += attribute(kCn, "0c", "61");
    }
    TextBuffer out;
    append_distinguished_name(from_hex(one_set ? der("31", attributes) : sets), out);
    EXPECT_EQ(std::ranges::count(out.view(), '='), 64);
  }
}

TEST(X509, LongValuesAreCut) {
  TextBuffer out;
  append_distinguished_name(from_hex(name(kCn, "0c", std::string(20'000, '6'))), out);
  EXPECT_EQ(out.view().size(), TextBuffer::kBytesMax);
  EXPECT_EQ(sent({certificate({.serial = std::string(200, '1')})})->get(0, "certificate.serial").size(), 128U);
  EXPECT_EQ(oid_long_name(from_hex(std::string(400, '2'))), oid_long_name(from_hex(std::string(128, '2'))));
}

}  // namespace
}  // namespace nw::network
