// A small JSON reader for the regression corpus, which holds several objects one after the other in one file.
// Made for files of known shape: what it does not understand ends the reading.
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detect/sigma/fold.h"

namespace nw::sigma {

struct JsonMember;

struct Json {
  enum class Kind { null, boolean, number, text, array, object };
  Kind kind = Kind::null;
  bool truth = false;
  std::string text;  // also a number, as written
  std::vector<Json> items;
  std::vector<JsonMember> members;

  [[nodiscard]] const Json* find(std::string_view key) const;
};

struct JsonMember {
  std::string name;
  Json value;
};

inline const Json* Json::find(std::string_view key) const {
  for (const JsonMember& member : members)
    if (member.name == key) return &member.value;
  return nullptr;
}

class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_{text} {}

  // False at the end, or where the text is no JSON.
  bool next(Json& out) {
    space();
    return !text_.empty() && value(out, 0);
  }
  [[nodiscard]] bool at_end() {
    space();
    return text_.empty();
  }

 private:
  void space() {
    while (!text_.empty() && std::string_view{" \t\r\n"}.find(text_.front()) != std::string_view::npos)
      text_.remove_prefix(1);
  }
  bool take(std::string_view token) {
    space();
    if (!text_.starts_with(token)) return false;
    text_.remove_prefix(token.size());
    return true;
  }
  bool value(Json& out, int depth) {
    space();
    if (text_.empty() || depth > 64) return false;
    if (text_.front() == '{') return object(out, depth);
    if (text_.front() == '[') return array(out, depth);
    if (text_.front() == '"') {
      out.kind = Json::Kind::text;
      return string(out.text);
    }
    if (take("null")) return true;
    if (take("true") || take("false")) {
      out.kind = Json::Kind::boolean;
      out.truth = *(text_.data() - 2) == 'u';
      return true;
    }
    out.kind = Json::Kind::number;
    const std::size_t end = std::min(text_.find_first_not_of("+-.0123456789eE"), text_.size());
    out.text = std::string{text_.substr(0, end)};
    text_.remove_prefix(end);
    return end != 0;
  }
  bool object(Json& out, int depth) {
    out.kind = Json::Kind::object;
    text_.remove_prefix(1);
    if (take("}")) return true;
    do {
      auto& [name, member] = out.members.emplace_back();
      space();
      if (!string(name) || !take(":") || !value(member, depth + 1)) return false;
    } while (take(","));
    return take("}");
  }
  bool array(Json& out, int depth) {
    out.kind = Json::Kind::array;
    text_.remove_prefix(1);
    if (take("]")) return true;
    do {
      if (!value(out.items.emplace_back(), depth + 1)) return false;
    } while (take(","));
    return take("]");
  }
  char32_t unit() {
    const std::string digits{text_.substr(0, 4)};
    text_.remove_prefix(digits.size());
    return static_cast<char32_t>(std::strtoul(digits.c_str(), nullptr, 16));
  }
  bool string(std::string& out) {
    if (!text_.starts_with('"')) return false;
    text_.remove_prefix(1);
    while (!text_.empty() && text_.front() != '"') {
      const char c = text_.front();
      text_.remove_prefix(1);
      if (c != '\\') {
        out += c;
        continue;
      }
      if (text_.empty()) return false;
      const char escape = text_.front();
      text_.remove_prefix(1);
      static constexpr std::string_view kFrom = "bfnrt", kTo = "\b\f\n\r\t";
      if (escape == 'u') {
        char32_t point = unit();
        if (point >= 0xd800 && point < 0xdc00 && text_.starts_with("\\u")) {
          text_.remove_prefix(2);
          point = 0x10000 + ((point - 0xd800) << 10U) + (unit() - 0xdc00);
        }
        char bytes[4];
        out.append(bytes, encode(point, bytes));
      } else {
        const std::size_t at = kFrom.find(escape);
        out += at == std::string_view::npos ? escape : kTo[at];
      }
    }
    if (text_.empty()) return false;
    text_.remove_prefix(1);
    return true;
  }

  std::string_view text_;
};

}  // namespace nw::sigma
