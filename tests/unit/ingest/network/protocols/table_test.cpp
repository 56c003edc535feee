// What every row of the protocol table owes, whatever the protocol.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <set>

#include "fake_context.h"
#include "golden_frames.h"
#include "source_directory.h"

namespace nw::network {
namespace {

void give(Analyzer& analyzer, const GoldenFrame& frame, Bytes bytes, FakeContext& context) {
  if (!protocol(frame.protocol).ether_types.empty())
    give_frame(analyzer, bytes, context);
  else if (frame.transport == Transport::udp)
    analyzer.datagram(bytes, frame.direction, context);
  else
    FakeStream{analyzer, frame.direction, context}.feed(bytes);
}

TEST(ProtocolTable, RowsAreSortedAndDescribed) {
  std::string_view before;
  for (const Protocol& p : protocols()) {
    SCOPED_TRACE(p.name);
    EXPECT_LT(before, p.name);
    before = p.name;
    EXPECT_FALSE(p.help.empty());
    EXPECT_NE(p.tcp || p.udp, !p.ether_types.empty());   // over one or the other
    EXPECT_TRUE(p.probe != nullptr || p.ports.empty());  // else the port would promise what nobody looks for
    EXPECT_NE(p.make, nullptr);
    EXPECT_GT(p.stream_bytes_max, 0U);
    ASSERT_FALSE(p.types.empty());
  }
}

TEST(ProtocolTable, FieldsAreDocumentedOnce) {
  static const std::set<std::string_view> kKinds{
      "text",           "integer",  "real",         "boolean",         "address",
      "time",           "interval", "list of text", "list of integer", "list of interval",
      "list of address"};
  for (const Protocol& p : protocols()) {
    for (const event::TypeSpec& type : p.types) {
      SCOPED_TRACE(type.path);
      EXPECT_EQ(type.product, "normwatch");
      EXPECT_FALSE(type.services.empty());
      EXPECT_FALSE(type.categories.empty());
      EXPECT_FALSE(type.open);
      std::set<std::string_view> names;
      // A flow has no log line's sender; the name `host` is free for HTTP's.
      for (const event::FieldSpec& common : event::common_fields())
        if (common.name != "host") names.insert(common.name);
      for (const event::FieldSpec& field : type.fields) {
        SCOPED_TRACE(field.name);
        EXPECT_TRUE(names.insert(field.name).second);
        EXPECT_TRUE(kKinds.contains(field.type)) << field.type;
        EXPECT_FALSE(field.help.empty());
      }
    }
  }
}

TEST(ProtocolTable, AnEtherTypeHasOneRow) {
  std::set<std::uint16_t> types;
  for (const Protocol& p : protocols())
    for (const std::uint16_t type : p.ether_types) EXPECT_TRUE(types.insert(type).second) << p.name;
}

// Several protocols may make one event (`ssl`): then it is one type of the schema, and must be the same everywhere.
TEST(ProtocolTable, TypesOfOnePathAreOneType) {
  event::Schema schema;
  std::map<std::string_view, event::TypeId> known;
  for (const Protocol& p : protocols()) {
    for (const event::TypeSpec& type : p.types) {
      SCOPED_TRACE(std::string{p.name} + " " + std::string{type.path});
      const event::TypeId id = schema.add_type(type);
      EXPECT_EQ(known.emplace(type.path, id).first->second, id);
      EXPECT_EQ(schema.type(id).fields.size(), type.fields.size());
    }
  }
  EXPECT_EQ(known.size(), schema.type_count());
}

TEST(ProtocolTable, EveryRowHasGoldenFrames) {
  for (const Protocol& p : protocols())
    EXPECT_TRUE(std::ranges::any_of(kGoldenFrames, [&](const auto& f) { return f.protocol == p.name; })) << p.name;
}

TEST(ProtocolTable, GoldenFramesAreTakenWhole) {
  for (const GoldenFrame& frame : kGoldenFrames) {
    SCOPED_TRACE(frame.name);
    const Protocol& p = protocol(frame.protocol);
    const auto bytes = from_hex(frame.hex);
    if (p.probe != nullptr) {
      EXPECT_NE(p.probe(bytes, frame.direction, frame.transport, true), Verdict::no);
    }
    FakeContext context{p};
    const auto analyzer = p.make(frame.transport);
    if (frame.transport == Transport::tcp) {
      FakeStream stream{*analyzer, frame.direction, context};
      EXPECT_TRUE(stream.feed(bytes));
      EXPECT_EQ(stream.waiting(), 0U);
    } else {
      give(*analyzer, frame, bytes, context);
    }
    analyzer->finish(context);
    EXPECT_GE(context.events.size(), 1U);
    EXPECT_EQ(context.refused_total(), 0U);
  }
}

TEST(ProtocolTable, EveryPrefixIsSurvived) {
  for (const GoldenFrame& frame : kGoldenFrames) {
    const Protocol& p = protocol(frame.protocol);
    const auto bytes = from_hex(frame.hex);
    FakeContext whole{p};
    give(*p.make(frame.transport), frame, bytes, whole);
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
      SCOPED_TRACE(std::string{frame.name} + " cut at " + std::to_string(cut));
      // A copy of its own, so that the sanitizer sees a read past the cut.
      const std::vector<std::uint8_t> part(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(cut));
      if (p.probe != nullptr) {
        (void)p.probe(part, frame.direction, frame.transport, true);
        (void)p.probe(part, frame.direction, frame.transport, false);
      }
      FakeContext context{p};
      const auto analyzer = p.make(frame.transport);
      give(*analyzer, frame, part, context);
      analyzer->finish(context);
      // A cut datagram is refused at most once; a stream waits for the rest.
      EXPECT_LE(context.refused_total(), frame.transport == Transport::udp ? 1U : 0U);
    }
  }
}

TEST(ProtocolTable, StreamsReadTheSameInAnyPieces) {
  for (const GoldenFrame& frame : kGoldenFrames) {
    if (frame.transport != Transport::tcp) continue;
    const Protocol& p = protocol(frame.protocol);
    const auto bytes = from_hex(frame.hex);
    FakeContext whole{p};
    const auto first = p.make(frame.transport);
    give(*first, frame, bytes, whole);
    first->finish(whole);
    for (std::size_t step = 1; step < bytes.size(); ++step) {
      SCOPED_TRACE(std::string{frame.name} + " in steps of " + std::to_string(step));
      FakeContext context{p};
      const auto analyzer = p.make(frame.transport);
      FakeStream stream{*analyzer, frame.direction, context};
      for (std::size_t at = 0; at < bytes.size(); at += step)
        EXPECT_TRUE(stream.feed(Bytes{bytes}.subspan(at, std::min(step, bytes.size() - at))));
      analyzer->finish(context);
      EXPECT_EQ(context.events, whole.events);
    }
  }
}

TEST(ProtocolTable, NothingIsMadeWhenNothingIsWanted) {
  for (const GoldenFrame& frame : kGoldenFrames) {
    const Protocol& p = protocol(frame.protocol);
    FakeContext context{p, {}, false};
    const auto analyzer = p.make(frame.transport);
    give(*analyzer, frame, from_hex(frame.hex), context);
    analyzer->finish(context);
    EXPECT_TRUE(context.events.empty()) << frame.name;
  }
}

TEST(ProtocolTable, RandomBytesAreRarelyTakenForAProtocol) {
  constexpr unsigned kSeed = 20'240'117, kRounds = 200'000;
  SCOPED_TRACE(kSeed);
  std::mt19937 random{kSeed};
  std::array<std::uint8_t, 96> bytes{};
  for (const Protocol& p : protocols()) {
    if (p.probe == nullptr) continue;
    unsigned taken = 0;
    for (unsigned round = 0; round < kRounds; ++round) {
      for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
      const Bytes some = Bytes{bytes}.first(1 + random() % bytes.size());
      const auto direction = round % 2 == 0 ? Direction::to_responder : Direction::to_originator;
      if (p.udp && p.probe(some, direction, Transport::udp, false) == Verdict::yes) ++taken;
      if (p.tcp && p.probe(some, direction, Transport::tcp, false) == Verdict::yes) ++taken;
    }
    EXPECT_EQ(taken, 0U) << p.name;
  }
}

// What begins with another octet than the row says is not asked of off the port: nothing must be missed by that.
TEST(ProtocolTable, ProbesTakeNothingThatBeginsWithAnotherOctet) {
  constexpr unsigned kSeed = 20'261'130, kRounds = 50'000;
  SCOPED_TRACE(kSeed);
  std::mt19937 random{kSeed};
  const auto takes = [](const Protocol& p, Bytes bytes, Direction direction) {
    return (p.udp && p.probe(bytes, direction, Transport::udp, false) == Verdict::yes) ||
           (p.tcp && p.probe(bytes, direction, Transport::tcp, false) == Verdict::yes);
  };
  for (const Protocol& p : protocols()) {
    if (p.probe == nullptr) continue;
    SCOPED_TRACE(p.name);
    std::vector<std::uint8_t> others;
    for (unsigned octet = 0; octet < 256; ++octet)
      if (!p.begins.has(static_cast<std::uint8_t>(octet))) others.push_back(static_cast<std::uint8_t>(octet));
    if (others.empty()) continue;
    for (const GoldenFrame& frame : kGoldenFrames) {
      if (frame.protocol != p.name) continue;
      const auto bytes = from_hex(frame.hex);
      EXPECT_EQ(p.judge(bytes, frame.direction, frame.transport, false),
                p.probe(bytes, frame.direction, frame.transport, false))
          << frame.name;
      auto instead = bytes, before = bytes;
      before.insert(before.begin(), 0);
      for (const std::uint8_t octet : others) {
        instead.front() = before.front() = octet;
        EXPECT_FALSE(takes(p, instead, frame.direction) || takes(p, before, frame.direction)) << frame.name;
      }
    }
    std::array<std::uint8_t, 96> bytes{};
    for (unsigned round = 0; round < kRounds; ++round) {
      for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
      bytes[0] = others[random() % others.size()];
      const auto direction = round % 2 == 0 ? Direction::to_responder : Direction::to_originator;
      EXPECT_FALSE(takes(p, Bytes{bytes}.first(1 + random() % bytes.size()), direction));
    }
  }
}

// A flood of noise to a protocol's port, a flow for each datagram, is taken for nothing or refused; it is not told as
// if somebody had meant it.
TEST(ProtocolTable, NoiseOnThePortIsNotTold) {
  constexpr unsigned kSeed = 20'261'128, kRounds = 20'000;
  SCOPED_TRACE(kSeed);
  std::array<std::uint8_t, 600> bytes{};
  for (const Protocol& p : protocols()) {
    // DNS tells damaged messages as far as they can be read.
    if (!p.udp || p.name == "dns") continue;
    std::mt19937 random{kSeed};  // the same noise, whatever else is in the table
    FakeContext context{p};
    for (unsigned round = 0; round < kRounds; ++round) {
      const std::size_t size = 1 + random() % (round % 2 == 0 ? 64 : bytes.size());
      for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(random());
      const Bytes some = Bytes{bytes}.first(size);
      const auto direction = round % 4 < 2 ? Direction::to_responder : Direction::to_originator;
      if (p.probe(some, direction, Transport::udp, true) == Verdict::no) continue;
      const auto analyzer = p.make(Transport::udp);
      analyzer->datagram(some, direction, context);
      analyzer->finish(context);
    }
    EXPECT_EQ(context.events.size(), 0U) << p.name;
  }
}

TEST(ProtocolTable, RandomBytesAreSurvived) {
  constexpr unsigned kSeed = 4711, kRounds = 3'000;
  SCOPED_TRACE(kSeed);
  std::mt19937 random{kSeed};
  for (unsigned round = 0; round < kRounds; ++round) {
    const GoldenFrame& frame = kGoldenFrames[random() % kGoldenFrames.size()];
    const Protocol& p = protocol(frame.protocol);
    auto bytes = from_hex(frame.hex);
    for (unsigned flips = 1 + random() % 4; flips > 0; --flips)
      bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
    FakeContext context{p};
    const auto analyzer = p.make(frame.transport);
    give(*analyzer, frame, bytes, context);
    analyzer->finish(context);
  }
}

// The fuzzers start from the golden frames. NW_UPDATE_GOLDEN=1 writes the files; otherwise they must be up to date.
TEST(ProtocolTable, FuzzSeedsAreTheGoldenFrames) {
  const std::filesystem::path seeds = std::filesystem::path{source_directory()} / "tests/fuzz/seeds";
  const bool update = std::getenv("NW_UPDATE_GOLDEN") != nullptr;
  for (const GoldenFrame& frame : kGoldenFrames) {
    SCOPED_TRACE(frame.name);
    // As tests/fuzz/protocol_fuzz.h reads it: how to feed the bytes, then the bytes.
    std::string want;
    want += static_cast<char>((frame.transport == Transport::tcp ? 1 : 0) |
                              (frame.direction == Direction::to_originator ? 2 : 0));
    for (const std::uint8_t byte : from_hex(frame.hex)) want += static_cast<char>(byte);
    // The target `syslog` is the log format's.
    const std::string target = frame.protocol == "syslog" ? "wire_syslog" : std::string{frame.protocol};
    const auto path = seeds / target / frame.name;
    if (update) {
      std::filesystem::create_directories(path.parent_path());
      std::ofstream{path, std::ios::binary} << want;
    }
    std::ifstream in{path, std::ios::binary};
    const std::string have{std::istreambuf_iterator<char>{in}, {}};
    EXPECT_EQ(have, want) << "write it with NW_UPDATE_GOLDEN=1";
  }
}

}  // namespace
}  // namespace nw::network
