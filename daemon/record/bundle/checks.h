// The checks behind verify(), one for each claim; each says in words what it found.
#pragma once

#include <optional>
#include <string>

#include "record/bundle/claims.h"
#include "record/bundle/reading.h"
#include "record/merkle/checkpoint.h"

namespace nw::bundle {

struct Checked {
  Outcome outcome = Outcome::open;
  std::string words;
};

// What the checks learn from each other, in order.
struct Findings {
  std::optional<merkle::Note> note;              // checkpoint-new
  std::optional<merkle::Checkpoint> checkpoint;  // what it says, whether or not somebody signed it
  std::optional<CaseIndex> index;
  Entries entries;  // those that can be read
};

Checked check_policy(const Files& files, const Held& held, Findings& findings);
Checked check_entries(const Files& files, Findings& findings);
Checked check_checkpoint(const Held& held, const Findings& findings);  // looks at the entries' times
Checked check_consistency(const Files& files, const Held& held, const Findings& findings);
Checked check_commitments(const Files& files, const Findings& findings);
Checked check_hashes(const Files& files, const Findings& findings);
Checked check_stamps(const Files& files, const Held& held, const Findings& findings);
Checked check_handover(const Files& files, const Held& held, const Findings& findings);

}  // namespace nw::bundle
