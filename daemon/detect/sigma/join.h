// Joins correlations to the rules that they are over: who is meant, who alerts by itself, and which fields of an event
// they want.
#pragma once

#include <span>

#include "base/diagnostics.h"
#include "detect/sigma/compile.h"
#include "detect/sigma/read.h"
#include "event/schema.h"

namespace nw::sigma {

// How many fields of events it names, and makes them known: rules stay below kFieldsMax.
std::size_t fields_named(const Correlation& correlation);
void name_fields(const Correlation& correlation, event::Schema& schema);

// Adds the correlations to `data`, each behind the rules that it refers to. One that refers to what is not there, or to
// itself, is reported (codes correlation-rules, correlation-cycle, limit) and counted as refused. The types' plans need
// not be made yet, but every rule must be placed.
void join_correlations(std::span<Rule> correlations, RuleSet::Data& data, event::Schema& schema,
                       Diagnostics& diagnostics);

}  // namespace nw::sigma
