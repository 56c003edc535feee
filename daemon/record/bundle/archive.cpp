#include "record/bundle/archive.h"

#include <algorithm>
#include <archive.h>
#include <archive_entry.h>
#include <memory>
#include <optional>

#include "base/check.h"
#include "base/text.h"

namespace nw::bundle {

namespace {

constexpr std::size_t kBlock = 512, kEnd = 2 * kBlock;
constexpr mode_t kMode = 0644;
constexpr std::size_t kMagicAt = 257, kSumEndAt = 154;
constexpr std::string_view kSumEnd{"\0 ", 2};         // behind the six digits of the checksum
constexpr std::string_view kMagic{"ustar\00000", 8};  // with its version

struct FreeArchive {
  void operator()(archive* a) const noexcept { archive_free(a); }
};
struct FreeArchiveEntry {
  void operator()(archive_entry* e) const noexcept { archive_entry_free(e); }
};
using ArchivePtr = std::unique_ptr<archive, FreeArchive>;
using ArchiveEntryPtr = std::unique_ptr<archive_entry, FreeArchiveEntry>;

constexpr std::size_t padded(std::size_t size) { return (size + kBlock - 1) / kBlock * kBlock; }

Error no_bundle(std::string_view where, std::string_view why) {
  return Error{Errc::malformed, std::string{where} + (where.empty() ? "" : ": ") + std::string{why}};
}

la_ssize_t append_to(archive*, void* into, const void* from, std::size_t size) {
  static_cast<std::string*>(into)->append(static_cast<const char*>(from), size);
  return static_cast<la_ssize_t>(size);
}

// Why this header is not one of ours; empty: it is.
std::string_view odd_header(archive_entry* e, std::string_view header) {
  const auto said = [](const char* text) { return text != nullptr && *text != '\0'; };
  // libarchive takes every dialect of tar.
  if (header.substr(kMagicAt, kMagic.size()) != kMagic || header.substr(kSumEndAt, kSumEnd.size()) != kSumEnd)
    return "is stored in another way than POSIX ustar";
  if (archive_entry_filetype(e) != AE_IFREG || archive_entry_hardlink(e) != nullptr ||
      archive_entry_symlink(e) != nullptr)
    return "is no plain file";
  if (archive_entry_perm(e) != kMode || archive_entry_uid(e) != 0 || archive_entry_gid(e) != 0 ||
      archive_entry_mtime(e) != 0 || said(archive_entry_uname(e)) || said(archive_entry_gname(e)))
    return "has an owner, a mode or a time of its own";
  return {};
}

bool all_zero(std::string_view bytes) { return bytes.find_first_not_of('\0') == std::string_view::npos; }

// libarchive's words for what it could not read.
std::string told(archive* a) {
  const char* text = archive_error_string(a);
  return printable(text == nullptr ? "unreadable" : text, 128);
}

}  // namespace

bool is_path(std::string_view path) noexcept {
  if (path.empty() || path.size() > kPathBytesMax) return false;
  bool begins = true;
  for (const char c : path) {
    const bool word = ascii_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
    if (!word && (begins || (c != '.' && c != '/'))) return false;
    begins = c == '/';
  }
  return !begins;
}

Result<std::string> write_archive(const Files& files) {
  if (files.size() > kFilesMax)
    return Error{Errc::full, "more than " + std::to_string(kFilesMax) + " files are no bundle any more"};
  std::size_t size = kEnd;
  for (const auto& [path, bytes] : files) {
    if (!is_path(path)) return Error{Errc::invalid_argument, "'" + printable(path) + "' is no path of a bundle"};
    size += kBlock + padded(bytes.size());
    if (bytes.size() > kFileBytesMax || size > kArchiveBytesMax)
      return Error{Errc::full, "the bundle would be larger than " + std::to_string(kArchiveBytesMax >> 20U) +
                                   " MiB, or a file in it than " + std::to_string(kFileBytesMax >> 20U) +
                                   ": leave the evidence out and hand it over file by file"};
  }
  std::string out;
  out.reserve(size);
  const ArchivePtr a{archive_write_new()};
  const ArchiveEntryPtr e{archive_entry_new()};
  NW_CHECK(a && e);
  bool good = archive_write_set_format_ustar(a.get()) == ARCHIVE_OK &&
              archive_write_set_bytes_per_block(a.get(), 0) == ARCHIVE_OK &&
              archive_write_set_bytes_in_last_block(a.get(), 1) == ARCHIVE_OK &&
              archive_write_open(a.get(), &out, nullptr, append_to, nullptr) == ARCHIVE_OK;
  for (const auto& [path, bytes] : files) {
    if (!good) break;
    archive_entry_clear(e.get());
    archive_entry_set_pathname(e.get(), path.c_str());
    archive_entry_set_filetype(e.get(), AE_IFREG);
    archive_entry_set_perm(e.get(), kMode);
    archive_entry_set_mtime(e.get(), 0, 0);
    archive_entry_set_size(e.get(), static_cast<la_int64_t>(bytes.size()));
    good = archive_write_header(a.get(), e.get()) == ARCHIVE_OK &&
           archive_write_data(a.get(), bytes.data(), bytes.size()) == static_cast<la_ssize_t>(bytes.size());
  }
  good = good && archive_write_close(a.get()) == ARCHIVE_OK;
  if (!good) return Error{Errc::io, "the archive cannot be made: " + told(a.get())};
  NW_CHECK(out.size() == size);
  return out;
}

Result<Files> read_archive(std::string_view bytes) {
  if (bytes.size() > kArchiveBytesMax)
    return Error{Errc::full, "larger than " + std::to_string(kArchiveBytesMax >> 20U) + " MiB, so it is no bundle"};
  const ArchivePtr a{archive_read_new()};
  NW_CHECK(a);
  if (archive_read_support_format_tar(a.get()) != ARCHIVE_OK ||
      archive_read_open_memory(a.get(), bytes.data(), bytes.size()) != ARCHIVE_OK)
    return no_bundle({}, "no tar archive: " + told(a.get()));
  Files files;
  std::string last;
  std::size_t at = 0;  // where the next header has to be
  for (;;) {
    archive_entry* e = nullptr;
    const int got = archive_read_next_header(a.get(), &e);
    if (got == ARCHIVE_EOF) break;
    if (got != ARCHIVE_OK) return no_bundle(last.empty() ? "" : "behind " + last, "no tar archive: " + told(a.get()));
    const char* name = archive_entry_pathname(e);
    if (name == nullptr || !is_path(name))
      return no_bundle(last.empty() ? "" : "behind " + last,
                       "a file is called '" + printable(name == nullptr ? "" : name) + "', as none in a bundle is");
    std::string path{name};
    if (const std::string_view why = odd_header(e, bytes.substr(std::min(at, bytes.size()))); !why.empty())
      return no_bundle(path, why);
    if (!last.empty() && path <= last) return no_bundle(path, "stands behind " + last + ": out of order, or twice");
    const la_int64_t size = archive_entry_size(e);
    if (files.size() == kFilesMax || size < 0 || static_cast<std::uint64_t>(size) > kFileBytesMax)
      return Error{Errc::full, path + ": more files, or a larger one, than a bundle may have"};
    const std::size_t length = static_cast<std::size_t>(size), end = at + kBlock + padded(length);
    if (end + kEnd > bytes.size()) return no_bundle(path, "the archive is cut off here");
    std::string content(length, '\0');
    std::size_t filled = 0;
    while (filled < length) {
      const la_ssize_t part = archive_read_data(a.get(), content.data() + filled, length - filled);
      if (part <= 0) return no_bundle(path, "cannot be read: " + told(a.get()));
      filled += static_cast<std::size_t>(part);
    }
    // What libarchive passes over would be in the archive and not in the MANIFEST.
    const std::size_t pad = at + kBlock + length;
    if (bytes.substr(at + kBlock, length) != content || !all_zero(bytes.substr(pad, end - pad)))
      return no_bundle(path, "something lies between this file and the next one");
    at = end;
    last = path;
    files.emplace_hint(files.end(), std::move(path), std::move(content));
  }
  if (bytes.size() - at != kEnd || !all_zero(bytes.substr(at)))
    return no_bundle(last.empty() ? "" : "behind " + last, "the archive does not end as a bundle does");
  return files;
}

}  // namespace nw::bundle
