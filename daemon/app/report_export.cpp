#include "app/report_export.h"

#include "base/diagnostics.h"
#include "base/text.h"
#include "base/yaml.h"
#include "context/norms/data_file.h"

namespace nw::app {

namespace {

void text_member(std::string_view name, std::string_view value, std::string& out) {
  if (value.empty()) return;
  out.append(out.size() == 1 ? "\"" : ",\"").append(name).append("\":");
  append_json_string(value, out);
}

std::string bounded_text(YamlMap& map, std::string_view key, std::size_t bytes_max, bool needed) {
  std::string out = needed ? map.require_text(key) : map.text(key);
  if (out.size() > bytes_max)
    map.error(map.mark(), "out-of-range",
              '\'' + std::string{key} + "' is longer than " + std::to_string(bytes_max) + " bytes");
  return out;
}

}  // namespace

std::string ReportExport::to_json() const {
  std::string out = "{";
  text_member("outcome", kOutcomes[static_cast<std::size_t>(outcome)], out);
  for (const auto& [name, value] : {std::pair{"incident", &incident}, std::pair{"regime", &regime},
                                    std::pair{"stage", &stage}, std::pair{"by", &by}, std::pair{"why", &why}})
    text_member(name, *value, out);
  out += ",\"words\":[";
  for (std::size_t i = 0; i < words.size() && i < kWordsMax; ++i) {
    if (i != 0) out += ',';
    append_json_string(words[i].substr(0, kNameBytesMax), out);
  }
  return out + "]}";
}

Result<ReportExport> ReportExport::from_json(std::string_view text) {
  constexpr std::string_view kName = "the request";
  Diagnostics diagnostics;
  ReportExport out;
  if (const auto root = context::one_document(text, kName, "an export", diagnostics)) {
    YamlMap map{*root, "a request", kName, diagnostics};
    if (map.ok()) {
      if (map.require("outcome") != nullptr) out.outcome = static_cast<Outcome>(map.choice("outcome", 0, kOutcomes));
      out.incident = bounded_text(map, "incident", kNameBytesMax, true);
      out.regime = bounded_text(map, "regime", kNameBytesMax, true);
      out.stage = bounded_text(map, "stage", kNameBytesMax, true);
      out.by = bounded_text(map, "by", kNameBytesMax, false);
      out.why = bounded_text(map, "why", kTextBytesMax, false);
      out.words = map.texts("words");
      if (out.words.size() > kWordsMax)
        map.error(map.mark(), "out-of-range", "'words' has more than " + std::to_string(kWordsMax) + " words");
      for (const std::string& word : out.words)
        if (word.empty() || word.size() > kNameBytesMax + 3)
          map.error(map.mark(), "out-of-range", "a word is empty or longer than 128 bytes");
      const bool went = out.outcome == Outcome::released || out.outcome == Outcome::overridden;
      if (went && trim(out.by).empty()) map.error(map.mark(), "missing-key", "'by' is missing: a person sends reports");
      if (out.outcome == Outcome::overridden && trim(out.why).empty())
        map.error(map.mark(), "missing-key", "'why' is missing: who releases over the gate answers for it");
      map.finish();
    }
  }
  if (!diagnostics.ok()) return Error{Errc::malformed, diagnostics.to_string()};
  return out;
}

std::string ReportExport::entry() const {
  std::string out = "{";
  text_member("what", "report", out);
  text_member("outcome", kOutcomes[static_cast<std::size_t>(outcome)], out);
  for (const auto& [name, value] : {std::pair{"incident", &incident}, std::pair{"regime", &regime},
                                    std::pair{"stage", &stage}, std::pair{"by", &by}, std::pair{"why", &why}})
    text_member(name, *value, out);
  return out + ",\"words\":" + std::to_string(words.size()) + ",\"uid\":" + std::to_string(uid) + '}';
}

std::optional<OwnEvent> ReportExport::event(Timestamp now) const {
  if (outcome == Outcome::drafted) return std::nullopt;
  OwnEvent out;
  out.path = "case.export";
  out.time = now;
  out.fields.emplace_back("outcome", std::string{kOutcomes[static_cast<std::size_t>(outcome)]});
  out.fields.emplace_back("export_id", incident + '/' + regime + '/' + stage);
  out.fields.emplace_back("case_id", incident);
  if (!words.empty()) {
    out.fields.emplace_back("gate", std::string{"wording"});
    out.fields.emplace_back("words", words);
  }
  if (outcome == Outcome::overridden) out.fields.emplace_back("override_by", by);
  return out;
}

}  // namespace nw::app
