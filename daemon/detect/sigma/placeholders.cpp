#include "detect/sigma/placeholders.h"

#include <algorithm>

#include "base/text.h"

namespace nw::sigma {

namespace {

bool name_byte(char c) {
  const char lower = ascii_lower(c);
  return ascii_digit(c) || (lower >= 'a' && lower <= 'z') || c == '_' || c == '-' || c == '.';
}

// The name that the percent sign at `at` opens; empty when it opens none.
std::string_view name_at(std::string_view written, std::size_t at) {
  std::size_t end = at + 1;
  while (end < written.size() && name_byte(written[end])) ++end;
  return end < written.size() && written[end] == '%' ? written.substr(at + 1, end - at - 1) : std::string_view{};
}

std::string to_regex(const Pattern& pattern) {
  std::string out;
  for (const Pattern::Part& part : pattern.parts()) {
    if (part.kind == Pattern::Kind::many) {
      out += "(?s:.*)";
    } else if (part.kind == Pattern::Kind::one) {
      out += "(?s:.)";
    } else {
      for (const char c : part.text) {
        // PCRE2 takes a backslash before any ASCII character that is no letter or digit as that character. Bytes of
        // longer characters stay whole, and line ends need no escape outside extended mode.
        const bool plain =
            name_byte(c) || static_cast<unsigned char>(c) >= 0x80 || static_cast<unsigned char>(c) < 0x20;
        if (!plain || c == '-' || c == '.') out += '\\';
        out += c;
      }
    }
  }
  return out;
}

}  // namespace

void read_placeholders(const YamlNode& node, std::string_view file, Placeholders& out, Diagnostics& diagnostics) {
  YamlMap map{node, "the placeholders", file, diagnostics};
  if (!map.ok()) return;
  for (const auto& [key, value] : node.members) {
    const std::string& name = key.scalar;
    if (name.empty() || !std::ranges::all_of(name, name_byte)) {
      map.error(key.mark, "bad-name", "'" + printable(name, 64) + "' cannot name a placeholder",
                "use letters, digits, '_', '-' and '.', without '%'");
      continue;
    }
    // Numbers and words such as `yes` are text here: what stands for a part of a text is one.
    auto [entry, fresh] = out.try_emplace(name, map.texts(name));
    if (!fresh)
      map.error(key.mark, "duplicate-name", "the placeholder '" + name + "' has values already",
                "give them in one place, the configuration or its file");
  }
}

void parse_placeholders(std::string_view text, std::string_view file, Placeholders& out, Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.errors();
  const std::vector<YamlNode> documents = parse_yaml(text, file, diagnostics);
  if (diagnostics.errors() != errors) return;
  for (const YamlNode& document : documents)
    if (document.kind != YamlNode::Kind::null) read_placeholders(document, file, out, diagnostics);
}

std::vector<PlaceholderPiece> split_placeholders(std::string_view written) {
  std::vector<PlaceholderPiece> out;
  std::string text;
  for (std::size_t i = 0; i < written.size();) {
    if (written[i] == '\\' && i + 1 < written.size()) {
      // An escaped backslash is a pair too, so `\\%name%` is a backslash and a placeholder.
      text += written[i + 1] == '%' ? "%" : written.substr(i, 2);
      i += 2;
      continue;
    }
    const std::string_view name = written[i] == '%' ? name_at(written, i) : std::string_view{};
    if (name.empty()) {
      text += written[i++];
      continue;
    }
    if (!text.empty()) out.push_back({false, std::move(text)});
    text.clear();
    out.push_back({true, std::string{name}});
    i += name.size() + 2;
  }
  if (!text.empty() || out.empty()) out.push_back({false, std::move(text)});
  return out;
}

std::size_t count_expansions(const std::vector<PlaceholderPiece>& pieces, const Placeholders& values,
                             std::size_t most) {
  std::size_t total = 1;
  for (const PlaceholderPiece& piece : pieces) {
    if (!piece.name) continue;
    const std::size_t count = values.find(piece.text)->second.size();
    if (count > most / total) return most + 1;
    total *= count;
  }
  return total;
}

std::vector<Pattern> expand_patterns(const std::vector<PlaceholderPiece>& pieces, const Placeholders& values) {
  std::vector<Pattern> out{Pattern{}};
  for (const PlaceholderPiece& piece : pieces) {
    if (!piece.name) {
      const Pattern text = Pattern::parse(piece.text);
      for (Pattern& pattern : out) pattern.append(text);
      continue;
    }
    std::vector<Pattern> longer;
    for (const Pattern& pattern : out)
      for (const std::string& value : values.find(piece.text)->second)
        longer.emplace_back(pattern).append(Pattern::parse(value));
    out = std::move(longer);
  }
  return out;
}

std::string expand_regex(const std::vector<PlaceholderPiece>& pieces, const Placeholders& values) {
  std::string out;
  for (const PlaceholderPiece& piece : pieces) {
    if (!piece.name) {
      out += piece.text;
      continue;
    }
    out += "(?:";
    const std::vector<std::string>& alternatives = values.find(piece.text)->second;
    for (std::size_t i = 0; i < alternatives.size(); ++i) {
      if (i != 0) out += '|';
      out += to_regex(Pattern::parse(alternatives[i]));
    }
    out += ')';
  }
  return out;
}

}  // namespace nw::sigma
