// A sealed key on any text: refused, or written back as exactly what was read, with a box for each pair; no box of it
// opens, for nobody sealed one.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "record/privacy/sealing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nw::privacy;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto sealed = SealedKey::parse(text);
  if (!sealed) return 0;
  NW_CHECK(sealed->to_text() == text);
  const std::size_t n = sealed->custodians.size();
  NW_CHECK(n >= kCustodiansMin && n <= kCustodiansMax && sealed->pairs.size() == n * (n - 1) / 2);
  NW_CHECK(!sealed->open_share(PublicKey{1}, Key32{}, 0));
  Share one{0, 1, sealed->check, {}}, other{1, 0, sealed->check, {}};
  (void)sealed->combine(one, other);
  return 0;
}
