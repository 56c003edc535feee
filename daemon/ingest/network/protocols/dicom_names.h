// Common kinds of DICOM's objects and services by their UIDs (DICOM PS3.6, annex A).
#pragma once

#include <string_view>

namespace nw::network {

// Empty when it is not one of the common ones.
std::string_view dicom_name(std::string_view uid);

}  // namespace nw::network
