// Rules and events made from a seed, so that about a third of the rules fire: rules are cut from the events that they
// meet, then bent.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detect/sigma/rule_set.h"
#include "event/event.h"
#include "event/schema.h"

namespace nw::differential {

// A value that owns what it holds.
struct Datum {
  event::Value::Kind kind = event::Value::Kind::null;
  std::int64_t integer = 0;  // also boolean, time, interval
  double real = 0;
  std::string text;  // also an address, as written
  std::vector<Datum> items;
  // Of a text that holds something in Base64: what, and whether as UTF-16.
  std::string inner;
  bool wide = false;

  [[nodiscard]] event::Value value(event::Event& event) const;
};

struct EventData {
  event::TypeId type{};
  std::vector<std::pair<std::string, Datum>> fields;
  std::string raw;

  [[nodiscard]] const Datum* find(std::string_view name) const;
  // `event` borrows from this.
  void fill(event::Event& event, event::Schema& schema) const;
};

struct Case {
  std::vector<std::string> rules;  // YAML documents
  std::vector<EventData> events;
};

// The kinds of events that the cases are about; in one of them, rules' fields go by other names.
void add_types(event::Schema& schema);

// What rules are compiled with.
sigma::CompileOptions compile_options();

class Generator {
 public:
  explicit Generator(std::uint64_t seed);
  ~Generator();
  Case make(std::size_t events);

 private:
  std::mt19937_64 random_;
  event::Schema schema_;
};

}  // namespace nw::differential
