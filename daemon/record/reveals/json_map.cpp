#include "record/reveals/json_map.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/check.h"
#include "base/text.h"
#include "record/merkle/canonical.h"
#include "record/merkle/exact_json.h"
#include "record/privacy/forms.h"

namespace nw::reveals {

namespace json = boost::json;

Result<json::object> read_object(std::string_view text, std::string_view what) {
  auto value = merkle::parse_exact_json(trim(text));
  if (!value) return Error{Errc::malformed, std::string{what} + ": " + value.error().what};
  if (!value->is_object()) return Error{Errc::malformed, std::string{what} + " is no JSON object"};
  return std::move(value->as_object());
}

const json::value* JsonMap::find(std::string_view name, bool needed) {
  read_.push_back(name);
  const json::value* value = object_.if_contains({name.data(), name.size()});
  if (value == nullptr && needed) fault(name, "is missing");
  return value;
}

void JsonMap::fault(std::string_view name, std::string_view why) {
  if (!fault_) fault_ = std::string{what_} + ": '" + std::string{name} + "' " + std::string{why};
}

std::string JsonMap::text(std::string_view name, std::size_t most) {
  if (find(name, true) == nullptr) return {};
  std::string out = text_if_there(name, most);
  if (trim(out).empty()) fault(name, "is empty");
  return out;
}

std::string JsonMap::text_if_there(std::string_view name, std::size_t most) {
  const json::value* value = find(name, false);
  if (value == nullptr) return {};
  if (!value->is_string()) {
    fault(name, "is no text");
    return {};
  }
  if (value->as_string().size() > most) {
    fault(name, "is longer than " + std::to_string(most) + " bytes");
    return {};
  }
  return std::string{std::string_view{value->as_string()}};
}

std::int64_t JsonMap::number(std::string_view name, std::int64_t least, std::int64_t most) {
  const json::value* value = find(name, true);
  if (value == nullptr) return 0;
  json::error_code error;
  const auto number = value->to_number<std::int64_t>(error);
  if (!error && number >= least && number <= most) return number;
  fault(name, "is no whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return 0;
}

std::uint64_t JsonMap::count_if_there(std::string_view name) {
  if (find(name, false) == nullptr) return 0;
  return static_cast<std::uint64_t>(number(name, 0, merkle::kCanonicalIntegerMax));
}

bool JsonMap::flag_if_there(std::string_view name) {
  const json::value* value = find(name, false);
  if (value == nullptr) return false;
  if (!value->is_bool()) fault(name, "is neither true nor false");
  return value->is_bool() && value->as_bool();
}

Timestamp JsonMap::time(std::string_view name) {
  const auto time = parse_rfc3339(text(name, 40));
  if (!time) fault(name, "is no time");
  return time ? *time : Timestamp{};
}

std::vector<std::string> JsonMap::texts(std::string_view name, std::size_t most, std::size_t bytes_most) {
  if (find(name, true) == nullptr) return {};
  return texts_if_there(name, most, bytes_most);
}

std::vector<std::string> JsonMap::texts_if_there(std::string_view name, std::size_t most, std::size_t bytes_most) {
  const json::value* value = find(name, false);
  if (value == nullptr) return {};
  const auto is_text = [bytes_most](const json::value& item) {
    return item.is_string() && item.as_string().size() <= bytes_most;
  };
  if (!value->is_array() || value->as_array().size() > most || !std::ranges::all_of(value->as_array(), is_text)) {
    fault(name, "is no list of at most " + std::to_string(most) + " texts");
    return {};
  }
  std::vector<std::string> out;
  for (const json::value& item : value->as_array()) out.emplace_back(std::string_view{item.as_string()});
  return out;
}

std::vector<const json::object*> JsonMap::objects(std::string_view name, std::size_t most) {
  const json::value* value = find(name, true);
  if (value == nullptr) return {};
  const auto is_object = [](const json::value& item) { return item.is_object(); };
  if (!value->is_array() || value->as_array().size() > most || !std::ranges::all_of(value->as_array(), is_object)) {
    fault(name, "is no list of at most " + std::to_string(most) + " objects");
    return {};
  }
  std::vector<const json::object*> out;
  for (const json::value& item : value->as_array()) out.push_back(&item.as_object());
  return out;
}

void JsonMap::hex(std::string_view name, std::span<std::uint8_t> out) {
  if (!privacy::read_hex(text(name, 2 * out.size()), out))
    fault(name, "is not " + std::to_string(2 * out.size()) + " hex digits in lower case");
}

void JsonMap::base64(std::string_view name, std::span<std::uint8_t> out) {
  if (!privacy::read_base64(text(name, (out.size() + 2) / 3 * 4), out))
    fault(name, "is not " + std::to_string(out.size()) + " bytes in Base64");
}

Result<> JsonMap::finish_strict() {
  for (const auto& member : object_)
    if (const std::string_view name{member.key()}; std::ranges::find(read_, name) == read_.end())
      fault(printable(name, 64), "is not known" + did_you_mean(name, read_));
  return finish();
}

Result<> JsonMap::finish() const {
  if (fault_) return Error{Errc::malformed, *fault_};
  return {};
}

std::string canonical(const json::object& object) {
  auto text = merkle::canonical_json(object);
  NW_CHECK(text);
  return std::move(*text);
}

}  // namespace nw::reveals
