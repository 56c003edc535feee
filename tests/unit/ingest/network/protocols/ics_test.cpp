#include "ingest/network/protocols/ics.h"

#include <gtest/gtest.h>
#include <set>
#include <string>

#include "base/arena.h"
#include "fake_context.h"

namespace nw::network {
namespace {

TEST(Ics, TextIsBoundedAndSaysSo) {
  IcsText text;
  text.append_range(100, 10);
  text.next();
  text.append_range(7, 1);
  EXPECT_EQ(text.view(), "100-109,7");
  EXPECT_FALSE(text.full());

  text.clear();
  EXPECT_TRUE(text.empty());
  text.append(std::string(IcsText::kBytesMax, 'x'));
  EXPECT_EQ(text.view(), std::string(IcsText::kBytesMax, 'x'));
  EXPECT_FALSE(text.full());
  text.append('y');
  EXPECT_EQ(text.view(), std::string(IcsText::kBytesMax - 3, 'x') + "...");
  EXPECT_TRUE(text.full());
  text.append("more");
  EXPECT_EQ(text.view(), std::string(IcsText::kBytesMax - 3, 'x') + "...");
}

TEST(Ics, TextIsNotCutWithinACharacter) {
  // One octet, then characters of two: the cut at 117 would be within one.
  std::string two;
  for (int i = 0; i < 100; ++i) two += "\xc3\xa4";
  for (const bool apart : {false, true}) {
    IcsText text;
    if (apart) {
      text.append("a" + two.substr(0, 116));
      text.append(two.substr(116));
    } else {
      text.append("ab" + two);
    }
    EXPECT_TRUE(text.full());
    EXPECT_EQ(text.view().substr(text.view().size() - 3), "...");
    EXPECT_EQ(text.view()[text.view().size() - 4], '\xa4');
  }
}

TEST(Ics, NumbersInText) {
  IcsText text;
  text.append_hex(0x2a, 4);
  text.append(' ');
  text.append_hex(0);
  text.append(' ');
  text.append_real(0.1F);
  text.append(' ');
  text.append_escaped(from_hex("'a' 00 'b'"));
  EXPECT_EQ(text.view(), "002a 0 0.1 a\\x00b");
}

TEST(Ics, EscapedTextIsCutAsOtherText) {
  for (const std::string& octets : {std::string(130, 'x'), "\x01" + std::string(130, 'x')}) {
    IcsText text;
    text.append_escaped(from_hex("'" + octets + "'"));
    EXPECT_EQ(text.view().size(), IcsText::kBytesMax);
    EXPECT_EQ(text.view().substr(IcsText::kBytesMax - 4), "x...");
  }
}

// Texts of a command that has a name are not copied, and those of a temporary are.
TEST(Ics, CommandsAreBorrowed) {
  FakeContext context{protocol("modbus")};
  const auto& fields = protocol("modbus").types[0].fields;
  const auto ics =
      static_cast<std::size_t>(std::ranges::find(fields, "ics.operation", &event::FieldSpec::name) - fields.begin());
  EventWriter out = context.begin(0, context.time);
  const auto text = [&](std::size_t at) { return out.event().entries()[at].value.as_text(); };
  IcsCommand command{IcsOperation::write, {}, {}};
  command.target.append("1/coil/7");
  command.value.append("1");
  write_ics(out, ics, command);
  EXPECT_EQ(text(1).data(), command.target.view().data());
  EXPECT_EQ(text(2).data(), command.value.view().data());
  write_ics(out, ics, std::move(command));
  command.target.clear();
  command.target.append("2/coil/8");
  EXPECT_EQ(text(1), "1/coil/7");
  EXPECT_EQ(text(2), "1");
  context.emit();
  EXPECT_EQ(context.get(0, "ics.operation"), "write");
}

TEST(Ics, EveryOperationAndOutcomeHasItsWord) {
  std::set<std::string_view> words;
  for (unsigned i = 0; i <= static_cast<unsigned>(IcsOperation::other); ++i)
    words.insert(to_string(static_cast<IcsOperation>(i)));
  EXPECT_EQ(words.size(), 13U);
  EXPECT_EQ(to_string(IcsOperation::read), "read");
  EXPECT_EQ(to_string(IcsOperation::time_set), "time_set");
  EXPECT_EQ(to_string(IcsOperation::other), "other");
  EXPECT_EQ(to_string(IcsOutcome::ok), "ok");
  EXPECT_EQ(to_string(IcsOutcome::refused), "refused");
  EXPECT_EQ(to_string(IcsOutcome::no_answer), "no answer");
}

// Every protocol of a control system says what its messages do in the same words: the rules rely on it.
TEST(Ics, EveryControlProtocolHasTheFields) {
  unsigned types = 0;
  for (const Protocol& p : protocols()) {
    for (const event::TypeSpec& type : p.types) {
      const bool control =
          std::ranges::equal(type.categories, kIcsCategory) || std::ranges::equal(type.categories, kIcsPartCategory);
      const auto own = std::ranges::find(type.fields, "ics.operation", &event::FieldSpec::name);
      EXPECT_EQ(own != type.fields.end(), control) << type.path;
      if (!control || own == type.fields.end()) continue;
      ++types;
      EXPECT_TRUE(std::ranges::equal(std::span{own, type.fields.end()}, kIcsFields, {}, &event::FieldSpec::name,
                                     &event::FieldSpec::name))
          << type.path;
    }
  }
  EXPECT_GE(types, 1U);
}

}  // namespace
}  // namespace nw::network
