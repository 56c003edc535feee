#include "record/merkle/exact_json.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <charconv>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "record/merkle/canonical.h"

namespace nw::merkle {
namespace {

namespace json = boost::json;
using Code = json::error_code;
using View = json::string_view;

// What Boost's parser calls, with the limits that it asks for. The text comes in one piece, but texts and numbers may
// nevertheless be handed over in parts.
class Handler {
 public:
  static constexpr std::size_t max_object_size = kExactJsonBytesMax;
  static constexpr std::size_t max_array_size = kExactJsonBytesMax;
  static constexpr std::size_t max_key_size = kExactJsonBytesMax;
  static constexpr std::size_t max_string_size = kExactJsonBytesMax;

  json::value release() { return values_.release(); }
  [[nodiscard]] const std::string& fault() const { return fault_; }

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) {
    names_.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t count, Code&) {
    names_.pop_back();
    values_.push_object(count);
    return true;
  }
  bool on_array_begin(Code&) { return true; }
  bool on_array_end(std::size_t count, Code&) {
    values_.push_array(count);
    return true;
  }
  bool on_key_part(View part, std::size_t, Code&) {
    name_.append(part.data(), part.size());
    values_.push_chars(part);
    return true;
  }
  bool on_key(View part, std::size_t, Code& code) {
    name_.append(part.data(), part.size());
    values_.push_key(part);
    const bool fresh = names_.back().insert(std::move(name_)).second;
    name_.clear();
    return fresh || refuse("a member's name stands twice in one object", code);
  }
  bool on_string_part(View part, std::size_t, Code&) {
    values_.push_chars(part);
    return true;
  }
  bool on_string(View part, std::size_t, Code&) {
    values_.push_string(part);
    return true;
  }
  bool on_number_part(View part, Code&) {
    number_.append(part.data(), part.size());
    return true;
  }
  bool on_int64(std::int64_t value, View, Code&) {
    number_.clear();
    values_.push_int64(value);
    return true;
  }
  bool on_uint64(std::uint64_t value, View, Code&) {
    number_.clear();
    values_.push_uint64(value);
    return true;
  }
  bool on_double(double, View part, Code& code) {
    number_.append(part.data(), part.size());
    double value = 0;
    const auto [end, failed] = std::from_chars(number_.data(), number_.data() + number_.size(), value);
    // Too small for a double is out of range as well, and would become another number unnoticed.
    const bool good = failed == std::errc{} && end == number_.data() + number_.size();
    number_.clear();
    if (!good) return refuse("a number is no double", code);
    values_.push_double(value);
    return true;
  }
  bool on_bool(bool value, Code&) {
    values_.push_bool(value);
    return true;
  }
  bool on_null(Code&) {
    values_.push_null();
    return true;
  }
  bool on_comment_part(View, Code&) { return true; }
  bool on_comment(View, Code&) { return true; }

 private:
  bool refuse(const char* what, Code& code) {
    fault_ = what;
    code = json::error::syntax;
    return false;
  }

  json::value_stack values_;
  std::vector<std::set<std::string>> names_;
  std::string name_, number_, fault_;
};

}  // namespace

Result<boost::json::value> parse_exact_json(std::string_view text) {
  if (text.size() > kExactJsonBytesMax)
    return Error{Errc::malformed, "the JSON has " + std::to_string(text.size()) + " bytes; at most 1 MiB is read"};
  json::parse_options options;
  options.max_depth = kCanonicalDepthMax;
  json::basic_parser<Handler> parser{options};
  Code code;
  const std::size_t taken = parser.write_some(false, text.data(), text.size(), code);
  if (!code && taken < text.size()) code = json::error::extra_data;
  if (!code) return parser.handler().release();
  const std::string& fault = parser.handler().fault();
  return Error{Errc::malformed,
               "JSON, at byte " + std::to_string(taken) + ": " + (fault.empty() ? code.message() : fault)};
}

}  // namespace nw::merkle
