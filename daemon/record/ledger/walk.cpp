#include "record/ledger/walk.h"

#include <fcntl.h>

#include "record/ledger/segment.h"

namespace nw::record {

Result<std::uint64_t> walk(const std::filesystem::path& directory, FunctionRef<void(std::string_view payload)> see) {
  FileOps& ops = system_files();
  const auto files = list_segments(directory / "journal");
  if (!files) return files.error();
  std::uint64_t entries = 0;
  for (std::size_t i = 0; i < files->size(); ++i) {
    const SegmentFile& file = (*files)[i];
    const std::string name = file.path.string();
    const auto fd = open_existing(ops, file.path, O_RDONLY);
    if (!fd) return fd.error();
    RecordReader reader{ops, *fd, name, 0, file.bytes};
    for (;;) {
      const auto step = reader.next();
      if (!step) return step.error();
      if (*step == RecordReader::Step::fault && i + 1 != files->size()) return damaged(name, reader.offset());
      if (*step != RecordReader::Step::record) break;
      see(reader.payload());
      ++entries;
    }
  }
  return entries;
}

}  // namespace nw::record
