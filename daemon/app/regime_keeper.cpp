#include "app/regime_keeper.h"

#include <array>
#include <filesystem>

#include "base/text.h"
#include "base/yaml.h"
#include "context/norms/data_file.h"
#include "record/entry.h"
#include "record/ledger/durable_file.h"

namespace nw::app {

namespace {

using context::RegimeBook;
using context::RegimePeriod;
using context::RegimeProposal;

constexpr std::size_t kFileBytesMax = std::size_t{16} << 20;  // over what a full book can be

struct Request {
  RegimePeriod period;
  std::string id, by;
  Timestamp at{};
};

std::optional<Timestamp> read_time(YamlMap& map, std::string_view key, const YamlNode* node) {
  if (node == nullptr) return std::nullopt;
  const auto time = parse_rfc3339(map.text(key));
  if (time) return *time;
  map.error(node->mark, "bad-time", '\'' + std::string{key} + "' must be a time: 2026-01-15T08:00:00Z");
  return std::nullopt;
}

Result<Request> read_request(RegimeKeeper::Step step, std::string_view text) {
  constexpr std::string_view kName = "the request";
  Diagnostics diagnostics;
  Request out;
  if (const auto root = context::one_document(text, kName, "the regime", diagnostics)) {
    YamlMap map{*root, "a request", kName, diagnostics};
    if (map.ok()) {
      out.by = map.require_text("by");
      if (step == RegimeKeeper::Step::propose) {
        if (map.require("kind") != nullptr)
          out.period.kind = static_cast<context::ConflictKind>(map.choice("kind", 0, context::kConflictKinds));
        if (map.require("territory") != nullptr) out.period.territory = map.texts("territory");
        out.period.from = read_time(map, "from", map.require("from")).value_or(Timestamp{});
        out.period.to = read_time(map, "to", map.take("to"));
        out.period.basis_text = map.require_text("basis");
        out.period.basis_document = map.require_text("document");
      } else {
        out.id = map.require_text("id");
        if (step == RegimeKeeper::Step::end) out.at = read_time(map, "at", map.require("at")).value_or(Timestamp{});
      }
      map.finish();
    }
  }
  if (!diagnostics.ok()) return Error{Errc::malformed, diagnostics.to_string()};
  return out;
}

std::string territory_of(const RegimePeriod& period) {
  std::string out;
  for (const std::string& code : period.territory) out += (out.empty() ? "" : ", ") + code;
  return out;
}

// What a proposal comes to, in words.
std::string words_of(const RegimeProposal& proposal) {
  const RegimePeriod& period = proposal.period;
  if (proposal.what == RegimeProposal::What::end)
    return "the end of " + period.id + " at " + to_rfc3339(proposal.end_at, 0);
  return "armed conflict (" + std::string{to_string(period.kind)} + ") in " + territory_of(period) + " from " +
         to_rfc3339(period.from, 0) + (period.to ? " to " + to_rfc3339(*period.to, 0) : std::string{});
}

const RegimeProposal& last_of(const RegimeBook& book) { return book.proposals().back(); }

}  // namespace

std::string regime_file(const std::string& state_directory) { return state_directory + "/regime.yaml"; }

Result<RegimeBook> read_regime_book(const std::string& file) {
  const auto text = read_text_file(file, kFileBytesMax);
  if (!text) return text.error();
  Diagnostics diagnostics;
  RegimeBook book = RegimeBook::load(*text, file, diagnostics);
  if (!diagnostics.ok()) return Error{Errc::malformed, diagnostics.to_string()};
  return book;
}

std::shared_ptr<const Snapshot> with_regimes(const std::shared_ptr<const Snapshot>& snapshot, const RegimeBook& book) {
  auto next = std::make_shared<Snapshot>(*snapshot);
  next->regimes = book.timeline();
  next->regime_hash = sha256_hex(book.to_yaml());
  return next;
}

Result<> RegimeKeeper::open() {
  auto book = read_regime_book(file_);
  if (book) {
    book_ = std::move(*book);
    return {};
  }
  if (book.error().code == Errc::not_found) return {};
  return Error{
      book.error().code,
      "the regime in force cannot be known: " + book.error().what +
          "\nmend the file; or, if nobody can, put it aside: peacetime then holds until two people set it anew"};
}

Result<RegimeKeeper::Done> RegimeKeeper::change(Step step, std::string_view request, std::int64_t uid, Timestamp now) {
  auto wanted = read_request(step, request);
  if (!wanted) return wanted.error();
  const RegimePeriod::Act act{wanted->by, uid, now};
  RegimeBook next = book_;
  Done out;
  RegimeProposal proposal;
  if (step == Step::propose || step == Step::end) {
    const auto id = step == Step::propose ? next.propose(std::move(wanted->period), act)
                                          : next.propose_end(wanted->id, wanted->at, act);
    if (!id) return id.error();
    proposal = last_of(next);
    out.entry_type = record::kEntryRegimePropose;
    out.told = "proposed, and not in force: " + words_of(proposal) +
               "\nAnother person confirms it with: normwatch regime confirm " + *id + " --by NAME\n";
  } else {
    auto taken = step == Step::confirm ? next.confirm(wanted->id, act) : next.reject(wanted->id, act);
    if (!taken) return taken.error();
    proposal = std::move(*taken);
    out.in_force = step == Step::confirm;
    out.entry_type = out.in_force ? record::kEntryRegimeConfirm : record::kEntryRegimeReject;
    out.told = (out.in_force ? "confirmed, and in force: " : "rejected: ") + words_of(proposal) + '\n';
  }
  out.id = proposal.id;
  const std::string text = next.to_yaml();
  if (auto written = record::replace_file(record::system_files(), file_, text); !written) return written.error();
  book_ = std::move(next);
  out.entry_body = "{\"act\": " + to_json(act) + ", \"proposal\": " + to_json(proposal) + ", \"regime_sha256\": \"" +
                   sha256_hex(text) + "\"}";
  return out;
}

std::string regime_json(const RegimeBook& book, const context::RegimePolicies& policies, Timestamp now) {
  const auto timeline = book.timeline();
  const context::RegimeInForce in_force = timeline->at(now, {});
  const context::RegimePolicy& policy = policies.of(in_force.regime);
  const auto list = [](const auto& items) {
    std::string out = "[";
    for (const auto& item : items) out += (out.size() == 1 ? "" : ", ") + to_json(item);
    return out + ']';
  };
  std::string out = "{\"regime\": \"" + std::string{to_string(in_force.regime)} + "\", \"kind\": \"" +
                    in_force.kinds() + "\", \"policy\": {\"severity_step\": " + std::to_string(policy.severity_step) +
                    ", \"retention_days\": " + std::to_string(policy.retention_days) + ", \"tlp\": \"" + policy.tlp +
                    "\", \"share\": [";
  for (std::size_t i = 0; i < policy.share.size(); ++i) {
    if (i != 0) out += ", ";
    append_json_string(policy.share[i], out);
  }
  out += "]}, \"caution\": ";
  append_json_string(context::kRegimeCaution, out);
  return out + ", \"periods\": " + list(book.periods()) + ", \"proposals\": " + list(book.proposals()) + '}';
}

}  // namespace nw::app
