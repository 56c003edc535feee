// What an alert said before it passed the guard, for the custodians alone: one JSON object, from the stored text to the
// clear one. It goes into the evidence store; the alert has its commitment.
//
//   {"pfx:e2026-01:global4:100.115.72.131":"192.0.2.1","tok:e2026-01:user:<hex>":"alice"}
//
// A committed value has its nonce beside it: {"commit:<hex>":"...","commit:<hex>#nonce":"<hex>"}. What did not find
// room is counted in "#left_out".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace nw::record {

constexpr std::size_t kClearValuesMax = 512, kClearBytesMax = 64U << 10;

class SealedValues {
 public:
  // The first clear text of a stored one stays.
  void add(std::string_view stored, std::string_view clear);
  [[nodiscard]] bool empty() const noexcept { return values_.empty(); }
  [[nodiscard]] std::string to_json() const;

 private:
  std::vector<std::pair<std::string, std::string>> values_;
  std::size_t bytes_ = 0;
  std::uint64_t left_out_ = 0;
};

// Reads it back, in its order; names that begin with '#' are not values. `malformed`.
Result<std::vector<std::pair<std::string, std::string>>> read_sealed_values(std::string_view json);

}  // namespace nw::record
