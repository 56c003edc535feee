// A bundle from any bytes: as an archive, and as files that are then checked like a stranger's. What is read as an
// archive is written again as the same files; a bundle that was changed never holds where the good one did not.
//
//   first byte 'a': the rest is the archive;   'f': "<path> NUL <bytes> NUL NUL ..." put over a good bundle's files
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "unit/record/bundle/support.h"

namespace {

using namespace nw::bundle;

const Files& good_bundle() {
  static const Files kFiles = [] {
    test::SampleLedger ledger;
    ledger.grow(20);
    ledger.keep_head();
    const nw::merkle::Note old = *ledger.checkpoint();
    ledger.grow(40);
    return test::full_bundle(ledger, &old);
  }();
  return kFiles;
}

void check_archive_bytes(std::string_view bytes) {
  const auto files = read_archive(bytes);
  if (!files) return;
  const auto again = write_archive(*files);
  NW_CHECK(again && *read_archive(*again) == *files);
  NW_CHECK(again->size() == bytes.size());
  NW_CHECK(verify_archive(bytes, test::held()).size() == kClaims.size());
}

void check_files(std::string_view bytes) {
  Files files = good_bundle();
  while (!bytes.empty()) {
    const std::string_view path = bytes.substr(0, bytes.find('\0'));
    bytes.remove_prefix(std::min(bytes.size(), path.size() + 1));
    const std::size_t end = std::min(bytes.find(std::string_view{"\0\0", 2}), bytes.size());
    if (is_path(path)) files.insert_or_assign(std::string{path}, std::string{bytes.substr(0, end)});
    bytes.remove_prefix(std::min(bytes.size(), end + 2));
  }
  files.insert_or_assign(std::string{kManifest}, make_manifest(files));
  const auto claims = verify(files, test::held());
  NW_CHECK(claims.size() == kClaims.size());
  // Nobody can make another entry, or another head, that this policy accepts.
  if (!holds(claims)) return;
  for (const auto& [path, content] : files) {
    const auto name = read_path(path);
    NW_CHECK(name);
    if (name->kind == FileKind::entry || name->kind == FileKind::rule || name->kind == FileKind::clear)
      NW_CHECK(good_bundle().contains(path) && good_bundle().at(path) == content);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  if (data[0] == 'a') check_archive_bytes(bytes);
  if (data[0] == 'f') check_files(bytes);
  return 0;
}
