#include "record/reveals/transparency.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/text.h"
#include "record/entry.h"
#include "record/reveals/book.h"
#include "record/reveals/deletions.h"
#include "record/reveals/json_map.h"

namespace nw::reveals {

namespace json = boost::json;

namespace {

// What each group says, in the order of the report. A key that is not known here cannot come up: a text of an entry
// never becomes a line of what is published.
struct Group {
  std::string_view name, help;
};
constexpr std::array<Group, 9> kGroups{{
    {"alerts", "alerts that were recorded"},
    {"stored", "values in them, by the form in which they are kept"},
    {"sealed", "what was sealed for the custodians beside them"},
    {"reveals", "steps to make values readable: asked, approved, denied, refused by a rule, done, expired"},
    {"purposes", "what was asked for, by purpose"},
    {"values", "values that were asked for, and what became of them"},
    {"erased", "objects that were erased one by one, and keys that two custodians destroyed"},
    {"purged", "what was deleted because it was old"},
    {"holds", "holds that were set and released"},
}};

bool is_known(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

// The word that begins at `at`, of lower-case letters and digits.
std::string_view word_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && ((text[end] >= 'a' && text[end] <= 'z') || ascii_digit(text[end]))) ++end;
  return text.substr(at, end - at);
}

bool begins_word(std::string_view text, std::size_t at) {
  if (at == 0) return true;
  const char before = text[at - 1];
  return !(ascii_digit(before) || (ascii_lower(before) >= 'a' && ascii_lower(before) <= 'z'));
}

// Counts below this are not told: more than kLeast where one alone would be hidden.
std::uint64_t told_from(const std::map<std::string, std::uint64_t, std::less<>>& cells) {
  std::uint64_t few = 0, next = 0;
  for (const auto& [key, count] : cells) {
    if (count < Transparency::kLeast)
      ++few;
    else if (next == 0 || count < next)
      next = count;
  }
  return few == 1 && next != 0 ? next + 1 : Transparency::kLeast;
}

}  // namespace

void Transparency::add(std::string_view group, std::string_view key, std::uint64_t by) {
  if (by != 0) counts_[std::string{group}][std::string{key}] += by;
}

std::uint64_t Transparency::count(std::string_view group, std::string_view key) const {
  const auto cells = counts_.find(group);
  if (cells == counts_.end()) return 0;
  const auto at = cells->second.find(key);
  return at == cells->second.end() ? 0 : at->second;
}

void Transparency::see(std::string_view payload) {
  const auto entry = record::parse_entry(payload);
  if (!entry) {
    ++unreadable_;
    return;
  }
  if (privacy::Epoch::of(entry->time) != month_) return;
  ++entries_;
  if (entry->type == record::kEntryAlert) {
    add("alerts", "alerts");
    count_stored(entry->body);
  } else {
    see_body(entry->type, entry->body);
  }
}

// Pseudonyms, tokens and the like have a form that nothing else has, so they are found in any field and in sentences.
void Transparency::count_stored(std::string_view body) {
  constexpr std::string_view kPfx = "pfx:e", kTok = "tok:e", kClass = "class:", kCommit = "commit:", kAsset = "asset:";
  constexpr std::size_t kEpoch = 8;  // "2026-01:"
  for (std::size_t at = body.find(':'); at != std::string_view::npos; at = body.find(':', at + 1)) {
    const auto stands = [&](std::string_view mark, std::size_t before) {
      return at >= before && body.substr(at - before).starts_with(mark) && begins_word(body, at - before);
    };
    if (stands(kPfx, 3)) {
      const std::string_view kind = word_at(body, at + 2 + kEpoch);
      add("stored", is_known(kind, {"global4", "global6", "private", "cgnat", "linklocal"})
                        ? "pseudonym_" + std::string{kind}
                        : "pseudonym_other");
    } else if (stands(kTok, 3)) {
      const std::string_view kind = word_at(body, at + 2 + kEpoch);
      add("stored", is_known(kind, {"ip", "user", "mail", "phone", "mac", "host", "domain", "url", "text"})
                        ? "token_" + std::string{kind}
                        : "token_other");
    } else if (stands(kClass, 5)) {
      add("stored", "address_class");
    } else if (stands(kCommit, 6)) {
      add("stored", "commitment");
    } else if (stands(kAsset, 5)) {
      add("stored", "asset_id");
    }
  }
  if (body.find(R"("sealed_values":"commit:)") != std::string_view::npos) add("sealed", "values");
}

void Transparency::see_body(std::string_view type, std::string_view body) {
  if (!is_known(type, {record::kEntryRevealRequest, record::kEntryRevealApprove, record::kEntryRevealDeny,
                       record::kEntryRevealDone, record::kEntryEvidence, record::kEntryErase, record::kEntryPurge,
                       record::kEntryHold, record::kEntryKeyRotate}))
    return;
  const auto object = read_object(body, type);
  if (!object) {
    ++unreadable_;
    return;
  }
  JsonMap map{*object, type};
  const auto text = [&map](std::string_view name) { return map.text_if_there(name, record::kEntryBytesMax); };
  if (type == record::kEntryRevealRequest) {
    add("reveals", "requested");
    add("purposes", is_purpose(text("purpose")) ? text("purpose") : "other");
    add("values", "asked_for", map.texts_if_there("values", kValuesMax, kValueBytesMax).size());
    if (map.flag_if_there("break_glass")) add("reveals", "break_glass");
  } else if (type == record::kEntryRevealApprove) {
    add("reveals", "approved");
  } else if (type == record::kEntryRevealDeny) {
    add("reveals", text("what") == "denied" ? "denied" : "refused");
  } else if (type == record::kEntryRevealDone) {
    const std::string outcome = text("outcome");
    add("reveals", is_known(outcome, {"done", "failed", "expired", "key_lost"}) ? outcome : "other");
    add("values", "revealed", map.count_if_there("revealed"));
    add("values", "not_revealed",
        map.count_if_there("no_key") + map.count_if_there("not_found") + map.count_if_there("damaged"));
  } else if (type == record::kEntryEvidence) {
    const std::string kind = text("kind");
    add("sealed", is_known(kind, {"values", "packets", "line"}) ? kind : "other");
  } else if (type == record::kEntryErase) {
    if (text("what") != kBegun) add("erased", "objects", map.count_if_there("objects"));
  } else if (type == record::kEntryHold) {
    add("holds", text("what") == "release" ? "released" : "set");
  } else if (type == record::kEntryKeyRotate) {
    if (text("what") == "destroyed") add("erased", "keys", map.objects("keys", kKeysMax).size());
  } else if (text("what") == kBegun) {
    if (map.count_if_there("part") <= 1) {
      if (purge_begun_) add("purged", "runs_cut_off", 1);
      purge_begun_ = true;
    }
  } else if (object->contains("classes")) {
    purge_begun_ = false;
    for (const json::object* each : map.objects("classes", 16)) {
      JsonMap line{*each, "a class of purge"};
      const std::string name = line.text_if_there("class", 32);
      add("purged", is_known(name, {"evidence", "reveal", "key"}) ? name : "other", line.count_if_there("removed"));
    }
  }
  if (!map.finish()) ++unreadable_;
}

std::vector<Transparency::Row> Transparency::rows() const {
  std::vector<Row> out;
  for (const Group& group : kGroups) {
    const auto cells = counts_.find(group.name);
    if (cells == counts_.end()) {
      out.push_back({std::string{group.name}, "none", "0"});
      continue;
    }
    const std::uint64_t from = told_from(cells->second);
    for (const auto& [key, count] : cells->second)
      out.push_back({std::string{group.name}, key,
                     count < kLeast ? '<' + std::to_string(kLeast)
                     : count < from ? "hidden"
                                    : std::to_string(count)});
  }
  return out;
}

std::string Transparency::text() const {
  std::string out = "Transparency report, " + month_.to_string() + " (UTC)\n" + std::to_string(entries_) +
                    " ledger entries" +
                    (unreadable_ == 0 ? std::string{}
                                      : ", and " + std::to_string(unreadable_) + " of any month that cannot be read") +
                    ". Counts below " + std::to_string(kLeast) + " are not told.\n";
  const std::vector<Row> all = rows();
  for (const Group& group : kGroups) {
    out += '\n' + std::string{group.name} + ": " + std::string{group.help} + '\n';
    for (const Row& row : all) {
      if (row.group != group.name) continue;
      std::string line = "  " + row.key;
      line.resize(std::max<std::size_t>(line.size() + 1, 28), ' ');
      out += line + row.value + '\n';
    }
  }
  return out;
}

std::string Transparency::json() const {
  json::object groups;
  for (const Row& row : rows()) {
    json::value& cells = groups[row.group];
    if (!cells.is_object()) cells = json::object{};
    if (row.key != "none") cells.as_object()[row.key] = row.value;
  }
  json::object out{
      {"month", month_.to_string()}, {"entries", entries_}, {"unreadable", unreadable_}, {"least", kLeast}};
  out["counts"] = std::move(groups);
  return canonical(out);
}

}  // namespace nw::reveals
