// Which names of a JSON object to read, as the subscription and the field mapping say: one small table for each place
// in an object where a wanted name can stand. Built when a parser subscribes, then read-only.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/schema.h"
#include "ingest/logs/formats/mapping.h"

namespace nw::logs {

// What is known of one name at one place.
struct JsonSlot {
  enum class Role : std::uint8_t { none, pair_name, pair_value };
  static constexpr std::uint32_t kNoTable = 0xffffffff;

  event::FieldId field = event::kNoField;  // someone wants it
  std::uint32_t child = kNoTable;          // the table for what lies below
  std::uint8_t rank = 0;                   // of the names of one field the lowest that is there gives the value
  std::uint8_t time_rank = 0;              // 1: the first choice for the event's time
  std::uint8_t decider = 0;                // 1 or 2: the first or second field that decides the type
  Role role = Role::none;
  bool pairs = false;    // a list of {name, value}
  bool address = false;  // compared as an address, not as text

  [[nodiscard]] bool scalar() const noexcept {
    return field != event::kNoField || time_rank != 0 || decider != 0 || role != Role::none;
  }
};

class JsonNames {
 public:
  static constexpr std::uint32_t kRoot = 0, kFields = 1, kPair = 2;  // kFields: fields by their own names alone
  static constexpr std::size_t kTimesMax = 16;

  // `types`: those that the parser can make. `mapping` may be null.
  void build(const event::Schema& schema, const event::Interest& interest, std::span<const event::TypeId> types,
             const Mapping* mapping, const std::string& time_field);

  // Null: nobody wants it. `key` is a name as it stands in the text, escapes and all.
  [[nodiscard]] const JsonSlot* find(std::uint32_t table, std::string_view key) const noexcept {
    return find(table, key, hash(key));
  }
  // A name without the escapes that find() did not know: also in parts ("a.b" where `b` is wanted below `a`).
  [[nodiscard]] const JsonSlot* find_parts(std::uint32_t table, std::string_view key) const noexcept;
  // The table for any name below this one, or kNoTable.
  [[nodiscard]] std::uint32_t any(std::uint32_t table) const noexcept {
    return table == JsonSlot::kNoTable ? table : tables_[table].any;
  }
  // Names below this table are fields by themselves, whatever led to it.
  [[nodiscard]] bool begins_anew(std::uint32_t table) const noexcept {
    return table != JsonSlot::kNoTable && tables_[table].anew;
  }
  [[nodiscard]] bool drop_spaces() const noexcept { return drop_spaces_; }
  // Whether a name that find() does not know could be known in another spelling: it has an escape, a dot or a space.
  [[nodiscard]] static bool unusual(std::string_view key) noexcept {
    constexpr std::uint64_t kOnes = 0x0101010101010101ULL, kHigh = 0x8080808080808080ULL;
    // Exact for "there is one", by Mycroft's test for a zero byte.
    const auto has = [](std::uint64_t word, char c) {
      const std::uint64_t zeroed = word ^ (kOnes * static_cast<unsigned char>(c));
      return (zeroed - kOnes) & ~zeroed & kHigh;
    };
    std::uint64_t found = 0;
    while (!key.empty()) {
      std::uint64_t word = 0;
      const std::size_t size = key.size() < 8 ? key.size() : 8;
      if (size == 8)
        std::memcpy(&word, key.data(), 8);
      else
        for (std::size_t i = 0; i < size; ++i) word = (word << 8U) | static_cast<unsigned char>(key.data()[i]);
      found |= has(word, '\\') | has(word, '.') | has(word, ' ');
      key.remove_prefix(size);
    }
    return found != 0;
  }
  // A wanted name holds a backslash: no key may be looked up before its escapes are gone.
  [[nodiscard]] bool backslashes() const noexcept { return backslashes_; }

 private:
  struct Entry {
    std::string name;
    JsonSlot slot;
  };
  struct Cell {
    std::uint32_t hash = 0, entry = 0;  // entry: its number + 1; 0: free
  };
  struct Table {
    std::vector<Cell> cells;  // a power of two, at most half full
    std::uint32_t fallback = JsonSlot::kNoTable, any = JsonSlot::kNoTable;
    bool anew = false;
    std::map<std::string, JsonSlot, std::less<>> building;
  };

  // Length, first and last bytes: field names differ there, and the names in the tables are ours, so that a stranger's
  // keys find short chains only.
  static std::uint32_t hash(std::string_view key) noexcept {
    const std::size_t size = key.size();
    std::uint64_t first = 0, last = 0;
    if (size >= 8) {
      std::memcpy(&first, key.data(), 8);
      std::memcpy(&last, key.data() + size - 8, 8);
    } else if (size >= 4) {
      std::memcpy(&first, key.data(), 4);
      std::memcpy(&last, key.data() + size - 4, 4);
    } else {
      for (const char c : key) first = (first << 8U) | static_cast<unsigned char>(c);
    }
    const std::uint64_t mixed = (first ^ size) * 0x9e3779b97f4a7c15ULL + (last ^ (last >> 29U)) * 0xbf58476d1ce4e5b9ULL;
    return static_cast<std::uint32_t>(mixed >> 32U);
  }
  [[nodiscard]] const JsonSlot* find(std::uint32_t number, std::string_view key, std::uint32_t hashed) const noexcept {
    while (number != JsonSlot::kNoTable) {
      const Table& table = tables_.data()[number];
      const Cell* const cells = table.cells.data();
      const std::size_t mask = table.cells.size() - 1;
      for (std::size_t i = hashed & mask; cells[i].entry != 0; i = (i + 1) & mask) {
        if (cells[i].hash != hashed) continue;
        const Entry& entry = entries_.data()[cells[i].entry - 1];
        if (entry.name == key) return &entry.slot;
      }
      number = table.fallback;
    }
    return nullptr;
  }

  template <class Change>
  void place(std::uint32_t root, std::string_view path, const Change& change);
  std::uint32_t below(std::uint32_t root, std::string_view prefix);
  std::uint32_t add_table();
  void add_fields(const event::Schema& schema, const event::Interest& interest, std::span<const event::TypeId> types,
                  std::string_view host_field);
  void add_mapping(const event::Schema& schema, const Mapping& mapping);
  void seal();

  std::vector<Table> tables_;
  std::vector<Entry> entries_;
  std::vector<bool> wanted_;                                              // by field
  std::map<std::pair<std::uint32_t, std::string>, std::uint32_t> below_;  // while building
  bool drop_spaces_ = false, backslashes_ = false;
};

}  // namespace nw::logs
