// The reader of designated conversations on any text: faults are reported, or every conversation is known, and what is
// written is read back as the same.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "detect/baseline/baseline.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using nw::baseline::Baseline;
  nw::Diagnostics diagnostics;
  const std::string text{data, data + size};
  const auto baseline = Baseline::load(text, "fuzz.yaml", diagnostics);
  NW_CHECK((baseline != nullptr) == diagnostics.ok());
  if (!baseline) return 0;
  for (const nw::baseline::Conversation& conversation : baseline->conversations())
    NW_CHECK(baseline->judge(conversation.view()) == nw::baseline::Verdict::known);
  // Texts that are no UTF-8 are written with U+FFFD, which can be longer, or make two the same: only the rest must
  // agree.
  if (text.find_first_not_of("\t\n\r !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`"
                             "abcdefghijklmnopqrstuvwxyz{|}~") != std::string::npos)
    return 0;
  const auto again = Baseline::load(baseline->to_yaml(), "again.yaml", diagnostics);
  NW_CHECK(again != nullptr);
  NW_CHECK(again->conversations() == baseline->conversations());
  return 0;
}
