#include "record/bundle/manifest.h"

#include <algorithm>

#include "record/merkle/hash.h"

namespace nw::bundle {

namespace {

constexpr std::string_view kHandoverHead = "normwatch.evidence/handover/v1";

bool listed(std::string_view path) { return path != kManifest && path != kHandover; }

std::string manifest_line(std::string_view path, std::string_view bytes) {
  return merkle::to_hex(merkle::sha256(bytes)) + "  " + std::string{path} + '\n';
}

}  // namespace

std::string make_manifest(const Files& files) {
  std::string out;
  for (const auto& [path, bytes] : files)
    if (listed(path)) out += manifest_line(path, bytes);
  return out;
}

Result<> check_manifest(const Files& files) {
  const auto changed = [](std::string_view path, std::string_view what) {
    return Error{Errc::malformed, std::string{path} + ": " + std::string{what}};
  };
  const auto manifest = files.find(kManifest);
  if (manifest == files.end()) return changed(kManifest, "is not there");
  std::string_view rest = manifest->second;
  for (const auto& [path, bytes] : files) {
    if (!listed(path)) continue;
    const std::string line = manifest_line(path, bytes);
    if (!rest.starts_with(line)) {
      const bool named = rest.find("  " + path + '\n') != std::string_view::npos;
      const bool other = named && rest.substr(std::min<std::size_t>(rest.size(), 64)).starts_with("  " + path + '\n');
      if (other) return changed(path, "its hash is not the one in the MANIFEST: it was changed");
      return named ? changed(path, "the MANIFEST names files before it that are not there, or not in this order")
                   : changed(path, "the MANIFEST does not name it: it was added");
    }
    rest.remove_prefix(line.size());
  }
  if (!rest.empty()) return changed(kManifest, "names files at its end that are not there");
  return {};
}

std::string handover_text(std::string_view incident, std::string_view manifest) {
  std::string out{kHandoverHead};
  out.append("\n").append(incident).append("\n");
  return out + merkle::to_hex(merkle::sha256(manifest)) + '\n';
}

Result<> sign_handover(Files& files, std::string_view incident, const merkle::SignerKey& key) {
  const auto manifest = files.find(kManifest);
  if (manifest == files.end()) return Error{Errc::malformed, "the bundle has no MANIFEST"};
  merkle::Note note{handover_text(incident, manifest->second), {}};
  if (const auto there = files.find(kHandover); there != files.end()) {
    auto read = merkle::Note::parse(there->second);
    if (!read) return Error{Errc::malformed, "handover: " + read.error().what};
    if (read->text != note.text) return Error{Errc::malformed, "handover: it is about another MANIFEST"};
    note = std::move(*read);
  }
  for (const merkle::NoteSignature& signature : note.signatures)
    if (signature.name == key.verifier().name && signature.id == key.verifier().id)
      return Error{Errc::invalid_argument, "'" + signature.name + "' has signed this bundle already"};
  auto signature = merkle::sign_note(note.text, key);
  if (!signature) return signature.error();
  note.signatures.push_back(std::move(*signature));
  files.insert_or_assign(std::string{kHandover}, note.to_string());
  return {};
}

}  // namespace nw::bundle
