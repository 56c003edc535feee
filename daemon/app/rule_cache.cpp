#include "app/rule_cache.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "app/snapshot.h"
#include "app/version.h"
#include "base/log.h"

namespace nw::app {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFileBytesMax = std::size_t{256} << 20;
constexpr std::size_t kFilesMax = 8;  // the newest stay
constexpr std::string_view kSuffix = ".rules";

// Everything that reading rules depends on, the program itself included: a rebuilt one has another time.
std::string key_of(std::span<const sigma::RuleText> texts, const sigma::CompileOptions& options) {
  Sha256 hash;
  const auto add = [&](std::string_view part) {
    hash.add(std::to_string(part.size()) + ':');
    hash.add(part);
  };
  add(version());
  struct stat self {};
  if (::stat("/proc/self/exe", &self) == 0)
    add(std::to_string(self.st_size) + ' ' + std::to_string(self.st_mtim.tv_sec) + ' ' +
        std::to_string(self.st_mtim.tv_nsec));
  add(options.norm_required ? "norm" : "");
  add(options.permissive ? "permissive" : "");
  add(std::to_string(options.placeholders.size()));
  for (const auto& [name, values] : options.placeholders) {
    add(name);
    add(std::to_string(values.size()));
    for (const std::string& value : values) add(value);
  }
  add(std::to_string(options.variables.size()));
  for (const sigma::VariableSetting& setting : options.variables) {
    add(setting.rule);
    add(setting.name);
    add(sigma::variable_text(setting.value));
    // What is wrong with it is told with its place, from the cache too.
    add(setting.file);
    add(std::to_string(setting.rule_mark.line) + ':' + std::to_string(setting.rule_mark.column) + ' ' +
        std::to_string(setting.mark.line) + ':' + std::to_string(setting.mark.column));
  }
  for (const sigma::RuleText& text : texts) {
    add(text.file);
    add(text.shadow ? "shadow" : "");
    add(text.text);
  }
  return hash.hex();
}

// Only what nobody else could have written is taken.
bool ours(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
  return (status.st_uid == ::geteuid() || status.st_uid == 0) && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

void drop_old(const std::string& directory) {
  std::error_code error;
  std::vector<std::pair<fs::file_time_type, fs::path>> files;
  for (fs::directory_iterator at{directory, error}, end; !error && at != end; at.increment(error))
    if (at->path().extension() == kSuffix) files.emplace_back(at->last_write_time(error), at->path());
  std::sort(files.rbegin(), files.rend());
  for (std::size_t i = kFilesMax; i < files.size(); ++i) fs::remove(files[i].second, error);
}

// Whole or not at all: a reader never meets half a file.
bool store(const std::string& path, const std::string& bytes) {
  const std::string part = path + '.' + std::to_string(::getpid());
  ::unlink(part.c_str());  // of a process that had this number and died: in a container it is always the same
  const int file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return false;
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t wrote = ::write(file, bytes.data() + done, bytes.size() - done);
    if (wrote <= 0) break;
    done += static_cast<std::size_t>(wrote);
  }
  const bool whole = ::close(file) == 0 && done == bytes.size();
  if (whole && std::rename(part.c_str(), path.c_str()) == 0) return true;
  ::unlink(part.c_str());
  return false;
}

}  // namespace

std::string rule_cache_directory(const std::string& state_directory) {
  // Of the same owner: what root left there when it checked a configuration, the daemon could not replace.
  struct stat status {};
  if (::stat(state_directory.c_str(), &status) == 0 && status.st_uid == ::geteuid() &&
      ::access(state_directory.c_str(), W_OK | X_OK) == 0)
    return state_directory + "/cache";
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/')
    return std::string{cache} + "/normwatch";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
    return std::string{home} + "/.cache/normwatch";
  return {};
}

std::shared_ptr<const sigma::RuleSet> compile_rules(std::span<const sigma::RuleText> texts, event::Schema& schema,
                                                    sigma::CompileOptions options, const std::string& directory,
                                                    Diagnostics& diagnostics) {
  if (directory.empty()) return sigma::RuleSet::compile(texts, schema, options, diagnostics);
  sigma::CompileCache cache;
  cache.key = key_of(texts, options);
  const std::string path = directory + '/' + cache.key.substr(0, 32) + std::string{kSuffix};
  if (ours(path))
    if (auto bytes = read_text_file(path, kFileBytesMax)) cache.bytes = std::move(*bytes);
  options.cache = &cache;
  auto rules = sigma::RuleSet::compile(texts, schema, options, diagnostics);
  if (!cache.changed || cache.bytes.size() > kFileBytesMax) return rules;
  std::error_code error;
  fs::create_directories(directory, error);
  if (store(path, cache.bytes))
    drop_old(directory);
  else
    log_debug("rule_cache_not_written", "the next start compiles the rules again", {{"path", path}});
  return rules;
}

}  // namespace nw::app
