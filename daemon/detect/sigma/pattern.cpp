#include "detect/sigma/pattern.h"

#include <algorithm>
#include <span>

#include "base/text.h"
#include "detect/sigma/fold.h"

namespace nw::sigma {

namespace {

using Part = Pattern::Part;
using Kind = Pattern::Kind;
constexpr std::size_t kNone = std::string_view::npos;

// `\w` as Python has it for text; above ASCII, what is no letter there is punctuation or a Latin-1 sign.
bool word(CodePoint point) noexcept {
  const char32_t c = point.value;
  if (!point.valid) return false;
  if (c < 0x80) {
    const char a = ascii_lower(static_cast<char>(c));
    return ascii_digit(a) || (a >= 'a' && a <= 'z') || a == '_';
  }
  if (c < 0xc0) return c == 0xaa || c == 0xb5 || c == 0xba || c == 0xb2 || c == 0xb3 || c == 0xb9;
  return c != 0xd7 && c != 0xf7 && !(c >= 0x2000 && c <= 0x206f) && !(c >= 0x2190 && c <= 0x2bff) &&
         !(c >= 0x3000 && c <= 0x3004) && !(c >= 0x3008 && c <= 0x3020);
}

bool is_dash(CodePoint point) noexcept {
  const char32_t c = point.value;
  return point.valid && (c == '-' || c == '/' || c == 0x2013 || c == 0x2014 || c == 0x2015);
}

// The end of `part` when it fits at `at`, or kNone.
std::size_t step(const Part& part, std::string_view subject, std::size_t at) noexcept {
  if (part.kind == Kind::literal) return subject.substr(at).starts_with(part.text) ? at + part.text.size() : kNone;
  if (at >= subject.size()) return kNone;
  const CodePoint point = decode(subject.substr(at));
  if (part.kind == Kind::dash && !is_dash(point)) return kNone;
  return at + point.length;
}

// The end of a run of parts without `*` that starts at `at`, or kNone.
std::size_t run(std::span<const Part> parts, std::string_view subject, std::size_t at) noexcept {
  for (const Part& part : parts) {
    at = step(part, subject, at);
    if (at == kNone) return kNone;
  }
  return at;
}

// The end of the first place from `at` on where the run fits, or kNone.
std::size_t find(std::span<const Part> parts, std::string_view subject, std::size_t at) noexcept {
  if (parts.empty()) return at;
  while (at <= subject.size()) {
    if (parts.front().kind == Kind::literal) {
      at = subject.find(parts.front().text, at);
      if (at == kNone) return kNone;
    }
    if (const std::size_t end = run(parts, subject, at); end != kNone) return end;
    if (at >= subject.size()) return kNone;
    at += decode(subject.substr(at)).length;
  }
  return kNone;
}

// Whether the run fits so that it ends where the subject ends. Runs with `?` have no fixed length in bytes, so the
// start is found backwards, code point by code point.
bool ends(std::span<const Part> parts, std::string_view subject, std::size_t from) noexcept {
  for (std::size_t left = parts.size(); left > 0; --left) {
    const Part& part = parts[left - 1];
    if (part.kind == Kind::literal) {
      if (subject.size() - from < part.text.size() || !subject.ends_with(part.text)) return false;
      subject.remove_suffix(part.text.size());
      continue;
    }
    if (subject.size() <= from) return false;
    std::size_t length = 1;
    for (std::size_t n = 2; n <= std::min<std::size_t>(4, subject.size() - from); ++n) {
      const CodePoint point = decode(subject.substr(subject.size() - n));
      if (point.valid && point.length == n) length = n;
    }
    if (part.kind == Kind::dash && !is_dash(decode(subject.substr(subject.size() - length)))) return false;
    subject.remove_suffix(length);
  }
  return true;
}

}  // namespace

void Pattern::add_literal(std::string_view text) {
  if (text.empty()) return;
  if (!parts_.empty() && parts_.back().kind == Kind::literal)
    parts_.back().text += text;
  else
    parts_.push_back({Kind::literal, std::string{text}});
}

Pattern Pattern::parse(std::string_view written) {
  Pattern out;
  for (std::size_t i = 0; i < written.size(); ++i) {
    const char c = written[i];
    const char next = i + 1 < written.size() ? written[i + 1] : '\0';
    if (c == '\\' && (next == '*' || next == '?' || next == '\\')) {
      out.add_literal(written.substr(i + 1, 1));
      ++i;
    } else if (c == '*') {
      if (out.parts_.empty() || out.parts_.back().kind != Kind::many) out.add(Kind::many);
    } else if (c == '?') {
      out.add(Kind::one);
    } else {
      out.add_literal(written.substr(i, 1));
    }
  }
  return out;
}

Pattern Pattern::literal(std::string_view text) {
  Pattern out;
  out.add_literal(text);
  return out;
}

Pattern Pattern::of(std::vector<Part> parts) {
  Pattern out;
  out.parts_ = std::move(parts);
  return out;
}

bool Pattern::plain() const noexcept {
  return parts_.empty() || (parts_.size() == 1 && parts_.front().kind == Kind::literal);
}

std::string_view Pattern::plain_text() const noexcept {
  return parts_.empty() ? std::string_view{} : parts_.front().text;
}

std::size_t Pattern::wildcards() const noexcept {
  return static_cast<std::size_t>(
      std::ranges::count_if(parts_, [](const Part& part) { return part.kind != Kind::literal; }));
}

std::size_t Pattern::bytes() const noexcept {
  std::size_t total = 0;
  for (const Part& part : parts_) total += part.text.size();
  return total;
}

void Pattern::append(const Pattern& tail) {
  for (const Part& part : tail.parts_) {
    if (part.kind == Kind::literal)
      add_literal(part.text);
    else if (part.kind != Kind::many || parts_.empty() || parts_.back().kind != Kind::many)
      add(part.kind);
  }
}

void Pattern::open_front() {
  if (parts_.empty() || parts_.front().kind != Kind::many) parts_.insert(parts_.begin(), {Kind::many, {}});
}

void Pattern::open_back() {
  if (parts_.empty() || parts_.back().kind != Kind::many) add(Kind::many);
}

void Pattern::widen_dashes() {
  Pattern out;
  for (const Part& part : parts_) {
    if (part.kind != Kind::literal) {
      out.parts_.push_back(part);
      continue;
    }
    const std::string_view text = part.text;
    bool after_word = false;
    for (std::size_t i = 0; i < text.size();) {
      const CodePoint point = decode(text.substr(i));
      const bool place = (point.value == '-' || point.value == '/') && !after_word && i + 1 < text.size() &&
                         word(decode(text.substr(i + 1)));
      if (place)
        out.add(Kind::dash);
      else
        out.add_literal(text.substr(i, point.length));
      after_word = word(point);
      i += point.length;
    }
  }
  *this = std::move(out);
}

void Pattern::fold() {
  for (Part& part : parts_)
    if (part.kind == Kind::literal) part.text = folded(part.text);
}

bool Pattern::match(std::string_view subject) const noexcept {
  const std::span<const Part> parts{parts_};
  const auto is_many = [](const Part& part) { return part.kind == Kind::many; };
  const auto first = std::ranges::find_if(parts, is_many);
  const auto head = static_cast<std::size_t>(first - parts.begin());
  if (head == parts.size()) return run(parts, subject, 0) == subject.size();
  std::size_t at = run(parts.first(head), subject, 0);
  if (at == kNone) return false;
  // Between two `*` the leftmost fit leaves the most room for the rest.
  for (std::size_t i = head + 1;;) {
    const auto rest = parts.subspan(i);
    const auto length = static_cast<std::size_t>(std::ranges::find_if(rest, is_many) - rest.begin());
    if (length == rest.size()) return ends(rest, subject, at);
    at = find(rest.first(length), subject, at);
    if (at == kNone) return false;
    i += length + 1;
  }
}

}  // namespace nw::sigma
