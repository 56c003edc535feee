// What lies beside a log file and may be what rotation made of it.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <vector>

#include "ingest/logs/transports/rotated_name.h"
#include "ingest/logs/transports/tail_state.h"

namespace nw::logs {

struct FileId {
  dev_t device = 0;
  ino_t inode = 0;
  friend auto operator<=>(const FileId&, const FileId&) = default;
};
inline FileId id_of(const struct stat& info) { return {info.st_dev, info.st_ino}; }
inline std::int64_t modified_of(const struct stat& info) {
  return std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
}

// When the inode was made, in nanoseconds since 1970; 0: the file system does not know.
std::int64_t born_of(int descriptor);

// Names that change while a folder is listed may be missed. What was not found is not there only if the folder had been
// left alone for a moment, and was the same after.
class FolderLook {
 public:
  explicit FolderLook(std::string folder);
  [[nodiscard]] bool settled() const;

 private:
  std::string folder_;
  std::int64_t before_ = 0;
};

struct Sibling {
  std::string path;
  FileId id;
  std::int64_t modified = 0;
  std::uint64_t size = 0;
  std::optional<RotatedName> rotated;  // when its name is one that rotation gives
  Packing packing = Packing::none;     // by its first bytes

  // By name where names tell, else by time.
  [[nodiscard]] bool older_than(const Sibling& other) const;
};

constexpr std::size_t kSiblingEntriesMax = 100'000;  // directory entries looked at
constexpr std::size_t kSiblingsMax = 2'000;          // files opened to look at their first bytes

// Regular files in the folder of `path` whose names begin like its own, or whose inode is `inode` (0: none). A
// compressed file beside what it was made of is left out: it may still be in the writing.
std::vector<Sibling> siblings_of(const std::string& path, std::uint64_t inode);
// Nothing when another file has its name by now.
FileHandle open_sibling(const Sibling& sibling);

// The first bytes, unpacked: one more than fingerprints cover, so that it shows whether they are all.
std::string head_of(const Sibling& sibling, const FileHandle& file);

// A file that is known: enough of it to tell its copies.
struct KnownFile {
  Print head, tail;
  std::uint64_t size = 0;  // what was read of it
  bool complete = false;   // and that was all
};
// Whether `sibling`, with these first bytes, is a copy of a known file, or that file.
[[nodiscard]] bool is_copy(const KnownFile& known, const Sibling& sibling, const FileHandle& file,
                           const std::string& head);

}  // namespace nw::logs
