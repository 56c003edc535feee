#include "ingest/network/protocols/file_reader.h"

#include <gtest/gtest.h>

#include "fake_context.h"

namespace nw::network {
namespace {

constexpr std::size_t kFiles = 1;  // among the types of `http`

Bytes as_bytes(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

struct Carrier {
  explicit Carrier(const std::vector<std::string>& only = {}) : context{protocol("http"), only} {}
  void begin(std::uint32_t number = 1) { reader.begin({kFiles, "SMB", Direction::to_originator, 1}, number, context); }
  void data(std::string_view text) {
    context.time += std::chrono::milliseconds{1};
    reader.data(as_bytes(text), context);
  }

  FakeContext context;
  FileReader reader;
};

TEST(FileReader, TellsAFile) {
  Carrier carrier;
  carrier.begin();
  carrier.reader.set_name("a\x01.txt");
  carrier.reader.set_total(3);
  carrier.data("a");
  carrier.data("bc");
  const auto ended = carrier.reader.end(carrier.context);
  EXPECT_EQ(ended.number, 1U);
  EXPECT_EQ(ended.mime, "text/plain");
  EXPECT_FALSE(carrier.reader.is_open());
  ASSERT_EQ(carrier.context.events.size(), 1U);
  const std::map<std::string, std::string> wants{
      {"carrier", "SMB"},
      {"depth", "1"},
      {"mime_type", "text/plain"},
      {"filename", "a\\x01.txt"},
      {"is_orig", "false"},
      {"seen_bytes", "3"},
      {"total_bytes", "3"},
      {"missing_bytes", "0"},
      {"ts", "1700000000000000000"},
      // NIST's example for SHA-256, "abc".
      {"sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
  };
  for (const auto& [field, value] : wants) EXPECT_EQ(carrier.context.get(0, field), value) << field;
  EXPECT_NE(carrier.context.json.find("\"duration\":0.002"), std::string::npos) << carrier.context.json;
  const std::string fuid = carrier.context.get(0, "fuid");
  EXPECT_EQ(fuid.size(), 18U);
  EXPECT_EQ(fuid.front(), 'F');
}

TEST(FileReader, SizesBeyondTheLargestNumberStayThere) {
  Carrier carrier;
  carrier.begin();
  carrier.reader.set_total(~std::uint64_t{0});
  carrier.reader.end(carrier.context);
  EXPECT_EQ(carrier.context.get(0, "total_bytes"), "9223372036854775807");
}

TEST(FileReader, FilesAreToldApart) {
  Carrier carrier;
  for (const std::uint32_t number : {1U, 2U, 1U}) {
    carrier.begin(number);
    carrier.data("abc");
    carrier.reader.end(carrier.context);
  }
  EXPECT_NE(carrier.context.get(0, "fuid"), carrier.context.get(1, "fuid"));
  EXPECT_EQ(carrier.context.get(0, "fuid"), carrier.context.get(2, "fuid"));
  EXPECT_EQ(carrier.context.get(0, "sha256"), carrier.context.get(1, "sha256"));
}

TEST(FileReader, WhatIsMissingHasNoDigest) {
  Carrier lost;
  lost.begin();
  lost.data("ab");
  lost.reader.gap(5, lost.context);
  lost.data("c");
  lost.reader.end(lost.context);
  EXPECT_EQ(lost.context.get(0, "seen_bytes"), "3");
  EXPECT_EQ(lost.context.get(0, "missing_bytes"), "5");
  EXPECT_EQ(lost.context.get(0, "sha256"), "-");

  Carrier cut;
  cut.begin();
  cut.reader.set_total(4);
  cut.data("abc");
  cut.reader.end(cut.context);
  EXPECT_EQ(cut.context.get(0, "sha256"), "-");
  EXPECT_EQ(cut.context.get(0, "total_bytes"), "4");
}

TEST(FileReader, BeginningEndsWhatWasOpen) {
  Carrier carrier;
  carrier.begin(1);
  carrier.data("a");
  carrier.begin(2);
  EXPECT_EQ(carrier.context.events.size(), 1U);
  EXPECT_EQ(carrier.reader.end(carrier.context).number, 2U);
  EXPECT_EQ(carrier.reader.end(carrier.context).number, 0U);
  EXPECT_EQ(carrier.context.events.size(), 2U);
}

// Without a wish for it no digest is made.
TEST(FileReader, DigestsWhenAsked) {
  Carrier carrier{{"seen_bytes"}};
  carrier.begin();
  carrier.data("abc");
  carrier.reader.end(carrier.context);
  EXPECT_EQ(carrier.context.get(0, "sha256"), "-");
  EXPECT_EQ(carrier.context.get(0, "seen_bytes"), "3");
}

TEST(FileReader, TellsNothingThatNobodyWants) {
  Carrier carrier;
  carrier.context.unwanted = "files";
  carrier.begin();
  carrier.data("%PDF-1.4");
  EXPECT_EQ(carrier.reader.end(carrier.context).mime, "application/pdf");
  EXPECT_TRUE(carrier.context.events.empty());
}

TEST(FileReader, NamesAreBounded) {
  Carrier carrier;
  carrier.begin();
  carrier.reader.set_name(std::string(2 * FileReader::kNameMax, 'n'));
  carrier.data("a");
  carrier.reader.end(carrier.context);
  EXPECT_EQ(carrier.context.get(0, "filename").size(), FileReader::kNameMax);
}

}  // namespace
}  // namespace nw::network
