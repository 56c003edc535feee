// Prefixes, addresses and devices of a NetBox, as its REST API gives them, into a file of the register:
// {"results": [...]} or a list; an object with `prefix` is a prefix, with `address` an address, with `device_type` or
// `primary_ip` a device.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "context/registry/import_yaml.h"

namespace nw::context {

struct NetboxText {
  std::string file, text;
};

struct NetboxOptions {
  std::string sector;      // NetBox does not know it
  std::uint64_t seed = 0;  // of the ids; the same seed and files give the same text
};

// One asset a tenant, or a site where an object has no tenant. `malformed`: a file is no such export. What of an object
// cannot be used is in the notes.
Result<Imported> import_netbox(std::span<const NetboxText> files, const NetboxOptions& options);

// The register's role for the slug of a NetBox's role ("engineering-workstation" is ews); empty: there is none.
std::string_view role_of_slug(std::string_view slug);

}  // namespace nw::context
