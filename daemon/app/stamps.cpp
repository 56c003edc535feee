#include "app/stamps.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <cstdlib>
#include <exception>
#include <random>
#include <utility>

#include "app/config.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "record/entry.h"
#include "record/ledger/durable_file.h"

namespace nw::app {

namespace asio = boost::asio;

namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr Nanoseconds kNoHeadYet = std::chrono::seconds{1};
constexpr Nanoseconds kRetryMost = std::chrono::hours{1};
constexpr std::chrono::seconds kClockOffMost{60};
constexpr std::string_view kReplySuffix = ".tsr", kHeadSuffix = ".checkpoint";
constexpr std::size_t kDigits = 20;

std::string file_name(std::uint64_t size, std::string_view suffix) {
  const std::string digits = std::to_string(size);
  return std::string(kDigits - digits.size(), '0') + digits + std::string{suffix};
}

std::uint64_t random_nonce() {
  std::random_device random;
  return (std::uint64_t{random()} << 32U) | random();
}

}  // namespace

Stamps::Stamps(asio::any_io_executor executor, Options options, AttestedTree tree, NoteEntry note)
    : executor_{std::move(executor)},
      options_{std::move(options)},
      tree_{std::move(tree)},
      note_{std::move(note)},
      timer_{executor_} {
  find_last();
}

// The one with the largest size. One that cannot be read is as good as none: the next stamp comes at once.
void Stamps::find_last() {
  std::error_code error;
  std::string last;
  for (std::filesystem::directory_iterator at{options_.directory, error}, end; !error && at != end;
       at.increment(error)) {
    const std::string name = at->path().filename().string();
    const bool ours = name.size() == kDigits + kReplySuffix.size() && name.ends_with(kReplySuffix) &&
                      std::all_of(name.begin(), name.begin() + kDigits, ascii_digit);
    if (ours && name > last) last = name;
  }
  if (last.empty()) return;
  const auto reply = read_text_file((options_.directory / last).string(), witness::kStampBytesMax);
  const auto time = reply ? witness::time_of_stamp(*reply) : Result<Timestamp>{reply.error()};
  std::uint64_t size = 0;
  const bool sized = std::from_chars(last.data(), last.data() + kDigits, size).ec == std::errc{};
  if (!time || !sized) {
    log_warning(
        "stamp_unreadable", "the latest time stamp cannot be read; the next head is stamped at once",
        {{"file", (options_.directory / last).string()}, {"error", time ? "its name is no size" : time.error().what}});
    return;
  }
  stamped_ = *time;
  report_.time = *time;
  report_.size = size;
}

Timestamp Stamps::now() const { return options_.wall ? options_.wall() : wall_now(); }

void Stamps::start() {
  auto done = [this](const std::exception_ptr& fault) {
    if (fault && !stopping_) log_error("stamps_failed", "time stamps ended by a fault of this program; restart it");
    finished_.store(true, std::memory_order_release);
  };
  started_ = true;
  asio::co_spawn(executor_, run(), asio::bind_cancellation_slot(cancel_.slot(), std::move(done)));
}

void Stamps::stop() {
  stopping_ = true;
  timer_.cancel();
  cancel_.emit(asio::cancellation_type::terminal);
  if (!started_) finished_.store(true, std::memory_order_release);
}

void Stamps::stamp_now() {
  asio::post(executor_, [this] {
    asked_ = true;
    timer_.cancel();
  });
}

Stamps::Report Stamps::report() const {
  const std::lock_guard lock{mutex_};
  return report_;
}

Nanoseconds Stamps::wait_for_next() const {
  if (failed_ != 0) return std::min(options_.retry * (1U << std::min(failed_ - 1, 10U)), kRetryMost);
  if (!stamped_) return Nanoseconds{0};
  const Nanoseconds passed = now() - *stamped_;
  // A stamp from the future: a clock was set back, or one is wrong, which was said. When the last one was is not known.
  if (passed < -kClockOffMost) return Nanoseconds{0};
  return std::max(options_.every - std::max(passed, Nanoseconds{0}), Nanoseconds{0});
}

asio::awaitable<void> Stamps::run() {
  while (!stopping_) {
    auto end = std::chrono::steady_clock::now() + wait_for_next();
    while (!asked_ && std::chrono::steady_clock::now() < end) {
      timer_.expires_at(std::min(end, std::chrono::steady_clock::now() + options_.nap));
      const auto waited = co_await timer_.async_wait(kTuple);
      static_cast<void>(waited);
      if (stopping_) co_return;
      // A clock that is set on makes it due sooner; one that is set back never later.
      if (failed_ == 0) end = std::min(end, std::chrono::steady_clock::now() + wait_for_next());
    }
    asked_ = false;
    auto stamping = stamp();
    const auto done = co_await std::move(stamping);
    if (stopping_) co_return;
    if (!done && done.error().code == Errc::not_found) {
      timer_.expires_after(kNoHeadYet);
      const auto waited = co_await timer_.async_wait(kTuple);
      static_cast<void>(waited);
      continue;
    }
    settle(done);
  }
}

// not_found: nothing was signed yet, which is no failure.
asio::awaitable<Result<>> Stamps::stamp() {
  const auto head = tree_.head();
  if (!head) co_return Error{Errc::not_found, "no head was signed yet"};
  const merkle::Hash digest = merkle::sha256(head->to_string());
  const std::uint64_t nonce = random_nonce();
  auto query = witness::stamp_query(digest, nonce);
  if (!query) co_return query.error();
  exporter::HttpCall call;
  call.content_type = std::string{witness::kStampQueryType};
  call.accept = std::string{witness::kStampReplyType};
  call.body = std::move(*query);
  auto calling = exporter::http_call(options_.url, std::move(call), options_.trust, options_.patience);
  const auto answer = co_await std::move(calling);
  const auto failed = [](Errc code, const std::string& why) { return Result<>{Error{code, why}}; };
  if (!answer) co_return failed(Errc::unavailable, answer.error().what);
  if (answer->status != 200) co_return failed(Errc::unavailable, "HTTP " + std::to_string(answer->status));
  if (!to_ascii_lower(answer->content_type).starts_with(witness::kStampReplyType))
    co_return failed(Errc::malformed, "the answer is no time stamp but '" + printable(answer->content_type, 64) + "'");
  const auto stamp = witness::verify_stamp(answer->body, digest, nonce, options_.roots, now());
  if (!stamp) co_return failed(Errc::unavailable, stamp.error().what);
  co_return keep(*head, answer->body, *stamp);
}

Result<> Stamps::keep(const merkle::Note& head, const std::string& reply, const witness::Stamp& stamp) {
  const auto checkpoint = merkle::Checkpoint::parse(head.text);
  if (!checkpoint) return Error{Errc::malformed, checkpoint.error().what};
  const std::uint64_t size = checkpoint->head.size;
  const std::string bytes = head.to_string();
  record::FileOps& ops = record::system_files();
  // Told as unavailable: any failure is tried again.
  const auto unkept = [](const Error& error) {
    return Error{Errc::unavailable, "the stamp cannot be kept: " + error.what};
  };
  // Only now: attempts that fail would fill the folder with heads that nobody needs.
  if (auto kept = tree_.keep(head); !kept) return unkept(kept.error());
  if (auto made = record::make_directories(ops, options_.directory); !made) return unkept(made.error());
  // The stamp comes last: where it lies, what it is of lies beside it.
  for (const auto& [suffix, content] : {std::pair{kHeadSuffix, &bytes}, std::pair{kReplySuffix, &reply}})
    if (auto kept = record::replace_file(ops, options_.directory / file_name(size, suffix), *content); !kept)
      return unkept(kept.error());
  const auto off = std::chrono::duration_cast<std::chrono::seconds>(stamp.time - now());
  if (std::chrono::abs(off) > kClockOffMost)
    log_warning("stamp_clock_differs", "the authority's clock and ours differ; one of the two is wrong",
                {{"seconds", std::to_string(off.count())}, {"authority", stamp.authority}});
  const boost::json::object body{{"url", options_.url.to_string()},
                                 {"size", size},
                                 {"root", merkle::to_base64(checkpoint->head.root)},
                                 {"checkpoint_sha256", merkle::to_hex(merkle::sha256(bytes))},
                                 {"tsr_sha256", merkle::to_hex(merkle::sha256(reply))},
                                 {"time", to_rfc3339(stamp.time, 0)},
                                 {"clock_off_s", off.count()},
                                 {"serial", stamp.serial},
                                 {"policy", stamp.policy},
                                 {"authority", stamp.authority}};
  note_(std::string{record::kEntryTsaReceipt}, boost::json::serialize(body));
  const std::lock_guard lock{mutex_};
  report_.time = stamp.time;
  report_.size = size;
  ++report_.stamps;
  return {};
}

void Stamps::settle(const Result<>& done) {
  if (done) {
    stamped_ = now();
    if (failed_ != 0 || report().stamps == 1)
      log_info("head_stamped", "the ledger's head has a time stamp", {{"size", std::to_string(report().size)}});
    failed_ = 0;
    const std::lock_guard lock{mutex_};
    report_.why.clear();
    return;
  }
  ++failed_;
  log_warning("stamp_failed", "the ledger's head got no time stamp; it is tried again",
              {{"url", options_.url.to_string()},
               {"error", done.error().what},
               {"again_in", format_duration(std::chrono::duration_cast<std::chrono::seconds>(wait_for_next()))}});
  const std::lock_guard lock{mutex_};
  ++report_.failures;
  report_.why = done.error().what;
}

}  // namespace nw::app
