// FTP's data connections (RFC 959 section 3): nothing but the bytes of one file, one way, until the connection ends.
// The control connection (ftp.cpp) announces each; they have no form of their own and are never probed for.
//
// One `files` event per connection, listings of directories too, as in Zeek's files.log.
#include <array>
#include <string>

#include "ingest/network/protocols/file_reader.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

namespace {

constexpr std::array<event::TypeSpec, 1> kTypes{kFilesType};

class FtpDataAnalyzer final : public Analyzer {
 public:
  void expected(std::string_view note) override { name_ = note; }

  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    FileReader& file = files_[static_cast<std::size_t>(direction)];
    if (!file.is_open()) {
      file.begin({0, "FTP_DATA", direction, 0}, ++count_, context);
      file.set_name(name_);
    }
    file.data(bytes, context);
    return bytes.size();
  }

  void gap(std::uint64_t bytes, Direction direction, Context& context) override {
    files_[static_cast<std::size_t>(direction)].gap(bytes, context);
  }

  void finish(Context& context) override {
    for (FileReader& file : files_) file.end(context);
  }

 private:
  std::array<FileReader, 2> files_;  // by direction; only one of them has a file, if all is well
  std::uint32_t count_ = 0;
  std::string name_;
};

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<FtpDataAnalyzer>(); }

}  // namespace

Protocol ftp_data_protocol() {
  Protocol p;
  p.name = "ftp-data";
  p.help = "FTP's data connections: the files themselves";
  p.types = kTypes;
  p.tcp = true;
  p.make = make;
  return p;
}

}  // namespace nw::network
