#include "ingest/network/protocols/mime_header.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "ingest/network/protocols/http_head.h"
#include "ingest/network/protocols/words.h"

namespace nw::network {
namespace {

constexpr std::string_view kBlank = " \t";
constexpr unsigned kSectionsMax = 16;  // of one parameter

// In the order of the reader's Field.
constexpr auto kFields =
    std::to_array<std::string_view>({"Content-Type", "Content-Transfer-Encoding", "Content-Disposition"});

struct Parameter {
  std::string_view name;
  std::string value;
};

// The parameter behind the first `;` of `rest`; what was read is taken off.
std::optional<Parameter> take_parameter(std::string_view& rest) {
  const std::size_t begin = rest.find(';');
  if (begin == std::string_view::npos) return {};
  rest.remove_prefix(begin + 1);
  const std::size_t equals = rest.find_first_of("=;");
  if (equals == std::string_view::npos || rest[equals] == ';') return Parameter{};
  Parameter out{trim(rest.substr(0, equals)), {}};
  rest.remove_prefix(equals + 1);
  rest.remove_prefix(std::min(rest.find_first_not_of(kBlank), rest.size()));
  if (!rest.starts_with('"')) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    out.value = trim(rest.substr(0, end));
    rest.remove_prefix(end);
    return out;
  }
  rest.remove_prefix(1);
  while (!rest.empty() && rest.front() != '"') {
    if (rest.front() == '\\' && rest.size() > 1) rest.remove_prefix(1);
    out.value += rest.front();
    rest.remove_prefix(1);
  }
  return out;
}

std::optional<std::string> find_parameter(std::string_view field, std::string_view name) {
  while (auto parameter = take_parameter(field))
    if (same_word(parameter->name, name)) return std::move(parameter->value);
  return {};
}

// Latin-1 becomes UTF-8; what else is not UTF-8 stays as it is.
void append_text(std::string_view charset, std::string_view bytes, std::string& out) {
  if (!same_word(charset, "iso-8859-1") && !same_word(charset, "windows-1252")) {
    out += bytes;
    return;
  }
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (byte < 0x80) {
      out += c;
      continue;
    }
    out += static_cast<char>(0xc0U | byte >> 6U);
    out += static_cast<char>(0x80U | (byte & 0x3fU));
  }
}

std::string decoded(TransferEncoding encoding, std::string_view text) {
  TransferDecoder decoder;
  decoder.begin(encoding);
  std::string out;
  const auto append = [&](Bytes bytes) { out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size()); };
  Bytes in{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  while (!in.empty()) append(decoder.decode(in));
  append(decoder.end());
  return out;
}

// =?charset?B?text?= at the front of `text` (RFC 2047 section 2) goes behind `out`, and is taken off.
bool take_encoded_word(std::string_view& text, std::string& out) {
  std::string_view rest = text.substr(2);
  const std::size_t charset_end = rest.find('?');
  if (charset_end == std::string_view::npos || rest.size() < charset_end + 3 || rest[charset_end + 2] != '?')
    return false;
  std::string_view charset = rest.substr(0, charset_end);
  charset = charset.substr(0, charset.find('*'));  // `*` begins a language
  const char encoding = ascii_lower(rest[charset_end + 1]);
  if (encoding != 'b' && encoding != 'q') return false;
  rest.remove_prefix(charset_end + 3);
  const std::size_t end = rest.find("?=");
  if (end == std::string_view::npos) return false;
  std::string word;
  // Written out, as a blank at the end would be taken for the transport's.
  for (const char c : rest.substr(0, end))
    word += encoding == 'q' && c == '_' ? std::string_view{"=20"} : std::string_view{&c, 1};
  append_text(charset, decoded(encoding == 'b' ? TransferEncoding::base64 : TransferEncoding::quoted_printable, word),
              out);
  text = rest.substr(end + 2);
  return true;
}

// Blanks between two encoded words are not part of the text.
std::string words_decoded(std::string_view text) {
  std::string out;
  bool behind_word = false;
  const std::size_t last_end = text.rfind("?=");
  const std::size_t all = text.size();
  while (!text.empty()) {
    // Behind the last end no word can be: to look for one behind each beginning would cost the square.
    const bool may_come = last_end != std::string_view::npos && all - text.size() < last_end;
    const std::size_t word = may_come ? std::min(text.find("=?"), text.size()) : text.size();
    const std::string_view before = text.substr(0, word);
    text.remove_prefix(word);
    std::string decoded_word;
    const bool is_word = !text.empty() && take_encoded_word(text, decoded_word);
    if (!is_word || !behind_word || before.find_first_not_of(kBlank) != std::string_view::npos) out += before;
    if (!is_word && !text.empty()) {
      out += text.substr(0, 2);
      text.remove_prefix(2);
    }
    out += decoded_word;
    behind_word = is_word;
  }
  return out;
}

// charset'language'text%20more (RFC 2231 section 4).
void append_extended(std::string value, std::string& charset, bool first, std::string& out) {
  if (first) {
    const std::size_t quote = value.find('\''), end = value.find('\'', std::min(quote, value.size() - 1) + 1);
    if (quote != std::string::npos && end != std::string::npos) {
      charset = value.substr(0, quote);
      value.erase(0, end + 1);
    }
  }
  append_text(charset, http_unescaped(value), out);
}

}  // namespace

std::string mime_parameter(std::string_view field, std::string_view name) {
  const std::string begin = std::string{name} + "*";
  std::string charset, out;
  if (auto whole = find_parameter(field, begin); whole && !whole->empty()) {
    append_extended(std::move(*whole), charset, true, out);
    return out;
  }
  for (unsigned section = 0; section < kSectionsMax; ++section) {
    const std::string part = begin + std::to_string(section);
    if (auto plain = find_parameter(field, part))
      out += *plain;
    else if (auto extended = find_parameter(field, part + "*"); extended && !extended->empty())
      append_extended(std::move(*extended), charset, section == 0, out);
    else
      break;
  }
  if (!out.empty()) return out;
  return words_decoded(find_parameter(field, name).value_or(std::string{}));
}

void MimeHeaderReader::line(std::string_view text) {
  if (text.front() != ' ' && text.front() != '\t') {
    take();
    const std::size_t colon = std::min(text.find(':'), text.size());
    const std::string_view name = trim(text.substr(0, colon));
    const auto known = std::ranges::find_if(kFields, [&](std::string_view field) { return same_word(field, name); });
    field_ = static_cast<Field>(known - kFields.begin());
    text.remove_prefix(std::min(colon + 1, text.size()));
  }
  if (field_ == Field::other) return;
  const std::size_t left = kFieldBytesMax - value_.size();
  cut_ = cut_ || text.size() > left;
  value_ += text.substr(0, left);
}

// The field that has been gathered is whole.
void MimeHeaderReader::take() {
  const std::string_view value = trim(value_);
  switch (field_) {
    case Field::type: content_type(value); break;
    case Field::encoding: content_.encoding = transfer_encoding(value); break;
    case Field::disposition: content_.name = mime_parameter(value, "filename"); break;
    case Field::other: break;
  }
  field_ = Field::other;
  value_.clear();
}

void MimeHeaderReader::content_type(std::string_view value) {
  content_.message = starts_with_word(value, "message/rfc822") || starts_with_word(value, "message/global");
  content_.boundary.clear();
  type_name_ = mime_parameter(value, "name");
  if (!starts_with_word(value, "multipart/")) return;
  content_.boundary = find_parameter(value, "boundary").value_or(std::string{});
  if (content_.boundary.size() <= kBoundaryMax) return;
  content_.boundary.clear();
  cut_ = true;
}

MimeContent MimeHeaderReader::end() {
  take();
  if (content_.name.empty()) content_.name = std::move(type_name_);
  MimeContent out = std::move(content_);
  content_ = {};
  type_name_.clear();
  return out;
}

}  // namespace nw::network
