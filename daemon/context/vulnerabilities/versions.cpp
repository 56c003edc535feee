#include "context/vulnerabilities/versions.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace nw::vulnerabilities {

namespace {

constexpr std::size_t kVersionBytesMax = 128, kRangeBytesMax = 1024, kPartsMax = 32, kBoundsMax = 64;

constexpr bool letter(char c) noexcept { return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'; }
constexpr bool word_byte(char c) noexcept { return letter(c) || ascii_digit(c); }

// What comes before a release.
constexpr auto kBefore = std::to_array<std::string_view>({"alpha", "beta", "dev", "pre", "preview", "rc", "snapshot"});
// Words that may stand apart inside one version: "V16 Update 3".
constexpr auto kInside =
    std::to_array<std::string_view>({"build", "fix", "fp", "hf", "hotfix", "ms", "pack", "patch", "r", "release", "rev",
                                     "revision", "service", "sp", "upd", "update", "v", "version"});
// Schemes of `vers:` that order versions otherwise than we do.
constexpr auto kOwnOrder = std::to_array<std::string_view>({"alpine", "apk", "deb", "ebuild", "gentoo", "rpm"});

template <std::size_t N>
bool one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::ranges::find(words, word) != words.end();
}

// "V16 Update 3" is one version, "2.0 or 3.1" is none.
bool single_version(std::string_view text) {
  bool digits_before = false;
  for (const std::string_view piece : split(text, ' ')) {
    if (piece.empty()) continue;
    if (ascii_digit(piece.front())) {
      if (digits_before) return false;
      digits_before = true;
      continue;
    }
    std::size_t letters = 0;
    while (letters < piece.size() && letter(piece[letters])) ++letters;
    const std::string word = to_ascii_lower(piece.substr(0, letters));
    const bool prefix = letters == 1 && piece.size() > 1;  // "A.03.11"
    if (!prefix && !one_of(word, kInside) && !one_of(word, kBefore)) return false;
    if (prefix && digits_before) return false;
    digits_before = letters < piece.size();  // "V16": what follows must be a word again
  }
  return true;
}

// The tags that Linux distributions put behind the version of whom they took it from.
bool has_distribution_tag(std::string_view lower) {
  for (const std::string_view tag : {"deb", "ubuntu", "el", "fc", "amzn"})
    for (std::size_t at = lower.find(tag); at != std::string_view::npos; at = lower.find(tag, at + 1))
      if (at > 0 && !letter(lower[at - 1]) && at + tag.size() < lower.size() && ascii_digit(lower[at + tag.size()]))
        return true;
  return false;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  const auto digit = [](char c) {
    const char low = ascii_lower(c);
    return ascii_digit(c) ? c - '0' : low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = i + 2 < text.size() && text[i] == '%' ? digit(text[i + 1]) : -1;
    const int low = high < 0 ? -1 : digit(text[i + 2]);
    if (low < 0) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

}  // namespace

std::optional<Version> Version::parse(std::string_view text) {
  text = trim(text);
  if (text.empty() || text.size() > kVersionBytesMax || !single_version(text)) return std::nullopt;
  const std::string lower = to_ascii_lower(text);
  Version out;
  // An epoch, too, is a packager's.
  out.backported_ = has_distribution_tag(lower) || lower.find(':') != std::string::npos;
  bool digits = false;
  for (std::size_t at = 0; at < lower.size();) {
    const bool number = ascii_digit(lower[at]);
    if (!number && !letter(lower[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < lower.size() && (number ? ascii_digit(lower[end]) : letter(lower[end]))) ++end;
    std::string_view run = std::string_view{lower}.substr(at, end - at);
    at = end;
    if (!number && out.parts_.empty() && (run == "v" || run == "r" || run == "version" || run == "release")) continue;
    while (number && run.size() > 1 && run.front() == '0') run.remove_prefix(1);
    digits = digits || number;
    if (out.parts_.size() == kPartsMax) return std::nullopt;
    out.parts_.push_back({number, std::string{run}});
  }
  if (!digits) return std::nullopt;
  return out;
}

// Before a release < nothing, which is 0 < letters < other numbers.
int Version::rank(const Part* part) noexcept {
  if (part == nullptr) return 1;
  if (part->number) return part->text == "0" ? 1 : 3;
  return one_of(part->text, kBefore) ? 0 : 2;
}

std::strong_ordering Version::compare(const Part& a, const Part& b) noexcept {
  if (a.number && a.text.size() != b.text.size()) return a.text.size() <=> b.text.size();
  return a.text.compare(b.text) <=> 0;
}

std::strong_ordering operator<=>(const Version& a, const Version& b) noexcept {
  for (std::size_t i = 0; i < std::max(a.parts_.size(), b.parts_.size()); ++i) {
    const Version::Part* const left = i < a.parts_.size() ? &a.parts_[i] : nullptr;
    const Version::Part* const right = i < b.parts_.size() ? &b.parts_[i] : nullptr;
    const int from = Version::rank(left), to = Version::rank(right);
    if (from != to) return from <=> to;
    if (left == nullptr || right == nullptr) continue;
    if (const auto order = Version::compare(*left, *right); order != 0) return order;
  }
  return std::strong_ordering::equal;
}

bool Version::comparable(const Version& other) const noexcept {
  for (std::size_t i = 0; i < std::min(parts_.size(), other.parts_.size()); ++i) {
    const Part &a = parts_[i], &b = other.parts_[i];
    if (a.number == b.number && a.text == b.text) continue;
    return a.number || b.number || rank(&a) != rank(&b) || (a.text.size() == 1 && b.text.size() == 1) || rank(&a) == 0;
  }
  return true;
}

// Takes a range's text apart, from the left.
class VersionSet::Reader {
 public:
  explicit Reader(std::string_view text) : rest_{text} {}

  // The bounds; nothing when some part is not understood. No bound: all versions.
  std::optional<std::vector<Bound>> read() {
    bool any = false;  // "all versions" stood there
    std::vector<Bound> out;
    for (;;) {
      skip();
      if (rest_.empty()) break;
      if (out.size() == kBoundsMax) return std::nullopt;
      if (out.empty() && !any &&
          (word("all versions") || word("all version") || word("any version") || word("all") || word("*"))) {
        any = true;
        continue;
      }
      if (word("versions") || word("version") || word("and")) continue;
      if (!bound(out)) return std::nullopt;
    }
    if (out.empty() && !any) return std::nullopt;
    return out;
  }

 private:
  void skip() {
    while (!rest_.empty() && (ascii_space(rest_.front()) || rest_.front() == '|' || rest_.front() == ','))
      rest_.remove_prefix(1);
  }
  // Takes `text` (lower case) when it is next, as whole words.
  bool word(std::string_view text) {
    if (rest_.size() < text.size() || to_ascii_lower(rest_.substr(0, text.size())) != text) return false;
    if (word_byte(text.back()) && rest_.size() > text.size() && word_byte(rest_[text.size()])) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  std::optional<Op> op() {
    struct Sign {
      std::string_view text;
      Op op;
    };
    static constexpr auto kSigns = std::to_array<Sign>({
        {"<=", Op::less_equal},
        {">=", Op::greater_equal},
        {"!=", Op::not_equal},
        {"==", Op::equal},
        {"<", Op::less},
        {">", Op::greater},
        {"=", Op::equal},
        {"\xe2\x89\xa4", Op::less_equal},
        {"\xe2\x89\xa5", Op::greater_equal},
        {"prior to", Op::less},
        {"before", Op::less},
        {"earlier than", Op::less},
        {"lower than", Op::less},
        {"less than", Op::less},
        {"older than", Op::less},
        {"up to and including", Op::less_equal},
        {"through", Op::less_equal},
        {"from", Op::greater_equal},
        {"later than", Op::greater},
        {"newer than", Op::greater},
    });
    for (const Sign& sign : kSigns)
      if (word(sign.text)) return sign.op;
    return std::nullopt;
  }
  // Up to the next sign, separator or word that is no part of a version.
  std::string_view version() {
    skip();
    std::size_t end = 0, at = 0;
    while (at < rest_.size() && rest_[at] != '|' && rest_[at] != ',' && rest_[at] != '<' && rest_[at] != '>' &&
           rest_[at] != '=' && rest_[at] != '!') {
      std::size_t stop = at;
      while (stop < rest_.size() && !ascii_space(rest_[stop]) && rest_[stop] != '|' && rest_[stop] != ',' &&
             rest_[stop] != '<' && rest_[stop] != '>' && rest_[stop] != '=' && rest_[stop] != '!')
        ++stop;
      const std::string_view piece = rest_.substr(at, stop - at);
      std::size_t letters = 0;
      while (letters < piece.size() && letter(piece[letters])) ++letters;
      const std::string start = to_ascii_lower(piece.substr(0, letters));
      const bool prefix = letters == 1 && piece.size() > 1;
      if (piece.empty() || (letters != 0 && !prefix && !one_of(start, kInside) && !one_of(start, kBefore))) break;
      if (static_cast<unsigned char>(piece.front()) >= 0x80) break;
      end = at = stop;
      while (at < rest_.size() && ascii_space(rest_[at])) ++at;
    }
    const std::string_view out = trim(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return out;
  }
  bool bound(std::vector<Bound>& out) {
    std::optional<Op> what = op();
    auto parsed = Version::parse(percent_decoded(version()));
    if (!parsed) return false;
    skip();
    if (!what) {  // "2.1 and earlier", "1.0 to 2.0"
      if (word("and earlier") || word("and prior") || word("and below") || word("and older") || word("and lower") ||
          word("or earlier") || word("or prior") || word("or below") || word("or lower"))
        what = Op::less_equal;
      else if (word("and later") || word("and above") || word("and newer") || word("and higher") || word("or later") ||
               word("or higher") || word("or newer"))
        what = Op::greater_equal;
      else if (word("to") || word("through")) {
        out.push_back({Op::greater_equal, std::move(*parsed)});
        parsed = Version::parse(version());
        if (!parsed) return false;
        what = Op::less_equal;
      }
    }
    if (word("versions") || word("version")) skip();
    out.push_back({what.value_or(Op::equal), std::move(*parsed)});
    return true;
  }

  std::string_view rest_;
};

VersionSet VersionSet::all() {
  VersionSet out;
  out.understood_ = out.all_ = true;
  return out;
}

VersionSet VersionSet::exact(std::string_view text) {
  text = trim(text);
  VersionSet out;
  if (auto version = Version::parse(text)) {
    out.understood_ = true;
    out.bounds_.push_back({Op::equal, std::move(*version)});
    return out;
  }
  out = range(text);  // some publishers put ranges there
  out.text_ = to_ascii_lower(text.substr(0, kRangeBytesMax));
  return out;
}

VersionSet VersionSet::range(std::string_view text) {
  text = trim(text);
  VersionSet out;
  if (text.size() > kRangeBytesMax) return out;
  out.text_ = to_ascii_lower(text);
  if (out.text_.starts_with("vers:")) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return out;
    out.own_order_ = one_of(std::string_view{out.text_}.substr(5, slash - 5), kOwnOrder);
    text.remove_prefix(slash + 1);
  }
  auto bounds = Reader{text}.read();
  if (!bounds) return out;
  out.understood_ = true;
  out.all_ = bounds->empty();
  out.bounds_ = std::move(*bounds);
  std::ranges::stable_sort(out.bounds_, [](const Bound& a, const Bound& b) { return a.version < b.version; });
  return out;
}

Within VersionSet::holds(std::string_view version) const {
  if (all_) return Within::yes;
  version = trim(version);
  if (version.empty()) return Within::unknown;
  if (!understood_) return to_ascii_lower(version) == text_ ? Within::yes : Within::unknown;
  const auto parsed = Version::parse(version);
  return parsed ? holds(*parsed) : Within::unknown;
}

// As `vers:` has it: single versions first, then between each pair of neighbouring bounds.
Within VersionSet::holds(const Version& version) const {
  const Bound* lower = nullptr;  // of the range that is being read
  bool ranged = false, inside = false, open = false;
  const auto above = [&version](const Bound* bound) {
    return bound == nullptr || (bound->op == Op::greater ? version > bound->version : version >= bound->version);
  };
  bool comparable = true;
  for (const Bound& bound : bounds_) {
    comparable = comparable && version.comparable(bound.version);
    if (bound.op == Op::equal || bound.op == Op::not_equal) {
      if (version == bound.version) return bound.op == Op::equal ? Within::yes : Within::no;
      continue;
    }
    ranged = true;
    if (bound.op == Op::less || bound.op == Op::less_equal) {
      const bool below = bound.op == Op::less ? version < bound.version : version <= bound.version;
      inside = inside || (below && above(lower));
      open = false;
    } else if (!open) {
      lower = &bound;
      open = true;
    }
  }
  if (open && above(lower)) inside = true;
  if (!ranged) {
    const bool only_excluded =
        std::ranges::all_of(bounds_, [](const Bound& bound) { return bound.op == Op::not_equal; });
    if (version.backported() && only_excluded) return Within::unknown;
    return only_excluded ? Within::yes : Within::no;
  }
  if (own_order_ || version.backported() || !comparable) return Within::unknown;
  return inside ? Within::yes : Within::no;
}

}  // namespace nw::vulnerabilities
