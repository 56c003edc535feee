// What the ledger's tests share: payloads that say which they are, and twins of the system calls.
#pragma once

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <set>
#include <signal.h>
#include <string>
#include <unistd.h>
#include <vector>

#include "record/ledger/durable_file.h"
#include "record/ledger/journal.h"
#include "record/ledger/ledger.h"
#include "unit/record/support.h"

namespace nw::record::test {

// A payload that no other (group, item) has, of about `size` bytes.
inline std::string payload(std::uint64_t group, std::uint64_t item, std::size_t size = 40) {
  std::string out = "{\"g\":" + std::to_string(group) + ",\"i\":" + std::to_string(item) + ",\"x\":\"";
  while (out.size() + 2 < size) out += static_cast<char>('a' + (out.size() * 7 + group + item) % 26);
  return out + "\"}";
}

inline std::vector<std::string> group_of(std::uint64_t group, std::size_t count, std::size_t size = 40) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(payload(group, i, size));
  return out;
}

// Every entry, read in steps of `step`; fails the test when something is missing or out of order.
inline std::vector<std::string> read_all(const Ledger& ledger, std::size_t step = 1000) {
  std::vector<std::string> out;
  while (out.size() < ledger.size()) {
    const auto entries = ledger.read(out.size(), step);
    if (!entries || entries->empty()) {
      ADD_FAILURE() << "entry " << out.size() << " of " << ledger.size() << ": "
                    << (entries ? "nothing there" : entries.error().what);
      return out;
    }
    for (const Entry& entry : *entries) {
      EXPECT_EQ(entry.index, out.size());
      out.push_back(entry.payload);
    }
  }
  return out;
}

inline LedgerOptions small_segments(const std::filesystem::path& directory, std::size_t segment_bytes = 600) {
  LedgerOptions options;
  options.directory = directory;
  options.segment_bytes_max = segment_bytes;
  return options;
}

inline std::vector<std::filesystem::path> segments(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> out;
  for (const auto& file : std::filesystem::directory_iterator{directory / "journal"}) out.push_back(file.path());
  std::sort(out.begin(), out.end());
  return out;
}

// Numbers the calls; what happens at one of them is the derived class's.
class CountingFiles : public FileOps {
 public:
  int calls = 0;

  int open(const char* path, int flags, mode_t mode) override {
    return step([&] { return FileOps::open(path, flags, mode); });
  }
  ssize_t pread(int fd, void* into, std::size_t size, off_t offset) override {
    return step([&] { return FileOps::pread(fd, into, size, offset); });
  }
  ssize_t pwrite(int fd, const void* from, std::size_t size, off_t offset) override {
    half_ = [=, this] { (void)FileOps::pwrite(fd, from, size / 2, offset); };
    const ssize_t wrote = step([&] { return FileOps::pwrite(fd, from, size, offset); });
    half_ = {};
    return wrote;
  }
  int fdatasync(int fd) override {
    return step([&] { return FileOps::fdatasync(fd); });
  }
  int fsync(int fd) override {
    return step([&] { return FileOps::fsync(fd); });
  }
  int syncfs(int fd) override {
    return step([&] { return FileOps::syncfs(fd); });
  }
  int ftruncate(int fd, off_t size) override {
    return step([&] { return FileOps::ftruncate(fd, size); });
  }
  int rename(const char* from, const char* to) override {
    return step([&] { return FileOps::rename(from, to); });
  }
  int unlink(const char* path) override {
    return step([&] { return FileOps::unlink(path); });
  }
  int mkdir(const char* path, mode_t mode) override {
    return step([&] { return FileOps::mkdir(path, mode); });
  }

 protected:
  // Before call number `n` (from 0) is made: false lets it fail with errno as set.
  virtual bool before(int n) = 0;
  virtual void after(int n) { (void)n; }
  // Inside a write: does half of it.
  void write_half() {
    if (half_) half_();
  }

 private:
  template <class Call>
  auto step(Call call) -> decltype(call()) {
    const int n = calls++;
    if (!before(n)) return -1;
    const auto result = call();
    const int kept = errno;
    after(n);
    errno = kept;
    return result;
  }
  std::function<void()> half_;
};

// Call number `fail_at` fails, or all from there on; a failing write leaves half of its bytes.
class FailingFiles final : public CountingFiles {
 public:
  enum class Lasts { once, for_ever };
  FailingFiles(int fail_at, int error_number, Lasts lasts)
      : fail_at_{fail_at}, error_number_{error_number}, lasts_{lasts} {}
  [[nodiscard]] bool failed() const { return failed_; }

 protected:
  bool before(int n) override {
    if (n < fail_at_ || (n > fail_at_ && lasts_ == Lasts::once)) return true;
    failed_ = true;
    write_half();
    errno = error_number_;
    return false;
  }

 private:
  int fail_at_, error_number_;
  Lasts lasts_;
  bool failed_ = false;
};

// The process dies by SIGKILL at call number `die_at`.
class DyingFiles final : public CountingFiles {
 public:
  enum class When { before, halfway, after };
  DyingFiles(int die_at, When when) : die_at_{die_at}, when_{when} {}

 protected:
  bool before(int n) override {
    if (n != die_at_ || when_ == When::after) return true;
    if (when_ == When::halfway) write_half();
    ::kill(::getpid(), SIGKILL);
    return false;
  }
  void after(int n) override {
    if (n == die_at_ && when_ == When::after) ::kill(::getpid(), SIGKILL);
  }

 private:
  int die_at_;
  When when_;
};

// The machine loses power at call number `cut_at`: from then on nothing happens any more. lose_unsynced() then takes
// from the disk what no sync has put there: names whose directory was not synced, and file contents since the last
// fdatasync.
class PowerCutFiles final : public CountingFiles {
 public:
  explicit PowerCutFiles(int cut_at) : cut_at_{cut_at} {}
  [[nodiscard]] bool cut() const { return calls > cut_at_; }

  int open(const char* path, int flags, mode_t mode) override {
    const bool fresh = (flags & O_CREAT) != 0 && !std::filesystem::exists(path);
    const int fd = CountingFiles::open(path, flags, mode);
    if (fd < 0) return fd;
    paths_[fd] = path;
    if (fresh) unsynced_names_.insert(path);
    if (!synced_.contains(path) && std::filesystem::is_regular_file(path))
      synced_[path] = fresh ? std::string{} : read_whole(path);
    return fd;
  }
  int mkdir(const char* path, mode_t mode) override {
    const int made = CountingFiles::mkdir(path, mode);
    if (made == 0) unsynced_names_.insert(path);
    return made;
  }
  int fdatasync(int fd) override {
    const int done = CountingFiles::fdatasync(fd);
    if (done == 0) {
      synced_[paths_[fd]] = read_whole(paths_[fd]);
      synced_once_.insert(paths_[fd]);
    }
    return done;
  }
  int fsync(int fd) override {
    const int done = CountingFiles::fsync(fd);
    if (done != 0) return done;
    const std::filesystem::path directory{paths_[fd]};
    synced_once_.insert(directory);
    const auto inside = [&](const std::string& name) { return std::filesystem::path{name}.parent_path() == directory; };
    std::erase_if(unsynced_names_, inside);
    std::erase_if(replaced_, [&](const auto& name) { return inside(name.first); });
    return done;
  }
  int syncfs(int fd) override {
    const int done = CountingFiles::syncfs(fd);
    if (done != 0) return done;
    for (auto& [path, content] : synced_) {
      if (!std::filesystem::exists(path)) continue;
      content = read_whole(path);
      synced_once_.insert(path);
    }
    unsynced_names_.clear();
    replaced_.clear();
    return done;
  }
  // The name takes along what was synced of the content, no more.
  int rename(const char* from, const char* to) override {
    const bool there = std::filesystem::exists(to);
    const std::string old = read_whole(to);
    const int done = CountingFiles::rename(from, to);
    if (done != 0) return done;
    if (there)
      replaced_[to] = old;
    else
      unsynced_names_.insert(to);
    synced_[to] = synced_[from];
    unsynced_names_.erase(from);
    return done;
  }

  [[nodiscard]] bool directory_synced(const std::string& path) const { return synced_once_.contains(path); }
  // Whether the disk has what the file holds now.
  [[nodiscard]] bool synced(const std::string& path) const {
    const auto at = synced_once_.find(path);
    return at != synced_once_.end() && synced_.at(path) == read_whole(path);
  }

  // `kept`: how much of an unsynced end reaches the disk all the same, 0 to 1.
  void lose_unsynced(double kept) {
    for (const auto& [path, content] : synced_) {
      if (!std::filesystem::exists(path)) continue;
      const std::string now = read_whole(path);
      std::string after = content;
      if (now.size() > content.size() && now.starts_with(content))
        after += now.substr(content.size(),
                            static_cast<std::size_t>(kept * static_cast<double>(now.size() - content.size())));
      write_whole(path, after);
    }
    for (const std::string& name : unsynced_names_) std::filesystem::remove_all(name);
    if (kept < 0.5)
      for (const auto& [path, old] : replaced_) write_whole(path, old);
  }

 protected:
  bool before(int n) override {
    if (n < cut_at_) return true;
    if (n == cut_at_) write_half();
    errno = EIO;
    return false;
  }

 private:
  int cut_at_;
  std::map<int, std::string> paths_;
  std::map<std::string, std::string> synced_, replaced_;
  std::set<std::string> unsynced_names_;
  std::set<std::string> synced_once_;
};

}  // namespace nw::record::test
