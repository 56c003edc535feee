#include "ingest/network/protocols/transfer_decoder.h"

#include <gtest/gtest.h>
#include <string>

namespace nw::network {
namespace {

// In pieces of `step` bytes.
std::string decoded(TransferEncoding encoding, std::string_view text, std::size_t step) {
  TransferDecoder decoder;
  decoder.begin(encoding);
  std::string out;
  const auto append = [&](Bytes bytes) { out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size()); };
  for (std::size_t at = 0; at < text.size(); at += step) {
    const std::string_view piece = text.substr(at, step);
    Bytes in{reinterpret_cast<const std::uint8_t*>(piece.data()), piece.size()};
    while (!in.empty()) append(decoder.decode(in));
  }
  append(decoder.end());
  return out;
}

constexpr auto kNone = TransferEncoding::none, kBase64 = TransferEncoding::base64,
               kQuoted = TransferEncoding::quoted_printable;

TEST(TransferDecoder, InAnyPieces) {
  static const struct {
    const char* name;
    TransferEncoding encoding;
    std::string coded, text;
  } kCases[] = {
      {"none", kNone, "a=3D\r\n", "a=3D\r\n"},
      {"Base64", kBase64, "YQ==", "a"},
      {"Base64 of two", kBase64, "YWI=", "ab"},
      {"Base64 in lines", kBase64, "YWJj\r\nZGVm\r\n", "abcdef"},
      {"Base64 without padding", kBase64, "YWI", "ab"},
      {"Base64 with other characters", kBase64, "Y-W*J\tj", "abc"},
      {"text behind Base64", kBase64, "YQ==\r\nFree of viruses", "a"},
      {"quoted", kQuoted, "=C3=a4=3D.", "\xc3\xa4=."},
      {"soft line break", kQuoted, "on=\r\ne= \t\r\n!=\nx", "one!x"},
      {"lines", kQuoted, "one\r\ntwo\nthree", "one\r\ntwo\nthree"},
      {"blanks at the end of a line", kQuoted, "one \t\r\ntwo  \nthree  four ", "one\r\ntwo\nthree  four"},
      {"no hexadecimal", kQuoted, "a=XYb=4G==41=", "a=XYb=4G=A"},
      {"hexadecimal cut", kQuoted, "a=4", "a=4"},
      {"a return alone", kQuoted, "a \rb=\rc", "a \rb=\rc"},
      {"many blanks", kQuoted, std::string(200, ' ') + "\r\n" + std::string(200, ' ') + "x",
       // More than a line has are kept.
       std::string(81, ' ') + std::string(81, ' ') + "\r\n" + std::string(200, ' ') + "x"},
      {"long", kBase64,
       [] {
         std::string text;
         for (int i = 0; i < 5000; ++i) text += "YWJj";
         return text;
       }(),
       [] {
         std::string text;
         for (int i = 0; i < 5000; ++i) text += "abc";
         return text;
       }()},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    for (const std::size_t step : {c.coded.size(), std::size_t{1}, std::size_t{3}})
      EXPECT_EQ(decoded(c.encoding, c.coded, step), c.text) << step;
  }
}

TEST(TransferDecoder, Names) {
  EXPECT_EQ(transfer_encoding("BASE64"), kBase64);
  EXPECT_EQ(transfer_encoding("Quoted-Printable (a comment)"), kQuoted);
  for (const char* name : {"", "7bit", "binary", "base", "x-uuencode"}) EXPECT_EQ(transfer_encoding(name), kNone);
}

TEST(TransferDecoder, BeginsAnewBehindAGap) {
  TransferDecoder decoder;
  decoder.begin(kBase64);
  const std::string_view before = "YWJjZ", behind = "YWJj";
  Bytes in{reinterpret_cast<const std::uint8_t*>(before.data()), before.size()};
  EXPECT_EQ(decoder.decode(in).size(), 3U);
  EXPECT_EQ(decoder.gap(8), 6U);
  in = {reinterpret_cast<const std::uint8_t*>(behind.data()), behind.size()};
  const Bytes out = decoder.decode(in);
  EXPECT_EQ(std::string(out.begin(), out.end()), "abc");
  decoder.begin(kQuoted);
  EXPECT_EQ(decoder.gap(8), 8U);
}

}  // namespace
}  // namespace nw::network
