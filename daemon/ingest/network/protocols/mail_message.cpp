#include "ingest/network/protocols/mail_message.h"

#include <algorithm>
#include <utility>

#include "ingest/network/protocols/words.h"

namespace nw::network {
namespace {

std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
Bytes as_bytes(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view without_end(std::string_view line) {
  return line.substr(0, line.size() - (line.ends_with('\r') ? 1 : 0));
}

// How many bytes there are before the next line that begins with a hyphen; all, if there is none. Where bodies are long
// (Base64), they have no hyphens but those of their delimiters.
std::size_t before_hyphen(Bytes bytes) {
  const std::string_view text = as_text(bytes);
  std::size_t hyphen = text.find('-', 1);
  while (hyphen != std::string_view::npos && text[hyphen - 1] != '\n') hyphen = text.find('-', hyphen + 1);
  return std::min(hyphen, text.size());
}

}  // namespace

bool MailMessage::begin_form(const MailCarrier& carrier, std::string_view content_type, std::uint32_t& files) {
  clear();
  if (!starts_with_word(content_type, "multipart/form-data")) return false;
  line_.assign("Content-Type: ").append(content_type);
  part_.line(line_);
  line_.clear();
  MimeContent said = part_.end();
  if (said.boundary.empty()) return false;
  carrier_ = carrier;
  numbers_ = &files;
  header_.end();
  levels_.push_back({std::move(said.boundary), 1});
  // Nothing stands before a form's first delimiter. What does is told as a file: with a boundary that others read
  // otherwise all of the body would.
  state_ = State::content;
  decoder_.begin(TransferEncoding::none);
  return true;
}

void MailMessage::data(Bytes bytes, Context& context) {
  while (!bytes.empty() && (state_ != State::between || !levels_.empty())) {
    if (state_ == State::header)
      header_bytes(bytes, context);
    else
      body_bytes(bytes, context);
  }
}

void MailMessage::header_bytes(Bytes& bytes, Context& context) {
  std::string_view text = as_text(bytes);
  std::size_t newline = text.find('\n');
  // Lines that go on with a field that nobody reads are passed over.
  const bool passing = line_.empty() && !header_.takes_more() && !part_.takes_more();
  while (passing && newline != std::string_view::npos && is_blank(text.front())) {
    cut_ = cut_ || newline > kLineMax;
    text.remove_prefix(newline + 1);
    newline = text.find('\n');
  }
  const bool whole = newline != std::string_view::npos;
  std::string_view line = text.substr(0, newline);
  bytes = as_bytes(text.substr(line.size() + (whole ? 1 : 0)));
  const std::size_t left = kLineMax - line_.size();
  cut_ = cut_ || line.size() > left;
  line = line.substr(0, left);
  // Only the piece of a line is kept.
  if (whole && line_.empty()) return header_line(line, context);
  line_ += line;
  if (whole) header_line(std::exchange(line_, {}), context);
}

void MailMessage::header_line(std::string_view line, Context& context) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  const bool over = line.empty();
  // A part without a header's end is over all the same.
  if (!over && delimiter(line, context)) return;
  if (depth_ == 0 && !header_.over()) header_.line(line);
  if (over) return header_over(context);
  part_.line(line);
}

void MailMessage::header_over(Context& context) {
  MimeContent said = part_.end();
  const bool wanted = context.wants(carrier_.type) || (carrier_.link && context.wants(0, *carrier_.link));
  if (numbers_ == nullptr && !wanted) {
    state_ = State::between;  // and no multipart is known: the rest passes by
    return;
  }
  const bool deeper =
      numbers_ == nullptr && (!said.boundary.empty() || (said.message && said.encoding == TransferEncoding::none));
  within_line_ = false;
  line_end_.clear();
  if (deeper && depth_ < kDepthMax) {
    if (said.message) return begin_part(depth_ + 1);
    levels_.push_back({std::move(said.boundary), depth_ + 1});
    state_ = State::between;
    return;
  }
  cut_ = cut_ || deeper;
  state_ = State::content;
  name_ = std::move(said.name);
  decoder_.begin(numbers_ == nullptr ? said.encoding : TransferEncoding::none);
}

void MailMessage::begin_part(std::size_t depth) {
  depth_ = depth;
  state_ = State::header;
  if (++parts_ <= kPartsMax) return;
  cut_ = true;
  state_ = State::between;
}

void MailMessage::body_bytes(Bytes& bytes, Context& context) {
  if (!within_line_) body_line_begins(bytes, context);
  if (!within_line_ || bytes.empty()) return;
  const std::size_t end = levels_.empty() ? bytes.size() : before_hyphen(bytes);
  content(bytes.first(end), context);
  within_line_ = bytes[end - 1] != '\n';
  bytes = bytes.subspan(end);
}

// Gathers a line until it is known to be a delimiter or not.
void MailMessage::body_line_begins(Bytes& bytes, Context& context) {
  if (levels_.empty()) {
    within_line_ = true;
    return;
  }
  while (!bytes.empty()) {
    const auto byte = static_cast<char>(bytes.front());
    const bool may_be = line_.size() < 2 ? byte == '-' : line_.size() < kDelimiterMax;
    if (!may_be) return flush_line(context);
    bytes = bytes.subspan(1);
    if (byte != '\n') {
      line_ += byte;
      continue;
    }
    const std::string line = std::exchange(line_, {});
    if (delimiter(without_end(line), context)) return;
    content(as_bytes(line), context);
    content(as_bytes("\n"), context);
    return;
  }
}

// What was gathered is no delimiter.
void MailMessage::flush_line(Context& context) {
  content(as_bytes(line_), context);
  line_.clear();
  within_line_ = true;
}

// Whether the line ends a part. The innermost multipart that it could belong to counts; those within are over.
bool MailMessage::delimiter(std::string_view line, Context& context) {
  if (!line.starts_with("--")) return false;
  line.remove_prefix(2);
  line = line.substr(0, line.find_last_not_of(" \t") + 1);
  for (std::size_t i = levels_.size(); i-- > 0;) {
    const std::string& boundary = levels_[i].boundary;
    if (!line.starts_with(boundary)) continue;
    const std::string_view rest = line.substr(boundary.size());
    if (!rest.empty() && rest != "--") continue;
    const std::size_t depth = levels_[i].depth;
    line_end_.clear();  // it belongs to the delimiter
    end_file(context);
    part_.end();
    levels_.resize(rest.empty() ? i + 1 : i);
    within_line_ = false;
    state_ = State::between;
    if (rest.empty()) begin_part(depth);
    return true;
  }
  return false;
}

// Lines, or a part of one, with their ends.
void MailMessage::content(Bytes bytes, Context& context) {
  if (state_ != State::content || bytes.empty()) return;
  if (levels_.empty()) return write(bytes, context);
  // An end of a line waits, as does the half of one.
  if (line_end_ == "\r" && as_text(bytes) == "\n") {
    line_end_ += '\n';
    return;
  }
  write(as_bytes(line_end_), context);
  line_end_.clear();
  std::size_t end = bytes.size();
  if (bytes.back() == '\n') --end;
  if (end != 0 && bytes[end - 1] == '\r') --end;
  write(bytes.first(end), context);
  line_end_ += as_text(bytes.subspan(end));
}

void MailMessage::write(Bytes bytes, Context& context) {
  while (!bytes.empty()) {
    const Bytes octets = decoder_.decode(bytes);
    if (octets.empty()) continue;
    open_file(context);
    file_.data(octets, context);
  }
}

void MailMessage::open_file(Context& context) {
  if (file_.is_open()) return;
  const auto depth = static_cast<unsigned>(depth_);
  const bool secret = numbers_ != nullptr && name_.empty();
  std::uint32_t& number = numbers_ == nullptr ? files_ : *numbers_;
  file_.begin({carrier_.type, carrier_.name, carrier_.direction, depth, secret}, ++number, context);
  file_.set_name(name_);
}

void MailMessage::end_file(Context& context) {
  if (state_ != State::content) return;
  const Bytes rest = decoder_.end();
  if (!file_.is_open()) return;
  file_.data(rest, context);
  const FileReader::Ended ended = file_.end(context);
  if (ended_.size() < kToldMax) ended_.push_back(ended);
}

void MailMessage::gap(std::uint64_t bytes, Context& context) {
  // The empty line may be among what is lost, and what looks like a header's field then is none.
  header_.end();
  line_.clear();
  within_line_ = true;
  if (state_ == State::header) {
    part_.end();
    state_ = State::between;
  }
  if (state_ != State::content) return;
  write(as_bytes(line_end_), context);
  line_end_.clear();
  if (bytes != 0) open_file(context);
  file_.gap(decoder_.gap(bytes), context);
}

void MailMessage::end(Context& context) {
  if (state_ == State::header && !line_.empty()) header_line(std::exchange(line_, {}), context);
  header_.end();
  if (!line_.empty()) {
    const std::string line = std::exchange(line_, {});
    if (!delimiter(without_end(line), context)) content(as_bytes(line), context);
  }
  if (!line_end_.empty()) write(as_bytes(std::exchange(line_end_, {})), context);
  // A form says that it is over.
  if (numbers_ != nullptr && !levels_.empty()) file_.gap(0, context);
  end_file(context);
  state_ = State::between;
  levels_.clear();
}

void MailMessage::clear() {
  header_ = {};
  part_ = {};
  state_ = State::header;
  line_.clear();
  line_end_.clear();
  name_.clear();
  levels_.clear();
  ended_.clear();
  numbers_ = nullptr;
  depth_ = 0;
  parts_ = 0;
  within_line_ = cut_ = false;
}

}  // namespace nw::network
