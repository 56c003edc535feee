#include "context/norms/regime_book.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/hash.h"
#include "base/text.h"
#include "context/norms/data_file.h"
#include "context/norms/fold.h"

namespace nw::context {

namespace {

constexpr std::string_view kEndMark = "-end";

Error refused(std::string what) { return Error{Errc::invalid_argument, std::move(what)}; }

bool one_line(std::string_view text, std::size_t bytes_max) {
  return !trim(text).empty() && text.size() <= bytes_max && std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
}

Result<> check_act(const RegimePeriod::Act& act) {
  if (one_line(act.by, kIdentityBytesMax)) return {};
  return refused("'by' must name a person: one line of 1 to " + std::to_string(kIdentityBytesMax) + " bytes");
}

Result<> check_period(const RegimePeriod& period) {
  if (period.territory.empty() || period.territory.size() > kTerritoriesMax)
    return refused("'territory' needs 1 to " + std::to_string(kTerritoriesMax) + " codes of ISO 3166-1 or -2");
  for (const std::string& code : period.territory)
    if (!is_territory(code))
      return refused('\'' + printable(code, 64) + "' is no territory; write ISO 3166-1 or -2 in capitals: AT, AT-9");
  if (period.to && *period.to <= period.from) return refused("'to' must be later than 'from'");
  if (!one_line(period.basis_text, kDataTextBytesMax))
    return refused("'basis' must say why: one line of 1 to " + std::to_string(kDataTextBytesMax) + " bytes");
  if (!one_line(period.basis_document, kDataTextBytesMax))
    return refused("'document' must name the determination: one line of 1 to " + std::to_string(kDataTextBytesMax) +
                   " bytes");
  return {};
}

std::string id_of(const RegimePeriod& period, const RegimePeriod::Act& by, std::size_t salt) {
  std::string key{to_string(period.kind)};
  for (const std::string& code : period.territory) key += '|' + code;
  key += '|' + to_rfc3339(period.from, 9) + '|' + to_rfc3339(by.at, 9) + '|' + std::to_string(salt);
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%08llx", static_cast<unsigned long long>(hash64(key) & 0xffff'ffffU));
  return text.data();
}

void member(std::string_view name, std::string_view text, std::string& out) {
  out.append(out.size() == 1 ? "\"" : ", \"").append(name).append("\": ");
  append_json_string(text, out);
}
void raw(std::string_view name, std::string_view json, std::string& out) {
  out.append(out.size() == 1 ? "\"" : ", \"").append(name).append("\": ").append(json);
}

}  // namespace

std::string to_json(const RegimePeriod::Act& act) {
  std::string out = "{";
  member("by", act.by, out);
  if (act.uid >= 0) raw("uid", std::to_string(act.uid), out);
  member("at", to_rfc3339(act.at), out);
  return out + '}';
}

std::string to_json(const RegimePeriod& period) {
  std::string out = "{", codes;
  member("id", period.id, out);
  member("kind", to_string(period.kind), out);
  for (const std::string& code : period.territory) {
    codes += codes.empty() ? "[" : ", ";
    append_json_string(code, codes);
  }
  raw("territory", codes + ']', out);
  member("from", to_rfc3339(period.from), out);
  if (period.to) member("to", to_rfc3339(*period.to), out);
  member("basis", period.basis_text, out);
  member("document", period.basis_document, out);
  raw("proposed", to_json(period.proposed), out);
  if (!period.confirmed.by.empty()) raw("confirmed", to_json(period.confirmed), out);
  if (period.ended)
    raw("ended",
        "{\"proposed\": " + to_json(period.ended->proposed) + ", \"confirmed\": " + to_json(period.ended->confirmed) +
            '}',
        out);
  return out + '}';
}

std::string to_json(const RegimeProposal& proposal) {
  std::string out = "{";
  const bool begin = proposal.what == RegimeProposal::What::begin;
  member("id", proposal.id, out);
  member("what", begin ? "begin" : "end", out);
  if (begin) {
    raw("period", to_json(proposal.period), out);
  } else {
    member("period_id", proposal.period.id, out);
    member("end_at", to_rfc3339(proposal.end_at), out);
    raw("proposed", to_json(proposal.proposed), out);
  }
  return out + '}';
}

bool same_identity(std::string_view a, std::string_view b) {
  const auto folded = [](std::string_view text) {
    std::string out;
    for (const Folded& letter : fold_text(text)) {
      const char32_t c = letter.code == U' ' ? letter.mark : letter.code;
      if (c > U' ' && c != 0xa0 && c != 0x3000) append_utf8(c, out);
    }
    return out;
  };
  return folded(a) == folded(b);
}

std::shared_ptr<const RegimeTimeline> RegimeBook::timeline() const {
  return std::make_shared<const RegimeTimeline>(periods_);
}

std::string RegimeBook::to_yaml() const {
  std::string out =
      "# What people determined about the regime (normwatch regime). Written by the daemon; do not edit.\nversion: 1\n";
  out += periods_.empty() ? "periods: []\n" : "periods:\n";
  for (const RegimePeriod& period : periods_) out += "  - " + to_json(period) + '\n';
  out += proposals_.empty() ? "proposals: []\n" : "proposals:\n";
  for (const RegimeProposal& proposal : proposals_) out += "  - " + to_json(proposal) + '\n';
  return out;
}

Result<std::string> RegimeBook::propose(RegimePeriod period, const RegimePeriod::Act& by) {
  if (auto good = check_period(period); !good) return good.error();
  if (auto good = check_act(by); !good) return good.error();
  if (proposals_.size() >= kRegimeProposalsMax || periods_.size() >= kRegimePeriodsMax)
    return Error{Errc::full, "the book of regimes is full; confirm or reject what waits: normwatch regime show"};
  RegimeProposal proposal;
  const auto taken = [this](const std::string& id) {
    return position(id).has_value() ||
           std::any_of(periods_.begin(), periods_.end(), [&id](const RegimePeriod& known) { return known.id == id; });
  };
  std::size_t salt = 0;
  do proposal.id = id_of(period, by, salt++);
  while (taken(proposal.id));
  period.id = proposal.id;
  period.proposed = by;
  period.confirmed = {};
  period.ended.reset();
  proposal.period = std::move(period);
  proposal.proposed = by;
  proposals_.push_back(proposal);
  return proposal.id;
}

Result<std::string> RegimeBook::propose_end(std::string_view id, Timestamp at, const RegimePeriod::Act& by) {
  if (auto good = check_act(by); !good) return good.error();
  const auto found =
      std::find_if(periods_.begin(), periods_.end(), [id](const RegimePeriod& period) { return period.id == id; });
  if (found == periods_.end())
    return Error{Errc::not_found, "no period '" + printable(id, 64) +
                                      "' is in force; a proposal is taken back with: normwatch regime reject"};
  if (at <= found->from)
    return refused("a period cannot end before it begins; it begins at " + to_rfc3339(found->from));
  if (found->to && at >= *found->to)
    return refused("it ends at " + to_rfc3339(*found->to) + " already; propose a new period for what comes after");
  RegimeProposal proposal;
  proposal.what = RegimeProposal::What::end;
  proposal.id = found->id + std::string{kEndMark};
  if (position(proposal.id)) return Error{Errc::in_use, "an end of it waits already; confirm or reject " + proposal.id};
  if (proposals_.size() >= kRegimeProposalsMax)
    return Error{Errc::full, "too many proposals wait; confirm or reject them: normwatch regime show"};
  proposal.period = *found;
  proposal.end_at = at;
  proposal.proposed = by;
  proposals_.push_back(proposal);
  return proposal.id;
}

Result<std::size_t> RegimeBook::position(std::string_view id) const {
  for (std::size_t i = 0; i < proposals_.size(); ++i)
    if (proposals_[i].id == id) return i;
  return Error{Errc::not_found, "no proposal '" + printable(id, 64) + "' waits; normwatch regime show lists them"};
}

Result<RegimeProposal> RegimeBook::confirm(std::string_view id, const RegimePeriod::Act& by) {
  if (auto good = check_act(by); !good) return good.error();
  const auto at = position(id);
  if (!at) return at.error();
  RegimeProposal proposal = proposals_[*at];
  if (same_identity(proposal.proposed.by, by.by))
    return Error{Errc::no_permission, "whoever proposed it cannot confirm it; it needs a second person"};
  if (proposal.what == RegimeProposal::What::begin) {
    if (periods_.size() >= kRegimePeriodsMax) return Error{Errc::full, "the book of regimes is full"};
    RegimePeriod period = proposal.period;
    period.confirmed = by;
    periods_.push_back(std::move(period));
  } else {
    for (RegimePeriod& period : periods_) {
      if (period.id != proposal.period.id) continue;
      period.to = proposal.end_at;
      period.ended = RegimePeriod::End{proposal.proposed, by};
    }
  }
  proposals_.erase(proposals_.begin() + static_cast<std::ptrdiff_t>(*at));
  return proposal;
}

Result<RegimeProposal> RegimeBook::reject(std::string_view id, const RegimePeriod::Act& by) {
  if (auto good = check_act(by); !good) return good.error();
  const auto at = position(id);
  if (!at) return at.error();
  RegimeProposal proposal = proposals_[*at];
  proposals_.erase(proposals_.begin() + static_cast<std::ptrdiff_t>(*at));
  return proposal;
}

// ---- reading ----

class RegimeBookReader {
 public:
  RegimeBookReader(std::string_view file, Diagnostics& diagnostics, RegimeBook& book)
      : file_{file}, diagnostics_{diagnostics}, book_{book} {}

  void read(const YamlNode& root) {
    YamlMap map{root, "the book of regimes", file_, diagnostics_};
    if (!map.ok()) return;
    check_version(map, 1);
    if (const YamlNode* list = list_of(map, "periods", kRegimePeriodsMax, true); list != nullptr)
      for (const YamlNode& item : list->items) read_period(item);
    if (const YamlNode* list = list_of(map, "proposals", kRegimeProposalsMax, false); list != nullptr)
      for (const YamlNode& item : list->items) read_proposal(item);
    map.finish();
  }

 private:
  const YamlNode* list_of(YamlMap& map, std::string_view key, std::size_t most, bool needed) {
    const YamlNode* node = needed ? map.require(key) : map.take(key);
    if (node == nullptr) return nullptr;
    if (node->kind == YamlNode::Kind::sequence && node->items.size() <= most) return node;
    map.error(node->mark, "wrong-type",
              '\'' + std::string{key} + "' must be a list of at most " + std::to_string(most));
    return nullptr;
  }

  Timestamp time(YamlMap& map, std::string_view key) {
    const YamlNode* node = map.require(key);
    if (node == nullptr) return {};
    const auto read = parse_rfc3339(map.text(key));
    if (read) return *read;
    map.error(node->mark, "bad-time", '\'' + std::string{key} + "' must be a time: 2026-01-15T08:00:00Z");
    return {};
  }

  RegimePeriod::Act act(YamlMap& map, std::string_view key) {
    RegimePeriod::Act out;
    const YamlNode* node = map.require(key);
    if (node == nullptr) return out;
    YamlMap one{*node, key, file_, diagnostics_};
    if (!one.ok()) return out;
    out.by = needed_text(one, "by", kIdentityBytesMax);
    if (const YamlNode* by = node->find("by"); by != nullptr && !out.by.empty()) check(check_act(out), by->mark);
    out.uid = one.integer("uid", -1, 0, 4'294'967'295);
    out.at = time(one, "at");
    one.finish();
    return out;
  }

  void check(const Result<>& good, Mark mark) {
    if (!good) diagnostics_.error(file_, mark, "bad-period", good.error().what);
  }

  void two(const RegimePeriod::Act& one, const RegimePeriod::Act& other, Mark mark) {
    if (!one.by.empty() && same_identity(one.by, other.by))
      diagnostics_.error(file_, mark, "same-identity", "one person proposed and confirmed it",
                         "the regime takes two: have another one confirm it with 'normwatch regime confirm'");
  }

  RegimePeriod period(const YamlNode& node, bool confirmed) {
    RegimePeriod out;
    YamlMap map{node, "a period", file_, diagnostics_};
    if (!map.ok()) return out;
    out.id = needed_text(map, "id", 64);
    if (!out.id.empty() && !is_data_word(out.id, "-"))
      map.error(map.mark(), "bad-id", '\'' + printable(out.id, 64) + "' cannot be a period's id",
                "1 to 64 of a-z, 0-9 and '-'");
    if (map.require("kind") != nullptr) out.kind = static_cast<ConflictKind>(map.choice("kind", 0, kConflictKinds));
    if (map.require("territory") != nullptr) out.territory = map.texts("territory");
    out.from = time(map, "from");
    if (map.take("to") != nullptr) out.to = time(map, "to");
    out.basis_text = needed_text(map, "basis");
    out.basis_document = needed_text(map, "document");
    out.proposed = act(map, "proposed");
    if (confirmed) {
      out.confirmed = act(map, "confirmed");
      two(out.proposed, out.confirmed, map.mark());
      if (const YamlNode* ended = map.take("ended"); ended != nullptr) {
        YamlMap both{*ended, "an end", file_, diagnostics_};
        if (both.ok()) {
          out.ended = RegimePeriod::End{act(both, "proposed"), act(both, "confirmed")};
          two(out.ended->proposed, out.ended->confirmed, both.mark());
          both.finish();
        }
      }
    }
    map.finish();
    if (!out.basis_text.empty() && !out.basis_document.empty()) check(check_period(out), map.mark());
    return out;
  }

  void unique(const std::string& id, Mark mark) {
    const auto same = [&id](const auto& other) { return other.id == id; };
    if (std::any_of(book_.periods_.begin(), book_.periods_.end(), same) ||
        std::any_of(book_.proposals_.begin(), book_.proposals_.end(), same))
      diagnostics_.error(file_, mark, "duplicate-period", '\'' + printable(id, 64) + "' stands twice");
  }

  void read_period(const YamlNode& node) {
    RegimePeriod one = period(node, true);
    unique(one.id, node.mark);
    book_.periods_.push_back(std::move(one));
  }

  void read_proposal(const YamlNode& node) {
    static constexpr std::array<std::string_view, 2> kWhat{"begin", "end"};
    YamlMap map{node, "a proposal", file_, diagnostics_};
    if (!map.ok()) return;
    RegimeProposal out;
    out.id = needed_text(map, "id", 64);
    if (!out.id.empty() && !is_data_word(out.id, "-"))
      map.error(map.mark(), "bad-id", '\'' + printable(out.id, 64) + "' cannot be a proposal's id",
                "1 to 64 of a-z, 0-9 and '-'");
    const bool end = map.require("what") != nullptr && map.choice("what", 0, kWhat) == 1;
    if (!end) {
      if (const YamlNode* begun = map.require("period"); begun != nullptr) out.period = period(*begun, false);
      out.proposed = out.period.proposed;
      if (!out.id.empty() && out.period.id != out.id)
        map.error(map.mark(), "bad-id", "a proposal and its period have one id");
    } else {
      out.what = RegimeProposal::What::end;
      const std::string id = needed_text(map, "period_id", 64);
      out.end_at = time(map, "end_at");
      out.proposed = act(map, "proposed");
      const auto found = std::find_if(book_.periods_.begin(), book_.periods_.end(),
                                      [&id](const RegimePeriod& known) { return known.id == id; });
      if (found == book_.periods_.end())
        map.error(map.mark(), "unknown-period", "it would end '" + printable(id, 64) + "', which is not in 'periods'");
      else
        out.period = *found;
    }
    map.finish();
    unique(out.id, node.mark);
    book_.proposals_.push_back(std::move(out));
  }

  std::string_view file_;
  Diagnostics& diagnostics_;
  RegimeBook& book_;
};

RegimeBook RegimeBook::load(std::string_view text, std::string_view file, Diagnostics& diagnostics) {
  RegimeBook book;
  if (const auto root = one_document(text, file, "the book of regimes", diagnostics))
    RegimeBookReader{file, diagnostics, book}.read(*root);
  return book;
}

}  // namespace nw::context
