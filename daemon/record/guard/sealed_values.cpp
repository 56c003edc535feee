#include "record/guard/sealed_values.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/text.h"

namespace nw::record {

namespace {

constexpr std::string_view kLeftOut = "#left_out";
constexpr std::size_t kFrame = 6;  // quotes, colon, comma

}  // namespace

void SealedValues::add(std::string_view stored, std::string_view clear) {
  if (stored.empty() || stored == clear) return;
  const auto same = [stored](const auto& value) { return value.first == stored; };
  if (std::ranges::any_of(values_, same)) return;
  const std::size_t bytes = stored.size() + clear.size() + kFrame;
  if (values_.size() == kClearValuesMax || bytes_ + bytes > kClearBytesMax) {
    ++left_out_;
    return;
  }
  bytes_ += bytes;
  values_.emplace_back(stored, clear);
}

std::string SealedValues::to_json() const {
  std::string out = "{";
  const auto put = [&out](std::string_view name, std::string_view text) {
    if (out.size() > 1) out += ',';
    append_json_string(name, out);
    out += ':';
    append_json_string(text, out);
  };
  for (const auto& [stored, clear] : values_) put(stored, clear);
  if (left_out_ != 0) put(kLeftOut, std::to_string(left_out_));
  return out + '}';
}

Result<std::vector<std::pair<std::string, std::string>>> read_sealed_values(std::string_view json) {
  const auto malformed = [](std::string_view why) {
    return Error{Errc::malformed, "these are no clear values of an alert: " + std::string{why}};
  };
  boost::json::error_code error;
  boost::json::parse_options options;
  options.max_depth = 2;
  const auto parsed = boost::json::parse({json.data(), json.size()}, error, {}, options);
  if (error) return malformed(error.message());
  if (!parsed.is_object()) return malformed("no JSON object");
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& item : parsed.get_object()) {
    if (!item.value().is_string()) return malformed("a value is no text");
    if (item.key().starts_with('#')) continue;
    const auto& text = item.value().get_string();
    out.emplace_back(item.key(), std::string{text.data(), text.size()});
  }
  return out;
}

}  // namespace nw::record
