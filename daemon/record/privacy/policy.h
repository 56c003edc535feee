// What is stored of each kind of personal data: config/privacy.yaml, read strictly. Without a file the defaults hold,
// which are the strictest that still let a CERT work; what loosens them needs a written basis.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/diagnostics.h"
#include "record/privacy/address_class.h"
#include "record/privacy/field_class.h"

namespace nw::privacy {

// From what tells most to what tells nothing.
enum class Form : std::uint8_t { clear, asset_id, pseudonym, template_, token, commitment, class_only, drop };
inline constexpr std::array<std::string_view, 8> kForms{"clear", "asset_id",   "pseudonym", "template",
                                                        "token", "commitment", "class",     "drop"};
constexpr std::string_view to_string(Form form) noexcept { return kForms[static_cast<std::size_t>(form)]; }

constexpr std::size_t kPolicyBytesMax = 256U << 10, kPolicyListMax = 4'096;

// Whether a policy may say so; clear where it is not the default needs a basis besides.
[[nodiscard]] bool may_store(FieldClass kind, Form form) noexcept;
[[nodiscard]] bool may_store(AddressClass kind, Form form) noexcept;
[[nodiscard]] Form default_form(FieldClass kind) noexcept;
[[nodiscard]] Form default_form(AddressClass kind) noexcept;

struct Policy {
  Policy();
  std::array<Form, kFieldClasses.size()> store;
  std::array<Form, kAddressClasses.size()> addresses;  // where `store` says pseudonym
  Form designated = Form::asset_id;                    // or clear: addresses and hosts of the register
  std::string basis;                                   // why something is kept clearer than by default
  std::unordered_map<std::string, FieldClass> fields;  // the site's own names, lower case
  std::vector<std::string> public_suffixes;            // sorted: "co.uk", "github.io"
  std::vector<std::string> registry_labels;            // sorted: "co" below any top-level domain of two letters
  std::vector<std::string> path_words;                 // sorted: parts of paths and ".endings" that tell of nobody

  [[nodiscard]] Form of(FieldClass kind) const noexcept { return store[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] Form of(AddressClass kind) const noexcept { return addresses[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] FieldClass class_of(std::string_view field) const;

  // Codes privacy-version, privacy-form, privacy-class, privacy-basis, privacy-list and those of base/yaml.h. The
  // defaults after an error.
  static Policy read(std::string_view yaml, std::string_view file, Diagnostics& diagnostics);
};

}  // namespace nw::privacy
