#include "app/norm_files.h"

#include <array>
#include <filesystem>

#include "app/config.h"
#include "app/embedded.h"
#include "app/snapshot.h"
#include "base/text.h"
#include "context/registry/vocabulary.h"

namespace nw::app {

namespace {

constexpr std::array<std::string_view, 3> kCompanions{"law.yaml", "regimes.yaml", "wording.yaml"};

// A flag that no asset can carry would be a protection that never shows.
void check_flags(const context::Law& law, const std::string& file, Diagnostics& diagnostics) {
  for (const context::LawHook& hook : law.all())
    for (const std::string& flag : hook.flags)
      if (!context::is_one_of(flag, context::flags()))
        diagnostics.error(file, hook.mark, "unknown-word",
                          "hook '" + hook.id + "' protects '" + flag + "', which is no flag of the register" +
                              did_you_mean(flag, context::flags()));
}

}  // namespace

std::optional<NamedText> read_or_embedded(const std::string& file, std::string_view embedded, std::string_view what,
                                          Diagnostics& diagnostics) {
  if (file.empty()) return NamedText{std::string{embedded} + " (embedded)", std::string{embedded_file(embedded)}};
  auto text = read_text_file(file);
  if (text) return NamedText{file, std::move(*text)};
  diagnostics.error(file, {}, "unreadable", std::string{what} + ": " + text.error().what,
                    "correct the path in the configuration, or leave the key out for the embedded one");
  return std::nullopt;
}

std::vector<std::string> norm_companions(const std::string& catalogue_file) {
  std::vector<std::string> out;
  if (catalogue_file.empty()) return out;
  const std::filesystem::path folder = std::filesystem::path{catalogue_file}.parent_path();
  for (const std::string_view name : kCompanions) out.push_back((folder / name).string());
  return out;
}

std::optional<NamedText> read_norm_companion(const std::string& catalogue_file, std::string_view name,
                                             Diagnostics& diagnostics) {
  const std::string embedded = "rules/norms/" + std::string{name};
  std::string beside;
  for (const std::string& file : norm_companions(catalogue_file))
    if (std::filesystem::path{file}.filename() == name) beside = file;
  std::error_code error;
  if (!beside.empty() && !std::filesystem::exists(beside, error) && !error) beside.clear();
  return read_or_embedded(beside, embedded, "what belongs to the norm catalogue", diagnostics);
}

NormFiles read_norm_files(const std::string& catalogue_file, Diagnostics& diagnostics) {
  NormFiles out;
  Sha256 hash;
  const auto catalogue =
      read_or_embedded(catalogue_file, "rules/norms/catalogue.yaml", "the norm catalogue", diagnostics);
  if (catalogue) {
    out.catalogue = context::NormCatalogue::load(catalogue->text, catalogue->file, diagnostics);
    hash.add(catalogue->text);
  }
  if (const auto law = read_norm_companion(catalogue_file, "law.yaml", diagnostics)) {
    out.law = context::Law::load(law->text, law->file, diagnostics);
    if (out.law) check_flags(*out.law, law->file, diagnostics);
    hash.add(law->text);
  }
  if (const auto policies = read_norm_companion(catalogue_file, "regimes.yaml", diagnostics)) {
    out.policies = context::RegimePolicies::load(policies->text, policies->file, diagnostics);
    hash.add(policies->text);
  }
  if (out.catalogue && out.law) check_hooks(*out.catalogue, catalogue->file, *out.law, diagnostics);
  out.hash = hash.hex();
  return out;
}

}  // namespace nw::app
