// What holds a bundle together: the list of its files with their hashes, and who gave it to whom.
//
//   MANIFEST   <SHA-256, hex>  <path>        of each file but itself and `handover`, by path; sha256sum -c reads it
//   handover   a signed note (record/merkle/note.h): the giver's signature, then the receiver's
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "record/bundle/archive.h"
#include "record/merkle/note.h"

namespace nw::bundle {

inline constexpr std::string_view kManifest = "MANIFEST", kHandover = "handover";

std::string make_manifest(const Files& files);
// `malformed` names the first file that is changed, missing, or not listed.
Result<> check_manifest(const Files& files);

// What both sign: that this MANIFEST, of this incident, was handed over.
std::string handover_text(std::string_view incident, std::string_view manifest);
// Adds a signature of `key`, a key of type note. `invalid_argument`: it has signed already, or is another kind of key;
// `malformed`: what is there is about another MANIFEST.
Result<> sign_handover(Files& files, std::string_view incident, const merkle::SignerKey& key);

}  // namespace nw::bundle
