// Chance from one engine, the same on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

namespace nw::differential {

class Dice {
 public:
  explicit Dice(std::mt19937_64& random) : random_{&random} {}
  std::size_t below(std::size_t n) { return n == 0 ? 0 : static_cast<std::size_t>((*random_)() % n); }
  bool percent(std::size_t chance) { return below(100) < chance; }
  template <class List>
  const auto& of(const List& list) {
    return list[below(list.size())];
  }

 private:
  std::mt19937_64* random_;
};

}  // namespace nw::differential
