// What keywords look for, looked for in the line as it came: a line of JSON that holds none of it needs only the fields
// that rules name (event::LineFilter).
//
// A keyword is looked for by a piece of it that JSON cannot write in two ways: letters, digits and plain marks. Lines
// in which such a character is escaped, or one that folds to a letter, are let through.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "detect/sigma/scanner.h"
#include "event/schema.h"

namespace nw::sigma {

struct Atom;

// The pieces to look for, one for each keyword; nothing when some keyword has none that is long and plain enough.
std::optional<std::vector<std::string>> keyword_pieces(const std::vector<const Atom*>& keywords);

std::shared_ptr<const event::LineFilter> make_keyword_filter(std::vector<std::string> pieces, ScannerPool& pool);

}  // namespace nw::sigma
