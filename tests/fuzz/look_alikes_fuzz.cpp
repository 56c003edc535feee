// Any text as a name that is seen: what a designated name is, or lies below one, is never a look-alike, and a verdict
// does not depend on letter case.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "base/text.h"
#include "context/look_alikes/look_alikes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nw::context;
  static const LookAlikes names{{{"cert.example", "a1", "response.cert"},
                                 {"rescue-team.org", "a2", "response.fire"},
                                 {"xn--mnchen-3ya.de", "a3", "gov.admin"},
                                 {std::string(55, 'x') + ".example", "a4", "gov.admin"}}};
  const std::string name{reinterpret_cast<const char*>(data), size};
  LookAlikes::Scratch scratch;
  const auto verdict = names.judge(name, scratch);
  NW_CHECK((verdict.of == nullptr) == (verdict.by == LookAlikeBy::none));
  NW_CHECK(names.judge(nw::to_ascii_lower(name), scratch) == verdict);
  NW_CHECK(names.judge(name + ".cert.example", scratch).of == nullptr);
  return 0;
}
