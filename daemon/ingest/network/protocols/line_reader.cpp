#include "ingest/network/protocols/line_reader.h"

#include <algorithm>

namespace nw::network {
namespace {

// Bytes up to and with the first line end; 0: there is none.
std::size_t through_line_end(Bytes bytes) {
  // Behind the last one npos is followed by 0.
  return std::string_view{reinterpret_cast<const char*>(bytes.data()), bytes.size()}.find('\n') + 1;
}

}  // namespace

std::optional<LineReader::Line> LineReader::next(ByteReader& reader) {
  if (skipping_) {
    const std::size_t skip = through_line_end(reader.rest());
    reader.bytes(skip == 0 ? reader.rest().size() : skip);
    if (skip == 0) return {};
    skipping_ = false;
  }
  const Bytes head = reader.rest().first(std::min(reader.rest().size(), bytes_max_));
  const std::size_t whole = through_line_end(head);
  if (whole == 0) {
    if (head.size() < bytes_max_) return {};
    skipping_ = true;
    return Line{reader.bytes(bytes_max_), true};
  }
  Bytes text = reader.bytes(whole).first(whole - 1);
  if (!text.empty() && text.back() == '\r') text = text.first(text.size() - 1);
  return Line{text, false};
}

FirstLine::FirstLine(Bytes stream) {
  const std::size_t end = through_line_end(stream.first(std::min(stream.size(), kBytesMax)));
  whole_ = end != 0 || stream.size() >= kBytesMax;
  Bytes line = end != 0 ? stream.first(end - 1) : stream.first(std::min(stream.size(), kBytesMax));
  if (!line.empty() && line.back() == '\r') line = line.first(line.size() - 1);
  text_.append_escaped(line);
}

}  // namespace nw::network
