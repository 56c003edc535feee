#include "record/reveals/opening.h"

#include "unit/record/reveals/reveals_support.h"

namespace nw::reveals {

namespace {

using test::Scene;

Result<Opened> open_with(Scene& scene, const Approval& one, const Approval& other,
                         std::vector<SealedValues> objects = {}) {
  const OpeningInput input{&scene.document, &scene.reveal.secret_key, &one, &other, std::move(objects)};
  return open_values(input, scene.numbers,
                     [&](std::string_view sealed, const privacy::PublicKey&, const privacy::Key32& secret) {
                       return scene.open_object(sealed, secret);
                     });
}

ClearResult clear_of(const Scene& scene, const Opened& opened) {
  auto result = open_result(opened.sealed, scene.requester, opened.commitment);
  EXPECT_TRUE(result) << result.error().what;
  return result ? std::move(*result) : ClearResult{};
}

}  // namespace

TEST(RevealOpening, AnyTwoOfThree) {
  for (const auto& [one, other] : {std::pair{0U, 1U}, {0U, 2U}, {1U, 2U}, {2U, 0U}}) {
    Scene scene;
    const Approval first = scene.opened(one), second = scene.opened(other);
    const auto opened = open_with(scene, first, second, {scene.sealed_values()});
    ASSERT_TRUE(opened) << opened.error().what;
    EXPECT_EQ(opened->revealed, 2U);
    const ClearResult clear = clear_of(scene, *opened);
    ASSERT_EQ(clear.values.size(), 2U);
    EXPECT_EQ(clear.request, scene.document.request.id);
    EXPECT_EQ(clear.values[0].stored, scene.pfx);
    EXPECT_EQ(clear.values[0].clear, test::kAddress);
    EXPECT_EQ(clear.values[1].clear, test::kUser);
  }
}

TEST(RevealOpening, NothingInTheClearLeaves) {
  Scene scene;
  const Approval first = scene.opened(0), second = scene.opened(1);
  const auto opened = open_with(scene, first, second, {scene.sealed_values()});
  ASSERT_TRUE(opened);
  for (const std::string_view clear : {test::kAddress, test::kUser})
    EXPECT_EQ(opened->to_json().find(clear), std::string::npos);
}

TEST(RevealOpening, OneTwiceIsNotTwo) {
  Scene scene;
  const Approval first = scene.opened(0), again = scene.opened(0);
  const auto opened = open_with(scene, first, again, {scene.sealed_values()});
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->revealed, 0U);
  EXPECT_EQ(opened->no_key, 2U);
  for (const ClearValue& value : clear_of(scene, *opened).values) EXPECT_FALSE(value.why.empty());
}

TEST(RevealOpening, OnlyWhatTheRequestLists) {
  Scene scene;
  scene.document.request.values = {scene.pfx};
  const Approval first = scene.opened(0), second = scene.opened(1);
  const auto opened = open_with(scene, first, second, {scene.sealed_values()});
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->revealed, 1U);
  ASSERT_EQ(clear_of(scene, *opened).values.size(), 1U);
}

TEST(RevealOpening, WhatCannotBeOpenedSaysWhy) {
  struct Case {
    const char* name;
    void (*change)(SealedValues&);
    std::uint64_t not_found, damaged;
  };
  static constexpr Case kCases[] = {
      {"another commitment", [](SealedValues& v) { v.commitment[0] ^= 1; }, 0, 1},
      {"another alert", [](SealedValues& v) { v.alert = "ff"; }, 0, 1},
      {"not what was committed to", [](SealedValues& v) { v.bytes = "{}"; }, 0, 1},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    Scene scene;
    SealedValues values = scene.sealed_values();
    c.change(values);
    const Approval first = scene.opened(0), second = scene.opened(1);
    const auto opened = open_with(scene, first, second, {values});
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->revealed, 1U);
    EXPECT_EQ(opened->not_found, c.not_found);
    EXPECT_EQ(opened->damaged, c.damaged);
    EXPECT_FALSE(clear_of(scene, *opened).values[1].why.empty());
  }
  Scene scene;
  const Approval first = scene.opened(0), second = scene.opened(1);
  const auto opened = open_with(scene, first, second);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->not_found, 1U) << "its sealed values are erased";
}

// A custodian who sends rubbish in place of a share spoils the reveal, and learns nothing.
TEST(RevealOpening, AWrongShare) {
  Scene scene;
  Approval first = scene.opened(0);
  const Approval second = scene.opened(1);
  for (SealedShare& share : first.shares) share.box[40] ^= 1;
  auto opened = open_with(scene, first, second, {scene.sealed_values()});
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->revealed, 0U);

  first = scene.opened(0);
  std::swap(first.shares[0].box, first.shares[2].box);  // each is now of the other key
  opened = open_with(scene, first, second, {scene.sealed_values()});
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->no_key, 2U);
}

TEST(RevealOpening, LongValuesAreCutBetweenCharacters) {
  Scene scene;
  std::string longest;
  while (longest.size() < kClearBytesMax + 10) longest += "\xc3\xa4";
  const std::string text = "{\"" + scene.tok + "\":\"x" + longest + "\"}";
  const SealedValues values{test::kAlert, privacy::commitment(scene.nonce, privacy::bytes_of(text)), text};
  const Approval first = scene.opened(0), second = scene.opened(1);
  const auto opened = open_with(scene, first, second, {values});
  ASSERT_TRUE(opened);
  const std::string clear = clear_of(scene, *opened).values[1].clear;
  EXPECT_EQ(clear.size(), kClearBytesMax - 1);
  EXPECT_TRUE(clear.ends_with("\xc3\xa4"));
}

TEST(RevealResult, ForTheRequesterOnly) {
  Scene scene;
  const Approval first = scene.opened(0), second = scene.opened(1);
  const auto opened = open_with(scene, first, second, {scene.sealed_values()});
  ASSERT_TRUE(opened);
  const auto other = open_result(opened->sealed, scene.reveal, opened->commitment);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Errc::no_permission);
  std::string lied = opened->commitment;
  lied.back() = lied.back() == '0' ? '1' : '0';
  EXPECT_FALSE(open_result(opened->sealed, scene.requester, lied));
  std::string changed = opened->sealed;
  changed[60] = static_cast<char>(changed[60] ^ 1);
  EXPECT_FALSE(open_result(changed, scene.requester, opened->commitment));
  EXPECT_FALSE(open_result("", scene.requester, opened->commitment));

  const auto again = Opened::from_json(opened->to_json());
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(again->sealed, opened->sealed);
  EXPECT_EQ(again->revealed, 2U);
  EXPECT_FALSE(Opened::from_json("{}"));
}

}  // namespace nw::reveals
