#include "ingest/network/protocols/redis_resp.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace nw::network {

namespace {

std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

bool is_one_of(char type, std::string_view types) { return types.find(type) != std::string_view::npos; }

// A length or a count: at most `most`, or -1 for null.
bool read_number(Bytes line, std::uint64_t most, bool& null, std::uint64_t& out) {
  const std::string_view text = as_text(line);
  null = text == "-1";
  if (null) return true;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), out);
  return fault == std::errc{} && end == text.data() + text.size() && out <= most;
}

}  // namespace

RespReader::Got RespReader::next(ByteReader& reader, RespElement& out, bool from_client) {
  const auto passed = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, reader.rest().size()));
  reader.bytes(passed);
  skip_ -= passed;
  if (skip_line_) pass_line(reader);
  const Bytes rest = reader.rest();
  if (skip_ != 0 || rest.empty()) return Got::more;

  out = {};
  const auto type = static_cast<char>(rest.front());
  const bool plain = from_client && depth_ == 0 && type != '*';
  if (!plain && !is_one_of(type, from_client ? "*$" : "+-:_#,($=!*~%>|")) return fault(DecodeError::bad_value);
  const bool loose = from_client && !plain;
  const auto size = static_cast<std::size_t>(std::ranges::find(rest, loose ? '\r' : '\n') - rest.begin());
  if (size > kLineMax) return plain ? long_line(reader, out) : fault(DecodeError::too_long);
  ByteReader ahead = reader;
  ahead.bytes(size + (loose ? 2 : 1));
  if (!ahead.ok()) return Got::more;
  Bytes line = rest.first(size);
  if (!line.empty() && line.back() == '\r') line = line.first(size - 1);

  out.type = plain ? 'i' : type;
  out.depth = depth_;
  out.attribute =
      type == '|' ||
      std::ranges::any_of(levels_.begin(), levels_.begin() + static_cast<std::ptrdiff_t>(depth_), &Level::attribute);
  if (!plain && !line.empty()) line = line.subspan(1);
  out.text = line.first(std::min(line.size(), kTextMax));
  Got got = Got::element;
  std::uint64_t number = 0;
  if (!plain && is_one_of(type, "$=!")) {
    if (!read_number(line, kBulkMax, out.null, number)) return fault(DecodeError::bad_value);
    out.text = {};
    if (!out.null) got = bulk(ahead, number, from_client, out);
  } else if (!plain && is_one_of(type, "*~%>|")) {
    if (!read_number(line, kCountMax, out.null, out.count)) return fault(DecodeError::bad_value);
    out.text = {};
    got = enter(out);
    if (got == Got::element) reader = ahead;
    return got;
  }
  if (got != Got::element) return got;
  out.null = out.null || type == '_';
  reader = ahead;
  leave();
  return got;
}

// A client's plain line goes on for longer than is kept.
RespReader::Got RespReader::long_line(ByteReader& reader, RespElement& out) {
  out.type = 'i';
  out.text = reader.rest().first(kTextMax);
  skip_line_ = true;
  pass_line(reader);
  return Got::element;
}

void RespReader::pass_line(ByteReader& reader) {
  const Bytes rest = reader.rest();
  const auto end = std::ranges::find(rest, '\n');
  skip_line_ = end == rest.end();
  reader.bytes(static_cast<std::size_t>(end - rest.begin()) + (skip_line_ ? 0 : 1));
}

RespReader::Got RespReader::bulk(ByteReader& reader, std::uint64_t size, bool from_client, RespElement& out) {
  constexpr std::size_t kEnd = 2;  // \r\n
  if (size > kTextMax) {
    out.text = reader.bytes(kTextMax);
    if (!reader.ok()) return Got::more;
    skip_ = size - kTextMax + kEnd;
    return Got::element;
  }
  out.text = reader.bytes(size);
  const Bytes end = reader.bytes(kEnd);
  if (!reader.ok()) return Got::more;
  return from_client || (end[0] == '\r' && end[1] == '\n') ? Got::element : fault(DecodeError::bad_value);
}

RespReader::Got RespReader::enter(RespElement& out) {
  const bool attribute = out.type == '|';
  if (out.type == '%' || attribute) out.count *= 2;
  // An attribute is no element itself: what it is about follows.
  after_attribute_ = attribute;
  if (out.count == 0) {
    if (!attribute) leave();
    return Got::element;
  }
  if (depth_ == kDepthMax) return fault(DecodeError::limit);
  levels_[depth_++] = {out.count, attribute};
  return Got::element;
}

void RespReader::leave() noexcept {
  after_attribute_ = false;
  while (depth_ != 0 && --levels_[depth_ - 1].left == 0) {
    --depth_;
    if (!levels_[depth_].attribute) continue;
    after_attribute_ = true;
    return;
  }
}

}  // namespace nw::network
