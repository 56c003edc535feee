// One field's value. Text and lists are borrowed: they live as long as the event's arena or the input it was read from.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/ip.h"
#include "base/time.h"

namespace nw::event {

class Value {
 public:
  // `null` is an explicit JSON null; an absent field has no Value at all.
  enum class Kind : std::uint8_t { null, boolean, integer, real, text, address, time, interval, list };

  constexpr Value() noexcept : integer_{0} {}
  static constexpr Value boolean(bool v) noexcept {
    Value x;
    x.kind_ = Kind::boolean;
    x.integer_ = v ? 1 : 0;
    return x;
  }
  static constexpr Value integer(std::int64_t v) noexcept {
    Value x;
    x.kind_ = Kind::integer;
    x.integer_ = v;
    return x;
  }
  static constexpr Value real(double v) noexcept {
    Value x;
    x.kind_ = Kind::real;
    x.real_ = v;
    return x;
  }
  static constexpr Value text(std::string_view v) noexcept {
    Value x;
    x.kind_ = Kind::text;
    x.text_ = {v.data(), v.size()};
    return x;
  }
  static Value address(const IpAddress& v) noexcept {
    Value x;
    x.kind_ = Kind::address;
    x.address_ = v;
    return x;
  }
  static constexpr Value time(Timestamp v) noexcept {
    Value x;
    x.kind_ = Kind::time;
    x.integer_ = to_unix_nanoseconds(v);
    return x;
  }
  static constexpr Value interval(Nanoseconds v) noexcept {
    Value x;
    x.kind_ = Kind::interval;
    x.integer_ = v.count();
    return x;
  }
  static constexpr Value list(std::span<const Value> v) noexcept {
    Value x;
    x.kind_ = Kind::list;
    x.list_ = {v.data(), v.size()};
    return x;
  }

  [[nodiscard]] constexpr Kind kind() const noexcept { return kind_; }
  // Each is meaningful for its own kind only.
  [[nodiscard]] constexpr bool as_boolean() const noexcept { return integer_ != 0; }
  [[nodiscard]] constexpr std::int64_t as_integer() const noexcept { return integer_; }
  [[nodiscard]] constexpr double as_real() const noexcept { return real_; }
  [[nodiscard]] constexpr std::string_view as_text() const noexcept { return {text_.data, text_.size}; }
  [[nodiscard]] const IpAddress& as_address() const noexcept { return address_; }
  [[nodiscard]] constexpr Timestamp as_time() const noexcept { return from_unix_nanoseconds(integer_); }
  [[nodiscard]] constexpr Nanoseconds as_interval() const noexcept { return Nanoseconds{integer_}; }
  [[nodiscard]] constexpr std::span<const Value> as_list() const noexcept { return {list_.data, list_.size}; }

  // The text that rules match and people read: numbers in decimal, booleans as true/false, addresses as written,
  // times and intervals in seconds, lists as their elements with ',' between, null as nothing.
  void append_text(std::string& out) const;
  [[nodiscard]] std::string to_text() const;
  // RFC 8259 JSON; times and intervals as numbers of seconds with six decimals, as in Zeek's JSON logs.
  void append_json(std::string& out) const;

  friend bool operator==(const Value& a, const Value& b) noexcept;

 private:
  struct Text {
    const char* data;
    std::size_t size;
  };
  struct List {
    const Value* data;
    std::size_t size;
  };
  union {
    std::int64_t integer_;
    double real_;
    Text text_;
    List list_;
    IpAddress address_;
  };
  Kind kind_ = Kind::null;
};

static_assert(sizeof(Value) == 24);

}  // namespace nw::event
