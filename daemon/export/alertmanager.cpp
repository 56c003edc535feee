// Prometheus Alertmanager, API v2 (POST /api/v2/alerts). Alertmanager is a channel, the ledger is the truth.
//
// Every instance gets every alert. A batch is delivered when at least one instance took each of its alerts; an instance
// that was away catches up with the next re-send of the open set. When none answers, the batch is tried again.
#include <algorithm>
#include <bit>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <chrono>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "export/alertmanager_set.h"
#include "export/http_client.h"
#include "export/kinds.h"

namespace nw::exporter {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kInstancesMax = 16;  // bits of OpenAlert::refused
constexpr std::size_t kExtraLabelsMax = 16;
// What is sent at once, however many posts that is, ends within two timeouts, also to a slow instance: before the
// runner's deadline of 30 seconds, which would forget what the others have taken.
constexpr std::chrono::seconds kTimeoutMost{10};
constexpr std::size_t kChunkAlerts = 500, kChunkBytes = 1U << 20;
// More than any batch, so that room is made by alerts that were accepted before.
constexpr std::int64_t kOpenLeast = 1024;

struct Options {
  std::vector<HttpUrl> urls;
  Nanoseconds resend{}, timeout{};
  OpenSetOptions set;
};

struct Item {
  std::string labels, json;
  std::uint32_t refused = 0;  // instances that are not asked
};

// One round of sending: the items and, by instance, what became of each. Shared by the instances' coroutines.
struct Round {
  std::vector<Item> items;
  std::vector<std::uint32_t> accepted, refused;  // by item: a bit for each instance
  std::vector<std::string> errors;               // by instance: why it stopped; empty: it went through all
  std::chrono::steady_clock::time_point until;   // no post begins later
};

class AlertmanagerOutput final : public Output {
 public:
  explicit AlertmanagerOutput(Options options)
      : options_{std::move(options)}, set_{options_.set}, down_(options_.urls.size(), false) {}

  Result<> restore(std::string_view state) { return set_.restore(state); }

  asio::awaitable<Result<>> deliver(Batch batch) override {
    const Timestamp now = wall_now();
    std::size_t left = 0;
    for (const LedgerItem& item : *batch) left += set_.merge(item, now);
    if (left != 0)
      log_warning("alertmanager_open_set_full", "Too many alerts are open at once; the least severe are not re-sent.",
                  {{"left_out", std::to_string(left)}, {"open_max", std::to_string(options_.set.open_max)}});
    set_.extend_waiting(now);
    auto sending = send(true);
    auto sent = co_await std::move(sending);
    co_return sent;
  }

  asio::awaitable<Result<>> tick() override {
    const auto now = std::chrono::steady_clock::now();
    // The runner's clock and ours meet within a moment; an eighth early is better than a whole interval late.
    if (now + options_.resend / 8 < next_resend_) co_return Result<>{};
    set_.expire(wall_now());
    auto sending = send(false);
    auto sent = co_await std::move(sending);
    if (sent) next_resend_ = now + options_.resend;
    co_return sent;
  }

  [[nodiscard]] Nanoseconds tick_interval() const override { return options_.resend; }
  [[nodiscard]] std::string state() const override { return set_.state(); }
  [[nodiscard]] std::uint64_t rejected() const noexcept override { return rejected_; }

 private:
  // Sends what waits, or everything open, to all instances at the same time.
  asio::awaitable<Result<>> send(bool only_waiting) {
    auto round = std::make_shared<Round>();
    round->until = std::chrono::steady_clock::now() + 2 * options_.timeout;
    for (const auto& [labels, open] : set_.alerts())
      if (!only_waiting || !open.accepted) round->items.push_back({labels, set_.to_json(labels, open), open.refused});
    if (round->items.empty()) co_return Result<>{};
    round->accepted.resize(round->items.size());
    round->refused.resize(round->items.size());
    round->errors.resize(options_.urls.size());
    auto all = to_all(round, 0);
    co_await std::move(all);
    co_return settle(*round);
  }

  asio::awaitable<void> to_all(std::shared_ptr<Round> round, std::size_t instance) {
    using namespace asio::experimental::awaitable_operators;
    auto mine = to_one(round, instance);
    if (instance + 1 == options_.urls.size()) {
      co_await std::move(mine);
      co_return;
    }
    auto others = to_all(round, instance + 1);
    auto both = std::move(mine) && std::move(others);
    co_await std::move(both);
  }

  asio::awaitable<void> to_one(std::shared_ptr<Round> round, std::size_t instance) {
    const std::uint32_t bit = std::uint32_t{1} << instance;
    std::vector<std::size_t> chunk;
    std::size_t bytes = 0;
    for (std::size_t i = 0; i <= round->items.size(); ++i) {
      const bool end = i == round->items.size();
      const bool full = !end && (chunk.size() == kChunkAlerts || bytes + round->items[i].json.size() > kChunkBytes);
      if ((end || full) && !chunk.empty()) {
        auto posting = post(round, instance, std::exchange(chunk, {}));
        if (!co_await std::move(posting)) co_return;
        bytes = 0;
      }
      if (end || (round->items[i].refused & bit) != 0) continue;
      chunk.push_back(i);
      bytes += round->items[i].json.size();
    }
  }

  // False: the instance cannot be used now; the reason is in the round.
  asio::awaitable<bool> post(std::shared_ptr<Round> round, std::size_t instance, std::vector<std::size_t> chunk) {
    std::string body = "[";
    for (const std::size_t i : chunk) body += (body.size() == 1 ? "" : ",") + round->items[i].json;
    body += ']';
    const Nanoseconds left = round->until - std::chrono::steady_clock::now();
    if (left <= Nanoseconds{0}) {
      round->errors[instance] = options_.urls[instance].to_string() + " is too slow: what it did not get within " +
                                format_duration(2 * options_.timeout) + " is tried again";
      co_return false;
    }
    auto posting =
        http_post(options_.urls[instance], "/api/v2/alerts", std::move(body), std::min(options_.timeout, left));
    const auto answer = co_await std::move(posting);
    if (!answer) {
      round->errors[instance] = answer.error().what;
      co_return false;
    }
    const std::uint32_t bit = std::uint32_t{1} << instance;
    if (answer->status / 100 == 2) {
      for (const std::size_t i : chunk) round->accepted[i] |= bit;
      co_return true;
    }
    const std::string said = "HTTP " + std::to_string(answer->status) + ": " + printable(trim(answer->body));
    const bool about_content = answer->status == 400 || answer->status == 413 || answer->status == 422;
    if (!about_content) {
      round->errors[instance] = options_.urls[instance].to_string() + " answered " + said;
      co_return false;
    }
    if (chunk.size() == 1) {
      round->refused[chunk.front()] |= bit;
      log_warning("alertmanager_refused", "Alertmanager called an alert malformed; it is not sent there again.",
                  {{"url", options_.urls[instance].to_string()},
                   {"labels", printable(round->items[chunk.front()].labels, 512)},
                   {"answer", said}});
      co_return true;
    }
    // Which one is at fault is not said, so each is asked about alone.
    for (const std::size_t i : chunk) {
      auto alone = post(round, instance, std::vector<std::size_t>(1, i));
      if (!co_await std::move(alone)) co_return false;
    }
    co_return true;
  }

  // Notes the outcome in the set. An error when an alert was neither accepted nor refused by anybody.
  Result<> settle(const Round& round) {
    std::size_t unanswered = 0;
    for (std::size_t i = 0; i < round.items.size(); ++i) {
      OpenAlert* open = set_.find(round.items[i].labels);
      if (open == nullptr) continue;
      open->refused |= round.refused[i];
      const bool all_refuse = static_cast<std::size_t>(std::popcount(open->refused)) == options_.urls.size();
      if (round.accepted[i] == 0 && open->refused == 0) {
        ++unanswered;
      } else if (!open->accepted) {
        open->accepted = true;
        if (round.accepted[i] == 0) note_unaccepted(round.items[i].labels, all_refuse);
      }
      if (all_refuse && round.accepted[i] == 0) open->ends = Timestamp{};  // nothing to re-send
    }
    std::string errors;
    for (std::size_t instance = 0; instance < round.errors.size(); ++instance) {
      note(instance, round.errors[instance]);
      if (!round.errors[instance].empty()) errors += (errors.empty() ? "" : "; ") + round.errors[instance];
    }
    if (unanswered != 0) return Error{Errc::unavailable, errors};
    return {};
  }

  // Some called it malformed, and nobody took it. The others are sent it with what is open, as long as it is.
  void note_unaccepted(const std::string& labels, bool by_all) {
    if (by_all) ++rejected_;
    if (!by_all)
      log_warning(
          "alertmanager_unaccepted",
          "An alert was refused by one Alertmanager, and the others do not answer; they are sent it until it ends.",
          {{"labels", printable(labels, 512)}});
  }

  // Says it once when an instance goes away, and once when it is back.
  void note(std::size_t instance, const std::string& error) {
    const std::string url = options_.urls[instance].to_string();
    if (!error.empty() && !down_[instance])
      log_warning("alertmanager_down", "An Alertmanager takes no alerts; it is sent the open ones until it does.",
                  {{"url", url}, {"error", error}});
    if (error.empty() && down_[instance])
      log_info("alertmanager_up", "An Alertmanager takes alerts again.", {{"url", url}});
    down_[instance] = !error.empty();
  }

  Options options_;
  OpenSet set_;
  std::vector<bool> down_;
  std::chrono::steady_clock::time_point next_resend_{};  // the past: a restart re-sends at once
  std::uint64_t rejected_ = 0;
};

void read_urls(YamlMap& map, Options& options) {
  const YamlNode* place = map.require("urls");
  if (place == nullptr) return;
  const auto texts = map.texts("urls");
  if (texts.empty() || texts.size() > kInstancesMax)
    map.error(place->mark, "wrong-type", "'urls' needs 1 to " + std::to_string(kInstancesMax) + " addresses");
  for (const std::string& text : texts) {
    auto url = parse_http_url(text);
    if (url)
      options.urls.push_back(std::move(*url));
    else
      map.error(place->mark, "bad-url", url.error().what);
  }
}

void read_labels(YamlMap& map, Options& options) {
  const YamlNode* node = map.take("labels");
  if (node == nullptr) return;
  if (node->kind != YamlNode::Kind::map || node->members.size() > kExtraLabelsMax) {
    map.error(node->mark, "wrong-type", "'labels' must be a map of at most " + std::to_string(kExtraLabelsMax));
    return;
  }
  for (const auto& [key, value] : node->members) {
    if (!usable_label(key.scalar))
      map.error(key.mark, "bad-label", "'" + printable(key.scalar, 64) + "' cannot be an extra label",
                "use letters, digits and '_', and none of the output's own labels");
    else if (value.kind != YamlNode::Kind::scalar || value.scalar.empty())
      map.error(value.mark, "wrong-type", "the label '" + key.scalar + "' needs a text");
    else
      options.set.labels.emplace_back(key.scalar, value.scalar);
  }
}

Nanoseconds read_time(YamlMap& map, std::string_view key, Nanoseconds fallback, Nanoseconds least, Nanoseconds most) {
  const Nanoseconds value = map.duration(key, fallback);
  if (value < least || value > most)
    map.error(map.mark(), "out-of-range",
              "'" + std::string{key} + "' must be from " + format_duration(least) + " to " + format_duration(most));
  return value;
}

}  // namespace

OutputKind::Make configure_alertmanager(YamlMap& map) {
  using namespace std::chrono_literals;
  const std::size_t errors = map.diagnostics().errors();
  Options options;
  read_urls(map, options);
  read_labels(map, options);
  options.resend = read_time(map, "resend", 1min, 1s, 1h);
  options.timeout = read_time(map, "timeout", 10s, 100ms, kTimeoutMost);
  options.set.resolve_after = read_time(map, "resolve_after", 15min, 1s, std::chrono::hours{24 * 7});
  options.set.open_max = static_cast<std::size_t>(map.integer("open_max", 5000, kOpenLeast, 100'000));
  options.set.external_url = map.text("external_url");
  if (options.set.resolve_after <= 2 * options.resend)
    map.error(map.mark(), "out-of-range", "'resolve_after' must be more than twice 'resend'",
              "else one lost re-send resolves an alert that is still open");
  if (map.diagnostics().errors() != errors) return {};
  return [options](const asio::any_io_executor&, const std::string& state) -> Result<std::unique_ptr<Output>> {
    auto output = std::make_unique<AlertmanagerOutput>(options);
    // Not a reason to stay down: what is open comes again with its next alert.
    if (const auto restored = output->restore(state); !restored)
      log_warning("alertmanager_state_lost", "The open alerts are not known any more.",
                  {{"error", restored.error().what}});
    return std::unique_ptr<Output>{std::move(output)};
  };
}

}  // namespace nw::exporter
