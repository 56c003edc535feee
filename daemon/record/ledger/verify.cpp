// What can be said about a journal without writing to it.
#include <algorithm>
#include <fcntl.h>
#include <system_error>

#include "record/ledger/ledger.h"
#include "record/ledger/segment.h"

namespace nw::record {

Result<std::vector<SegmentFile>> list_segments(const std::filesystem::path& journal) {
  std::vector<SegmentFile> files;
  std::error_code error;
  for (std::filesystem::directory_iterator at{journal, error}, end; !error && at != end; at.increment(error)) {
    const auto first = segment_first(at->path().filename().string());
    if (!first) continue;
    const std::uint64_t bytes = at->file_size(error);
    if (error) break;
    files.push_back({at->path(), *first, bytes});
  }
  if (error) return system_error(error.value(), journal.string() + ": cannot list");
  std::ranges::sort(files, {}, &SegmentFile::first);

  if (!files.empty() && files.front().first != 0)
    return Error{Errc::malformed, journal.string() + ": the journal begins at entry " +
                                      std::to_string(files.front().first) + ", not at 0: put the missing files back"};
  for (std::size_t i = 0; i + 1 < files.size(); ++i) {
    const std::uint64_t entries = files[i + 1].first - files[i].first, bytes = files[i].bytes;
    if (bytes / (kRecordHeaderBytes + kRecordPayloadMax) > entries || bytes / (kRecordHeaderBytes + 2) < entries)
      return Error{Errc::malformed, files[i].path.string() + ": has " + std::to_string(bytes) +
                                        " bytes, which cannot be the " + std::to_string(entries) +
                                        " entries before the next file: a file is missing or was cut; put it back"};
  }
  return files;
}

Result<std::uint64_t> verify(const std::filesystem::path& directory) {
  FileOps& ops = system_files();
  const auto files = list_segments(directory / "journal");
  if (!files) return files.error();
  std::uint64_t entries = 0;
  for (std::size_t i = 0; i < files->size(); ++i) {
    const SegmentFile& file = (*files)[i];
    const bool last = i + 1 == files->size();
    const std::string name = file.path.string();
    if (file.first != entries)
      return Error{Errc::malformed, name + ": begins at entry " + std::to_string(file.first) + ", but " +
                                        std::to_string(entries) + " entries stand before it"};
    const auto fd = open_existing(ops, file.path, O_RDONLY);
    if (!fd) return fd.error();
    const auto scan = scan_segment(ops, *fd, name, file.bytes);
    if (!scan) return scan.error();
    if (scan->fault) {
      if (!last) return damaged(name, scan->sound_bytes);
      const auto torn = is_torn_tail(ops, *fd, name, scan->sound_bytes, file.bytes);
      if (!torn) return torn.error();
      if (!*torn) return damaged(name, scan->sound_bytes);
    }
    entries += scan->entries;
  }
  return entries;
}

}  // namespace nw::record
