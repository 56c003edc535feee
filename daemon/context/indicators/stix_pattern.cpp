#include "context/indicators/stix_pattern.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace nw::context {

namespace {

struct StixPath {
  std::string_view path;  // without quotes, in lower case
  IndicatorKind kind;
};
constexpr auto kPaths = std::to_array<StixPath>({
    {"domain-name:value", IndicatorKind::domain},
    {"file:hashes.md5", IndicatorKind::md5},
    {"file:hashes.sha-1", IndicatorKind::sha1},
    {"file:hashes.sha-256", IndicatorKind::sha256},
    {"file:hashes.sha1", IndicatorKind::sha1},
    {"file:hashes.sha256", IndicatorKind::sha256},
    {"ipv4-addr:value", IndicatorKind::address},
    {"ipv6-addr:value", IndicatorKind::address},
    {"network-traffic:dst_ref.value", IndicatorKind::address},
    {"network-traffic:src_ref.value", IndicatorKind::address},
    {"url:value", IndicatorKind::url},
    {"x509-certificate:hashes.sha-1", IndicatorKind::cert_sha1},
    {"x509-certificate:hashes.sha-256", IndicatorKind::cert_sha256},
    {"x509-certificate:hashes.sha1", IndicatorKind::cert_sha1},
    {"x509-certificate:hashes.sha256", IndicatorKind::cert_sha256},
});
static_assert(std::ranges::is_sorted(kPaths, {}, &StixPath::path));

class PatternReader {
 public:
  explicit PatternReader(std::string_view text) : rest_{text} {}

  Result<std::vector<StixValue>> read() {
    do {
      if (!take('[')) return wrong("a '[' is expected");
      if (!comparisons()) return wrong(why_);
      if (!take(']')) return wrong(operator_text());
    } while (word("OR"));
    skip_space();
    if (!rest_.empty()) return wrong(operator_text());
    return std::move(values_);
  }

 private:
  static Error wrong(const std::string& why) { return {Errc::invalid_argument, why}; }

  void skip_space() {
    while (!rest_.empty() && ascii_space(rest_.front())) rest_.remove_prefix(1);
  }
  bool take(char c) {
    skip_space();
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  static bool in_word(char c) { return ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '_'; }
  [[nodiscard]] std::string_view next_word() {
    skip_space();
    const auto end = std::ranges::find_if_not(rest_, in_word);
    return rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
  }
  bool word(std::string_view wanted) {
    if (next_word() != wanted) return false;
    rest_.remove_prefix(wanted.size());
    return true;
  }
  // What stands where only OR may.
  std::string operator_text() {
    const std::string_view found = next_word();
    return "only OR joins what is understood here, not " +
           (found.empty() ? "'" + printable(rest_.substr(0, 16)) + "'" : printable(found, 32));
  }
  bool fail(std::string why) {
    why_ = std::move(why);
    return false;
  }

  bool comparisons() {
    do {
      if (!comparison()) return false;
    } while (word("OR"));
    return true;
  }

  bool comparison() {
    const auto path = object_path();
    if (path.empty()) return fail("an object path is expected, as domain-name:value");
    const auto known = std::ranges::find(kPaths, path, &StixPath::path);
    if (known == kPaths.end()) return fail("'" + printable(path, 64) + "' is nothing that is compared");
    if (take('=')) return literal(known->kind);
    if (word("IN")) {
      if (!take('(')) return fail("IN wants a list in round brackets");
      do {
        if (!literal(known->kind)) return false;
      } while (take(','));
      return take(')') || fail("a list in round brackets never ends");
    }
    if (known->kind == IndicatorKind::address && word("ISSUBSET")) return literal(known->kind);
    if (known->kind == IndicatorKind::url && word("LIKE")) return literal(IndicatorKind::url_prefix);
    const std::string_view found = next_word();
    return fail("'" + printable(found.empty() ? rest_.substr(0, 2) : found, 32) + "' does not compare " +
                std::string{known->path});
  }

  // Lower case, without quotes: file:hashes.sha-256. Empty: there is none.
  std::string object_path() {
    skip_space();
    std::string out;
    bool quoted = false;
    std::size_t i = 0;
    for (; i < rest_.size() && out.size() < 128; ++i) {
      const char c = rest_[i];
      if (c == '\'' || c == '"')
        quoted = !quoted;
      else if (in_word(c) || c == '-' || c == ':' || c == '.')
        out += ascii_lower(c);
      else
        break;
    }
    if (quoted) return {};
    rest_.remove_prefix(i);
    return out;
  }

  bool literal(IndicatorKind kind) {
    if (!take('\'')) return fail("a text in single quotes is expected");
    std::string value;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      if (rest_[i] == '\\' && i + 1 < rest_.size()) {
        value += rest_[++i];
      } else if (rest_[i] == '\'') {
        rest_.remove_prefix(i + 1);
        return keep(kind, std::move(value));
      } else {
        value += rest_[i];
      }
    }
    return fail("a text in single quotes never ends");
  }

  bool keep(IndicatorKind kind, std::string value) {
    if (values_.size() == kStixValuesMax) return fail("it lists more than 4096 values");
    if (kind == IndicatorKind::url_prefix) {
      // LIKE: % is any text, _ any character. Only what begins so is a prefix.
      if (!value.ends_with('%') || value.find_first_of("%_") != value.size() - 1)
        return fail("a LIKE is understood only as a prefix that ends with '/%'");
      value.back() = '*';
    }
    values_.push_back({kind, std::move(value)});
    return true;
  }

  std::string_view rest_;
  std::string why_;
  std::vector<StixValue> values_;
};

}  // namespace

Result<std::vector<StixValue>> read_stix_pattern(std::string_view pattern) {
  if (pattern.size() > kStixPatternBytesMax) return Error{Errc::invalid_argument, "it is longer than 64 KiB"};
  return PatternReader{pattern}.read();
}

}  // namespace nw::context
