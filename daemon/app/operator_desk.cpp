#include "app/operator_desk.h"

#include <array>

#include "base/text.h"
#include "base/yaml.h"
#include "context/norms/data_file.h"

namespace nw::app {

namespace {

// What is told so; `export` hands a bundle out, `accept` takes one in.
constexpr std::array<std::string_view, 2> kOperatorActs{"evidence-accept", "evidence-export"};
constexpr std::array<std::string_view, 3> kEvidenceForms{"none", "opened", "sealed"};
constexpr std::size_t kByBytesMax = 64, kWhyBytesMax = 4096, kNameBytesMax = 64;

void put(std::string_view name, std::string_view text, std::string& out) {
  out.append(out.size() == 1 ? "" : ",").append("\"").append(name).append("\":");
  append_json_string(text, out);
}

// A text that has to be there and is not longer than `most`; what is wrong goes to the map's diagnostics.
std::string bounded(YamlMap& map, std::string_view name, std::size_t most) {
  const YamlNode* node = map.require(name);
  if (node == nullptr) return {};
  std::string text = map.text(name);
  const std::string_view kept = trim(text);
  if (kept.empty() || text.size() > most)
    map.error(node->mark, "bad-text",
              '\'' + std::string{name} + "' must be a text of 1 to " + std::to_string(most) + " bytes");
  return text;
}

}  // namespace

Result<std::string> operator_body(std::string_view request, std::int64_t uid,
                                  FunctionRef<std::string(std::string_view)> guard) {
  constexpr std::string_view kName = "the request";
  Diagnostics diagnostics;
  std::string out = "{";
  if (const auto root = context::one_document(request, kName, "the record", diagnostics)) {
    YamlMap map{*root, "a request", kName, diagnostics};
    if (map.ok()) {
      if (map.require("act") != nullptr) put("act", kOperatorActs[map.choice("act", 0, kOperatorActs)], out);
      put("by", bounded(map, "by", kByBytesMax), out);
      put("why", guard(bounded(map, "why", kWhyBytesMax)), out);
      put("incident", bounded(map, "incident", kNameBytesMax), out);
      put("manifest_sha256", bounded(map, "manifest_sha256", kNameBytesMax), out);
      put("evidence", kEvidenceForms[map.choice("evidence", 0, kEvidenceForms)], out);
      constexpr std::int64_t kMost = std::int64_t{1} << 52;
      for (const std::string_view name : {"head", "entries"})
        out += ",\"" + std::string{name} + "\":" + std::to_string(map.integer(name, 0, 0, kMost));
      map.finish();
    }
  }
  if (!diagnostics.ok()) return Error{Errc::malformed, diagnostics.to_string()};
  return out + ",\"uid\":" + std::to_string(uid) + '}';
}

}  // namespace nw::app
