// The privacy policy on any text: faults are reported and the defaults hold, or what it says is allowed; patients and
// secrets are dropped whatever it says.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "record/privacy/policy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nw::privacy;
  nw::Diagnostics diagnostics;
  const Policy policy = Policy::read(std::string{data, data + size}, "fuzz.yaml", diagnostics);
  bool clear = false;
  for (std::size_t i = 0; i < kFieldClasses.size(); ++i) {
    const auto kind = static_cast<FieldClass>(i);
    NW_CHECK(may_store(kind, policy.of(kind)));
    clear = clear || (policy.of(kind) == Form::clear && default_form(kind) != Form::clear);
  }
  if (!diagnostics.ok()) NW_CHECK(policy.store == Policy{}.store && policy.fields.empty());
  NW_CHECK(!clear || !policy.basis.empty());
  NW_CHECK(policy.of(FieldClass::patient) == Form::drop && policy.of(FieldClass::secret) == Form::drop);
  NW_CHECK(policy.class_of("password") == FieldClass::secret);
  return 0;
}
