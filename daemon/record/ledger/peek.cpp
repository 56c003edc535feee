#include "record/ledger/peek.h"

#include <fcntl.h>

#include "record/ledger/segment.h"

namespace nw::record {

Result<std::vector<Entry>> peek(const std::filesystem::path& directory, std::span<const std::uint64_t> indices) {
  const auto files = list_segments(directory / "journal");
  if (!files) return files.error();
  FileOps& ops = system_files();
  std::vector<Entry> out;
  for (std::size_t i = 0; i < files->size() && out.size() < indices.size(); ++i) {
    const SegmentFile& file = (*files)[i];
    const bool last = i + 1 == files->size();
    if (!last && indices[out.size()] >= (*files)[i + 1].first) continue;
    const std::string name = file.path.string();
    const auto fd = open_existing(ops, file.path, O_RDONLY);
    if (!fd) return fd.error();
    RecordReader reader{ops, *fd, name, 0, file.bytes};
    for (std::uint64_t index = file.first; out.size() < indices.size(); ++index) {
      const auto step = reader.next();
      if (!step) return step.error();
      if (*step == RecordReader::Step::end) break;
      if (*step == RecordReader::Step::fault) {
        // At the very end a daemon may be writing just now.
        if (last) break;
        return damaged(name, reader.offset());
      }
      if (index == indices[out.size()]) out.push_back({index, std::string{reader.payload()}});
    }
  }
  if (out.size() < indices.size())
    return Error{Errc::not_found, directory.string() + ": entry " + std::to_string(indices[out.size()]) +
                                      " is not in the journal; was the ledger replaced?"};
  return out;
}

}  // namespace nw::record
