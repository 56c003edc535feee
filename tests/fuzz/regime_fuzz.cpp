// The reader of the book of regimes on any text: faults are reported, or what is written is read back as the same.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "context/norms/regime_book.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nw::Diagnostics diagnostics;
  const std::string text{data, data + size};
  const auto book = nw::context::RegimeBook::load(text, "fuzz.yaml", diagnostics);
  if (!diagnostics.ok()) return 0;
  for (const nw::context::RegimePeriod& period : book.periods())
    NW_CHECK(!nw::context::same_identity(period.proposed.by, period.confirmed.by));
  // Texts that are no UTF-8 are written with U+FFFD, which can be longer: only the rest must agree. Times are written
  // in milliseconds.
  for (const char c : text)
    if (static_cast<unsigned char>(c) >= 0x80) return 0;
  if (text.find('.') != std::string::npos) return 0;
  const std::string written = book.to_yaml();
  const auto again = nw::context::RegimeBook::load(written, "again.yaml", diagnostics);
  NW_CHECK(diagnostics.ok());
  NW_CHECK(again.to_yaml() == written);
  return 0;
}
