#include "record/witness/request.h"

#include <gtest/gtest.h>

#include "unit/record/witness/support.h"

namespace nw::witness::test {
namespace {

using merkle::test::kCheckpoint5;

const std::string kHashLine = merkle::to_base64(merkle::sha256("a")) + '\n';

std::string lines(int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += kHashLine;
  return out;
}

TEST(WitnessRequest, IsReadAndWrittenAsTheSameBytes) {
  for (const int proof : {0, 1, 63}) {
    SCOPED_TRACE(proof);
    const std::string bytes = "old 3\n" + lines(proof) + "\n" + std::string{kCheckpoint5};
    const auto request = AddRequest::parse(bytes);
    ASSERT_TRUE(request) << request.error().what;
    EXPECT_EQ(request->old_size, 3U);
    EXPECT_EQ(request->proof.size(), static_cast<std::size_t>(proof));
    EXPECT_EQ(request->checkpoint.signatures.size(), 2U);
    EXPECT_EQ(request->to_string(), bytes);
  }
}

TEST(WitnessRequest, Refuses) {
  const std::string note{kCheckpoint5};
  const struct {
    const char* name;
    std::string bytes;
    const char* says;
  } kCases[] = {
      {"empty", "", "line 1"},
      {"no newline", "old 3", "line 1"},
      {"another word", "new 3\n\n" + note, "line 1"},
      {"two spaces", "old  3\n\n" + note, "line 1"},
      {"leading zero", "old 03\n\n" + note, "line 1"},
      {"sign", "old -3\n\n" + note, "line 1"},
      {"too large", "old 9223372036854775808\n\n" + note, "line 1"},
      {"carriage return", "old 3\r\n\r\n" + note, "line 1"},
      {"no empty line", "old 3\n" + kHashLine, "line 3"},
      {"short hash", "old 3\nAAAA\n\n" + note, "line 2"},
      {"64 hashes", "old 3\n" + lines(64) + "\n" + note, "line 65: a proof has at most 63"},
      {"checkpoint at once", "old 3\n" + note, "line 2"},
      {"no checkpoint", "old 3\n\n", "the checkpoint"},
      {"unsigned", "old 3\n\nnormwatch.example/ledger/demo-01\n5\n", "the checkpoint"},
      {"cut", ("old 3\n\n" + note).substr(0, 200), "the checkpoint"},
      {"too long", "old 3\n\n" + std::string(kRequestBytesMax, 'x'), "over 64 KiB"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto request = AddRequest::parse(c.bytes);
    ASSERT_FALSE(request);
    EXPECT_EQ(request.error().code, Errc::malformed);
    EXPECT_NE(request.error().what.find(c.says), std::string::npos) << request.error().what;
  }
}

TEST(WitnessRequest, EachPrefixIsRefused) {
  const std::string bytes = "old 3\n" + lines(2) + "\n" + std::string{kCheckpoint5};
  const std::size_t one_signature = bytes.rfind("\u2014");
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_EQ(static_cast<bool>(AddRequest::parse(bytes.substr(0, size))), size == one_signature) << size;
}

TEST(WitnessRequest, WhereALogIsShown) {
  // printf '%s' normwatch.example/ledger/demo-01 | sha256sum
  EXPECT_EQ(shown_path(kOrigin), "/6f1a62172e47578ffae2e0d430ae330b80bdf4e4837e6cdad58c46b262008fe1/checkpoint");
}

}  // namespace
}  // namespace nw::witness::test
