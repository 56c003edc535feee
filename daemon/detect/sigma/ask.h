// One atom asked of one event, straight: what an index did not settle, and what people want explained.
#pragma once

#include <cstdint>
#include <string>

#include "base/regex.h"
#include "detect/sigma/compile.h"
#include "detect/sigma/subject.h"

namespace nw::sigma {

class Asker {
 public:
  static constexpr std::uint32_t kNobody = 0xffffffff;  // holds, but not through one element

  // Both are borrowed.
  Asker(Subject& subject, MatchCounters& counters) : subject_{subject}, counters_{counters} {}

  // `structured`: event::Type::structured. `through` is the element of the subject that decided, where there is one.
  bool holds(const Atom& atom, bool structured, std::uint32_t& through);
  // What the event has there, for people: cut at kValueShownBytes.
  std::string value_of(const Atom& atom, std::uint32_t through);

 private:
  bool on_element(const Atom& atom, std::uint32_t at);
  bool on_text(const Atom& atom, std::uint32_t at);
  bool on_regex(const Atom& atom, std::uint32_t at);
  bool on_reference(const Atom& atom, std::uint32_t at);

  Subject& subject_;
  MatchCounters& counters_;
  RegexScratch regex_;
};

}  // namespace nw::sigma
