// The body of an HTTP message as files, of any version: one file, or one for each field of a form. What
// Content-Encoding did is undone, so that the facts are of what was encoded (RFC 9110 section 8.4, RFC 7578).
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "ingest/network/protocols/file_reader.h"
#include "ingest/network/protocols/http_head.h"
#include "ingest/network/protocols/inflater.h"
#include "ingest/network/protocols/mail_message.h"

namespace nw::network {

// What the bodies of a flow share.
class HttpBodies {
 public:
  static constexpr std::size_t kFormsMax = 4;  // at a time

  // Null: too many are being read.
  std::unique_ptr<MailMessage> take_form();
  void give_back(std::unique_ptr<MailMessage> form) { spare_.push_back(std::move(form)); }

  std::uint32_t files = 0;  // of the flow, that began
  Inflater::Totals inflated;

 private:
  std::vector<std::unique_ptr<MailMessage>> spare_;
  std::size_t forms_ = 0;  // made
};

class HttpBody {
 public:
  // Whose types the protocol has where, and which field of the exchange's event tells what its files are.
  struct Place {
    std::size_t files_type = 0, type = 0, kind_field = 0;
    Direction direction = Direction::to_responder;
  };

  // The next message; what the last one had is forgotten.
  void clear();
  // Before its first bytes.
  void begin(const HttpHead& head, const Place& place, HttpBodies& flow, Context& context);
  [[nodiscard]] bool is_open() const noexcept { return open_; }
  void data(Bytes bytes, Context& context);
  void gap(std::uint64_t bytes, Context& context);
  void end(HttpBodies& flow, Context& context);
  // The files that it was.
  [[nodiscard]] std::span<const FileReader::Ended> ended() const noexcept { return ended_; }

 private:
  void begin_decoding(const HttpHead& head, bool kind_only, HttpBodies& flow, Context& context);
  void decode(Bytes bytes, Context& context);
  void put(Bytes bytes, Context& context);
  void stop(std::uint64_t lost, Context& context);

  FileReader file_;
  std::unique_ptr<MailMessage> form_;  // while one is read
  InflaterPool::Lease inflater_;       // while something is undone
  std::vector<FileReader::Ended> ended_;
  std::string encoding_;
  std::optional<std::uint64_t> length_;  // as the head says: of the encoded octets
  std::string_view decoded_;
  std::uint64_t enough_ = 0;  // octets that are worth undoing
  bool open_ = false;
  bool decoding_ = false;  // the bytes are encoded
  bool passing_ = false;   // nothing more of it is read
};

}  // namespace nw::network
