// Batches of records on their way through the lanes of a replay. There is no thread that only reads or only writes: the
// lane that comes first to a batch reads it, and the one that is done with it last writes what all of them made of it.
// So N lanes keep N cores busy, each at its own pace, until one is kRing batches ahead of the slowest.
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "app/replay_lane.h"
#include "base/arena.h"
#include "base/function_ref.h"
#include "base/result.h"

namespace nw::app {

// Records that several lanes work on, each at its own; and what they make.
class Batch {
 public:
  using Block = std::shared_ptr<std::uint8_t[]>;

  void begin(std::size_t lanes) {
    copied_.reset();
    blocks_.clear();
    records_.resize(lanes);
    for (auto& of_lane : records_) of_lane.clear();
    yields.resize(lanes);
    alive.clear();
    until = {};
    last = false;
  }
  // `block`: what `data` lies in; null: `data` is copied.
  void add(std::string_view data, Dealt record, std::size_t lane, const Block* block) {
    if (block == nullptr) {
      record.bytes = copied_.copy(data);
    } else {
      if (blocks_.empty() || blocks_.back() != *block) blocks_.push_back(*block);
      record.bytes = data;
    }
    records_[lane].push_back(record);
  }
  // Those of one lane, in their order.
  [[nodiscard]] const std::vector<Dealt>& records(std::size_t lane) const noexcept { return records_[lane]; }

  Timestamp until{};             // where it ends
  bool last = false;             // nothing comes behind it: what is open is brought to its end
  std::vector<Timestamp> alive;  // when records were seen before and after silence, for rules over time; growing
  std::vector<Yield> yields;     // by lane

 private:
  Arena copied_{std::numeric_limits<std::size_t>::max()};
  std::vector<Block> blocks_;
  std::vector<std::vector<Dealt>> records_;
};

class ReplayRing {
 public:
  // Each is called by one lane at a time; read and write of different batches by two at once. An error of `write` ends
  // everything. `read` sets `last` in the last batch.
  struct Work {
    FunctionRef<void(Batch&)> read;
    FunctionRef<void(Batch&, std::size_t lane)> take;  // by all lanes at once
    FunctionRef<Result<>(Batch&)> write;               // in the order of reading
  };

  ReplayRing(std::size_t lanes, const Work& work) : lanes_{lanes}, work_{work} {}

  // Takes one lane through all batches; once for each lane, on a thread of its own (with one: on the caller's). What
  // comes back is the error of `write`, whoever met it.
  Result<> run(std::size_t lane);

  static constexpr std::size_t kRing = 4;

 private:
  struct Slot {
    Batch batch;
    std::size_t left = 0;  // lanes that are not done with it
  };

  Batch* next(std::uint64_t number);
  void read(std::unique_lock<std::mutex>& lock);
  void done(std::uint64_t number);
  void write_ready(std::unique_lock<std::mutex>& lock);
  [[nodiscard]] Slot& slot(std::uint64_t number) noexcept { return slots_[number % kRing]; }

  const std::size_t lanes_;
  const Work work_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::array<Slot, kRing> slots_;
  std::uint64_t read_ = 0, written_ = 0;  // batches
  bool reading_ = false, writing_ = false, over_ = false;
  Result<> result_;
};

}  // namespace nw::app
