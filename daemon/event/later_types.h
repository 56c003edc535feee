// Kinds of events that later parts of the program will feed: the ledger's own life (reveals, checkpoints, witnesses,
// keys, purges) and that of cases (incidents, requests, contacts, exports). They are defined once, here, so that rules
// can be written, checked and tested against them now; such rules are dormant (RuleState::dormant_not_fed) and count as
// no coverage until whoever feeds a type adds it with Schema::add_type().
#pragma once

#include <span>

#include "event/schema.h"

namespace nw::event {

// All of product normwatch; the service is the part that will feed it, the category the kind. rules/README.md has the
// same table.
std::span<const TypeSpec> later_types();
// Behind all others: a type that somebody feeds stays fed.
void declare_later(Schema& schema);

}  // namespace nw::event
