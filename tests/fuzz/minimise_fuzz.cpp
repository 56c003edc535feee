// Any text in a field of any class: what must not be told is not, whatever stands around it. The input's first byte
// takes the field; the rest stands before and behind an address, a mail address and a name.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "record/privacy/minimise.h"

namespace {

class Nothing final : public nw::privacy::Known {
 public:
  std::string_view asset_of(const nw::IpAddress&) const override { return {}; }
  std::string_view asset_of_host(std::string_view) const override { return {}; }
  bool is_open_domain(std::string_view) const override { return false; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nw::privacy;
  if (size == 0) return 0;
  constexpr const char* kFields[] = {"id.orig_h", "user",    "mailfrom",     "caller",   "mac",     "Computer", "query",
                                     "uri",       "payload", "patient_name", "password", "message", "something"};
  static const EpochKeys keys = *EpochKeys::derive(Key32{}, "fuzz", {2026, 1});
  static Pfx pfx = *Pfx::create(keys.pfx);
  static const Tokens tokens{keys};
  static const Policy policy;
  static const Nothing known;
  const auto nonces = [](std::span<std::uint8_t>) {};
  Context context{policy, known, pfx, tokens, nonces, false, {}, 0, {}};
  const std::string_view field = kFields[data[0] % std::size(kFields)];
  const std::string rest{data + 1, data + size}, half = rest.substr(0, rest.size() / 2);
  const std::string text = half + " 203.0.113.77 zebediah@example.org zebediah " + rest.substr(half.size());
  (void)minimise("user", nw::event::Value::text("zebediah"), context);
  const Stored got = minimise(field, nw::event::Value::text(text), context);
  for (const char* clear : {"203.0.113.77", "zebediah"})
    if (rest.find(clear) == std::string::npos) NW_CHECK(got.text.find(clear) == std::string::npos);
  if (got.kind == FieldClass::patient || got.kind == FieldClass::secret) NW_CHECK(got.text.empty());
  // Alone, and cut anywhere: it only has to stop.
  (void)minimise(field, nw::event::Value::text(rest), context);
  return 0;
}
