// What a MessagePlay told, without what every event has.
#pragma once

#include <string>

namespace nw::logs {

// The fields behind the path and the time of one event, each with a comma before it; a fault as it is.
inline std::string fields_told(const std::string& told) {
  const auto time = told.find(",\"ts\":");
  if (time == std::string::npos) return told;
  const auto from = told.find_first_of(",}", time + 6);
  return told.substr(from, told.rfind('}') - from);
}

}  // namespace nw::logs
