// Any bytes as a field mapping: never a crash; a mapping that is taken can be declared.
#include <cstdint>
#include <string_view>

#include "ingest/logs/formats/mapping.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nw::Diagnostics diagnostics;
  const auto mapping = nw::logs::read_mapping({reinterpret_cast<const char*>(data), size}, "fuzz.yaml", diagnostics);
  if ((mapping != nullptr) != diagnostics.ok()) __builtin_trap();
  if (mapping == nullptr) return 0;
  nw::event::Schema schema;
  nw::logs::declare_mapped(schema, *mapping, mapping->name, "p");
  nw::logs::claim_foreign(schema, *mapping);
  return 0;
}
