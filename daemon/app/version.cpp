#include "app/version.h"

namespace nw::app {

std::string_view version() { return NW_VERSION; }
std::string_view revision() { return NW_REVISION; }

}  // namespace nw::app
