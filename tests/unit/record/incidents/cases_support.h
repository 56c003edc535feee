// What the tests of acts share: a store that is fed alerts and acts as a ledger would.
#pragma once

#include "unit/record/incidents/store_support.h"

namespace nw::record::test {

inline Act act_on(const std::string& incident, ActKind kind,
                  std::vector<std::pair<std::string, std::string>> values = {}, std::string why = "because") {
  static std::uint64_t made = 0;
  char id[2 * kActIdBytes + 1];
  std::snprintf(id, sizeof id, "%032llx", static_cast<unsigned long long>(++made));
  Act out;
  out.id = id;
  out.kind = kind;
  out.incident = incident;
  out.by = "s-17";
  out.uid = 1000;
  out.why = std::move(why);
  out.values = std::move(values);
  return out;
}

inline std::string id_of(int number) {
  char out[32];
  std::snprintf(out, sizeof out, "NW-2026-%06d", number);
  return out;
}

// An alert of a family, by an actor.
inline Alert alert_by(std::uint64_t number, const std::string& actor, const std::string& rule = "r",
                      const std::string& family = "", std::int64_t minute = 0) {
  Alert out = alert_number(number, rule, "a", minute);
  out.family = family;
  out.source_address = actor;
  return out;
}

class Fed {
 public:
  explicit Fed(Nanoseconds quiet = std::chrono::hours{24}) : store_{must_open(dir_ / "i.sqlite", quiet)} {}

  // Its index.
  std::uint64_t entry(std::string payload) {
    const auto applied = store_->apply(entries_of({payload}, next_));
    EXPECT_TRUE(applied) << applied.error().what;
    payloads_.push_back(std::move(payload));
    return next_++;
  }
  std::uint64_t alert(const Alert& alert) { return entry(entry_of(alert)); }
  // As the daemon does it: checked first, which must not differ from what the store then does.
  std::uint64_t act(const Act& act) {
    const auto good = store_->check(act);
    EXPECT_TRUE(good) << good.error().what;
    const std::uint64_t at = act_unchecked(act);
    const auto outcome = store_->outcome(act);
    EXPECT_TRUE(outcome && *outcome && (*outcome)->refused.empty());
    return at;
  }
  std::uint64_t act_unchecked(const Act& act) {
    return entry(make_entry(kEntryIncident, now_ += std::chrono::minutes{1}, act.to_json()));
  }
  [[nodiscard]] CaseFile file(int number) const {
    auto out = store_->case_file(id_of(number));
    EXPECT_TRUE(out) << out.error().what;
    return out ? std::move(*out) : CaseFile{};
  }
  // The same entries into a new store, in steps.
  [[nodiscard]] std::string replayed(std::size_t step) const {
    const TempDir dir;
    const auto store = must_open(dir / "i.sqlite");
    const auto entries = entries_of(payloads_);
    for (std::size_t at = 0; at < entries.size(); at += step)
      EXPECT_TRUE(store->apply(std::span{entries}.subspan(at, std::min(step, entries.size() - at))));
    return dump(dir / "i.sqlite");
  }
  [[nodiscard]] std::string rows() const { return dump(dir_ / "i.sqlite"); }
  [[nodiscard]] IncidentStore& store() const { return *store_; }
  [[nodiscard]] std::uint64_t next() const { return next_; }

 private:
  TempDir dir_;
  std::unique_ptr<IncidentStore> store_;
  std::vector<std::string> payloads_;
  std::uint64_t next_ = 0;
  Timestamp now_ = at("2026-01-16T00:00:00Z");
};

}  // namespace nw::record::test
