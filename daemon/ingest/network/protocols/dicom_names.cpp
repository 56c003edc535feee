#include "ingest/network/protocols/dicom_names.h"

#include <algorithm>
#include <array>

namespace nw::network {

namespace {

struct Row {
  std::string_view uid;  // behind the root of all of them
  std::string_view name;
};

constexpr std::string_view kRoot = "1.2.840.10008.";

constexpr auto kRows = std::to_array<Row>({
    {"1.1", "Verification"},
    {"1.20.1", "Storage Commitment Push Model"},
    {"3.1.2.3.3", "Modality Performed Procedure Step"},
    {"5.1.1.18", "Basic Color Print Management Meta"},
    {"5.1.1.9", "Basic Grayscale Print Management Meta"},
    {"5.1.4.1.1.1", "Computed Radiography Image Storage"},
    {"5.1.4.1.1.1.1", "Digital X-Ray Image Storage - For Presentation"},
    {"5.1.4.1.1.1.2", "Digital Mammography X-Ray Image Storage - For Presentation"},
    {"5.1.4.1.1.104.1", "Encapsulated PDF Storage"},
    {"5.1.4.1.1.11.1", "Grayscale Softcopy Presentation State Storage"},
    {"5.1.4.1.1.12.1", "X-Ray Angiographic Image Storage"},
    {"5.1.4.1.1.12.2", "X-Ray Radiofluoroscopic Image Storage"},
    {"5.1.4.1.1.128", "Positron Emission Tomography Image Storage"},
    {"5.1.4.1.1.2", "CT Image Storage"},
    {"5.1.4.1.1.2.1", "Enhanced CT Image Storage"},
    {"5.1.4.1.1.20", "Nuclear Medicine Image Storage"},
    {"5.1.4.1.1.3.1", "Ultrasound Multi-frame Image Storage"},
    {"5.1.4.1.1.4", "MR Image Storage"},
    {"5.1.4.1.1.4.1", "Enhanced MR Image Storage"},
    {"5.1.4.1.1.481.1", "RT Image Storage"},
    {"5.1.4.1.1.481.2", "RT Dose Storage"},
    {"5.1.4.1.1.481.3", "RT Structure Set Storage"},
    {"5.1.4.1.1.481.5", "RT Plan Storage"},
    {"5.1.4.1.1.6.1", "Ultrasound Image Storage"},
    {"5.1.4.1.1.7", "Secondary Capture Image Storage"},
    {"5.1.4.1.1.88.11", "Basic Text SR Storage"},
    {"5.1.4.1.1.88.22", "Enhanced SR Storage"},
    {"5.1.4.1.2.1.1", "Patient Root Query/Retrieve - FIND"},
    {"5.1.4.1.2.1.2", "Patient Root Query/Retrieve - MOVE"},
    {"5.1.4.1.2.1.3", "Patient Root Query/Retrieve - GET"},
    {"5.1.4.1.2.2.1", "Study Root Query/Retrieve - FIND"},
    {"5.1.4.1.2.2.2", "Study Root Query/Retrieve - MOVE"},
    {"5.1.4.1.2.2.3", "Study Root Query/Retrieve - GET"},
    {"5.1.4.31", "Modality Worklist - FIND"},
});
static_assert(std::ranges::is_sorted(kRows, {}, &Row::uid));  // found by bisection

}  // namespace

std::string_view dicom_name(std::string_view uid) {
  if (!uid.starts_with(kRoot)) return {};
  uid.remove_prefix(kRoot.size());
  const auto row = std::ranges::lower_bound(kRows, uid, {}, &Row::uid);
  return row == kRows.end() || row->uid != uid ? std::string_view{} : row->name;
}

}  // namespace nw::network
