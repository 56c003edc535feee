// What is read from files on SMB's shares, and written to them: the `files` events.
#include <gtest/gtest.h>

#include "fake_context.h"
#include "smb1_frames.h"
#include "smb_frames.h"

namespace nw::network {
namespace {

using namespace smb_frames;

constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;
enum : unsigned { kTreeConnect = 3, kCreate = 5, kClose = 6, kRead = 8, kWrite = 9 };

// A connection with a share and, on it, the open file 9: `dir\a.txt`, of five bytes.
struct Flow {
  explicit Flow(unsigned share = 1, std::uint64_t size = 5) {
    ask(kTreeConnect, tree_connect("\\\\nas\\data"), tree_connected(share));
    ask(kCreate, create("dir\\a.txt"), created(9, size));
  }

  void give(const std::string& hex, Direction direction) { (direction == kOut ? out : back).feed(from_hex(hex)); }
  void ask(unsigned command, const std::string& request, const std::string& response, std::uint32_t status = 0) {
    ++message;
    give(framed(smb2({command, false, 0, message}, request)), kOut);
    give(framed(smb2({command, true, status, message}, response)), kBack);
  }
  void read_at(std::uint64_t position, const std::string& data) { ask(kRead, read(9, position), read_done(data)); }
  void write_at(std::uint64_t position, const std::string& data) {
    ask(kWrite, write(9, data, position), written(static_cast<std::uint32_t>(size_of(data))));
  }
  void close_it() { ask(kClose, close(9), closed()); }
  // "is_orig seen missing total", and whether there is a digest, of each file.
  std::vector<std::string> files() const {
    std::vector<std::string> found;
    for (std::size_t i = 0; i < context.paths.size(); ++i) {
      if (context.paths[i] != "files") continue;
      found.push_back(context.get(i, "is_orig") + " " + context.get(i, "seen_bytes") + " " +
                      context.get(i, "missing_bytes") + " " + context.get(i, "total_bytes") + " " +
                      (context.get(i, "sha256") == "-" ? "-" : "hash"));
    }
    return found;
  }
  std::string file(const std::string& field) const {
    const auto at = std::ranges::find(context.paths, "files") - context.paths.begin();
    return context.get(static_cast<std::size_t>(at), field);
  }

  FakeContext context{protocol("smb")};
  std::unique_ptr<Analyzer> analyzer = protocol("smb").make(Transport::tcp);
  FakeStream out{*analyzer, kOut, context}, back{*analyzer, kBack, context};
  std::uint64_t message = 0;
};

using Files = std::vector<std::string>;

TEST(SmbContent, AFileIsToldWhenItCloses) {
  Flow flow;
  flow.read_at(0, "'%PD'");
  flow.read_at(3, "'F-'");
  EXPECT_EQ(flow.files(), Files{});
  flow.close_it();
  EXPECT_EQ(flow.files(), Files{"false 5 0 5 hash"});
  EXPECT_EQ(flow.file("filename"), "dir\\a.txt");
  EXPECT_EQ(flow.file("carrier"), "SMB");
  EXPECT_EQ(flow.file("mime_type"), "application/pdf");
  EXPECT_EQ(flow.file("sha256"), "38523c087796e5d5dd1cf9bad1fb026781a838dd9dd2cf8af58b9f6502a46778");
  flow.analyzer->finish(flow.context);
  EXPECT_EQ(flow.files().size(), 1U);
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(SmbContent, ByPosition) {
  struct Piece {
    bool written;
    std::uint64_t position;
    const char* data;
  };
  static const struct {
    const char* name;
    std::vector<Piece> pieces;
    Files files;
  } kCases[] = {
      {"nothing", {}, {}},
      {"a part", {{false, 0, "'abc'"}}, {"false 3 0 5 -"}},
      {"a hole", {{false, 0, "'a'"}, {false, 3, "'de'"}}, {"false 3 2 5 -"}},
      {"not from the beginning", {{false, 4, "'e'"}}, {"false 1 4 5 -"}},
      {"read again", {{false, 0, "'abc'"}, {false, 1, "'bcde'"}, {false, 0, "'abcde'"}}, {"false 5 0 5 hash"}},
      {"written", {{true, 0, "'abc'"}, {true, 3, "'defg'"}}, {"true 7 0 - hash"}},
      {"written again", {{true, 0, "'abc'"}, {true, 0, "'x'"}, {true, 3, "'d'"}}, {"true 4 0 - -"}},
      {"written behind its end", {{true, 0, "'abc'"}, {true, ~std::uint64_t{0}, "'d'"}}, {"true 4 0 - hash"}},
      {"written far away", {{true, std::uint64_t{1} << 62U, "'d'"}}, {"true 1 4611686018427387904 - -"}},
      {"both ways", {{true, 0, "'abcdef'"}, {false, 0, "'abcdef'"}}, {"false 6 0 - hash", "true 6 0 - hash"}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    for (const Piece& piece : c.pieces)
      piece.written ? flow.write_at(piece.position, piece.data) : flow.read_at(piece.position, piece.data);
    flow.analyzer->finish(flow.context);
    EXPECT_EQ(flow.files(), c.files);
  }
}

// A frame's data passes by; it is the same whether it comes at once or not.
TEST(SmbContent, LongDataIsNotHeld) {
  std::string data;
  for (int i = 0; i < 10'000; ++i) data += "'0123456789'";
  for (const std::size_t step : {std::size_t{1'000'000}, std::size_t{70'000}, std::size_t{1460}}) {
    SCOPED_TRACE(step);
    Flow flow{1, 100'000};
    flow.give(framed(smb2({kRead, false, 0, 7}, read(9))), kOut);
    const auto response = from_hex(framed(smb2({kRead, true, 0, 7}, read_done(data))));
    for (std::size_t at = 0; at < response.size(); at += step) {
      flow.back.feed(Bytes{response}.subspan(at, std::min(step, response.size() - at)));
      EXPECT_LE(flow.back.waiting(), 200U);
    }
    flow.write_at(0, data);
    EXPECT_EQ(flow.out.waiting(), 0U);
    flow.close_it();
    EXPECT_EQ(flow.files(), (Files{"false 100000 0 100000 hash", "true 100000 0 - hash"}));
    EXPECT_EQ(flow.file("sha256"), "aca9e593cc629cbaa94cd5a07dc029424aad93e5129e5d11f8dcd2f139c16cc0");
  }
}

TEST(SmbContent, AGapInData) {
  static constexpr struct {
    const char* name;
    std::size_t before, lost;  // of the frame's 100,000 bytes of data
    const char* want;
  } kCases[] = {{"within", 50'000, 1000, "true 99000 1000 - -"},
                {"at the end", 50'000, 50'000, "true 50000 50000 - -"},
                {"beyond", 50'000, 60'000, "true 50000 50000 - -"}};
  std::string data;
  for (int i = 0; i < 10'000; ++i) data += "'0123456789'";
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    const auto frame = from_hex(framed(smb2({kWrite, false, 0, 7}, write(9, data))));
    const std::size_t data_at = frame.size() - 100'000;
    flow.out.feed(Bytes{frame}.first(data_at + c.before));
    flow.analyzer->gap(c.lost, kOut, flow.context);
    if (c.before + c.lost < 100'000) flow.out.feed(Bytes{frame}.subspan(data_at + c.before + c.lost));
    flow.close_it();
    EXPECT_EQ(flow.files(), Files{c.want});
  }
}

TEST(SmbContent, OnlyOfFilesThatAreKnown) {
  Flow pipe{2};
  pipe.read_at(0, "'abcde'");
  pipe.close_it();
  EXPECT_EQ(pipe.files(), Files{});
  // A share that nobody saw being connected.
  Flow unseen{4};
  unseen.read_at(0, "'abcde'");
  unseen.close_it();
  EXPECT_EQ(unseen.files(), Files{"false 5 0 5 hash"});
  Flow other;
  other.ask(kRead, read(8), read_done("'abc'"));
  other.ask(kRead, read(9), refusal(), 0xC0000022);
  other.close_it();
  EXPECT_EQ(other.files(), Files{});
  Flow unwanted;
  unwanted.context.unwanted = "files";
  unwanted.read_at(0, "'abcde'");
  unwanted.close_it();
  EXPECT_EQ(unwanted.files(), Files{});
  // A length that lies, of a message that is whole.
  Flow lying;
  lying.ask(kRead, read(9), "1100 50 00" + number(900, 4) + zeros(8) + "'abcde'");
  EXPECT_EQ(lying.context.refused_count(DecodeError::bad_value), 1U);
  lying.close_it();
  EXPECT_EQ(lying.files(), Files{});
}

TEST(SmbContent, WhatIsForgottenIsTold) {
  Flow flow;
  flow.read_at(0, "'abc'");
  flow.ask(kCreate, create("b"), created(9));  // the number again
  EXPECT_EQ(flow.files(), Files{"false 3 0 5 -"});
  flow.write_at(0, "'abc'");
  for (unsigned file = 100; file < 100 + 511; ++file) flow.ask(kCreate, create("c"), created(file));
  EXPECT_EQ(flow.files().size(), 1U);
  flow.ask(kCreate, create("d"), created(99));
  EXPECT_EQ(flow.files().size(), 2U);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
}

TEST(SmbContent, OfTheFirstVersion) {
  Flow flow;
  flow.context.events.clear();
  flow.context.paths.clear();
  flow.give(framed(tree_connect1(1, "\\\\nas\\data")), kOut);
  flow.give(framed(tree_connected1(1, "A:", "NTFS")), kBack);
  flow.give(framed(nt_create(2, "\\b.txt")), kOut);
  flow.give(framed(nt_created(2, 3)), kBack);
  flow.give(framed(read1(3, 3)), kOut);
  flow.give(framed(read_done1(3, "'abc'")), kBack);
  flow.give(framed(read1(4, 3, 3)), kOut);
  flow.give(framed(read_done1(4, "'de'")), kBack);
  flow.give(framed(write1(5, 3, "'xyz'", std::uint64_t{1} << 32U)), kOut);
  flow.give(framed(written1(5, 3)), kBack);
  flow.analyzer->finish(flow.context);
  EXPECT_EQ(flow.files(), (Files{"false 5 0 5 hash", "true 3 4294967296 - -"}));
  EXPECT_EQ(flow.file("filename"), "b.txt");
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

}  // namespace
}  // namespace nw::network
