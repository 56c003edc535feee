#include "record/privacy/shorten.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "record/privacy/token.h"

namespace nw::privacy {

namespace {

constexpr std::size_t kPathPartsMax = 32;

bool is_letter(char c) noexcept {
  const char lower = ascii_lower(c);
  return lower >= 'a' && lower <= 'z';
}
bool is_hex(char c) noexcept { return ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f'); }
bool is_word(char c) noexcept {
  return is_letter(c) || ascii_digit(c) || c == '.' || c == ':' || c == '@' || c == '_' || c == '+' || c == '-' ||
         c == '%' || c == '\\' || c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

bool listed(const std::vector<std::string>& sorted, std::string_view word) {
  return std::ranges::binary_search(sorted, word, std::less<>{}, [](const auto& x) { return std::string_view{x}; });
}

// Where the label begins that ends at `end`.
std::size_t label_begin(std::string_view name, std::size_t end) noexcept {
  const std::size_t dot = end == 0 ? std::string_view::npos : name.rfind('.', end - 1);
  return dot == std::string_view::npos ? 0 : dot + 1;
}

// A listed ending of a file's name; one, and not the whole.
std::string_view ending_of(std::string_view lower, const Policy& policy) {
  const std::size_t dot = lower.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || !listed(policy.path_words, lower.substr(dot))) return {};
  return lower.substr(dot);
}

void append_part(std::string_view part, const Policy& policy, std::string& out) {
  const std::string lower = to_ascii_lower(part);
  if (lower == "." || lower == ".." || listed(policy.path_words, lower)) {
    out += lower;
    return;
  }
  const std::string_view ending = ending_of(lower, policy);
  const std::string_view stem = std::string_view{lower}.substr(0, lower.size() - ending.size());
  const auto digits = static_cast<std::size_t>(std::ranges::count_if(stem, ascii_digit));
  const bool id =
      stem.size() >= 8 && digits > 0 && std::ranges::all_of(stem, [](char c) { return is_hex(c) || c == '-'; });
  if (listed(policy.path_words, stem))
    out += stem;
  else
    out += digits == stem.size() ? "{n}" : id ? "{id}" : "{word}";
  out += ending;
}

// The end of an IPv4 address that begins at `at` in `word`, or `at`: four numbers that stand alone.
std::size_t ipv4_end(std::string_view word, std::size_t at, IpAddress& out) noexcept {
  if (at > 0 && (ascii_digit(word[at - 1]) || (word[at - 1] == '.' && at > 1 && ascii_digit(word[at - 2])))) return at;
  std::size_t end = at, dots = 0;
  while (end < word.size() && (ascii_digit(word[end]) ||
                               (word[end] == '.' && dots < 3 && end + 1 < word.size() && ascii_digit(word[end + 1])))) {
    if (word[end] == '.') ++dots;
    ++end;
  }
  const bool more = end + 1 < word.size() && word[end] == '.' && ascii_digit(word[end + 1]);
  return dots == 3 && !more && IpAddress::parse_into(word.substr(at, end - at), out) ? end : at;
}

// A piece without '-', '_' and '%', or a whole word that is something.
void append_addresses(std::string_view word, const Replacements& with, std::string& out) {
  IpAddress address;
  if (word.find(':') != std::string_view::npos && IpAddress::parse_into(word, address)) {
    out += with.address(address);
    return;
  }
  for (std::size_t at = 0; at < word.size();) {
    const std::size_t end = ascii_digit(word[at]) ? ipv4_end(word, at, address) : at;
    if (end != at) {
      out += with.address(address);
      at = end;
    } else {
      out += word[at++];
    }
  }
}

// "/home/", "/Users/" and "C:\Users\" are followed by somebody's name.
bool follows_home(std::string_view before) noexcept {
  constexpr std::array kHomes{std::string_view{"/home/"}, std::string_view{"/users/"}, std::string_view{"\\users\\"}};
  const auto ends = [before](std::string_view home) {
    return before.size() >= home.size() &&
           std::ranges::equal(before.substr(before.size() - home.size()), home, {}, ascii_lower);
  };
  return std::ranges::any_of(kHomes, ends);
}

// The word from `begin` to `end` of the text.
void append_word(std::string_view text, std::size_t begin, std::size_t end, const Replacements& with,
                 std::string& out) {
  // What ends a sentence is not part of it; "::" may end an address.
  std::size_t last = end;
  while (last > begin && (text[last - 1] == '.' || text[last - 1] == ':' || text[last - 1] == '-') &&
         !(last > begin + 1 && text[last - 1] == ':' && text[last - 2] == ':'))
    --last;
  const std::string_view word = text.substr(begin, last - begin);
  std::string told, mac;
  const std::size_t at = word.find('@');
  if (word.empty()) {
  } else if (with.name(word, told)) {
    out += told;
  } else if (at != std::string_view::npos && at != 0 && at + 1 < word.size()) {
    out += with.mail(word);
  } else if (word.find_first_of(":-.") != std::string_view::npos && read_mac(word, mac)) {
    out += with.mac(word);
  } else if (follows_home(text.substr(0, begin)) && word.find('\\') == std::string_view::npos) {
    out += with.user(word);
  } else {
    const std::string_view up_to_last = text.substr(0, last);
    for (std::size_t from = begin; from <= last;) {
      // A name in a home directory may have any of the separators but this one.
      if (follows_home(text.substr(0, from))) {
        const std::size_t owner = std::min(up_to_last.find('\\', from), last);
        if (owner != from) out += with.user(text.substr(from, owner - from));
        if (owner == last) break;
        out += text[owner];
        from = owner + 1;
        continue;
      }
      const std::size_t stop = std::min(up_to_last.find_first_of("-_%\\@+$", from), last);
      const std::string_view piece = text.substr(from, stop - from);
      if (piece.size() != word.size() && !piece.empty() && with.name(piece, told))
        out += told;
      else
        append_addresses(piece, with, out);
      if (stop < last) out += text[stop];
      from = stop + 1;
    }
  }
  out += text.substr(last, end - last);
}

std::size_t word_end(std::string_view text, std::size_t at) noexcept {
  while (at < text.size() && is_word(text[at])) ++at;
  return at;
}

// The end of a URL that begins at `at`; `at`: there is none.
std::size_t url_end(std::string_view text, std::size_t at) noexcept {
  std::size_t colon = at;
  while (colon < text.size() && colon - at < 16 &&
         (is_letter(text[colon]) ||
          (colon > at && (ascii_digit(text[colon]) || text[colon] == '+' || text[colon] == '.'))))
    ++colon;
  if (colon == at || text.substr(colon, 3) != "://") return at;
  return std::min(text.find_first_of(" \t\r\n\"'<>`|", colon), text.size());
}

// "name=value", with or without quotes, from the end of the name on.
std::string_view value_of_pair(std::string_view text, std::size_t at, std::size_t& begin) noexcept {
  if (at + 1 >= text.size() || text[at] != '=') return {};
  const char quote = text[at + 1];
  if (quote == '"' || quote == '\'') {
    begin = at + 2;
    return text.substr(begin, std::min(text.find(quote, begin), text.size()) - begin);
  }
  begin = at + 1;
  return text.substr(begin, std::min(text.find_first_of(" \t\r\n,;&\"'", begin), text.size()) - begin);
}

}  // namespace

bool is_domain_name(std::string_view name) noexcept {
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty() || name.size() > 253 || name.find('.') == std::string_view::npos) return false;
  std::size_t label = 0;
  for (const char c : name) {
    if (c == '.') {
      if (label == 0) return false;
      label = 0;
    } else if ((!is_letter(c) && !ascii_digit(c) && c != '-' && c != '_') || ++label > 63) {
      return false;
    }
  }
  return label != 0;
}

std::string_view public_suffix(std::string_view name, const Policy& policy) noexcept {
  for (std::size_t at = 0; at < name.size();) {
    if (listed(policy.public_suffixes, name.substr(at))) return name.substr(at);
    const std::size_t dot = name.find('.', at);
    if (dot == std::string_view::npos) break;
    at = dot + 1;
  }
  const std::size_t last = label_begin(name, name.size());
  if (last >= 2 && name.size() - last == 2) {
    const std::size_t before = label_begin(name, last - 1);
    if (listed(policy.registry_labels, name.substr(before, last - 1 - before))) return name.substr(before);
  }
  return name.substr(last);
}

std::string_view registered_domain(std::string_view name, const Policy& policy) noexcept {
  const std::size_t suffix = name.size() - public_suffix(name, policy).size();
  return suffix < 2 ? name : name.substr(label_begin(name, suffix - 1));
}

double entropy(std::string_view text) noexcept {
  std::array<unsigned, 256> seen{};
  for (const char c : text) ++seen[static_cast<unsigned char>(c)];
  double bits = 0;
  for (const unsigned count : seen)
    if (count != 0) bits -= count * std::log2(static_cast<double>(count) / static_cast<double>(text.size()));
  return text.empty() ? 0 : bits / static_cast<double>(text.size());
}

std::string path_template(std::string_view path, const Policy& policy) {
  const std::size_t end = std::min(path.find_first_of("?#"), path.size());
  const std::string_view rest = path.substr(end);
  path = path.substr(0, end);
  std::string out;
  std::size_t parts = 0;
  for (std::size_t at = 0; at < path.size();) {
    if (path[at] == '/') {
      out += '/';
      ++at;
      continue;
    }
    if (++parts > kPathPartsMax) {
      out += "{more}";
      break;
    }
    const std::size_t stop = std::min(path.find('/', at), path.size());
    // ";jsessionid=..." belongs to no name
    const std::string_view part = path.substr(at, stop - at);
    append_part(part.substr(0, part.find(';')), policy, out);
    if (part.find(';') != std::string_view::npos) out += ";{word}";
    at = stop;
  }
  if (rest.starts_with('?')) out += "?{query}";
  return out;
}

std::string scrub(std::string_view text, const Replacements& with) {
  std::string out;
  out.reserve(text.size() + 64);
  for (std::size_t at = 0; at < text.size();) {
    if (!is_word(text[at])) {
      out += text[at++];
      continue;
    }
    if (const std::size_t end = url_end(text, at); end != at) {
      out += with.url(text.substr(at, end - at));
      at = end;
      continue;
    }
    const std::size_t end = word_end(text, at);
    std::size_t begin = 0;
    const std::string_view word = text.substr(at, end - at);
    // Asked before the value is looked for: a line of nothing but keys is then read once.
    const bool wanted = end < text.size() && text[end] == '=' && with.wants_pair(word);
    const std::string_view value = wanted ? value_of_pair(text, end, begin) : std::string_view{};
    if (!value.empty()) {
      out += text.substr(at, begin - at);
      out += with.pair(word, value);
      at = begin + value.size();
      continue;
    }
    append_word(text, at, end, with, out);
    at = end;
  }
  return out;
}

}  // namespace nw::privacy
