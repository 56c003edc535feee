#include "ingest/logs/transports/path_pattern.h"

#include <algorithm>
#include <dirent.h>
#include <fnmatch.h>
#include <memory>
#include <set>
#include <span>

#include "base/text.h"

namespace nw::logs {

namespace {

using Directory = std::unique_ptr<DIR, int (*)(DIR*)>;

class Search {
 public:
  explicit Search(FoundFiles& out) : out_{out} {}

  // `at` is a folder with its '/' behind it, or empty; `names` are what is left of the pattern.
  void go(const std::string& at, std::span<const std::string_view> names, std::size_t depth) {
    const std::string_view name = names.front();
    const bool last = names.size() == 1;
    if (name == "**" && !last) return through(at, names, depth);
    if (!has_wildcards(name)) {
      const std::string path = at + std::string{name};
      if (!last) return go(path + '/', names.subspan(1), depth);
      return take(path);
    }
    each(at, [&](const dirent& entry) {
      if (::fnmatch(std::string{name}.c_str(), entry.d_name, FNM_PERIOD) != 0) return;
      const std::string path = at + entry.d_name;
      if (last) {
        if (entry.d_type == DT_REG || entry.d_type == DT_LNK || entry.d_type == DT_UNKNOWN) take(path);
      } else if (entry.d_type == DT_DIR || entry.d_type == DT_LNK || entry.d_type == DT_UNKNOWN) {
        struct stat info {};
        if (::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) go(path + '/', names.subspan(1), depth);
      }
    });
  }

 private:
  void through(const std::string& at, std::span<const std::string_view> names, std::size_t depth) {
    go(at, names.subspan(1), depth);
    if (depth >= kFoundDepthMax) {
      out_.cut = true;
      return;
    }
    each(at, [&](const dirent& entry) {
      if (entry.d_name[0] == '.') return;
      const std::string path = at + entry.d_name;
      struct stat info {};
      const bool folder = entry.d_type == DT_DIR ||
                          (entry.d_type == DT_UNKNOWN && ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode));
      if (folder) through(path + '/', names, depth + 1);
    });
  }

  // Read whole before anything is done with it, so that one folder is open at a time.
  template <class F>
  void each(const std::string& at, F&& f) {
    std::vector<dirent> entries;
    {
      const Directory folder{::opendir(at.empty() ? "." : at.c_str()), ::closedir};
      if (folder == nullptr) return;
      if (folders_.insert(at).second) out_.folders.push_back(at.empty() ? "." : at);
      while (const dirent* const entry = ::readdir(folder.get())) {
        if (++entries_ > kFoundEntriesMax) {
          out_.cut = true;
          break;
        }
        entries.push_back(*entry);
      }
    }
    for (const dirent& entry : entries) f(entry);
  }

  void take(const std::string& path) {
    FoundFile file{path, {}};
    if (::stat(path.c_str(), &file.info) != 0 || !S_ISREG(file.info.st_mode)) return;
    if (inodes_.emplace(file.info.st_dev, file.info.st_ino).second) out_.files.push_back(std::move(file));
  }

  FoundFiles& out_;
  std::set<std::string> folders_;
  std::set<std::pair<dev_t, ino_t>> inodes_;
  std::size_t entries_ = 0;
};

std::vector<std::string_view> names_of(std::string_view path) {
  std::vector<std::string_view> names;
  for (const std::string_view name : split(path, '/'))
    if (!name.empty()) names.push_back(name);
  return names;
}

bool match_names(std::span<const std::string_view> pattern, std::span<const std::string_view> path) {
  if (pattern.empty() || path.empty()) return pattern.empty() && path.empty();
  const std::string_view name = pattern.front();
  if (name == "**" && pattern.size() > 1)
    return match_names(pattern.subspan(1), path) ||
           (!path.front().starts_with('.') && match_names(pattern, path.subspan(1)));
  const bool same = has_wildcards(name)
                        ? ::fnmatch(std::string{name}.c_str(), std::string{path.front()}.c_str(), FNM_PERIOD) == 0
                        : name == path.front();
  return same && match_names(pattern.subspan(1), path.subspan(1));
}

}  // namespace

bool matches(std::string_view pattern, std::string_view path) {
  if (!has_wildcards(pattern)) return pattern == path;
  return match_names(names_of(pattern), names_of(path));
}

bool has_wildcards(std::string_view path) { return path.find_first_of("*?[") != std::string_view::npos; }

std::string folder_of(const std::string& path) {
  const std::size_t at = path.rfind('/');
  if (at == std::string::npos) return ".";
  return at == 0 ? "/" : path.substr(0, at);
}

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

FoundFiles find_files(const std::string& pattern) {
  FoundFiles out;
  if (!has_wildcards(pattern)) {
    out.folders.push_back(folder_of(pattern));
    FoundFile file{pattern, {}};
    if (::stat(pattern.c_str(), &file.info) == 0 && S_ISREG(file.info.st_mode)) out.files.push_back(std::move(file));
    return out;
  }
  const auto names = names_of(pattern);
  Search{out}.go(pattern.starts_with('/') ? "/" : "", names, 0);
  return out;
}

bool any_matches(const std::vector<std::string>& patterns, const std::string& path) {
  const std::string name = name_of(path);
  return std::ranges::any_of(patterns, [&](const std::string& pattern) {
    if (pattern.find('/') == std::string::npos) return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
    return ::fnmatch(pattern.c_str(), path.c_str(), 0) == 0 ||
           ::fnmatch(("*/" + pattern).c_str(), path.c_str(), 0) == 0;
  });
}

}  // namespace nw::logs
