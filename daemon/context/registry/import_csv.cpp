#include "context/registry/import_csv.h"

#include <algorithm>

#include "base/text.h"

namespace nw::context {

namespace {

class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_{text} {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  }

  Result<CsvFile> read() {
    if (const auto sound = utf8(); !sound) return sound.error();
    out_.separator = separator();
    while (at_ < text_.size()) {
      if (const auto row = read_row(); !row) return row.error();
      if (out_.rows.size() > kCsvRowsMax) return fault("more than " + std::to_string(kCsvRowsMax) + " rows");
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] Error fault(const std::string& what) const {
    return {Errc::malformed, "line " + std::to_string(line_) + ": " + what};
  }

  Result<> utf8() {
    std::size_t line = 1;
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t length = utf8_length(text_.substr(at));
      if (length == 0 || text_[at] == '\0') {
        line_ = line;
        return fault("this is no UTF-8 text; save the file as 'CSV UTF-8'");
      }
      if (text_[at] == '\n') ++line;
      at += length;
    }
    return {};
  }

  // Of the first line that holds anything, outside of quotes.
  [[nodiscard]] char separator() const {
    std::size_t counts[3] = {};
    bool quoted = false, any = false;
    for (std::size_t at = at_; at < text_.size(); ++at) {
      const char c = text_[at];
      if (c == '"') quoted = !quoted;
      if (quoted) continue;
      if (c == '\n' && any) break;
      any = any || !ascii_space(c);
      counts[0] += c == ',';
      counts[1] += c == ';';
      counts[2] += c == '\t';
    }
    const auto most = static_cast<std::size_t>(std::max_element(std::begin(counts), std::end(counts)) - counts);
    return ",;\t"[most];
  }

  [[nodiscard]] bool at_end_of_line() const {
    return at_ >= text_.size() || text_[at_] == '\n' ||
           (text_[at_] == '\r' && (at_ + 1 >= text_.size() || text_[at_ + 1] == '\n'));
  }

  Result<> read_row() {
    CsvRow row;
    row.line = line_;
    bool any = false;
    for (;;) {
      std::string field;
      if (const auto read = read_field(field); !read) return read.error();
      any = any || !trim(field).empty();
      row.fields.push_back(std::move(field));
      if (row.fields.size() > kCsvFieldsMax) return fault("more than " + std::to_string(kCsvFieldsMax) + " fields");
      if (at_end_of_line()) break;
      ++at_;  // the separator
    }
    at_ += at_ < text_.size() && text_[at_] == '\r' ? 2U : 1U;
    ++line_;
    if (any) out_.rows.push_back(std::move(row));
    return {};
  }

  Result<> read_field(std::string& out) {
    if (at_ >= text_.size() || text_[at_] != '"') {
      const std::size_t begin = at_;
      while (!at_end_of_line() && text_[at_] != out_.separator) ++at_;
      out = text_.substr(begin, at_ - begin);
      return {};
    }
    const std::size_t first = line_;
    for (++at_;; ++at_) {
      if (at_ >= text_.size()) {
        line_ = first;
        return fault("a quote that begins here does not end");
      }
      if (text_[at_] == '\n') ++line_;
      if (text_[at_] == '"') {
        if (at_ + 1 >= text_.size() || text_[at_ + 1] != '"') break;
        ++at_;  // a doubled quote stands for one
      }
      out += text_[at_];
    }
    ++at_;
    if (at_end_of_line() || text_[at_] == out_.separator) return {};
    return fault("text behind a closing quote; a quote inside a field is written twice");
  }

  std::string_view text_;
  std::size_t at_ = 0, line_ = 1;
  CsvFile out_;
};

}  // namespace

Result<CsvFile> read_csv(std::string_view text) { return CsvReader{text}.read(); }

}  // namespace nw::context
