// Compiled rules kept on disk between starts, by the hash of what they were compiled from.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "app/config.h"
#include "base/diagnostics.h"
#include "detect/sigma/rule_set.h"

namespace nw::app {

// Where: below the state directory when that belongs to us, else in the user's cache. Empty: nowhere.
std::string rule_cache_directory(const std::string& state_directory);

// As RuleSet::compile(), and what it could reuse stays in `directory`. That there is no cache, or that it cannot be
// written, costs time and nothing else.
std::shared_ptr<const sigma::RuleSet> compile_rules(std::span<const sigma::RuleText> texts, event::Schema& schema,
                                                    sigma::CompileOptions options, const std::string& directory,
                                                    Diagnostics& diagnostics);

}  // namespace nw::app
