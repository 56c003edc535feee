// A national list of entities as NIS2 has it (Directive (EU) 2022/2555, Article 3(4)) into a file of the register.
// | name | address | e-mail | phone | IP ranges | sector | subsector | Member States served |, one entity a row.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "context/registry/import_yaml.h"
#include "context/taxonomy/sectors.h"

namespace nw::context {

// One asset an entity. `malformed`: the file is no such list. What of a record cannot be used is in the notes, with its
// line. `seed`: of the ids; the same seed and file give the same text.
Result<Imported> import_nis2(std::string_view text, const taxonomy::Sectors& sectors, std::uint64_t seed);

}  // namespace nw::context
