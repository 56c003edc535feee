// A file that a protocol carries: its kind, size and, when asked for, SHA-256; one `files` event as in Zeek's
// files.log. Fed with bytes and gaps as they pass by; nothing of it is kept but its first bytes until they were judged.
#pragma once

#include <array>
#include <memory>
#include <openssl/evp.h>
#include <optional>
#include <string>

#include "ingest/network/protocols/mime.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

enum FileField : std::size_t {
  kFileUid,
  kFileCarrier,
  kFileDepth,
  kFileMimeType,
  kFileName,
  kFileDuration,
  kFileIsOrig,
  kFileSeenBytes,
  kFileTotalBytes,
  kFileMissingBytes,
  kFileSha256,
  kFileEncoding,
  kFileDecoded,
};

inline constexpr auto kFilesFields = std::to_array<event::FieldSpec>({
    {"fuid", "text", "identifier of this file, as other events name it (`resp_fuids` of `http`)"},
    {"carrier", "text",
     "what carried it, in capitals: HTTP, SMB, FTP_DATA, SMTP; `source` in Zeek, whose name is taken (ours)"},
    {"depth", "integer", "0: carried by the protocol itself; 1: in another file, and so on"},
    {"mime_type", "text", "what it is by its first bytes; absent when unknown"},
    {"filename", "text", "its name, when the protocol tells one"},
    {"duration", "interval", "from its first byte to its last"},
    {"is_orig", "boolean", "the originator sent it"},
    {"seen_bytes", "integer", "octets that the capture holds of it"},
    {"total_bytes", "integer", "octets that it should have, when the protocol tells"},
    {"missing_bytes", "integer", "octets of it that the capture lost"},
    {"sha256", "text", "SHA-256 of it, in hexadecimal; absent when some of it is missing"},
    {"encoding", "text", "how it was encoded on its way: gzip, deflate, br, ...; absent when it was not (ours)"},
    {"decoded", "text",
     "of an encoded one: all: what is told is of the file itself; part: of its beginning, as its end is lost, broken "
     "or "
     "too much; none: of its encoded octets (ours)"},
});
inline constexpr std::array<std::string_view, 1> kFilesService{"files"};
// A row for a protocol's types.
inline constexpr event::TypeSpec kFilesType{"files", "normwatch", kFilesService, kFilesService, kFilesFields, false};

class FileReader {
 public:
  static constexpr std::size_t kNameMax = 1024;  // octets of a name that are told

  struct Origin {
    std::size_t type = 0;      // of kFilesType among the protocol's types
    std::string_view carrier;  // a constant
    Direction direction = Direction::to_responder;
    unsigned depth = 0;
    bool secret = false;  // it may be a password: no digest is told
  };
  // What is told of an ended file elsewhere.
  struct Ended {
    std::uint32_t number = 0;  // 0: there was none
    std::string_view mime;     // empty: unknown
  };

  // A file begins; one that was open ends. `number` tells the files of a flow apart, from 1.
  void begin(const Origin& origin, std::uint32_t number, Context& context);
  [[nodiscard]] bool is_open() const noexcept { return number_ != 0; }
  // What the protocol says of the open file.
  void set_name(std::string_view name) {
    name_ = name.substr(0, kNameMax);
    name_readable_ = false;
  }
  // The same of a name that needs no escapes any more.
  void set_readable_name(std::string_view name) {
    set_name(name);
    name_readable_ = true;
  }
  void set_total(std::uint64_t bytes) noexcept { total_ = bytes; }
  // How it was encoded, and what of it was not any more; `decoded` is a constant.
  void set_encoding(std::string_view encoding, std::string_view decoded) {
    encoding_ = encoding;
    decoded_ = decoded;
  }
  // Its next bytes; bytes of it that are missing here. A gap of 0 bytes: what came is not what the file is.
  void data(Bytes bytes, Context& context);
  void gap(std::uint64_t bytes, Context& context);
  // The open file ends, if any: its event goes out.
  Ended end(Context& context);

 private:
  struct FreeDigest {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
  };
  void tell(std::string_view mime, Context& context);

  Origin origin_;
  std::uint32_t number_ = 0;  // 0: none is open
  std::string name_;
  bool name_readable_ = false;
  std::string encoding_;
  std::string_view decoded_;
  std::optional<std::uint64_t> total_;
  std::uint64_t seen_ = 0, missing_ = 0;
  Timestamp first_, last_;
  MimeSniffer sniffer_;
  bool digesting_ = false;
  std::unique_ptr<EVP_MD_CTX, FreeDigest> digest_;  // made for the first file whose digest is wanted
};

// Sets lists: the `fuid` of each of the flow's files, and what they are, as far as that is known.
void set_file_uids(EventWriter& out, std::size_t field, std::span<const FileReader::Ended> files);
void set_file_mimes(EventWriter& out, std::size_t field, std::span<const FileReader::Ended> files);

}  // namespace nw::network
