#pragma once

namespace nw {

// Where the checkout that the tests were built from lies. Known to one object file only: as a macro for all of them, a
// compiler cache could share none between two checkouts.
const char* source_directory();

}  // namespace nw
