#include "source_directory.h"

namespace nw {

const char* source_directory() { return NW_SOURCE_DIR; }

}  // namespace nw
