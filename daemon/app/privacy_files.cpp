#include "app/privacy_files.h"

#include <algorithm>
#include <cstdlib>

#include "app/norm_files.h"
#include "app/snapshot.h"
#include "base/text.h"

namespace nw::app {

PrivacyFiles read_privacy_files(const Config& config, Diagnostics& diagnostics) {
  const PrivacyConfig& named = config.record.privacy;
  PrivacyFiles out;
  const std::size_t errors_before = diagnostics.errors();
  const auto text = read_or_embedded(named.policy, "config/privacy.yaml", "privacy.policy", diagnostics);
  if (!text) return out;
  auto policy = privacy::Policy::read(text->text, text->file, diagnostics);
  if (named.foreign_addresses_clear && trim(policy.basis).empty())
    diagnostics.error(text->file, {}, "privacy-basis",
                      "'privacy.foreign_addresses_clear' is on, but the policy has no 'basis' that says what allows it",
                      "name the law or decision as `basis` in " +
                          (named.policy.empty() ? std::string{"a policy of your own (privacy.policy)"} : named.policy) +
                          ", or switch it off");
  std::string hashed = text->text;
  if (!named.custodians.empty()) {
    const auto custodians = read_text_file(named.custodians, privacy::kCustodiansBytesMax);
    if (custodians) {
      hashed += '\0' + *custodians;
      out.custodians = privacy::Custodians::read(*custodians, named.custodians, diagnostics).all();
    } else {
      diagnostics.error(
          named.custodians, {}, "unreadable", "privacy.custodians: " + custodians.error().what,
          "correct the path, or leave the key out: then nothing can be revealed, and nothing clear is kept");
    }
  }
  if (diagnostics.errors() != errors_before) return {};
  out.policy = std::make_shared<const privacy::Policy>(std::move(policy));
  out.hash = sha256_hex(hashed);
  return out;
}

std::vector<std::string> privacy_files(const Config& config) {
  return {config.record.privacy.policy, config.record.privacy.custodians};
}

std::string operator_id_of(const Config& config) {
  if (!config.record.privacy.operator_id.empty()) return config.record.privacy.operator_id;
  std::string out = to_ascii_lower(config.site);
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || ascii_digit(c) || c == '.' || c == '_'; };
  std::replace_if(
      out.begin(), out.end(), [allowed](char c) { return !allowed(c); }, '-');
  out.erase(0, out.find_first_not_of("-._"));
  if (out.size() > 64) out.resize(64);
  return privacy::is_operator_id(out) ? out : "normwatch";
}

record::Keys::Options keys_options(const Config& config) {
  record::Keys::Options out;
  // systemd's; it names a directory that only this service can read.
  if (const char* directory = std::getenv("CREDENTIALS_DIRECTORY")) out.credentials = directory;
  out.directory =
      config.record.keys.directory.empty() ? config.state_directory + "/keys" : config.record.keys.directory;
  out.epochs = config.state_directory + "/keys/epochs";
  out.operator_id = operator_id_of(config);
  out.origin = config.record.ledger.origin.empty() ? out.operator_id + "/normwatch" : config.record.ledger.origin;
  return out;
}

}  // namespace nw::app
