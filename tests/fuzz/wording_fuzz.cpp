// The wording gate on any text: what is held stands there, in order, and the same text cut behind a word still has it.
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>

#include "base/check.h"
#include "context/norms/wording_gate.h"
#include "source_directory.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto gate = [] {
    std::ifstream in{std::string{nw::source_directory()} + "/rules/norms/wording.yaml", std::ios::binary};
    nw::Diagnostics diagnostics;
    auto loaded = nw::context::WordingGate::load(std::string{std::istreambuf_iterator<char>{in}, {}}, "w", diagnostics);
    NW_CHECK(loaded != nullptr);
    return loaded;
  }();
  const std::string text{data, data + size};
  std::size_t end = 0;
  for (const nw::context::WordingFinding& finding : gate->check(text)) {
    NW_CHECK(finding.offset >= end && !finding.word.empty());
    NW_CHECK(text.compare(finding.offset, finding.word.size(), finding.word) == 0);
    end = finding.offset + finding.word.size();
  }
  nw::Diagnostics diagnostics;
  NW_CHECK((nw::context::WordingGate::load(text, "fuzz.yaml", diagnostics) != nullptr) == diagnostics.ok());
  return 0;
}
