// The file of custodians' keys on any text: faults are reported, or there are 2 to 8 custodians with keys of their own.
#include <cstdint>
#include <set>
#include <string>

#include "base/check.h"
#include "record/privacy/sealing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nw::Diagnostics diagnostics;
  const auto read = nw::privacy::Custodians::read(std::string{data, data + size}, "fuzz.yaml", diagnostics);
  NW_CHECK(diagnostics.ok() != read.all().empty());
  std::set<std::string> names;
  std::set<nw::privacy::PublicKey> keys;
  for (const nw::privacy::Custodian& custodian : read.all()) {
    NW_CHECK(names.insert(custodian.name).second && keys.insert(custodian.key).second);
  }
  if (diagnostics.ok())
    NW_CHECK(names.size() >= nw::privacy::kCustodiansMin && names.size() <= nw::privacy::kCustodiansMax);
  return 0;
}
