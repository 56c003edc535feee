#include "ingest/logs/transports/siblings.h"

#include <algorithm>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <set>
#include <string_view>

#include "base/clock.h"
#include "ingest/logs/transports/path_pattern.h"

namespace nw::logs {

namespace {

constexpr std::size_t kMagicBytes = 16;
constexpr std::int64_t kQuiet = 50'000'000;  // file times go in steps of up to ten milliseconds

std::int64_t folder_modified(const std::string& folder) {
  struct stat info {};
  return ::stat(folder.c_str(), &info) == 0 ? modified_of(info) : 0;
}

}  // namespace

std::int64_t born_of(int descriptor) {
  struct statx info {};
  if (::statx(descriptor, "", AT_EMPTY_PATH, STATX_BTIME, &info) != 0 || (info.stx_mask & STATX_BTIME) == 0) return 0;
  return info.stx_btime.tv_sec * 1'000'000'000 + info.stx_btime.tv_nsec;
}

FolderLook::FolderLook(std::string folder) : folder_{std::move(folder)}, before_{folder_modified(folder_)} {}

bool FolderLook::settled() const {
  const std::int64_t now = wall_now().time_since_epoch().count(), after = folder_modified(folder_);
  return after == before_ && (after > now || now - after > kQuiet);
}

bool Sibling::older_than(const Sibling& other) const {
  if (rotated && other.rotated)
    if (const auto before = rotated->before(*other.rotated)) return *before;
  return modified < other.modified;
}

FileHandle open_sibling(const Sibling& sibling) {
  FileHandle file{::open(sibling.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat info {};
  if (!file.is_open() || ::fstat(file.get(), &info) != 0 || id_of(info) != sibling.id) return {};
  return file;
}

std::vector<Sibling> siblings_of(const std::string& path, std::uint64_t inode) {
  std::vector<Sibling> out;
  const std::string folder = folder_of(path), base = name_of(path);
  const std::string_view stem = rotation_stem(base);
  const std::unique_ptr<DIR, int (*)(DIR*)> directory{::opendir(folder.c_str()), ::closedir};
  if (directory == nullptr) return out;
  std::set<std::string, std::less<>> names;
  for (std::size_t i = 0; i < kSiblingEntriesMax && names.size() < kSiblingsMax; ++i) {
    const dirent* const entry = ::readdir(directory.get());
    if (entry == nullptr) break;
    const std::string_view name{entry->d_name};
    if (name.starts_with(stem) || (inode != 0 && entry->d_ino == inode)) names.emplace(name);
  }
  for (const std::string& name : names) {
    if (const auto plain = without_packing(name); plain.size() != name.size() && names.contains(plain)) continue;
    Sibling sibling{folder + '/' + name, {}, 0, 0, rotated_name(base, name), Packing::none};
    FileHandle file{::open(sibling.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)};
    struct stat info {};
    if (!file.is_open() || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
    sibling.id = id_of(info);
    sibling.modified = modified_of(info);
    sibling.size = static_cast<std::uint64_t>(info.st_size);
    sibling.packing = packing_of(bytes_at(file.get(), 0, kMagicBytes));
    out.push_back(std::move(sibling));
  }
  return out;
}

std::string head_of(const Sibling& sibling, const FileHandle& file) {
  return sibling.packing == Packing::none ? bytes_at(file.get(), 0, kHeadMax + 1)
                                          : head_of_packed(file.get(), kHeadMax + 1);
}

bool is_copy(const KnownFile& known, const Sibling& sibling, const FileHandle& file, const std::string& head) {
  if (known.head.bytes == 0 || head.size() < known.head.bytes ||
      print_of(std::string_view{head}.substr(0, known.head.bytes)) != known.head)
    return false;
  // Many logs begin with the same lines; all of a short one is another matter.
  if (known.head.bytes < kHeadMax) return head.size() == (known.complete ? known.size : known.head.bytes);
  if (sibling.packing == Packing::none) {
    if (sibling.size < known.size) return true;
    return print_of(bytes_at(file.get(), known.size - known.tail.bytes, known.tail.bytes)) == known.tail;
  }
  if (!known.complete) return true;
  const auto packed = PackedFile::open(FileHandle{::fcntl(file.get(), F_DUPFD_CLOEXEC, 0)});
  const auto size = packed ? packed->stated_size() : std::nullopt;
  return !size || size->bytes == (known.size & size->mask);
}

}  // namespace nw::logs
