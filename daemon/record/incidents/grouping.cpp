#include "record/incidents/grouping.h"

#include "base/text.h"

namespace nw::record {

namespace {

std::string key_text(std::string_view prefix, std::string_view text) {
  std::string out{prefix};
  if (text.size() <= kCaseKeyBytesMax) return out.append(text);
  std::size_t end = kCaseKeyBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;  // not inside a UTF-8 sequence
  return out.append(text.substr(0, end)).append("~").append(alert_id_of(text));
}

}  // namespace

CaseKey CaseKey::of(const Alert& alert) {
  CaseKey out;
  if (!alert.asset.empty())
    out.place = key_text("asset:", alert.asset);
  else if (!alert.destination_address.empty())
    out.place = key_text("to:", alert.destination_address);
  else if (!alert.host.empty())
    out.place = key_text("host:", alert.host);
  else
    out.place = key_text("source:", alert.source);
  out.family = alert.family.empty() ? key_text("rule:", alert.rule_id) : key_text({}, alert.family);
  out.actor = key_text({}, alert.source_address.empty() ? alert.host : alert.source_address);
  // What people call the many must not be somebody's name.
  if (out.actor == kManyActors) out.actor = "host:" + out.actor;
  return out;
}

}  // namespace nw::record
