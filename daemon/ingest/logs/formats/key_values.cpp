#include "ingest/logs/formats/key_values.h"

#include "base/text.h"

namespace nw::logs {

namespace {

bool space(char c) { return c == ' ' || c == '\t'; }

// What a key of a spaced pair is made of; a ',' only behind a '.', as some vendors write below "ad.".
bool key_char(char c) {
  return ascii_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '-' ||
         c == '[' || c == ']';
}

bool escaped(std::string_view text, std::size_t at) {
  std::size_t backslashes = 0;
  while (backslashes < at && text[at - 1 - backslashes] == '\\') ++backslashes;
  return backslashes % 2 != 0;
}

// Where the key in front of the '=' at `equals` begins; `equals` itself: there is none.
std::size_t key_begin(std::string_view text, std::size_t equals) {
  std::size_t at = equals;
  bool comma = false;
  while (at > 0 && equals - at < KeyValues::kKeyBytesMax && (key_char(text[at - 1]) || text[at - 1] == ',')) {
    --at;
    comma = comma || text[at] == ',';
  }
  if (at > 0 && !space(text[at - 1])) return equals;
  const std::string_view key = text.substr(at, equals - at);
  if (comma && key.find('.') > key.find(',')) return equals;
  return at;
}

std::string_view trim_end(std::string_view text) {
  while (!text.empty() && ascii_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view trim_front(std::string_view text) {
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  return text;
}

// Whether nothing, or a separator and "key=", follows.
bool pair_follows(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && (ascii_space(text[at]) || text[at] == ',' || text[at] == ';')) ++at;
  if (at == text.size()) return true;
  if (at == 0) return false;
  const std::size_t key = at;
  while (at < text.size() && at - key < KeyValues::kKeyBytesMax && key_char(text[at])) ++at;
  return at > key && at < text.size() && text[at] == '=';
}

// The closing quote of the string that begins at `at`; text.size() when there is none.
std::size_t closing_quote(std::string_view text, std::size_t at, QuoteEnd end) {
  std::size_t fallback = text.size();
  for (std::size_t from = at;; ++from) {
    from = text.find('"', from);
    if (from == std::string_view::npos) return fallback;
    const bool hidden = escaped(text.substr(at), from - at);
    if (end == QuoteEnd::first) {
      if (!hidden) return from;
    } else if (pair_follows(text.substr(from + 1))) {
      if (!hidden) return from;
      // "C:\" closes nothing by the rule; it is the end all the same when no better one comes.
      if (fallback == text.size()) fallback = from;
    }
  }
}

}  // namespace

const KeyValue* KeyValues::find(std::string_view key) const noexcept {
  for (std::size_t i = count_; i > 0; --i)
    if (pairs_[i - 1].key == key) return &pairs_[i - 1];
  return nullptr;
}

LineFault KeyValues::scan_spaced(std::string_view text) {
  count_ = 0;
  std::string_view key;
  std::size_t value = 0;
  const auto close = [&](std::size_t end) {
    return key.empty() || add({key, trim_end(text.substr(value, end - value))});
  };
  for (std::size_t at = text.find('='); at != std::string_view::npos; at = text.find('=', at + 1)) {
    const std::size_t begin = key_begin(text, at);
    // An escaped '=' has its backslash before it, which no key holds.
    if (begin == at) continue;
    if (!close(begin)) return LineFault::too_deep;
    key = text.substr(begin, at - begin);
    value = at + 1;
  }
  return close(text.size()) ? LineFault::none : LineFault::too_deep;
}

LineFault KeyValues::scan_delimited(std::string_view text, char delimiter) {
  count_ = 0;
  for (std::size_t at = 0; at <= text.size();) {
    std::size_t end = text.find(delimiter, at);
    if (end == std::string_view::npos) end = text.size();
    const std::string_view part = text.substr(at, end - at);
    at = end + 1;
    const std::size_t equals = part.find('=');
    if (equals != std::string_view::npos) {
      const std::string_view key = trim_front(trim_end(part.substr(0, equals)));
      if (!key.empty() && !add({key, trim_end(part.substr(equals + 1))})) return LineFault::too_deep;
    } else if (count_ > 0 && !trim_end(part).empty()) {
      std::string_view& value = pairs_[count_ - 1].value;
      value = {value.data(), static_cast<std::size_t>(trim_end(part).end() - value.begin())};
    }
  }
  return LineFault::none;
}

LineFault KeyValues::scan_words(std::string_view text, QuoteEnd end) {
  count_ = 0;
  const bool loose = end == QuoteEnd::first;
  const auto separator = [&](char c) { return ascii_space(c) || c == ',' || (loose && c == ';'); };
  bool closes = true;  // a closing quote that did not come once comes no more: not looked for again
  std::size_t at = 0;
  while (true) {
    while (at < text.size() && separator(text[at])) ++at;
    if (at == text.size()) return LineFault::none;
    KeyValue pair;
    std::size_t stop = at;
    while (stop < text.size() && text[stop] != '=' && !ascii_space(text[stop])) ++stop;
    pair.key = text.substr(at, stop - at);
    if (stop == text.size() || text[stop] != '=') {
      at = stop;
      while (!pair.key.empty() && separator(pair.key.back())) pair.key.remove_suffix(1);
      pair.bare = true;
    } else {
      at = stop + 1;
      const char opening = at < text.size() ? text[at] : ' ';
      std::size_t close = text.size();
      if (opening == '"' && closes) {
        close = closing_quote(text, at + 1, end);
        closes = close < text.size();
      } else if (opening == '\'' && loose) {
        close = text.find('\'', at + 1);
      }
      if (close < text.size()) {
        pair.value = text.substr(at + 1, close - at - 1);
        pair.quoted = opening == '"';
        at = close + 1;
      } else {
        const std::size_t begin = at;
        while (at < text.size() && !ascii_space(text[at]) && !(text[at] == ',' && pair_follows(text.substr(at)))) ++at;
        pair.value = text.substr(begin, at - begin);
        if (loose)
          while (!pair.value.empty() && separator(pair.value.back())) pair.value.remove_suffix(1);
      }
    }
    if (!pair.key.empty() && !add(pair)) return LineFault::too_deep;
  }
}

std::string_view unescape(Arena& arena, std::string_view text, std::string_view from, std::string_view to) {
  std::size_t at = text.find('\\');
  if (at == std::string_view::npos) return text;
  const std::span<char> room = arena.make<char>(text.size());
  if (room.empty()) return text;
  text.copy(room.data(), at);
  std::size_t size = at;
  for (; at < text.size(); ++at) {
    char c = text[at];
    if (c == '\\' && at + 1 < text.size()) {
      if (const std::size_t which = from.find(text[at + 1]); which != std::string_view::npos) {
        c = to[which];
        ++at;
      }
    }
    room[size++] = c;
  }
  return {room.data(), size};
}

}  // namespace nw::logs
