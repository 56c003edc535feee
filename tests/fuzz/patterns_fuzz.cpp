// Any bytes as a file of patterns, and behind a zero as a line for them: never a crash; a file that is taken can be
// tested, and a line is taken by one pattern or by none.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

#include "ingest/logs/formats/messages.h"
#include "ingest/logs/formats/pattern_set.h"
#include "unit/ingest/logs/formats/message_play.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all{reinterpret_cast<const char*>(data), size};
  const std::size_t zero = std::min(all.find('\0'), all.size());
  const std::array<nw::logs::PatternSet::File, 1> files{{{"fuzz.yaml", std::string{all.substr(0, zero)}}}};
  nw::Diagnostics diagnostics;
  nw::logs::FormatOptions options;
  options.patterns = nw::logs::PatternSet::read(files, diagnostics);
  if ((options.patterns != nullptr) != diagnostics.ok()) std::abort();
  if (options.patterns == nullptr) return 0;
  options.patterns->test(diagnostics);
  nw::logs::MessagePlay to{nw::logs::patterns_format(), options};
  const std::string told = to.play(all.substr(std::min(zero + 1, all.size())));
  if (std::count(told.begin(), told.end(), '\n') != 1) std::abort();
  return 0;
}
