// CSAF's reader on any text, and what the register's products make of it: positions stay inside, findings have a name.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "context/vulnerabilities/knowledge.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nw::vulnerabilities;
  KnowledgeBuilder builder;
  nw::Diagnostics diagnostics;
  builder.add_csaf({reinterpret_cast<const char*>(data), size}, "fuzz.json", diagnostics);
  const auto known = builder.finish();
  NW_CHECK(diagnostics.ok());
  for (const Advisory& advisory : known->advisories())
    for (const Statement& statement : advisory.statements)
      for (const auto* list : {&statement.affected, &statement.maybe, &statement.cleared})
        for (const std::uint32_t product : *list) NW_CHECK(product < advisory.products.size());
  for (const char* version : {"", "1.0", "V2.2"}) {
    const Item item{"Acme", "RTU 500", version, "9AB-100"};
    for (const Finding& finding : known->assess(item, known->names_of(item))) {
      NW_CHECK(!finding.cve.empty());
      NW_CHECK(!finding.certain || finding.advisory != nullptr);
    }
  }
  return 0;
}
