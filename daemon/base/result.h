// Result<T>: a value, or the reason there is none. Follows std::expected's names, which GCC 12 has in C++23 only.
//
// Why not boost::system::result (Boost 1.81): not [[nodiscard]], `*r` unchecked under NDEBUG, and error() returns a
// copy, or a default-made E when there is no error. Boost.Outcome: 1.3 s to compile the header, against 0.2 s here.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/check.h"

namespace nw {

enum class Errc : std::uint8_t {
  invalid_argument,
  malformed,
  not_found,
  no_permission,
  in_use,
  full,
  unavailable,
  timed_out,
  io
};

// Has a constructor on purpose: GCC 12.2 destroys aggregate temporaries twice around co_await.
struct Error {
  Error(Errc code_in, std::string what_in) : code{code_in}, what{std::move(what_in)} {}
  Errc code;
  std::string what;  // one sentence for the operator, with the offending name or path
};

template <class T = void, class E = Error>
class [[nodiscard]] Result {
  using Value = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

 public:
  Result() requires std::is_void_v<T>
  = default;
  Result(E error) : state_{std::in_place_index<1>, std::move(error)} {}  // implicit: `return Error{...};`
  template <class U = Value>
  requires(!std::is_void_v<T> && std::convertible_to<U&&, Value> && !std::same_as<std::remove_cvref_t<U>, Result> &&
           !std::same_as<std::remove_cvref_t<U>, E>) Result(U&& value)
      : state_{std::in_place_index<0>, std::forward<U>(value)} {}  // implicit: `return value;`

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  // Aborts when there is no value: testing first is the caller's duty, in release too.
  Value& operator*() & { return checked(*this); }
  const Value& operator*() const& { return checked(*this); }
  Value&& operator*() && { return std::move(checked(*this)); }
  Value* operator->() { return &checked(*this); }
  const Value* operator->() const { return &checked(*this); }

  // Aborts when there is a value.
  [[nodiscard]] const E& error() const& {
    NW_CHECK(!has_value());
    return std::get<1>(state_);
  }

 private:
  template <class Self>
  static auto& checked(Self& self) {
    NW_CHECK(self.has_value());
    return std::get<0>(self.state_);
  }

  std::variant<Value, E> state_;
};

}  // namespace nw
