// Answers of time-stamping authorities from any bytes: none is taken for a stamp of ours, for the seed's nonce is
// another.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "record/witness/stamp.h"
#include "unit/record/witness/authority.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nw::witness;
  static const test::TestAuthority authority{1'768'471'200};
  static const StampRoots roots = std::move(*StampRoots::parse(authority.roots()));
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const nw::Timestamp now{std::chrono::seconds{1'768'471'200}};
  NW_CHECK(!verify_stamp(bytes, nw::merkle::sha256("checkpoint"), 1, roots, now));
  if (const auto time = time_of_stamp(bytes)) NW_CHECK(nw::to_unix_nanoseconds(*time) >= 0);
  static_cast<void>(StampRoots::parse(bytes));
  return 0;
}
