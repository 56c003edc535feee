// Values to bytes and back, for the cache of compiled rules: one list of members serves both ways. The reader takes any
// bytes: what does not fit leaves it failed, and it never makes room for more than the bytes can hold.
#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace nw::sigma {

class ArchiveWriter {
 public:
  template <class... Values>
  void operator()(const Values&... values) {
    (put(values), ...);
  }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) out_ += static_cast<char>(static_cast<unsigned char>(value | 0x80U));
    out_ += static_cast<char>(static_cast<unsigned char>(value));
  }
  template <class T>
  requires std::integral<T> || std::is_enum_v<T>
  void put(T value) { number(static_cast<std::uint64_t>(value)); }
  void put(double value) { number(std::bit_cast<std::uint64_t>(value)); }
  void put(std::string_view text) {
    number(text.size());
    out_ += text;
  }
  void put(const std::string& text) { put(std::string_view{text}); }
  template <class T>
  void put(const std::vector<T>& values) {
    number(values.size());
    for (const T& value : values) put(value);
  }
  template <class A, class B>
  void put(const std::pair<A, B>& value) {
    put(value.first);
    put(value.second);
  }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <class T>
  requires requires(ArchiveWriter& archive, const T& value) { members(archive, value); }
  void put(const T& value) { members(*this, value); }

  std::string out_;
};

class ArchiveReader {
 public:
  explicit ArchiveReader(std::string_view in) : rest_{in} {}

  template <class... Values>
  void operator()(Values&... values) {
    (get(values), ...);
  }
  // Everything so far was there.
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] bool at_end() const noexcept { return ok_ && rest_.empty(); }

 private:
  static constexpr std::size_t kDepthMax = 256;     // values inside values
  static constexpr std::size_t kReserveMax = 4096;  // a count is not believed further

  void fail() {
    ok_ = false;
    rest_ = {};
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) break;
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if (byte < 0x80) return value;
    }
    fail();
    return 0;
  }
  template <std::integral T>
  void get(T& value) {
    value = static_cast<T>(number());
  }
  // last_of(T) is the greatest enumerator.
  template <class T>
  requires std::is_enum_v<T>
  void get(T& value) {
    const std::uint64_t read = number();
    if (read > static_cast<std::uint64_t>(last_of(T{}))) return fail();
    value = static_cast<T>(read);
  }
  void get(double& value) { value = std::bit_cast<double>(number()); }
  // Borrows from the bytes.
  void get(std::string_view& text) {
    const std::uint64_t size = number();
    if (size > rest_.size()) return fail();
    text = rest_.substr(0, size);
    rest_.remove_prefix(size);
  }
  void get(std::string& text) {
    std::string_view borrowed;
    get(borrowed);
    text = borrowed;
  }
  template <class T>
  void get(std::vector<T>& values) {
    const std::uint64_t count = number();
    // Each takes a byte at least.
    if (count > rest_.size() || depth_ == kDepthMax) return fail();
    ++depth_;
    values.clear();
    values.reserve(std::min<std::uint64_t>(count, kReserveMax));
    for (std::uint64_t i = 0; i < count && ok_; ++i) get(values.emplace_back());
    --depth_;
  }
  template <class A, class B>
  void get(std::pair<A, B>& value) {
    get(value.first);
    get(value.second);
  }
  template <class T>
  void get(std::optional<T>& value) {
    bool there = false;
    get(there);
    if (there) get(value.emplace());
  }
  template <class T>
  requires requires(ArchiveReader& archive, T& value) { members(archive, value); }
  void get(T& value) { members(*this, value); }

  std::string_view rest_;
  std::size_t depth_ = 0;
  bool ok_ = true;
};

}  // namespace nw::sigma
