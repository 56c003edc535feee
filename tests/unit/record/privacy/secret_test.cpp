#include "record/privacy/secret.h"

#include <algorithm>
#include <new>
#include <sstream>
#include <type_traits>

#include "unit/record/privacy/support.h"

namespace nw::privacy {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};
template <class T>
concept Comparable = requires(const T& value) {
  value == value;
};

static_assert(!std::is_copy_constructible_v<Secret<32>> && !std::is_copy_assignable_v<Secret<32>>);
static_assert(std::is_nothrow_move_constructible_v<Secret<32>>);
static_assert(!Printable<Secret<32>> && !Comparable<Secret<32>>);
static_assert(Printable<std::string> && Comparable<std::string>);

bool all_zero(std::span<const std::uint8_t> bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t b) { return b == 0; });
}

TEST(Secret, TakingWipesTheSource) {
  std::array<std::uint8_t, 4> bytes{1, 2, 3, 4};
  const auto key = Secret<4>::take(bytes);
  EXPECT_TRUE(all_zero(bytes));
  EXPECT_EQ(to_hex(key.bytes()), "01020304");
}

TEST(Secret, MovingWipesTheSource) {
  Secret<4> a = counted<4>(1);
  Secret<4> b = std::move(a);
  EXPECT_TRUE(all_zero(a.bytes()));
  Secret<4> c;
  c = std::move(b);
  EXPECT_TRUE(all_zero(b.bytes()));
  EXPECT_EQ(to_hex(c.bytes()), "01020304");
  Secret<4>& itself = c;
  c = std::move(itself);
  EXPECT_EQ(to_hex(c.bytes()), "01020304");
}

TEST(Secret, DestructionWipesTheMemory) {
  alignas(Secret<32>) std::array<std::uint8_t, sizeof(Secret<32>)> place;
  auto* key = new (place.data()) Secret<32>{counted<32>(1)};
  EXPECT_FALSE(all_zero(place));
  key->~Secret();
  EXPECT_TRUE(all_zero(place));
}

TEST(Secret, SameKeyLooksAtEveryByte) {
  const auto key = counted<32>();
  EXPECT_TRUE(same_key(key, key.clone()));
  for (std::size_t i = 0; i < 32; ++i) {
    auto other = key.clone();
    other.writable()[i] ^= 0x80;
    EXPECT_FALSE(same_key(key, other)) << i;
  }
}

TEST(Secret, RandomFillsAllOfIt) {
  std::size_t asked = 0;
  const auto fill = [&asked](std::span<std::uint8_t> out) {
    asked += out.size();
    std::ranges::fill(out, std::uint8_t{7});
  };
  const auto key = Secret<16>::random(fill);
  EXPECT_EQ(asked, 16U);
  EXPECT_EQ(to_hex(key.bytes()), "07070707070707070707070707070707");
}

TEST(Forms, HexAndBase64AreReadStrictly) {
  static constexpr struct {
    const char *name, *text;
    bool good;
  } kHex[] = {{"good", "00ff", true},     {"upper case", "00FF", false}, {"odd", "00f", false},
              {"short", "00", false},     {"long", "00ff00", false},     {"no digit", "00fg", false},
              {"a space", "0 ff", false}, {"empty", "", false}};
  std::array<std::uint8_t, 2> out{};
  for (const auto& c : kHex) EXPECT_EQ(read_hex(c.text, out), c.good) << c.name;
  static constexpr struct {
    const char *name, *text;
    bool good;
  } kBase64[] = {{"good", "AP8=", true},
                 {"no padding", "AP8", false},
                 {"bits left over", "AP9=", false},
                 {"another alphabet", "AP-=", false},
                 {"a byte over 127",
                  "A\xe7"
                  "8=",
                  false},
                 {"long", "AP8AAA==", false},
                 {"a space", "A P8", false},
                 {"short", "AA==", false},
                 {"empty", "", false}};
  for (const auto& c : kBase64) EXPECT_EQ(read_base64(c.text, out), c.good) << c.name;
  std::string text;
  append_base64(std::array<std::uint8_t, 2>{0x00, 0xff}, text);
  EXPECT_EQ(text, "AP8=");
}

}  // namespace
}  // namespace nw::privacy
