#include "context/vulnerabilities/json_document.h"

namespace nw::vulnerabilities {

Result<JsonElement> JsonDocuments::parse(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (text.size() > kBytesMax) return Error{Errc::malformed, "it is larger than 64 MiB"};
  if (text.empty()) return Error{Errc::malformed, "it is empty"};
  if (const auto error = parser_.allocate(std::max(text.size(), std::size_t{64}), kDepthMax);
      error != simdjson::SUCCESS)
    return Error{Errc::full, std::string{"no memory: "} + simdjson::error_message(error)};
  JsonElement out;
  if (const auto error = parser_.parse(text.data(), text.size()).get(out); error != simdjson::SUCCESS)
    return Error{Errc::malformed, std::string{"it is no whole JSON document: "} + simdjson::error_message(error)};
  return out;
}

}  // namespace nw::vulnerabilities
