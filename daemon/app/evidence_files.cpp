#include "app/evidence_files.h"

#include <filesystem>
#include <sys/stat.h>

#include "base/text.h"
#include "record/bundle/layout.h"
#include "record/ledger/durable_file.h"

namespace nw::app {

namespace {

constexpr std::size_t kOpenedFilesMax = 10'000;

Error about(const std::string& file, const Error& error) { return Error{error.code, file + ": " + error.what}; }

}  // namespace

Result<merkle::SignerKey> read_signer(const std::string& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) == 0 && (status.st_mode & 077U) != 0)
    return Error{Errc::no_permission, file + ": others may read this key: chmod 600 " + file};
  auto text = read_text_file(file, std::size_t{4} << 10);
  if (!text) return text.error();
  auto key = merkle::SignerKey::parse(trim(*text));
  explicit_bzero(text->data(), text->size());
  if (!key) return about(file, key.error());
  return key;
}

Result<merkle::Note> read_checkpoint_file(const std::string& file) {
  const auto text = read_text_file(file, merkle::kNoteBytesMax);
  if (!text) return text.error();
  auto note = merkle::Note::parse(*text);
  if (!note) return about(file, note.error());
  return note;
}

std::optional<merkle::Policy> read_policy_file(const std::string& file, Diagnostics& diagnostics) {
  const auto text = read_text_file(file, merkle::kPolicyBytesMax);
  if (text) return merkle::Policy::parse(*text, file, diagnostics);
  diagnostics.error(file, {}, "unreadable", "the policy: " + text.error().what,
                    "a tlog-policy file: the keys of the log and of its witnesses, and the quorum");
  return std::nullopt;
}

Result<> write_new_file(const std::string& file, std::string_view bytes) {
  record::FileOps& ops = record::system_files();
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored))
    return Error{Errc::in_use, file + ": is there already, and is not written over"};
  const auto fd = record::create_exclusive(ops, file);
  if (!fd) return fd.error();
  auto done = record::write_at(ops, *fd, bytes, 0, file);
  if (done && ::fchmod(fd->get(), 0600) != 0) done = record::system_error(errno, file + ": cannot set its mode");
  if (done) done = record::sync_data(ops, *fd, file);
  if (!done) std::filesystem::remove(file, ignored);  // half a bundle would only be taken for a changed one
  return done;
}

Result<bundle::Files> read_opened(const std::string& folder) {
  bundle::Files out;
  std::error_code error;
  for (std::filesystem::directory_iterator at{folder, error}, end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string(), path = "evidence/" + name;
    const auto known = bundle::read_path(path);
    if (!known || (known->kind != bundle::FileKind::clear && known->kind != bundle::FileKind::nonce))
      return Error{Errc::malformed, at->path().string() +
                                        ": is not called as opened evidence is: <alert>.values.json, " +
                                        "<alert>.packets.pcapng or <alert>.line.log, each with <alert>.<kind>.nonce"};
    if (out.size() == kOpenedFilesMax) return Error{Errc::full, folder + ": more than 10000 files"};
    auto bytes = read_text_file(at->path().string(), bundle::kFileBytesMax);
    if (!bytes) return bytes.error();
    out.emplace(path, std::move(*bytes));
  }
  if (error) return record::system_error(error.value(), folder + ": cannot be listed");
  return out;
}

}  // namespace nw::app
