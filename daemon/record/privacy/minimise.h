// The one step between an event's clear value and what is stored of it. The guard of `record` calls it for every field.
//
//   field name --class_of()--> class --policy--> form --keys, register--> Stored
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/value.h"
#include "record/privacy/commitment.h"
#include "record/privacy/ipcrypt.h"
#include "record/privacy/policy.h"
#include "record/privacy/pseudonym.h"
#include "record/privacy/token.h"

namespace nw::privacy {

// What the register and the feeds know. Answers are views that live as long as the object; empty: not designated.
class Known {
 public:
  virtual ~Known() = default;
  [[nodiscard]] virtual std::string_view asset_of(const IpAddress& address) const = 0;
  [[nodiscard]] virtual std::string_view asset_of_host(std::string_view host) const = 0;
  // A registered domain that a feed lists or that belongs to a designated party.
  [[nodiscard]] virtual bool is_open_domain(std::string_view registered) const = 0;
};

struct Stored {
  FieldClass kind = FieldClass::unknown;
  Form form = Form::drop;      // of a list: of its clearest element
  std::string text;            // empty when dropped
  std::optional<Nonce> nonce;  // of a commitment: the evidence store keeps it with the bytes
};

// Of one event; one thread. `pfx` and `tokens` are of the same epoch.
struct Context {
  const Policy& policy;
  const Known& known;
  Pfx& pfx;
  const Tokens& tokens;
  Random nonces;
  // A foreign address may stand clear: an alert about command and control that the national law lets be notified.
  bool foreign_addresses_clear = false;

  // Names that fields of this event told, and what they became: they are also found in its sentences. So the fields of
  // class `text` and `unknown` come last. At most kNamesMax.
  static constexpr std::size_t kNamesMax = 64, kNameBytesMin = 3;
  std::vector<std::pair<std::string, std::string>> names;
  std::size_t names_not_kept = 0;
  // Values by class and form: what the transparency report counts. Elements of lists count singly.
  std::array<std::array<std::uint64_t, kForms.size()>, kFieldClasses.size()> counts{};
};

// A value of kind address or time is one whatever its field is called, except in a class that is never kept. Numbers
// and booleans in a field without a class stand as they are. Texts are cut to 64 KiB before anything else.
[[nodiscard]] Stored minimise(std::string_view field, const event::Value& value, Context& context);

// Whether the fields of the class come last (Context::names).
[[nodiscard]] constexpr bool comes_last(FieldClass kind) noexcept {
  return kind == FieldClass::text || kind == FieldClass::unknown;
}

// "asset:<id>"
[[nodiscard]] std::string asset_text(std::string_view asset);

}  // namespace nw::privacy
