// `normwatch evidence verify`, `show` and `accept`: for whoever gets a bundle. No daemon, no network.
#include <cstdio>

#include "app/commands.h"
#include "app/evidence_files.h"
#include "base/clock.h"
#include "base/text.h"
#include "record/bundle/claims.h"
#include "record/bundle/layout.h"
#include "record/bundle/manifest.h"

namespace nw::app {

namespace {

constexpr OptionSpec kVerifyOptions[] = {
    {"policy", "FILE", "the keys of the ledger and its witnesses, and the quorum: from elsewhere than the bundle"},
    {"old-checkpoint", "FILE", "a head of this ledger that you hold: a fork or a roll back then shows"},
    {"tsa-roots", "FILE",
     "certificates in PEM of the time stamp authorities that you trust: their signatures are checked"},
    {"key", "VKEY", "a key of those who handed it over and took it; once for each"}};
constexpr CommandSpec kVerifySpec{
    "evidence verify",
    "FILE --policy FILE",
    "check all that a bundle claims, offline, with keys that you held beforehand",
    "A line for each claim: ok, - (nothing to check, or not checked here), or FAILED and why. Each leans on those "
    "above it.\nExit status: 0 all that could be checked holds, 64 no policy, 65 a claim fails, 66 no such file, 78 "
    "the policy or the roots have errors.",
    kVerifyOptions,
    1,
    1};
constexpr CommandSpec kShowSpec{"evidence show",
                                "FILE",
                                "what is in a bundle; nothing of it is checked",
                                "Exit status: 0, 65 it is no bundle, 66 no such file.",
                                {},
                                1,
                                1};
constexpr OptionSpec kAcceptOptions[] = {{"sign", "KEY", "your signed-note key"},
                                         {"out", "FILE", "the bundle with your signature; must not be there yet"}};
constexpr CommandSpec kAcceptSpec{
    "evidence accept",
    "FILE --sign KEY --out FILE",
    "sign for a bundle that you got: giver and receiver then have the same, signed by both",
    "Verify it first.\nExit status: 0, 64 something is missing, 65 it is no bundle, or "
    "its MANIFEST does not fit, 66 no such file, 73 the new file is there already.",
    kAcceptOptions,
    1,
    1};

ExitCode told(const Error& error) {
  complain(error.what);
  return error.code == Errc::in_use ? kExitCannotCreate : error.code == Errc::full ? kExitData : exit_code(error.code);
}

Result<std::string> read_bundle_file(const std::string& file) { return read_text_file(file, bundle::kArchiveBytesMax); }

Result<bundle::Files> open_bundle(const std::string& file) {
  const auto bytes = read_bundle_file(file);
  if (!bytes) return bytes.error();
  auto files = bundle::read_archive(*bytes);
  if (!files) return Error{files.error().code, file + ": " + files.error().what};
  return files;
}

ExitCode verify_file(const Options& options) {
  if (!options.has("policy")) {
    complain("--policy is missing: keys that come with the evidence prove nothing");
    return kExitUsage;
  }
  Diagnostics diagnostics;
  auto policy = read_policy_file(options.get("policy"), diagnostics);
  if (!policy) return report(diagnostics, nullptr);
  bundle::Held held;
  held.policy = std::move(*policy);
  held.now = wall_now();
  if (options.has("old-checkpoint")) {
    auto old = read_checkpoint_file(options.get("old-checkpoint"));
    if (!old) return told(old.error());
    held.old_checkpoint = std::move(*old);
  }
  if (options.has("tsa-roots")) {
    const auto pem = read_text_file(options.get("tsa-roots"), std::size_t{1} << 20U);
    if (!pem) return told(pem.error());
    auto roots = witness::StampRoots::parse(*pem);
    if (!roots) {
      complain(options.get("tsa-roots") + ": " + roots.error().what);
      return kExitConfig;
    }
    held.stamp_roots = std::make_shared<const witness::StampRoots>(std::move(*roots));
  }
  for (const std::string& text : options.all("key")) {
    auto key = merkle::VerifierKey::parse(text);
    if (!key) {
      complain("--key: " + key.error().what);
      return kExitUsage;
    }
    held.keys.push_back(std::move(*key));
  }
  const auto bytes = read_bundle_file(options.words()[0]);
  if (!bytes) return told(bytes.error());
  const auto claims = bundle::verify_archive(*bytes, held);
  for (const bundle::Claim& claim : claims) std::fputs(bundle::to_line(claim).c_str(), stdout);
  if (bundle::holds(claims)) return kExitOk;
  std::puts("not to be relied on: a claim fails");
  return kExitData;
}

ExitCode show(const Options& options) {
  const auto files = open_bundle(options.words()[0]);
  if (!files) return told(files.error());
  const auto found = files->find(bundle::kIncident);
  const auto index = bundle::CaseIndex::parse(found == files->end() ? std::string_view{} : found->second);
  if (!index) return told(index.error());
  const auto text = [](const boost::json::object& object, std::string_view name) {
    return printable(bundle::text_member(object, name), 512);
  };
  std::printf("incident %s: %s; state %s, level %s, norm %s, asset %s, TLP %s\n",
              printable(index->incident, 64).c_str(), text(index->row, "rule_title").c_str(),
              text(index->row, "state").c_str(), text(index->row, "level").c_str(), text(index->row, "norm").c_str(),
              text(index->row, "asset").c_str(), text(index->row, "tlp").c_str());
  std::printf("made %s by %s with normwatch %s: %s\n", text(index->made, "at").c_str(), text(index->made, "by").c_str(),
              text(index->made, "program").c_str(), text(index->made, "why").c_str());
  for (const std::string& missing : index->missing) std::printf("missing: %s\n", printable(missing, 512).c_str());
  std::puts("entries:");
  for (const std::uint64_t number : index->entries) {
    const auto bytes = files->find(bundle::entry_path(number));
    const auto entry = bytes == files->end() ? Result<bundle::BundledEntry>{Error{Errc::not_found, "is not there"}}
                                             : bundle::read_entry(bytes->second);
    if (!entry) {
      std::printf("  %8llu  %s\n", static_cast<unsigned long long>(number), printable(entry.error().what).c_str());
      continue;
    }
    std::printf("  %8llu  %s  %-16s %s %s\n", static_cast<unsigned long long>(number), to_rfc3339(entry->time).c_str(),
                entry->type.c_str(), text(entry->body, "id").c_str(), text(entry->body, "rule_title").c_str());
  }
  std::puts("files:");
  for (const auto& [path, bytes] : *files) std::printf("  %9zu  %s\n", bytes.size(), path.c_str());
  std::puts("nothing of this was checked: normwatch evidence verify");
  return kExitOk;
}

ExitCode accept(const Options& options) {
  for (const char* name : {"sign", "out"}) {
    if (options.has(name)) continue;
    complain("--" + std::string{name} + " is missing; see --help");
    return kExitUsage;
  }
  const auto key = read_signer(options.get("sign"));
  if (!key) return told(key.error());
  auto files = open_bundle(options.words()[0]);
  if (!files) return told(files.error());
  if (const auto fits = bundle::check_manifest(*files); !fits) return told(fits.error());
  const auto found = files->find(bundle::kIncident);
  const auto index = bundle::CaseIndex::parse(found == files->end() ? std::string_view{} : found->second);
  if (!index) return told(index.error());
  if (const auto done = bundle::sign_handover(*files, index->incident, *key); !done) {
    complain(done.error().what);
    return kExitData;
  }
  const auto bytes = bundle::write_archive(*files);
  if (!bytes) return told(bytes.error());
  if (const auto written = write_new_file(options.get("out"), *bytes); !written) return told(written.error());
  std::printf("%s: signed by %s\n", printable(options.get("out")).c_str(), key->verifier().name.c_str());
  return kExitOk;
}

}  // namespace

extern const Command kEvidenceVerify, kEvidenceShow, kEvidenceAccept;
const Command kEvidenceVerify{&kVerifySpec, verify_file};
const Command kEvidenceShow{&kShowSpec, show};
const Command kEvidenceAccept{&kAcceptSpec, accept};

}  // namespace nw::app
