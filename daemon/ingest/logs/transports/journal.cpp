#include "ingest/logs/transports/journal.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "ingest/logs/transports/state_file.h"

namespace nw::logs {

namespace {

// Where journald keeps this machine's: Storage=volatile and persistent (journald.conf).
constexpr std::array<const char*, 2> kPlaces = {"/run/log/journal", "/var/log/journal"};
constexpr std::size_t kFilesLookedAt = 10'000;

constexpr std::size_t kFieldsMax = 1024;          // journald's own bound for an entry
constexpr std::size_t kFieldNameMax = 64;         // likewise
constexpr std::size_t kEntryBytesMax = 1U << 20;  // beyond it values come cut to
constexpr std::size_t kCrowdedBytesMax = 512;

constexpr std::string_view kMagic = "normwatch-journal-1 ";
constexpr std::string_view kWhat = "the journal's cursor";
constexpr std::size_t kCursorBytesMax = 512;  // they have about 150

std::string reason(int error) { return std::generic_category().message(error < 0 ? -error : error); }

struct Access {
  std::size_t readable = 0, not_readable = 0, unusable = 0;
  bool place_found = false;
  std::string not_readable_example, unusable_example;
};

// What is wrong with the file's head: it is damaged, or newer than this libsystemd. Empty: nothing.
std::string why_unusable(const std::string& path) {
  std::array<const char*, 2> paths{path.c_str(), nullptr};
  sd_journal* opened = nullptr;
  const int error = ::sd_journal_open_files(&opened, paths.data(), 0);
  ::sd_journal_close(opened);
  return error < 0 ? reason(error) : std::string{};
}

// libsystemd leaves out without a word what it may not or cannot open.
void look_at(const std::string& directory, int depth, std::size_t& left, Access& access) {
  const std::unique_ptr<DIR, int (*)(DIR*)> opened{::opendir(directory.c_str()), ::closedir};
  if (opened == nullptr) {
    if (errno != EACCES) return;
    ++access.not_readable;
    access.not_readable_example = directory;
    return;
  }
  while (const dirent* const entry = left > 0 ? ::readdir(opened.get()) : nullptr) {
    --left;
    const std::string_view name{entry->d_name};
    const std::string path = directory + '/' + entry->d_name;
    struct stat info {};
    if (name.ends_with(".journal") || name.ends_with(".journal~")) {
      const bool may = ::faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) == 0;
      ++(may ? access.readable : access.not_readable);
      if (!may) {
        access.not_readable_example = path;
      } else if (const std::string why = why_unusable(path); !why.empty()) {
        ++access.unusable;
        access.unusable_example = path + ": " + why;
      }
    } else if (depth > 0 && !name.starts_with('.') && ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
      look_at(path, depth - 1, left, access);
    }
  }
}

// Of the files that are there how many are left out.
Result<std::size_t> check_access(const std::string& directory) {
  std::vector<std::string> places{kPlaces.begin(), kPlaces.end()};
  if (!directory.empty()) places = {directory};
  Access access;
  std::size_t left = kFilesLookedAt;
  for (const std::string& place : places) {
    struct stat info {};
    if (::stat(place.c_str(), &info) != 0 && errno != EACCES) continue;
    access.place_found = true;
    look_at(place, 1, left, access);
  }
  const std::string name = directory.empty() ? "journald" : directory;
  if (!access.place_found)
    return Error{Errc::not_found, directory.empty()
                                      ? name +
                                            ": this machine has no journal: neither /run/log/journal nor "
                                            "/var/log/journal is there; is systemd-journald running, and Storage= not "
                                            "none?"
                                      : name + ": there is no such directory; mend the path"};
  if (access.not_readable > 0 && access.readable == 0)
    return Error{Errc::no_permission,
                 name + ": this user may not read the journal (" + access.not_readable_example +
                     "); let it into the group systemd-journal or adm, with SupplementaryGroups=systemd-journal in a "
                     "drop-in of the unit"};
  if (access.not_readable > 0)
    log_warning("journal_partly_unreadable",
                "some of the journal's files may not be read by this user and are left out; the groups systemd-journal "
                "and adm may read all",
                {{"files", std::to_string(access.not_readable)}, {"for_example", access.not_readable_example}});
  if (access.unusable > 0)
    log_warning("journal_files_unusable",
                "some of the journal's files are damaged, or of a newer form than this libsystemd reads, and are left "
                "out",
                {{"files", std::to_string(access.unusable)}, {"for_example", access.unusable_example}});
  if (access.readable == 0)
    log_warning("journal_empty", "the journal has no file yet; it is read when one appears", {{"journal", name}});
  return access.not_readable + access.unusable;
}

}  // namespace

bool is_journal_match(std::string_view text) {
  if (text == "+") return true;
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals > kFieldNameMax) return false;
  const std::string_view name = text.substr(0, equals);
  return !name.starts_with("__") && !ascii_digit(name.front()) &&
         std::ranges::all_of(name, [](char c) { return (c >= 'A' && c <= 'Z') || ascii_digit(c) || c == '_'; });
}

Result<std::optional<std::string>> load_journal_cursor(const std::string& path) {
  const auto text = read_state(path, kWhat, kMagic.size() + kCursorBytesMax);
  if (!text) return text.error();
  if (!*text) return std::optional<std::string>{};
  // Without its line end it is not whole.
  if (!(*text)->starts_with(kMagic) || !(*text)->ends_with('\n') || (*text)->size() < kMagic.size() + 2)
    return Error{Errc::malformed, path + ": is no journal cursor of normwatch; remove it to begin anew"};
  return std::optional{(*text)->substr(kMagic.size(), (*text)->size() - kMagic.size() - 1)};
}

Result<> save_journal_cursor(const std::string& path, const std::string& cursor) {
  return replace_state(path, kWhat, std::string{kMagic} + cursor + '\n');
}

Result<std::unique_ptr<Journal>> Journal::open(const std::string& directory, const std::vector<std::string>& matches,
                                               std::size_t value_bytes_max) {
  const std::string name = directory.empty() ? "journald" : directory;
  const auto left_out = check_access(directory);
  if (!left_out) return left_out.error();
  sd_journal* raw = nullptr;
  const int opened = directory.empty() ? ::sd_journal_open(&raw, SD_JOURNAL_LOCAL_ONLY)
                                       : ::sd_journal_open_directory(&raw, directory.c_str(), 0);
  if (opened < 0)
    return Error{opened == -EACCES || opened == -EPERM ? Errc::no_permission
                 : opened == -ENOTDIR                  ? Errc::invalid_argument
                                                       : Errc::unavailable,
                 name + ": cannot open the journal: " + reason(opened)};
  std::unique_ptr<Journal> journal{new Journal{raw, value_bytes_max}};
  journal->files_left_out_ = *left_out;
  // Compressed values are not unpacked further than they are of use; a byte more than that shows that they were cut.
  (void)::sd_journal_set_data_threshold(raw, value_bytes_max + kFieldNameMax + 2);
  for (const std::string& match : matches) {
    if (!is_journal_match(match))
      return Error{Errc::invalid_argument, name + ": not a match: '" + printable(match, 128) +
                                               "'; write FIELD=VALUE, for example _SYSTEMD_UNIT=ssh.service, or +"};
    const int added =
        match == "+" ? ::sd_journal_add_disjunction(raw) : ::sd_journal_add_match(raw, match.data(), match.size());
    if (added < 0)
      return Error{Errc::invalid_argument, name + ": the match '" + printable(match, 128) + "' is refused"};
  }
  // Before the first look at the entries, so that none falls between.
  journal->descriptor_ = ::sd_journal_get_fd(raw);
  if (journal->descriptor_ < 0)
    return Error{Errc::unavailable, name + ": cannot be watched: " + reason(journal->descriptor_) +
                                        "; the sysctl fs.inotify.max_user_instances may be too low"};
  return journal;
}

Journal::~Journal() { ::sd_journal_close(journal_); }

std::chrono::microseconds Journal::look_within(std::chrono::microseconds most) const {
  std::uint64_t at = 0;
  if (::sd_journal_get_timeout(journal_, &at) < 0 || at == UINT64_MAX) return most;
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now().time_since_epoch());  // CLOCK_MONOTONIC, as theirs
  const std::chrono::microseconds left{static_cast<std::int64_t>(std::min<std::uint64_t>(at, INT64_MAX)) - now.count()};
  return std::clamp<std::chrono::microseconds>(left, std::min(most, std::chrono::microseconds{10'000}), most);
}

int Journal::process() { return std::min(::sd_journal_process(journal_), 0); }

void Journal::seek_start() { (void)::sd_journal_seek_head(journal_); }

std::string Journal::seek_end() {
  char* raw = nullptr;
  if (::sd_journal_seek_tail(journal_) < 0 || ::sd_journal_previous(journal_) <= 0 ||
      ::sd_journal_get_cursor(journal_, &raw) < 0) {
    // All that comes now is new.
    seek_start();
    return std::string{kFromStart};
  }
  const std::unique_ptr<char, decltype(&std::free)> held{raw, std::free};
  return raw;
}

Result<> Journal::seek(const std::string& cursor) {
  if (cursor == kFromStart) {
    seek_start();
    return {};
  }
  const int found = ::sd_journal_seek_cursor(journal_, cursor.c_str());
  if (found < 0) return Error{Errc::malformed, "'" + printable(cursor, 200) + "' is no cursor: " + reason(found)};
  return {};
}

int Journal::next() { return ::sd_journal_next(journal_); }

bool Journal::is_at(const std::string& cursor) const { return ::sd_journal_test_cursor(journal_, cursor.c_str()) > 0; }

const JournalEntry* Journal::read(bool all, int& fault) {
  char* raw = nullptr;
  fault = ::sd_journal_get_cursor(journal_, &raw);
  const std::unique_ptr<char, decltype(&std::free)> held{raw, std::free};
  if (fault >= 0) fault = ::sd_journal_get_realtime_usec(journal_, &entry_.realtime_us);
  if (fault < 0) return nullptr;
  cursor_ = raw;
  text_.clear();
  spans_.clear();
  entry_.fields.clear();
  entry_.cut = false;
  entry_.monotonic_us = 0;
  sd_id128_t boot{};
  if (::sd_journal_get_monotonic_usec(journal_, &entry_.monotonic_us, &boot) < 0) boot = {};
  std::array<char, SD_ID128_STRING_MAX> digits{};
  boot_id_ = ::sd_id128_to_string(boot, digits.data());

  const void* data = nullptr;
  std::size_t size = 0;
  ::sd_journal_restart_data(journal_);
  while ((fault = ::sd_journal_enumerate_available_data(journal_, &data, &size)) > 0)
    take({static_cast<const char*>(data), size}, all);
  if (fault < 0) entry_.cut = true;
  entry_.cursor = cursor_;
  entry_.boot_id = boot_id_;
  const std::string_view text = text_;
  for (const Span& span : spans_)
    entry_.fields.push_back(
        {text.substr(span.at, span.name_bytes), text.substr(span.at + span.name_bytes, span.value_bytes)});
  return &entry_;
}

// What libsystemd shows is gone with its next call.
void Journal::take(std::string_view data, bool all) {
  const std::size_t equals = data.find('=');
  if (equals == std::string_view::npos || equals > kFieldNameMax) return;
  const std::string_view name = data.substr(0, equals);
  std::string_view value = data.substr(equals + 1);
  if (!all && !journal_syslog_reads(name)) return;
  if (spans_.size() == kFieldsMax) {
    entry_.cut = true;
    return;
  }
  const std::size_t most =
      text_.size() < kEntryBytesMax ? value_bytes_max_ : std::min(value_bytes_max_, kCrowdedBytesMax);
  if (value.size() > most) {
    entry_.cut = true;
    value = value.substr(0, most);
  }
  spans_.push_back({text_.size(), name.size(), value.size()});
  text_ += name;
  text_ += value;
}

}  // namespace nw::logs
