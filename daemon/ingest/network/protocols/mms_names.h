// What MMS's numbers are called (ISO 9506-2), and what its services do.
#pragma once

#include <cstdint>
#include <string_view>

#include "ingest/network/protocols/ics.h"

namespace nw::network {

// What a confirmed request's argument names.
enum class MmsArgument : std::uint8_t {
  none,
  text,        // it is an identifier
  number,      // it is the number of an open file or upload
  object,      // it is an object's name
  first,       // an object's name stands first in it
  definition,  // the name of a list, then its variables
  second,      // the names of objects are its member [1]
  variables,   // variables, or a list of them
  members,     // a sequence, in which objects, identifiers and files are named
  files,
  list,  // the objects of a kind
};

struct MmsService {
  std::string_view name;
  IcsOperation operation = IcsOperation::other;
  MmsArgument argument = MmsArgument::none;
};

// A service by its number in requests; without a name when there is none.
MmsService mms_service(unsigned number);
constexpr unsigned kMmsAdditionalService = 78;  // in it stands one of these
MmsService mms_additional_service(unsigned number);
MmsService mms_unconfirmed_service(unsigned number);
// By their number among the services that are supported, which from 78 on is another one.
constexpr std::size_t kMmsSupportedServices = 93;
std::string_view mms_supported_service_name(unsigned number);

// Empty: nobody named it.
std::string_view mms_object_class_name(unsigned number);
std::string_view mms_access_error_name(unsigned number);
std::string_view mms_error_class_name(unsigned number);
std::string_view mms_error_name(unsigned error_class, unsigned number);
std::string_view mms_reject_class_name(unsigned number);
std::string_view mms_reject_name(unsigned reject_class, unsigned number);
std::string_view mms_logical_status_name(unsigned number);
std::string_view mms_physical_status_name(unsigned number);

}  // namespace nw::network
