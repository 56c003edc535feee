// Reads one JSON object member by member, with bounds. The first fault is kept; what is read after it is empty.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace nw::reveals {

// `malformed` with `what` in front. Bounded by merkle::kExactJsonBytesMax.
Result<boost::json::object> read_object(std::string_view json, std::string_view what);

class JsonMap {
 public:
  // `object` and `what` are borrowed.
  JsonMap(const boost::json::object& object, std::string_view what) : object_{object}, what_{what} {}

  // Each must be there, unless the name of the function says otherwise. `most`: bytes, or items.
  std::string text(std::string_view name, std::size_t most);
  std::string text_if_there(std::string_view name, std::size_t most);
  std::int64_t number(std::string_view name, std::int64_t least, std::int64_t most);
  std::uint64_t count_if_there(std::string_view name);
  bool flag_if_there(std::string_view name);
  Timestamp time(std::string_view name);
  std::vector<std::string> texts(std::string_view name, std::size_t most, std::size_t bytes_most);
  std::vector<std::string> texts_if_there(std::string_view name, std::size_t most, std::size_t bytes_most);
  // Objects only; views the object.
  std::vector<const boost::json::object*> objects(std::string_view name, std::size_t most);
  void hex(std::string_view name, std::span<std::uint8_t> out);
  void base64(std::string_view name, std::span<std::uint8_t> out);

  void fault(std::string_view name, std::string_view why);
  // Whether all went well; `malformed` names the first fault. Strict: a member that nobody read is one.
  [[nodiscard]] Result<> finish_strict();
  [[nodiscard]] Result<> finish() const;

 private:
  const boost::json::value* find(std::string_view name, bool needed);

  const boost::json::object& object_;
  std::string_view what_;
  std::vector<std::string_view> read_;
  std::optional<std::string> fault_;
};

// In canonical form; the objects that this folder makes always have one.
std::string canonical(const boost::json::object& object);

}  // namespace nw::reveals
