#include "ingest/network/protocols/text_buffer.h"

#include <gtest/gtest.h>

#include "fake_context.h"

namespace nw::network {
namespace {

// Half a character, or half an escape, is worse than none.
TEST(TextBuffer, IsCutBetweenCharacters) {
  static constexpr struct {
    const char *name, *hex;
    std::size_t width;  // in the text
  } kCases[] = {{"a letter", "61", 1}, {"two bytes", "c3a9", 2}, {"four bytes", "f09f9982", 4}, {"an escape", "ff", 4}};
  for (const auto& c : kCases) {
    for (const std::size_t room : {0U, 1U, 2U, 3U, 4U}) {
      SCOPED_TRACE(c.name);
      TextBuffer text;
      text.append(std::string(TextBuffer::kBytesMax - room, 'x'));
      text.append_escaped(from_hex(c.hex));
      text.append_escaped(from_hex("61"));  // no letter may stand behind what was left out
      const bool fits = c.width <= room;
      EXPECT_EQ(text.view().size(), TextBuffer::kBytesMax - room + (fits ? c.width + (c.width < room ? 1 : 0) : 0));
      EXPECT_EQ(text.cut(), c.width >= room);
    }
  }
}

TEST(TextBuffer, OnlyAsciiGetsLower) {
  TextBuffer text;
  text.append("A");
  text.append_lower(from_hex("42632e5c5ac384ff5a"));  // Bc.\ZÄ, no character, Z
  EXPECT_EQ(text.view(), "Abc.\\x5cz\xc3\x84\\xffz");
  text.clear();
  text.append(std::string(TextBuffer::kBytesMax - 1, 'x'));
  text.append_lower(from_hex("4142"));
  EXPECT_TRUE(text.view().ends_with("xa"));
  EXPECT_TRUE(text.cut());
}

// Eight bytes are looked at at once, and the rest one by one.
TEST(TextBuffer, PlainTextEndsAtEveryOtherByte) {
  constexpr std::size_t kSize = 19;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const bool plain = byte >= 0x20 && byte < 0x7f && byte != '\\';
    for (std::size_t at = 0; at < kSize; ++at) {
      std::vector<std::uint8_t> bytes(kSize, '~');
      bytes[at] = static_cast<std::uint8_t>(byte);
      EXPECT_EQ(plain_ascii(bytes), plain ? kSize : at) << byte << " at " << at;
      bytes.assign(kSize, ' ');
      bytes[at] = static_cast<std::uint8_t>(byte);
      EXPECT_EQ(plain_ascii(bytes), plain ? kSize : at) << byte << " at " << at;
    }
  }
  EXPECT_EQ(plain_ascii({}), 0U);
}

TEST(TextBuffer, HexIsCutWhereItEnds) {
  for (const std::size_t room : {0U, 1U, 2U, 3U, 4U, 5U}) {
    TextBuffer text;
    text.append(std::string(TextBuffer::kBytesMax - room, 'x'));
    text.append_hex(from_hex("a1b2"));
    EXPECT_EQ(text.view().substr(TextBuffer::kBytesMax - room), std::string_view{"a1b2"}.substr(0, room));
    EXPECT_EQ(text.cut(), room < 4);
  }
}

}  // namespace
}  // namespace nw::network
