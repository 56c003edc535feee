// A mail as it passes by (RFC 5322 and 2045 to 2049): its header, and each part of its body as a file. Nothing is kept
// but the line that is being read.
// | header | empty line | body |; of a multipart the body is | -- boundary | part | -- boundary | part | -- boundary --
// |
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/network/protocols/file_reader.h"
#include "ingest/network/protocols/mail_header.h"
#include "ingest/network/protocols/mime_header.h"
#include "ingest/network/protocols/transfer_decoder.h"

namespace nw::network {

// What carries the mails of a flow.
struct MailCarrier {
  std::size_t type = 0;   // of kFilesType among the protocol's types
  std::string_view name;  // a constant
  Direction direction = Direction::to_responder;
  std::optional<std::size_t> link = std::nullopt;  // the field of its first type that names the files
};

class MailMessage {
 public:
  static constexpr std::size_t kLineMax = 2048;  // of a header; RFC 5322 section 2.1.1: 998
  static constexpr std::size_t kDepthMax = 8;    // multiparts and mails in one another
  static constexpr unsigned kPartsMax = 256;     // of one mail

  static constexpr std::size_t kToldMax = 64;  // files of one mail that ended() names

  explicit MailMessage(const MailCarrier& carrier) noexcept : carrier_{carrier} {}

  // Not a mail but what a form sends (RFC 7578), whose Content-Type is this: each field is a part. A part is a file as
  // it is, whatever is in it and however it says that it is encoded, which servers do not ask; fields without a file's
  // name have no digest, as passwords are among them. `files` numbers the carrier's files, and outlives the calls up to
  // end(). False: it is no form.
  bool begin_form(const MailCarrier& carrier, std::string_view content_type, std::uint32_t& files);

  // Its next bytes, in any pieces.
  void data(Bytes bytes, Context& context);
  // So many are missing here; 0: nobody knows how many, up to its end.
  void gap(std::uint64_t bytes, Context& context);
  // It is over. Afterwards only header(), ended() and cut() make sense, until clear() makes way for the flow's next
  // mail.
  void end(Context& context);
  void clear();

  // The files that it had.
  [[nodiscard]] std::span<const FileReader::Ended> ended() const noexcept { return ended_; }
  [[nodiscard]] const MailHeader& header() const noexcept { return header_.header(); }
  // Something was longer, deeper or more than its bound, and was cut or left out.
  [[nodiscard]] bool cut() const noexcept { return cut_ || header_.cut() || part_.cut(); }

 private:
  enum class State : std::uint8_t {
    header,   // of the mail or of a part
    content,  // of a part that is a file
    between,  // of a multipart what no part has: before the first, behind the last
  };
  struct Level {
    std::string boundary;
    std::size_t depth = 0;  // of its parts
  };

  void header_bytes(Bytes& bytes, Context& context);
  void header_line(std::string_view line, Context& context);
  void header_over(Context& context);
  void body_bytes(Bytes& bytes, Context& context);
  void body_line_begins(Bytes& bytes, Context& context);
  bool delimiter(std::string_view line, Context& context);
  void begin_part(std::size_t depth);
  void open_file(Context& context);
  void end_file(Context& context);
  void content(Bytes bytes, Context& context);
  void flush_line(Context& context);
  void write(Bytes bytes, Context& context);

  // Of a delimiter: its hyphens, and blanks that a relay may have put behind it.
  static constexpr std::size_t kDelimiterMax = MimeHeaderReader::kBoundaryMax + 32;

  MailCarrier carrier_;
  MailHeaderReader header_;
  MimeHeaderReader part_;
  TransferDecoder decoder_;
  FileReader file_;
  std::vector<Level> levels_;  // outermost first
  State state_ = State::header;
  std::string line_;         // of a header; of a body as long as it may be a delimiter
  std::string line_end_;     // the end of the last line of content: the next may show that it is the delimiter's
  std::string name_;         // of the part
  std::size_t depth_ = 0;    // of the part
  unsigned parts_ = 0;       // begun
  std::uint32_t files_ = 0;  // of all mails
  std::uint32_t* numbers_ = nullptr;  // null: those are the carrier's files
  std::vector<FileReader::Ended> ended_;
  bool within_line_ = false;  // of a body: what the line is, is known
  bool cut_ = false;
};

}  // namespace nw::network
