#include "record/bundle/claims.h"

#include <algorithm>

#include "base/text.h"
#include "record/bundle/checks.h"
#include "record/bundle/layout.h"
#include "record/bundle/manifest.h"

namespace nw::bundle {

namespace {

Checked check_archive(const Files& files) {
  for (const auto& [path, bytes] : files)
    if (!read_path(path)) return {Outcome::failed, path + ": no bundle has such a file"};
  for (const std::string_view path : {kManifest, kReadme, kIncident, kCheckpoint})
    if (!files.contains(path)) return {Outcome::failed, std::string{path} + ": is not there"};
  if (const auto listed = check_manifest(files); !listed) return {Outcome::failed, listed.error().what};
  return {Outcome::ok, std::to_string(files.size()) + " files, each as the MANIFEST lists it"};
}

}  // namespace

std::vector<Claim> verify(const Files& files, const Held& held) {
  Findings findings;
  std::vector<Claim> out;
  const auto add = [&out](Checked checked) {
    out.push_back({kClaims[out.size()], checked.outcome, printable(checked.words, 1024)});
  };
  add(check_archive(files));
  add(check_policy(files, held, findings));
  // Before the checkpoint is judged: no entry may be later than its cosignatures.
  Checked entries = check_entries(files, findings);
  add(check_checkpoint(held, findings));
  add(std::move(entries));
  add(check_consistency(files, held, findings));
  add(check_commitments(files, findings));
  add(check_hashes(files, findings));
  add({Outcome::open, "not done here: play the opened packets with the rules of this bundle (normwatch replay)"});
  add(check_stamps(files, held, findings));
  add(check_handover(files, held, findings));
  return out;
}

std::vector<Claim> verify_archive(std::string_view bytes, const Held& held) {
  const auto files = read_archive(bytes);
  if (files) return verify(*files, held);
  return {{kClaims.front(), Outcome::failed, printable(files.error().what, 1024)}};
}

bool holds(const std::vector<Claim>& claims) {
  return std::none_of(claims.begin(), claims.end(),
                      [](const Claim& claim) { return claim.outcome == Outcome::failed; });
}

std::string to_line(const Claim& claim) {
  std::string out{claim.outcome == Outcome::ok ? "ok" : claim.outcome == Outcome::failed ? "FAILED" : "-"};
  out.resize(8, ' ');
  out += claim.name;
  out.resize(21, ' ');
  return out + claim.words + '\n';
}

}  // namespace nw::bundle
