#include "record/fold.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <iterator>

#include "base/text.h"
#include "context/registry/vocabulary.h"
#include "record/entry.h"
#include "record/merkle/canonical.h"

namespace nw::record {

namespace {

namespace json = boost::json;

struct TextMember {
  std::string_view name;
  std::string Fold::*member;
};
constexpr auto kTexts = std::to_array<TextMember>({
    {"id", &Fold::id},
    {"rule_id", &Fold::rule_id},
    {"rule_title", &Fold::rule_title},
    {"level", &Fold::level},
    {"norm", &Fold::norm},
    {"asset", &Fold::asset},
    {"sector", &Fold::sector},
    {"disclosure", &Fold::disclosure},
    {"place", &Fold::place},
    {"actor", &Fold::actor},
    {"source", &Fold::source},
    {"group_key", &Fold::group_key},
    {"maintenance", &Fold::maintenance},
    {"maintenance_until", &Fold::maintenance_until},
    {"pap", &Fold::pap},
    {"regime", &Fold::regime},
});

struct NumberMember {
  std::string_view name;
  std::uint64_t Fold::*member;
};
constexpr auto kNumbers = std::to_array<NumberMember>({
    {"count", &Fold::count},
    {"folded", &Fold::folded},
    {"last_ordinal", &Fold::last_ordinal},
});

struct TimeMember {
  std::string_view name;
  Timestamp Fold::*member;
};
constexpr auto kTimes = std::to_array<TimeMember>({
    {"first", &Fold::first},
    {"last", &Fold::last},
    {"last_received", &Fold::last_received},
});

// More than a label of Alertmanager holds: cut there, a text is the same as the alert's.
constexpr std::size_t kTextBytes = 512;
// Each byte of a text may be written as \u00XX. The regime is a word of ours.
static_assert((kTexts.size() - 1) * (6 * kTextBytes + 32) + kFoldIdsMax * kAlertIdBytes + 512 < kBodyBytesMax);
constexpr std::size_t kDepthMax = 16;
constexpr std::uint64_t kCountMax = std::uint64_t{1} << 40;
constexpr auto kNumberMax = static_cast<std::uint64_t>(merkle::kCanonicalIntegerMax);
// What a fold takes beside its texts: list node, map node, the allocator's share.
constexpr std::size_t kFoldBytes = 1024;

Error malformed(std::string_view member) { return Error{Errc::malformed, "fold: `" + std::string{member} + "`"}; }

// Lengths stand before the texts: no text that someone chooses can look like two. The group tells a host from an asset
// of the same name, but is a hash that can be made to collide: the texts stand beside it. What is quiet never takes in
// what pages, what may go out never what may not; and under another regime an alert cites another law.
std::string key_of(const Fold& fold) {
  std::string key;
  for (const std::string* text : {&fold.group_key, &fold.rule_id, &fold.asset, &fold.place, &fold.actor,
                                  &fold.maintenance, &fold.maintenance_until, &fold.pap, &fold.regime})
    key.append(std::to_string(text->size())).append(":").append(*text);
  return key;
}

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

void cut(std::string& text) {
  if (text.size() <= kTextBytes) return;
  std::size_t end = kTextBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;  // not inside a UTF-8 sequence
  text.resize(end);
}

std::string_view first_of(std::initializer_list<std::string_view> texts) {
  for (const std::string_view text : texts)
    if (!text.empty()) return text;
  return {};
}

Fold said_by(const Alert& alert) {
  Fold out;
  out.id = alert.id;
  out.rule_id = alert.rule_id;
  out.rule_title = alert.rule_title;
  out.level = alert.level;
  out.norm = alert.norm;
  out.asset = alert.asset;
  out.sector = alert.sector;
  out.disclosure = alert.disclosure;
  out.actor = first_of({alert.source_address, alert.host});
  // Also where nobody acts: of two silent devices of one asset each is an alert. What is secret is grouped by place.
  if (alert.asset.empty() || out.actor.empty() || alert.disclosure == context::kSecret)
    out.place = first_of({alert.destination_address, alert.host, alert.source});
  out.source = alert.source;
  out.group_key = alert.group_key();
  if (alert.quiet) {
    out.maintenance = alert.maintenance;
    out.maintenance_until = alert.maintenance_until;
  }
  out.pap = alert.pap;
  out.regime = alert.regime;
  out.count = 1;
  out.first = out.last = alert.event_time;
  out.last_received = alert.receive_time;
  out.last_ordinal = alert.ordinal;
  return out;
}

}  // namespace

Fold Fold::of(const GuardedAlert& alert) { return said_by(*alert); }

std::string fold_key(const Alert& alert) { return key_of(said_by(alert)); }

std::string Fold::to_json() const {
  std::string out;
  const auto name = [&out](std::string_view text) {
    out.append(out.empty() ? "{\"" : ",\"").append(text).append("\":");
  };
  for (const TextMember& text : kTexts) {
    std::string value = this->*text.member;
    if (value.empty()) continue;
    cut(value);
    name(text.name);
    append_json_string(value, out);
  }
  for (const NumberMember& number : kNumbers) {
    name(number.name);
    out += std::to_string(std::min(this->*number.member, kNumberMax));
  }
  for (const TimeMember& time : kTimes) {
    name(time.name);
    append_json_string(to_rfc3339(this->*time.member, 9), out);
  }
  if (!ids.empty()) {
    name("ids");
    append_json_string(std::string_view{ids}.substr(0, kFoldIdsMax * kAlertIdBytes), out);
  }
  return out + "}";
}

Result<Fold> Fold::from_json(std::string_view text) {
  if (text.size() > kEntryBytesMax) return Error{Errc::malformed, "fold: longer than 65535 bytes"};
  json::parse_options options;
  options.max_depth = kDepthMax;
  json::error_code error;
  const json::value value = json::parse({text.data(), text.size()}, error, {}, options);
  if (error || !value.is_object()) return Error{Errc::malformed, "fold: not a JSON object"};
  const json::object& object = value.get_object();
  Fold out;
  for (const TextMember& member : kTexts) {
    const json::value* found = object.if_contains({member.name.data(), member.name.size()});
    if (!found) continue;
    if (!found->is_string()) return malformed(member.name);
    out.*member.member = std::string{found->get_string().data(), found->get_string().size()};
  }
  for (const NumberMember& member : kNumbers) {
    const json::value* found = object.if_contains({member.name.data(), member.name.size()});
    if (!found) return malformed(member.name);
    json::error_code not_a_number;
    out.*member.member = found->to_number<std::uint64_t>(not_a_number);
    if (not_a_number) return malformed(member.name);
  }
  for (const TimeMember& member : kTimes) {
    const json::value* found = object.if_contains({member.name.data(), member.name.size()});
    if (!found || !found->is_string()) return malformed(member.name);
    const auto time = parse_rfc3339({found->get_string().data(), found->get_string().size()});
    if (!time) return malformed(member.name);
    out.*member.member = *time;
  }
  if (const json::value* found = object.if_contains("ids")) {
    if (!found->is_string()) return malformed("ids");
    out.ids = std::string{found->get_string().data(), found->get_string().size()};
    if (out.ids.size() % kAlertIdBytes != 0 || out.ids.size() > kFoldIdsMax * kAlertIdBytes || !is_hex(out.ids))
      return malformed("ids");
  }
  if (out.id.empty()) return malformed("id");
  // Bounded, so that sums of them stay within 64 bits.
  if (out.count > kCountMax) return malformed("count");
  if (out.folded > out.count) return malformed("folded");
  return out;
}

bool Folder::take(const Fold& seen, Nanoseconds now, std::vector<Fold>& summaries) {
  std::string key = key_of(seen);
  const auto found = by_key_.find(key);
  if (found != by_key_.end() && now - found->second->seen < options_.quiet) {
    const Position at = found->second;
    folds_.splice(folds_.end(), folds_, at);
    at->seen = now;
    Fold& fold = at->fold;
    const bool higher = level_rank(seen.level) > level_rank(fold.level);
    add(fold, seen);
    if (higher) {
      // It is written with what the rule says now: summaries that say otherwise would be of an alert that never was.
      for (std::string Fold::*text : {&Fold::rule_title, &Fold::norm, &Fold::sector}) {
        fold.*text = seen.*text;
        cut(fold.*text);
      }
      return true;
    }
    ++fold.folded;
    ++folded_;
    keep_id(fold, seen.id);
    return false;
  }
  if (found != by_key_.end()) end(found->second, summaries);
  begin(std::move(key), seen, now, summaries);
  return true;
}

void Folder::add(Fold& fold, const Fold& seen) {
  ++fold.count;
  fold.first = std::min(fold.first, seen.first);
  fold.last_received = std::max(fold.last_received, seen.last_received);
  if (seen.last >= fold.last) {
    fold.last = seen.last;
    fold.last_ordinal = seen.last_ordinal;
    fold.source = seen.source;
  }
  if (level_rank(seen.level) > level_rank(fold.level)) fold.level = seen.level;
}

void Folder::keep_id(Fold& fold, std::string_view id) {
  if (ids_ >= options_.ids_max || fold.ids.size() >= kFoldIdsMax * kAlertIdBytes) return;
  if (id.size() != kAlertIdBytes || !is_hex(id)) return;
  fold.ids += id;
  ++ids_;
}

void Folder::sum_up(Open& open, std::vector<Fold>& summaries) {
  ids_ -= open.fold.ids.size() / kAlertIdBytes;
  summaries.push_back(open.fold);
  open.fold.folded = 0;
  open.fold.ids = {};  // and its memory
}

void Folder::remember(const Fold& written, Nanoseconds when) {
  const bool summary = written.folded != 0;
  if (!summary && known_.contains(written.id)) return;  // a source gave it again, and it was written again
  if (!summary) know(written.id);
  for (std::size_t at = 0; at + kAlertIdBytes <= written.ids.size(); at += kAlertIdBytes)
    know(std::string_view{written.ids}.substr(at, kAlertIdBytes));
  std::vector<Fold> none;  // what is remembered stands in the ledger: there is nothing to sum up
  std::string key = key_of(written);
  const auto found = by_key_.find(key);
  if (found != by_key_.end() && !summary && when - found->second->seen < options_.quiet) {
    const Position at = found->second;
    folds_.splice(folds_.end(), folds_, at);
    at->seen = when;
    add(at->fold, written);
    return;
  }
  if (found != by_key_.end()) end(found->second, none);
  Fold opened = written;
  opened.folded = 0;
  opened.ids.clear();
  begin(std::move(key), opened, when, none);
}

void Folder::know(std::string_view id) {
  if (known_.size() < options_.known_max) known_.emplace(id);
}

bool Folder::known(std::string_view id) {
  // Most daemons never restart in a storm: nothing to look for.
  return !known_.empty() && known_.erase(std::string{id}) != 0;
}

void Folder::tick(Nanoseconds now, Timestamp wall, std::vector<Fold>& summaries) {
  for (auto at = folds_.begin(); at != folds_.end();) {
    if (now - at->seen >= options_.quiet || wall >= at->until) {
      at = end(at, summaries);
      continue;
    }
    if (at->fold.folded != 0 && now - at->summed >= options_.interval) {
      sum_up(*at, summaries);
      at->summed = now;
    }
    ++at;
  }
}

void Folder::finish(std::vector<Fold>& summaries) {
  for (auto at = folds_.begin(); at != folds_.end();) at = end(at, summaries);
}

void Folder::begin(std::string key, const Fold& seen, Nanoseconds now, std::vector<Fold>& summaries) {
  const auto until = parse_rfc3339(seen.maintenance_until);
  Open opened{std::move(key), seen, now, now, kFoldBytes, until ? *until : Timestamp::max()};
  // Cut here, not before: the key needs the whole texts.
  for (const TextMember& text : kTexts) {
    cut(opened.fold.*text.member);
    opened.bytes += (opened.fold.*text.member).size();
  }
  opened.bytes += opened.key.size();
  // One that alone is beyond the bytes is not kept: each of its kind passes.
  if (opened.bytes > options_.bytes_max || options_.folds_max == 0) return;
  while (folds_.size() >= options_.folds_max || bytes_ + opened.bytes > options_.bytes_max) {
    end(folds_.begin(), summaries);
    ++ended_early_;
  }
  bytes_ += opened.bytes;
  folds_.push_back(std::move(opened));
  by_key_.emplace(folds_.back().key, std::prev(folds_.end()));
}

Folder::Position Folder::end(Position at, std::vector<Fold>& summaries) {
  if (at->fold.folded != 0) sum_up(*at, summaries);
  bytes_ -= at->bytes;
  by_key_.erase(at->key);
  return folds_.erase(at);
}

}  // namespace nw::record
