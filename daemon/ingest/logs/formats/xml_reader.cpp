#include "ingest/logs/formats/xml_reader.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace nw::logs {

namespace {

void skip_space(std::string_view& text) {
  while (!text.empty() && ascii_space(text.front())) text.remove_prefix(1);
}

constexpr std::string_view kCdata = "<![CDATA[", kComment = "<!--";

struct Entity {
  std::string_view name;
  char character;
};
constexpr auto kEntities =
    std::to_array<Entity>({{"amp", '&'}, {"apos", '\''}, {"gt", '>'}, {"lt", '<'}, {"quot", '"'}});
constexpr std::size_t kReferenceBytesMax = 12;  // "&#x0010FFFF;"

// UTF-8 of a code point, RFC 3629 section 3; what is none is U+FFFD.
std::size_t put_utf8(std::uint32_t code, char* to) noexcept {
  if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) code = 0xfffd;
  const auto put = [&](std::uint32_t byte) { *to++ = static_cast<char>(static_cast<unsigned char>(byte)); };
  if (code < 0x80) {
    put(code);
    return 1;
  }
  if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
    return 2;
  }
  if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
    return 3;
  }
  put(0xf0 | code >> 18);
  put(0x80 | (code >> 12 & 0x3f));
  put(0x80 | (code >> 6 & 0x3f));
  put(0x80 | (code & 0x3f));
  return 4;
}

// What the reference between '&' and ';' stands for, to `to`; the bytes written, 0 when it is none. It is never longer
// than the reference: at worst three bytes for "&#0;".
std::size_t dereference(std::string_view name, char* to) noexcept {
  if (name.starts_with('#')) {
    name.remove_prefix(1);
    const bool hex = name.starts_with('x');
    if (hex) name.remove_prefix(1);
    std::uint32_t code = 0;
    const char* const end = name.data() + name.size();
    const auto [at, error] = std::from_chars(name.data(), end, code, hex ? 16 : 10);
    if (at != end || name.empty() || error == std::errc::invalid_argument) return 0;
    return put_utf8(error == std::errc{} ? code : 0, to);
  }
  const auto* const found = std::ranges::find(kEntities, name, &Entity::name);
  if (found == kEntities.end()) return 0;
  *to = found->character;
  return 1;
}

}  // namespace

XmlReader::Token XmlReader::next() noexcept {
  if (failed_ != Token::end) return failed_;
  if (empty_) {
    empty_ = false;
    --depth_;
    return Token::close;
  }
  for (;;) {
    if (rest_.empty()) return depth_ == 0 ? Token::end : fail(Token::cut);
    const std::size_t less = std::min(rest_.find('<'), rest_.size());
    raw_ = rest_.substr(0, less);
    rest_.remove_prefix(less);
    literal_ = false;
    // Outside the elements there is nothing to read: a byte order mark, line ends, what a viewer put there.
    if (!raw_.empty() && depth_ != 0) return Token::text;
    if (rest_.empty()) continue;
    if (const Token token = markup(); token != Token::end) return token;
  }
}

// At '<'. `end`: it was nothing to tell.
XmlReader::Token XmlReader::markup() noexcept {
  if (rest_.starts_with(kCdata)) return cdata();
  if (rest_.starts_with(kComment)) return skip_past(kComment.size(), "-->") ? Token::end : fail(Token::cut);
  if (rest_.starts_with("<?")) return skip_past(2, "?>") ? Token::end : fail(Token::cut);
  if (rest_.starts_with("<!"))  // a DTD has no place in an event
    return fail(kCdata.starts_with(rest_) || kComment.starts_with(rest_) ? Token::cut : Token::malformed);
  return rest_.starts_with("</") ? close() : open();
}

bool XmlReader::skip_past(std::size_t from, std::string_view end) noexcept {
  const std::size_t at = rest_.find(end, from);
  rest_.remove_prefix(at == std::string_view::npos ? rest_.size() : at + end.size());
  return at != std::string_view::npos;
}

XmlReader::Token XmlReader::cdata() noexcept {
  constexpr std::size_t kBegin = kCdata.size();
  const std::size_t end = rest_.find("]]>", kBegin);
  raw_ = rest_.substr(kBegin, end == std::string_view::npos ? end : end - kBegin);
  if (!skip_past(kBegin, "]]>")) return fail(Token::cut);
  if (depth_ == 0) return fail(Token::malformed);
  literal_ = true;
  return Token::text;
}

std::string_view XmlReader::take_name() noexcept {
  const auto ends = [](char c) { return ascii_space(c) || c == '/' || c == '>' || c == '=' || c == '<' || c == '"'; };
  std::size_t size = 0;
  while (size < rest_.size() && size <= kNameBytesMax && !ends(rest_[size])) ++size;
  const std::string_view name = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return name;
}

XmlReader::Token XmlReader::open() noexcept {
  rest_.remove_prefix(1);
  name_ = take_name();
  attribute_count_ = 0;
  if (rest_.empty()) return fail(Token::cut);
  if (name_.empty() || name_.size() > kNameBytesMax) return fail(Token::malformed);
  for (;;) {
    skip_space(rest_);
    if (rest_.empty()) return fail(Token::cut);
    if (rest_.front() == '>' || rest_.front() == '/') break;
    if (attribute_count_ == kAttributesMax) return fail(Token::too_deep);
    if (!attribute()) return fail(rest_.empty() ? Token::cut : Token::malformed);
  }
  empty_ = rest_.front() == '/';
  if (empty_) rest_.remove_prefix(1);
  if (rest_.empty()) return fail(Token::cut);
  if (rest_.front() != '>') return fail(Token::malformed);
  rest_.remove_prefix(1);
  if (depth_ == kDepthMax) return fail(Token::too_deep);
  open_[depth_++] = name_;
  return Token::open;
}

// NAME = "VALUE". Nothing is left when the text ends in it.
bool XmlReader::attribute() noexcept {
  const std::string_view name = take_name();
  skip_space(rest_);
  if (name.empty() || name.size() > kNameBytesMax || !rest_.starts_with('=')) return false;
  rest_.remove_prefix(1);
  skip_space(rest_);
  if (rest_.empty()) return false;
  const char quote = rest_.front();
  if (quote != '"' && quote != '\'') return false;
  rest_.remove_prefix(1);
  const std::size_t end = rest_.find(quote);
  if (end == std::string_view::npos) {
    rest_ = {};
    return false;
  }
  attributes_[attribute_count_++] = {name, rest_.substr(0, end)};
  rest_.remove_prefix(end + 1);
  return true;
}

XmlReader::Token XmlReader::close() noexcept {
  rest_.remove_prefix(2);
  name_ = take_name();
  skip_space(rest_);
  if (rest_.empty()) return fail(Token::cut);
  if (rest_.front() != '>' || depth_ == 0 || open_[depth_ - 1] != name_) return fail(Token::malformed);
  rest_.remove_prefix(1);
  --depth_;
  return Token::close;
}

std::size_t xml_decode(std::string_view raw, char* to) noexcept {
  char* const begin = to;
  while (!raw.empty()) {
    const std::size_t plain = raw.copy(to, raw.find('&'));
    to += plain;
    raw.remove_prefix(plain);
    if (raw.empty()) break;
    const std::size_t end = raw.substr(0, kReferenceBytesMax).find(';');
    const std::size_t made = end == std::string_view::npos ? 0 : dereference(raw.substr(1, end - 1), to);
    if (made == 0) *to = '&';
    to += made == 0 ? 1 : made;
    raw.remove_prefix(made == 0 ? 1 : end + 1);
  }
  return static_cast<std::size_t>(to - begin);
}

}  // namespace nw::logs
