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

}  // namespace
}  // namespace nw::network
