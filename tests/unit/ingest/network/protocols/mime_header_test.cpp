#include "ingest/network/protocols/mime_header.h"

#include <gtest/gtest.h>

namespace nw::network {
namespace {

TEST(MimeParameter, Values) {
  static constexpr struct {
    const char *field, *want;
  } kCases[] = {
      {"attachment", ""},
      {"attachment; filename=a.txt", "a.txt"},
      {"attachment;FILENAME = a b.txt ; x=y", "a b.txt"},
      {"attachment; x=\"; filename=no\"; filename=\"a; \\\"b\\\".txt\"", "a; \"b\".txt"},
      {"attachment; filename", ""},
      {"attachment; filename; filename=a", "a"},
      {"attachment; filename=", ""},
      {"attachment; filename=\"open", "open"},
      // RFC 2047
      {"a; filename=\"=?utf-8?B?w6QudHh0?=\"", "\xc3\xa4.txt"},
      {"a; filename==?ISO-8859-1?q?=E4_b.txt?=", "\xc3\xa4 b.txt"},
      {"a; filename=\"=?utf-8*de?Q?one?= \t=?utf-8?Q?two?= x =?utf-8?Q?three?=\"", "onetwo x three"},
      {"a; filename=\"=?utf-8?X?one?= =?utf-8?B?\"", "=?utf-8?X?one?= =?utf-8?B?"},
      {"a; filename=\"=?koi8-r?Q?=E4?=\"", "\xe4"},
      {"a; filename=\"=?\"", "=?"},
      {"a; filename=\"=?utf-8?Q?one_?= =?utf-8?q?two?=\"", "one two"},
      {"a; filename=\"=?utf-8?Q?one?==?utf-8?Q?two\"", "one=?utf-8?Q?two"},
      // RFC 2231
      {"a; filename*=utf-8'de'%c3%A4%20b.txt", "\xc3\xa4 b.txt"},
      {"a; filename*=iso-8859-1''%E4", "\xc3\xa4"},
      {"a; filename=no; filename*=utf-8''yes", "yes"},
      {"a; filename*=broken", "broken"},
      {"a; filename*0=\"one \"; filename*1=two", "one two"},
      {"a; filename*1*=%20two; filename*0*=utf-8''%c3%a4; filename*2=\"%20\"", "\xc3\xa4 two%20"},
      {"a; filename*1=two", ""},
  };
  for (const auto& c : kCases) EXPECT_EQ(mime_parameter(c.field, "filename"), c.want) << c.field;
}

TEST(MimeParameter, SectionsAreBounded) {
  std::string field = "a";
  for (int i = 0; i < 40; ++i) field += "; name*" + std::to_string(i) + "=x";
  EXPECT_EQ(mime_parameter(field, "name"), std::string(16, 'x'));
}

TEST(MimeHeaderReader, Reads) {
  MimeHeaderReader reader;
  for (const char* line :
       {"Subject: Content-Type: text/plain; name=no", "content-type: multipart/mixed;", "\tboundary=\"b 1\"",
        "Content-Transfer-Encoding: base64", "\t", "X-Content-Disposition: a; filename=no"})
    reader.line(line);
  const MimeContent first = reader.end();
  EXPECT_EQ(first.boundary, "b 1");
  EXPECT_EQ(first.encoding, TransferEncoding::base64);
  EXPECT_FALSE(first.message);
  EXPECT_EQ(first.name, "");
  for (const char* line : {"Content-Type: message/rfc822; name=\"a.eml\"", "Content-Disposition: attachment", "broken"})
    reader.line(line);
  const MimeContent second = reader.end();
  EXPECT_EQ(second.boundary, "");
  EXPECT_EQ(second.encoding, TransferEncoding::none);
  EXPECT_TRUE(second.message);
  EXPECT_EQ(second.name, "a.eml");
  reader.line("Content-Type: x; name=no");
  reader.line("Content-Disposition: attachment; filename=yes");
  EXPECT_EQ(reader.end().name, "yes");
  EXPECT_FALSE(reader.cut());
}

TEST(MimeHeaderReader, IsBounded) {
  MimeHeaderReader reader;
  reader.line("Content-Type: x; name=");
  for (std::size_t i = 0; i < 20; ++i) reader.line(" " + std::string(500, 'n'));
  EXPECT_TRUE(reader.cut());
  EXPECT_LE(reader.end().name.size(), MimeHeaderReader::kFieldBytesMax);
  MimeHeaderReader longer;
  longer.line("Content-Type: multipart/mixed; boundary=" + std::string(MimeHeaderReader::kBoundaryMax, 'b'));
  EXPECT_EQ(longer.end().boundary.size(), MimeHeaderReader::kBoundaryMax);
  EXPECT_FALSE(longer.cut());
  longer.line("Content-Type: multipart/mixed; boundary=" + std::string(MimeHeaderReader::kBoundaryMax + 1, 'b'));
  EXPECT_EQ(longer.end().boundary, "");
  EXPECT_TRUE(longer.cut());
}

}  // namespace
}  // namespace nw::network
