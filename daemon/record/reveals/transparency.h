// The monthly report: what was stored, sealed, asked for, revealed, refused, erased and deleted. Made from the ledger's
// entries of that month and nothing else, so that whoever has the ledger gets the same.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "record/privacy/kdf.h"

namespace nw::reveals {

class Transparency {
 public:
  static constexpr std::uint64_t kLeast = 5;  // smaller counts are not told

  explicit Transparency(privacy::Epoch month) : month_{month} {}
  // One entry of the ledger, in its order; those of other months are passed over.
  void see(std::string_view payload);

  // What can be published: a count below kLeast stands as "<5", and where that alone would be hidden in its group, the
  // next smallest as "hidden", so that no sum gives it away.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string json() const;

  struct Row {
    std::string group, key, value;
  };
  [[nodiscard]] std::vector<Row> rows() const;
  [[nodiscard]] std::uint64_t count(std::string_view group, std::string_view key) const;

 private:
  void count_stored(std::string_view body);
  void see_body(std::string_view type, std::string_view body);
  void add(std::string_view group, std::string_view key, std::uint64_t by = 1);

  privacy::Epoch month_;
  std::uint64_t entries_ = 0, unreadable_ = 0;
  bool purge_begun_ = false;  // and nothing said yet of what came of it
  std::map<std::string, std::map<std::string, std::uint64_t, std::less<>>, std::less<>> counts_;  // group, key
};

}  // namespace nw::reveals
