// Whether a rule's condition can hold at all, whatever the event: `sel and not sel` cannot, nor can a filter that takes
// away all that the selection lets through. Such a rule would look like coverage for ever.
#pragma once

#include <cstddef>

#include "detect/sigma/read.h"

namespace nw::sigma {

// False only where it is proven for every event; a rule beyond the bounds below counts as satisfiable.
//
// The proof is over yes/no answers: each comparison is a variable, and these are known of comparisons of one field:
//   - any value found in it means that the field is there; a field that is not there is null
//   - what `neq` says of a value excludes the value
//   - text that fits one pattern fits every wider one ("\cmd.exe" at the end: "cmd" inside)
// Two different values exclude nothing, null neither: a field may hold a list.
bool satisfiable(const Rule& rule);

constexpr std::size_t kProofAtomsMax = 128;    // different comparisons
constexpr std::size_t kProofNodesMax = 2'000;  // of the condition, written out
constexpr std::size_t kProofStepsMax = 2'000;  // answers tried

}  // namespace nw::sigma
