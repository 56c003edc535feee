// Walks one JSON object and notes where the wanted values stand; a value itself is read when someone asks for it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "event/value.h"
#include "ingest/logs/formats/format.h"
#include "ingest/logs/formats/json_index.h"
#include "ingest/logs/formats/json_names.h"
#include "ingest/logs/formats/log_time.h"

namespace nw::logs {

// What it returns views the line, or its own memory, until the next read().
class JsonReader {
 public:
  enum class Scope : std::uint8_t { wanted, all };  // all: also what nobody named, as extras

  struct Found {
    const JsonSlot* slot;
    std::uint32_t token;  // kList: `list`
    std::uint32_t list;
  };
  struct Extra {
    std::string_view name;
    Found found;
  };
  static constexpr std::uint32_t kList = 0xffffffff;

  JsonReader();

  LineFault read(std::string_view line, const JsonNames& names, Scope scope);
  [[nodiscard]] const std::vector<Found>& fields() const noexcept { return fields_; }
  [[nodiscard]] const std::vector<Extra>& extras() const noexcept { return extras_; }
  // False when the value is no JSON after all.
  bool value(const Found& found, event::Value& out);
  // Looks through the places of the time, best first; false when none holds one that can be read.
  bool time(std::chrono::minutes zone, LogTime& out);
  // The rank of the place that time() took, or 0.
  [[nodiscard]] std::uint8_t time_rank() const noexcept { return time_rank_; }
  // The text of the first (0) or second (1) deciding field; empty when it is not there.
  std::string_view decider(std::size_t which);

 private:
  struct Listed {
    const JsonSlot* slot;
    std::string_view name;  // of an extra
    std::uint32_t order;
    event::Value value;
  };
  struct Chosen {
    std::uint32_t token = kList;
    std::uint8_t rank = 0xff;
  };

  LineFault walk(std::string_view line);
  LineFault object(std::size_t& at, std::uint32_t table, std::size_t depth);
  LineFault member(std::size_t& at, std::uint32_t table, std::string_view key, std::size_t depth);
  LineFault any(std::size_t& at, const JsonSlot& slot, std::string_view key, std::size_t depth);
  LineFault enter(std::size_t& at, const JsonSlot& slot, std::string_view key, std::size_t depth);
  LineFault array(std::size_t& at, const JsonSlot& slot, std::string_view key, std::size_t depth);
  LineFault pair(std::size_t& at, std::size_t depth);
  LineFault note(std::size_t at, const JsonSlot& slot, std::string_view key);
  LineFault skip(std::size_t& at) const;
  LineFault close_list();
  const JsonSlot* find_slowly(std::uint32_t table, std::string_view& key, bool& good);
  bool name_extra(std::string_view key, std::string_view& out);
  bool scalar(std::uint32_t token, const JsonSlot& slot, event::Value& out);
  bool text(std::string_view body, std::string_view& out);
  void drop_repeated_extras();

  JsonIndex index_;
  std::string strings_, mended_, path_, key_;
  std::vector<Found> fields_;
  std::vector<Extra> extras_;
  std::vector<Listed> listed_;
  std::vector<event::Value> lists_;
  Arena arena_;
  std::array<std::uint32_t, JsonNames::kTimesMax + 1> times_{};  // by rank: token + 1, or 0
  std::array<Chosen, 2> deciders_{};
  const JsonNames* names_ = nullptr;
  Scope scope_ = Scope::wanted;
  std::size_t path_from_ = 0;  // where in path_ the name of an extra begins
  std::size_t values_ = 0, name_bytes_ = 0, arrays_ = 0, unescaped_ = 0;
  std::uint32_t pair_name_ = kList, pair_value_ = kList;
  std::uint8_t time_rank_ = 0;
};

}  // namespace nw::logs
