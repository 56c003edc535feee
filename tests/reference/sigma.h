// Sigma rules as the specification reads: a plain, slow interpreter that the matcher is held against. It walks the
// trees that reading gives and asks every value of every element anew; what it knows of modifiers, wildcards, encodings
// and comparison it knows by itself, not from the code it judges. The decided points are those of
// detect/sigma/README.md.
#pragma once

#include <memory>

#include "detect/sigma/read.h"
#include "event/event.h"
#include "event/schema.h"

namespace nw::sigma {

// What today's matcher lacks; the differential test leaves it out.
inline constexpr bool kMatcherReadsAliases = true;
// fieldref compares two values as a rule's value and a field (text as text, addresses in any spelling), and with neq it
// needs both.
inline constexpr bool kMatcherComparesFieldsAsValues = true;

// Vectorscan 5.4.9 on processors with AVX-512 overlooks what lies in the last bytes of texts beyond 64 bytes, depending
// on where they lie in memory: for few literals at once, and for some expressions anywhere.
inline constexpr bool kMatcherFindsTails = true;

class Reference {
 public:
  // `rule` is one that check_rules() kept; it outlives this. Of the options, the placeholders count.
  explicit Reference(const Rule& rule, const CompileOptions& options = {});
  ~Reference();
  Reference(Reference&&) noexcept;

  // Whether the event is of the rule's log source and the condition holds.
  [[nodiscard]] bool fires(const event::Event& event, const event::Schema& schema) const;

 private:
  struct Questions;
  const Rule* rule_;
  std::unique_ptr<Questions> questions_;
};

}  // namespace nw::sigma
