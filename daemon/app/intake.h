// Between a transport and the parser: what happens to a source's lines while what follows is full.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "app/behind.h"
#include "app/intake_options.h"
#include "app/line_feed.h"
#include "app/spool.h"
#include "ingest/logs/transports/transport.h"

namespace nw::app {

class Intake final : public logs::LineSink {
 public:
  struct Counters {
    std::uint64_t spilled = 0;  // lines that went by way of the disk
    // Lines dropped: the newest, the oldest, those that neither disk nor memory would take, those that the disk lost.
    std::uint64_t drop_newest = 0, drop_oldest = 0, spill_full = 0, spill_damaged = 0;
    std::uint64_t held = 0, held_bytes = 0;  // now

    void add(const Counters& other);
    [[nodiscard]] std::uint64_t dropped() const { return drop_newest + drop_oldest + spill_full + spill_damaged; }
  };

  // The references must outlive it. Errors: those of Spool::open.
  static Result<std::unique_ptr<Intake>> open(boost::asio::io_context& io, LineFeed& feed, Behind& behind,
                                              const IntakeOptions& options, std::string source);
  ~Intake() override;

  void line(const logs::ArrivedLine& line) override;
  [[nodiscard]] bool ready() override;
  [[nodiscard]] logs::SinkMark mark() override;
  [[nodiscard]] bool safe(const logs::SinkMark& mark) override;

  // No line comes any more: what waits in memory is given, what waits on disk stays there for the next run.
  void stop();
  [[nodiscard]] Counters counters() const;

 private:
  Intake(boost::asio::io_context& io, LineFeed& feed, Behind& behind, const IntakeOptions& options, std::string source);
  [[nodiscard]] bool holds() const noexcept { return !memory_.empty() || (spool_ && spool_->lines() != 0); }
  void hold(const logs::ArrivedLine& line);
  void keep(WaitingLine line);
  bool spill(const WaitingLine& line);
  void sync();
  void give(const WaitingLine& line);
  bool give_spooled();
  void give_some();
  void wait(std::chrono::milliseconds time);
  void note_given();
  void look_what_is_safe();
  void forget();
  bool spool_worked(const Result<>& result);

  LineFeed& feed_;
  Behind& behind_;
  IntakeOptions options_;
  std::string source_;
  boost::asio::steady_timer timer_;
  std::optional<Spool> spool_;
  std::deque<WaitingLine> memory_;  // newer than what is in the spool
  std::uint64_t memory_bytes_ = 0;
  Counters counters_;
  bool waiting_ = false, spool_failing_ = false, dropping_ = false;

  // Lines are numbered as they come, from 1; who is dropped as it comes has no number. Those up to given_ went to the
  // parser, then come those in the spool, up to spilled_, then those in memory.
  std::uint64_t come_ = 0, given_ = 0, spilled_ = 0;
  std::uint64_t synced_ = 0;  // of spilled_: on disk for sure
  std::uint64_t direct_ = 0;  // the last one that went to the parser without having been in the spool
  std::uint64_t safe_ = 0;    // up to here what they led to is on disk
  struct Given {
    std::uint64_t line = 0;
    BehindMark behind;
  };
  std::deque<Given> marks_;  // all up to `line` is safe when `behind` is
  struct Forget {
    std::uint64_t line = 0;
    Spool::Position position;
  };
  std::optional<Forget> forget_;  // once `line` is safe
  std::int64_t synced_at_ = 0, forgot_at_ = 0;
  // Handlers that Asio still holds see that we are gone.
  std::shared_ptr<const char> alive_ = std::make_shared<const char>();
};

}  // namespace nw::app
