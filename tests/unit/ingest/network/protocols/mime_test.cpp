#include "ingest/network/protocols/mime.h"

#include <gtest/gtest.h>
#include <string>

namespace nw::network {
namespace {

using std::string_view_literals::operator""sv;

Bytes as_bytes(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

TEST(Mime, Sniffs) {
  const struct {
    std::string_view bytes, mime;
  } kCases[] = {
      {"", ""},
      {"MZ\x90\0\x03"sv, "application/x-dosexec"},
      {"\x7f\x45LF\x02", "application/x-executable"},
      {"PK\x03\x04", "application/zip"},
      {"%PDF-1.7", "application/pdf"},
      {"\x89PNG\r\n\x1a\n", "image/png"},
      {"RIFF\x01\x02\x03\x04WEBPVP8 ", "image/webp"},
      {"\0\0\0\x18"
       "ftypmp42"sv,
       "video/mp4"},
      {"\xac\xed\0\x05sr"sv, "application/x-java-serialized-object"},
      {"#!/bin/sh\n", "text/x-shellscript"},
      {"\r\n  <HTML>", "text/html"},
      {"\xef\xbb\xbf<!DOCTYPE html>", "text/html"},
      {"<?xml version=\"1.0\"?>", "application/xml"},
      {"{\"a\": 1}", "text/json"},
      {"[1, 2]", "text/json"},
      {"{}", "text/json"},
      {"{a}", "text/plain"},
      {"user=a&b=c", "text/plain"},
      {"gr\xc3\xbc\xc3\x9f", "text/plain"},
      {"\x01\x02\x03", ""},
  };
  for (const auto& c : kCases) EXPECT_EQ(sniff_mime(as_bytes(c.bytes)), c.mime) << c.bytes;
}

TEST(MimeSniffer, TakesPieces) {
  MimeSniffer sniffer;
  for (const char c : std::string_view{"%PDF-1.4"}) sniffer.add(as_bytes({&c, 1}));
  EXPECT_EQ(sniffer.take(), "application/pdf");
  EXPECT_EQ(sniffer.take(), "");  // as new
}

TEST(MimeSniffer, ReadsNoMoreThanItsBound) {
  MimeSniffer sniffer;
  const std::string text(MimeSniffer::kBytes, 'a');
  sniffer.add(as_bytes(text));
  sniffer.add(as_bytes("\x01"sv));  // behind the bound: nobody looks
  EXPECT_EQ(sniffer.take(), "text/plain");
}

TEST(MimeSniffer, JudgesWhatCameBeforeAGap) {
  MimeSniffer sniffer;
  sniffer.skip();
  sniffer.add(as_bytes("MZ"));
  EXPECT_EQ(sniffer.take(), "");
}

}  // namespace
}  // namespace nw::network
