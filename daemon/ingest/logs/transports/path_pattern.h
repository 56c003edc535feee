// Paths with wildcards, and the regular files that they name now.
//
//   *  ?  [..]   within one name, as fnmatch(3) has them; a leading dot must be written
//   **           as a whole name: any number of folders, none too; symbolic links to folders are not entered there
#pragma once

#include <string>
#include <string_view>
#include <sys/stat.h>
#include <vector>

namespace nw::logs {

struct FoundFile {
  std::string path;
  struct stat info {};
};

struct FoundFiles {
  std::vector<FoundFile> files;      // regular, or links to regular ones; no inode twice
  std::vector<std::string> folders;  // that were looked into
  bool cut = false;                  // more entries than kFoundEntriesMax: the rest was not looked at
};

constexpr std::size_t kFoundEntriesMax = 200'000;  // directory entries of one search
constexpr std::size_t kFoundDepthMax = 32;         // folders below each other that `**` goes through

[[nodiscard]] bool has_wildcards(std::string_view path);
// A plain path is followed wherever its links lead, and given only when it is a regular file.
FoundFiles find_files(const std::string& pattern);
// Whether find_files() could give it.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view path);
// A pattern without '/' is meant for the file's name, one with it for the whole path, in which `*` goes over '/'.
[[nodiscard]] bool any_matches(const std::vector<std::string>& patterns, const std::string& path);

// "." for a bare name.
[[nodiscard]] std::string folder_of(const std::string& path);
[[nodiscard]] std::string name_of(const std::string& path);

}  // namespace nw::logs
