// Rule collections: files of several documents in which `action: global` gives keys to the documents that follow,
// `action: reset` forgets them, and `action: repeat` is the document before once more, with changes. As pySigma does:
// where a global key and a document's own differ, the global one counts (and a warning says so).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "base/diagnostics.h"
#include "base/yaml.h"

namespace nw::sigma {

// Whether any document has an action; a file without one needs nothing of what follows.
bool is_collection(std::span<const YamlNode> documents);

// Takes a file's documents in their order. Every node of the result keeps the place where it was written; a joined
// document stands where its own text does.
class Collection {
 public:
  // Both are borrowed.
  Collection(std::string_view file, Diagnostics& diagnostics) : file_{file}, diagnostics_{diagnostics} {}

  // The document as it is to be read; nothing when it only tells how to read others. After an error (codes
  // collection-action, limit) what follows may lack keys that were meant for it: see broken().
  std::optional<YamlNode> next(const YamlNode& document);
  [[nodiscard]] bool broken() const noexcept { return broken_; }
  // After the last document: a global one that nothing took (code global-unused).
  void finish();

 private:
  void error(Mark mark, std::string_view code, std::string text, std::string hint);
  void set_global(const YamlNode& document);
  enum class Why : unsigned char { global, repeat };
  std::optional<YamlNode> joined(YamlNode to, const YamlNode& from, Why why);
  void join(YamlNode& to, const YamlNode& from, Why why);

  std::string_view file_;
  Diagnostics& diagnostics_;
  std::optional<YamlNode> global_, previous_;
  bool global_taken_ = false, broken_ = false;
  std::size_t nodes_ = 0;
};

}  // namespace nw::sigma
