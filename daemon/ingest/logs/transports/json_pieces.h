// Where the values of a JSON text begin and end, without reading them: brackets and strings are followed, nothing else
// is checked (RFC 8259). Pure; no recursion, no memory, one pass.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace nw::logs {

constexpr std::size_t kJsonDepthMax = 1024;  // brackets in brackets

// The value at the front of `text`, which then begins behind it; space before it is skipped. Nothing when no whole
// value stands there or it is nested deeper than kJsonDepthMax.
std::optional<std::string_view> take_json_value(std::string_view& text);

// The space of RFC 8259 section 2 at the front of `text` is gone.
void skip_json_space(std::string_view& text);

// The elements of an array, or the members of an object, one after another. Borrows the text.
//   JsonPieces pieces{text};
//   while (pieces.next()) use(pieces.value());
//   if (!pieces.good()) refuse();
class JsonPieces {
 public:
  enum class Kind : unsigned char { none, array, object };  // none: the text begins with neither

  explicit JsonPieces(std::string_view text);
  // False at the end, and at a fault.
  bool next();
  [[nodiscard]] std::string_view value() const noexcept { return value_; }
  // An object's: between the quotes, with its escapes.
  [[nodiscard]] std::string_view key() const noexcept { return key_; }
  [[nodiscard]] Kind kind() const noexcept { return kind_; }
  // After next() said false: the end stood where it belongs, and nothing stands behind it.
  [[nodiscard]] bool good() const noexcept { return good_; }

 private:
  bool end();
  bool fail();

  std::string_view rest_, key_, value_;
  Kind kind_ = Kind::none;
  bool first_ = true, done_ = false, good_ = false;
};

// The value of the member `key` (the last of that name) in the object `text`; empty when it is not there or null. Sets
// `good` to false when `text` is no object.
std::string_view json_member(std::string_view text, std::string_view key, bool& good);

}  // namespace nw::logs
