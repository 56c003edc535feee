#include "app/reporting_desk.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/clock.h"
#include "base/log.h"

namespace nw::app {

namespace {

using reporting::DeadlineState;

constexpr std::chrono::seconds kRound{1};
constexpr std::chrono::minutes kEvery{1};
constexpr std::chrono::seconds kTellEvery{10};
constexpr std::chrono::seconds kRereadLeast{2};
constexpr int kRereadShare = 20;  // reading takes a twentieth of the time at most
constexpr std::array<DeadlineState, 2> kOpenStates{DeadlineState::running, DeadlineState::overdue};

std::int64_t desk_steady_ns() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

bool is_open(DeadlineState state) { return std::ranges::find(kOpenStates, state) != kOpenStates.end(); }

double unix_seconds(Timestamp t) { return static_cast<double>(to_unix_nanoseconds(t)) / 1e9; }

// Clocks need neither the alerts nor the acts of a case, which may be thousands.
void lighten(record::CaseFile& file) {
  if (file.alerts.size() > 1) {
    const auto first = std::ranges::min_element(file.alerts, {}, &record::CaseAlert::receive_time);
    file.alerts = {*first};
  }
  file.acts.clear();
  file.factors.clear();
  file.hypotheses.clear();
}

}  // namespace

std::vector<OpenStage> open_stages(const std::vector<record::CaseFile>& cases, const ReportingBook& book,
                                   Timestamp now) {
  std::vector<OpenStage> out;
  for (const record::CaseFile& file : cases) {
    if (!has_clocks(file) || file.incident.exercise) continue;
    for (const auto& regime : book.regimes) {
      for (const reporting::Deadline& d : clocks_of(file, regime, book.roles, now).deadlines)
        if (is_open(d.state))
          out.push_back({file.incident.id, regime->id, d.stage, d.title, d.by, d.state, d.from, d.due});
    }
  }
  std::ranges::stable_sort(out, {}, [](const OpenStage& one) { return one.due.value_or(Timestamp::max()); });
  return out;
}

std::vector<DeadlineTeller::Told> DeadlineTeller::look(const std::vector<OpenStage>& open, Timestamp now) {
  std::vector<Told> out;
  std::set<std::string> still;
  std::array<std::size_t, 2> fresh{};
  for (const OpenStage& one : open) {
    if (!one.due) continue;
    const bool late = now > *one.due;
    const bool soon = one.from && *one.due - now <= (*one.due - *one.from) / 4;
    if (!late && !soon) continue;
    std::string key = one.incident + '|' + one.regime + '|' + one.stage + '|' +
                      std::to_string(to_unix_nanoseconds(*one.due)) + (late ? "|late" : "|soon");
    if (!told_.contains(key)) {
      if (++fresh[late ? 1 : 0] > kToldMax) continue;
      out.push_back({one, late});
    }
    still.insert(std::move(key));
  }
  told_ = std::move(still);
  return out;
}

ReportingDesk::ReportingDesk(CaseReader cases, std::function<std::uint64_t()> version,
                             std::shared_ptr<const ReportingBook> book)
    : reader_{std::move(cases)}, version_{std::move(version)}, heartbeat_{desk_steady_ns()} {
  state_.book = std::move(book);
}

ReportingDesk::~ReportingDesk() { close(); }

void ReportingDesk::start() {
  heartbeat_ = desk_steady_ns();
  thread_ = std::thread{[this] { run(); }};
}

void ReportingDesk::close() {
  {
    const std::lock_guard lock{mutex_};
    closing_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void ReportingDesk::use(std::shared_ptr<const ReportingBook> book) {
  {
    const std::lock_guard lock{mutex_};
    state_.book = std::move(book);
    changed_ = true;
  }
  wake_.notify_all();
}

void ReportingDesk::run() {
  std::int64_t looked = 0, took = 0;
  std::uint64_t seen = 0;
  for (;;) {
    {
      std::unique_lock lock{mutex_};
      if (closing_) return;
      wake_.wait_for(lock, kRound, [this] { return closing_ || changed_; });
      if (closing_) return;
      if (changed_) looked = 0;
      changed_ = false;
    }
    const std::int64_t now = desk_steady_ns();
    heartbeat_ = now;
    const std::int64_t pause = std::max(std::chrono::nanoseconds{kRereadLeast}.count(), kRereadShare * took);
    const bool moved = version_() != seen && now - looked >= pause;
    const auto every = std::chrono::nanoseconds{untold_ ? Nanoseconds{kTellEvery} : Nanoseconds{kEvery}};
    if (looked != 0 && !moved && now - looked < every.count()) continue;
    seen = version_();
    look(wall_now());
    looked = desk_steady_ns();
    took = looked - now;
  }
}

void ReportingDesk::failed(const Error& error) {
  const std::lock_guard lock{mutex_};
  ++state_.failures;
  if (!std::exchange(unlisted_, true))
    log_error("reporting_unreadable",
              "case files cannot be read: what is due is shown as of the last time; it is tried again each minute",
              {{"error", error.what}});
  state_.error = error.what;
}

// Its clocks as of the last time, or else its own without those of what was merged into it: better than none.
std::optional<record::CaseFile> ReportingDesk::unreadable(const std::string& id, const Error& error) {
  {
    const std::lock_guard lock{mutex_};
    ++state_.failures;
  }
  const auto known = std::ranges::find(cases_, id, [](const record::CaseFile& file) { return file.incident.id; });
  std::optional<record::CaseFile> out;
  if (known != cases_.end()) {
    out = *known;
  } else if (auto own = reader_.read(id); own) {
    lighten(*own);
    out = std::move(*own);
  }
  if (!unreadable_.contains(id))
    log_error("reporting_case_unreadable",
              out ? "a case cannot be read whole: its clocks are those of the last time, or without those of what was "
                    "merged into it; it is tried again each minute"
                  : "a case cannot be read, and its clocks are not known; it is tried again each minute",
              {{"incident", id}, {"error", error.what}});
  return out;
}

void ReportingDesk::read_cases() {
  const std::uint64_t version = version_();
  // One more than are kept tells that there are more.
  const auto ids = reader_.ids(kCasesMax + 1);
  if (!ids) return failed(ids.error());
  unlisted_ = false;
  std::vector<record::CaseFile> cases;
  std::set<std::string> still;  // unreadable
  std::string fault;
  std::size_t looked_at = 0;
  const auto closing = [this] {
    const std::lock_guard lock{mutex_};
    return closing_;
  };
  // Also between the many that may be merged into one.
  const ReadCase read = [this, &closing](const std::string& id) -> Result<record::CaseFile> {
    heartbeat_ = desk_steady_ns();
    if (closing()) return Error{Errc::unavailable, "the daemon is about to end"};
    return reader_.read(id);
  };
  for (const std::string& id : *ids) {
    if (looked_at++ == kCasesMax) break;
    auto file = read_whole_case(id, read);
    if (closing()) return;
    if (!file) {
      if (auto old = unreadable(id, file.error())) cases.push_back(std::move(*old));
      still.insert(id);
      if (fault.empty()) fault = id + ": " + file.error().what;
      continue;
    }
    lighten(*file);
    cases.push_back(std::move(*file));
  }
  cases_ = std::move(cases);
  unreadable_ = std::move(still);
  const std::lock_guard lock{mutex_};
  if (!fault.empty()) {
    state_.error = fault;
    read_version_.reset();  // so that it is tried again
  } else {
    read_version_ = version;
  }
  const bool left_out = ids->size() > kCasesMax;
  if (left_out && !state_.left_out)
    log_warning("reporting_cases_left_out", "there are more incidents with clocks than are watched: the oldest are not",
                {{"most", std::to_string(kCasesMax)}});
  state_.left_out = left_out;
  if (!fault.empty() || state_.error.empty()) return;
  log_info("reporting_readable", "case files are read again");
  state_.error.clear();
}

void ReportingDesk::look(Timestamp now) {
  std::shared_ptr<const ReportingBook> book;
  {
    const std::lock_guard lock{mutex_};
    book = state_.book;
  }
  if (book->regimes.empty()) {
    const std::lock_guard lock{mutex_};
    state_.open.clear();
    state_.cases = 0;
    return;
  }
  if (read_version_ != version_()) read_cases();
  std::vector<OpenStage> open = open_stages(cases_, *book, now);
  // The log lets ten lines of one kind through in ten seconds.
  const bool quiet = told_at_ && now >= *told_at_ && now - *told_at_ < kTellEvery;
  if (!quiet) told_at_ = now;
  untold_ = quiet;
  for (const DeadlineTeller::Told& told : quiet ? std::vector<DeadlineTeller::Told>{} : teller_.look(open, now)) {
    const OpenStage& one = told.stage;
    const auto tell = told.late ? log_error : log_warning;
    tell(told.late ? "reporting_overdue" : "reporting_due_soon",
         told.late ? "a report was not sent in time: normwatch reporting status shows which"
                   : "a report is due soon: normwatch reporting draft writes one",
         {{"incident", one.incident},
          {"regime", one.regime},
          {"stage", one.stage},
          {"due", to_rfc3339(*one.due, 0)},
          {"owed_by", std::string{reporting::kBy[static_cast<std::size_t>(one.by)]}}});
  }
  const std::lock_guard lock{mutex_};
  state_.open = std::move(open);
  state_.cases = cases_.size();
}

std::vector<OpenStage> ReportingDesk::open() const {
  const std::lock_guard lock{mutex_};
  return state_.open;
}

void ReportingDesk::fill(metrics::Snapshot& out) const {
  const std::lock_guard lock{mutex_};
  out.set("normwatch_reporting_read_failures_total", {}, static_cast<double>(state_.failures));
  for (const auto& regime : state_.book->regimes) {
    std::map<DeadlineState, double> by_state;
    for (const reporting::ReportingStage& stage : regime->stages) {
      double overdue = 0;
      std::optional<Timestamp> due;
      for (const OpenStage& one : state_.open) {
        if (one.regime != regime->id || one.stage != stage.id) continue;
        ++by_state[one.state];
        overdue += one.state == DeadlineState::overdue ? 1 : 0;
        if (one.due && (!due || *one.due < *due)) due = one.due;
      }
      const std::string_view by = reporting::kBy[static_cast<std::size_t>(stage.by)];
      out.set("normwatch_reporting_overdue", {regime->id, stage.id, by}, overdue);
      if (due) out.set("normwatch_reporting_due_timestamp_seconds", {regime->id, stage.id, by}, unix_seconds(*due));
    }
    for (const DeadlineState state : kOpenStates)
      out.set("normwatch_reporting_open", {regime->id, to_string(state)}, by_state[state]);
  }
}

boost::json::object ReportingDesk::status() const {
  const std::lock_guard lock{mutex_};
  boost::json::object out;
  std::string regimes;
  for (const auto& regime : state_.book->regimes) regimes += (regimes.empty() ? "" : ", ") + regime->id;
  out["regimes"] = regimes;
  out["cases"] = state_.cases;
  if (state_.left_out) out["left_out"] = "the oldest";
  for (const DeadlineState state : kOpenStates)
    out[std::string{to_string(state)}] = std::ranges::count(state_.open, state, &OpenStage::state);
  if (!state_.open.empty() && state_.open.front().due) {
    const OpenStage& first = state_.open.front();
    out["first"] = first.incident + ' ' + first.regime + ' ' + first.stage;
    out["first_due"] = to_rfc3339(*first.due, 0);
  }
  if (!state_.error.empty()) out["error"] = state_.error;
  return out;
}

}  // namespace nw::app
