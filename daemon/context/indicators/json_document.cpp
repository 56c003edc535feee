#include "context/indicators/json_document.h"

#include <charconv>

namespace nw::context {

Result<> JsonDocument::parse(std::string_view text) {
  if (const auto error = parser_.allocate(std::max<std::size_t>(text.size(), 64), kDepthMax);
      error != simdjson::SUCCESS)
    return Error{Errc::full, "no memory for " + std::to_string(text.size()) + " bytes of JSON"};
  // It copies the text once, to have room behind it.
  const auto error = parser_.parse(text.data(), text.size()).get(root_);
  if (error != simdjson::SUCCESS) return Error{Errc::malformed, simdjson::error_message(error)};
  return {};
}

std::string_view JsonDocument::text(simdjson::dom::object object, std::string_view key) noexcept {
  std::string_view out;
  return object[key].get(out) == simdjson::SUCCESS ? out : std::string_view{};
}

std::int64_t JsonDocument::number(simdjson::dom::object object, std::string_view key, std::int64_t fallback) noexcept {
  std::int64_t out = 0;
  if (object[key].get(out) == simdjson::SUCCESS) return out;
  const std::string_view written = text(object, key);
  const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), out);
  return !written.empty() && error == std::errc{} && end == written.data() + written.size() ? out : fallback;
}

bool JsonDocument::flag(simdjson::dom::object object, std::string_view key) noexcept {
  bool out = false;
  if (object[key].get(out) == simdjson::SUCCESS) return out;
  return number(object, key, 0) != 0;
}

}  // namespace nw::context
