#include "ingest/network/protocols/dnp3_files.h"

#include <array>
#include <gtest/gtest.h>

#include "dnp3_frames.h"

namespace nw::network::dnp3 {
namespace {

// Low octet first.
std::string little(std::uint64_t number, unsigned size) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (; size > 0; --size, number >>= 8U) hex += {kDigits[number >> 4U & 15U], kDigits[number & 15U]};
  return hex;
}

// A file object of that variation in a message; `rest` is what stands before it.
std::string object(unsigned variation, const std::string& contents) {
  return "46" + little(variation, 1) + "5b01" + little(from_hex(contents).size(), 2) + contents;
}
std::string begin(unsigned sequence, unsigned function) {
  return little(0xC0U | sequence, 1) + little(function, 1) + (function >= 0x80 ? "0000" : "");
}

constexpr unsigned kRead = 0x01, kWrite = 0x02, kOpen = 0x19, kClose = 0x1A, kDelete = 0x1B, kAbort = 0x1E,
                   kResponse = 0x81, kUnsolicited = 0x82;
constexpr std::string_view kNoPoints = "10/g70";

// A master and an outstation that talk of files. Each message is told in two events: of itself, of its object.
struct Files {
  Play flow = play();
  unsigned sequence = 0;
  std::uint16_t outstation = 10;

  void ask(unsigned function, const std::string& what) {
    sequence = (sequence + 1) & 15U;
    flow.give(frame("c0" + begin(sequence, function) + what, {.source = 1, .destination = outstation}), kOut);
  }
  void answer(const std::string& what, unsigned function = kResponse) {
    flow.give(frame("c0" + begin(sequence, function) + what, {.source = outstation, .destination = 1, .control = 0x44}),
              kBack);
  }
  void ask_open(const std::string& name) {
    ask(kOpen,
        object(3, "1a00" + little(name.size(), 2) + little(0, 12) + little(0, 4) + "010000040100'" + name + "'"));
  }
  void ask_close(std::uint32_t handle, unsigned function = kClose) { ask(function, object(4, little(handle, 13))); }
  void answer_status(std::uint32_t handle, unsigned status = 0) {
    answer(object(4, little(handle, 12) + little(status, 1)));
  }
  void open(const std::string& name, std::uint32_t handle) {
    ask_open(name);
    answer_status(handle);
  }
  void ask_read(std::uint32_t handle) { ask(kRead, object(5, little(handle, 8))); }

  // Of the last message's events.
  void expect_target(std::string_view target) {
    const std::size_t count = flow.context.events.size();
    ASSERT_GE(count, 2U);
    EXPECT_EQ(flow.context.paths[count - 2], "dnp3");
    EXPECT_EQ(flow.context.paths[count - 1], "dnp3_objects");
    EXPECT_EQ(flow.get(count - 2, "ics.target"), target);
    EXPECT_EQ(flow.get(count - 1, "ics.target"), target);
  }
};

TEST(Dnp3FileHandles, ItIsTheFilesUntilThatIsClosed) {
  for (const unsigned closing : {kClose, kAbort}) {
    Files files;
    const std::string target = "10/g70/fw.bin";
    files.ask_open("fw.bin");
    files.expect_target(target);
    files.answer_status(7);
    files.expect_target(target);
    files.ask_read(7);
    files.expect_target(target);
    files.answer(object(5, little(7, 8) + "'hello'"));
    files.expect_target(target);
    files.ask(kWrite, object(5, little(7, 8) + "'hello'"));
    files.expect_target(target);
    files.answer(object(6, little(7, 8) + "00"));
    files.expect_target(target);
    files.ask_close(7, closing);
    files.expect_target(target);
    files.answer_status(7);
    files.expect_target(target);
    files.ask_read(7);
    files.expect_target(kNoPoints);
    files.answer(object(6, little(7, 8) + "10"));
    files.expect_target(kNoPoints);
    EXPECT_EQ(files.flow.context.refused_total(), 0U);
  }
}

TEST(Dnp3FileHandles, WhatIsNotAskedForIsKnownByItsHandle) {
  Files files;
  files.open("a", 7);
  files.answer(object(5, little(7, 8) + "'hello'"), kUnsolicited);
  files.expect_target("10/g70/a");
  files.answer(object(6, little(8, 8) + "00"), kUnsolicited);
  files.expect_target(kNoPoints);
}

TEST(Dnp3FileHandles, AnotherHandleOrStationIsNotIt) {
  Files files;
  files.open("a", 7);
  files.ask_read(8);
  files.expect_target(kNoPoints);
  files.outstation = 11;
  files.ask_read(7);
  files.expect_target("11/g70");
  files.open("b", 7);
  files.ask_read(7);
  files.expect_target("11/g70/b");
  files.outstation = 10;
  files.ask_read(7);
  files.expect_target("10/g70/a");
}

TEST(Dnp3FileHandles, ARefusalOpensAndClosesNothing) {
  Files files;
  files.ask_open("a");
  files.answer_status(7, 1);
  files.expect_target("10/g70/a");  // the file that the answer is about
  files.ask_read(7);
  files.expect_target(kNoPoints);
  files.open("b", 7);
  files.ask_close(7);
  files.answer_status(0, 8);
  files.expect_target("10/g70/b");
  files.ask_read(7);
  files.expect_target("10/g70/b");
}

TEST(Dnp3FileHandles, AnAnswerWithoutAHandleIsAboutTheFileThatWasAskedFor) {
  Files files;
  files.ask(kDelete, object(3, "1a000100" + little(0, 12) + little(0, 4) + "000000000100'x'"));
  files.answer_status(0);
  files.expect_target("10/g70/x");
  files.ask_read(0);
  files.expect_target(kNoPoints);
}

TEST(Dnp3FileHandles, OneThatIsGivenAgainIsTheNewFiles) {
  Files files;
  files.open("a", 7);
  files.ask_open("b");
  files.answer_status(7);
  files.expect_target("10/g70/b");
  files.ask_read(7);
  files.expect_target("10/g70/b");
}

TEST(Dnp3FileHandles, WhatNobodyAskedOpensNothing) {
  Files files;
  files.answer_status(7);
  files.expect_target(kNoPoints);
  files.ask_open("a");
  const std::string answer = "c0" + begin(files.sequence, kResponse) + object(4, little(7, 13));
  files.flow.give(frame(answer, kOutstation), kOut);  // by who asked
  files.ask_read(7);
  files.expect_target(kNoPoints);
}

TEST(Dnp3FileHandles, AfterAGapNoHandleIsKnown) {
  for (const Direction direction : {kOut, kBack}) {
    Files files;
    files.open("a", 7);
    files.flow.analyzer->gap(1, direction, files.flow.context);
    files.ask_read(7);
    files.expect_target(kNoPoints);
  }
}

TEST(Dnp3FileHandles, TheNameIsCutAsThatOfTheOpening) {
  Files files;
  const std::string name(150, 'n');
  files.ask_open(name);
  const std::string target = files.flow.get(0, "ics.target");
  EXPECT_TRUE(target.ends_with("nnn..."));
  files.answer_status(7);
  files.ask_read(7);
  files.expect_target(target);
}

TEST(Dnp3FileHandles, TheFirstOfTooManyMakesWay) {
  Files files;
  const auto name = [](std::size_t i) { return "f" + std::to_string(i); };
  for (std::uint32_t i = 0; i < Dnp3Files::kMost; ++i) files.open(name(i), i);
  files.ask_read(0);
  files.expect_target("10/g70/f0");
  EXPECT_EQ(files.flow.context.refused_total(), 0U);
  files.open("one more", 99);
  EXPECT_EQ(files.flow.context.refused_count(DecodeError::limit), 1U);
  files.ask_read(0);
  files.expect_target(kNoPoints);
  files.ask_read(1);
  files.expect_target("10/g70/f1");
  files.ask_read(99);
  files.expect_target("10/g70/one more");
}

}  // namespace
}  // namespace nw::network::dnp3
