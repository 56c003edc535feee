#include "base/yaml.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <sstream>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "base/text.h"

namespace nw {

namespace {

Mark to_mark(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {static_cast<std::size_t>(mark.line) + 1, static_cast<std::size_t>(mark.column) + 1};
}

// Thrown inside the adapter only, to leave yaml-cpp's parser when a limit is reached.
struct LimitReached {
  Mark mark;
  const char* code;
  const char* text;
  const char* hint;
};

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view file, Diagnostics& diagnostics, const YamlLimits& limits)
      : file_{file}, diagnostics_{diagnostics}, limits_{limits} {}

  void OnDocumentStart(const YAML::Mark&) override {
    stack_.clear();
    anchors_.clear();
    done_ = false;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    YamlNode node;
    node.mark = to_mark(mark);
    place(std::move(node), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      diagnostics_.error(file_, to_mark(mark), "yaml-syntax", "an alias to a node that contains it",
                         "write the value out");
      place(YamlNode{}, 0);
      return;
    }
    count(size(found->second), to_mark(mark));
    YamlNode copy = found->second;
    copy.mark = to_mark(mark);
    place(std::move(copy), 0);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode node;
    node.mark = to_mark(mark);
    node.kind = YamlNode::Kind::scalar;
    node.quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    node.scalar = value;
    if (!node.quoted && (value.empty() || value == "~" || value == "null" || value == "Null" || value == "NULL"))
      node.kind = YamlNode::Kind::null;
    place(std::move(node), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, anchor, YamlNode::Kind::sequence);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, anchor, YamlNode::Kind::map);
  }
  void OnMapEnd() override { close(); }

  std::optional<YamlNode> take_document() {
    if (!done_) return std::nullopt;
    done_ = false;
    return std::move(root_);
  }

 private:
  struct Open {
    YamlNode node;
    YAML::anchor_t anchor = 0;
    std::optional<YamlNode> key;
  };

  static std::size_t size(const YamlNode& node) {
    std::size_t total = 1;
    for (const auto& item : node.items) total += size(item);
    for (const auto& [key, value] : node.members) total += 1 + size(value);
    return total;
  }
  void count(std::size_t nodes, Mark mark) {
    nodes_ += nodes;
    if (nodes_ > limits_.nodes_max)
      throw LimitReached{mark, "yaml-too-large", "more nodes than a file may have",
                         "split the file; check for aliases that multiply"};
  }
  void open(const YAML::Mark& mark, YAML::anchor_t anchor, YamlNode::Kind kind) {
    if (stack_.size() >= limits_.depth_max)
      throw LimitReached{to_mark(mark), "yaml-too-deep", "nested deeper than a file may be", "flatten the structure"};
    Open frame;
    frame.node.kind = kind;
    frame.node.mark = to_mark(mark);
    frame.anchor = anchor;
    stack_.push_back(std::move(frame));
  }
  void close() {
    Open frame = std::move(stack_.back());
    stack_.pop_back();
    place(std::move(frame.node), frame.anchor);
  }
  void place(YamlNode node, YAML::anchor_t anchor) {
    count(1, node.mark);
    if (anchor != 0) anchors_[anchor] = node;
    if (stack_.empty()) {
      root_ = std::move(node);
      done_ = true;
      return;
    }
    Open& parent = stack_.back();
    if (parent.node.kind == YamlNode::Kind::sequence) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
      if (node.kind != YamlNode::Kind::scalar)
        diagnostics_.error(file_, node.mark, "yaml-key", "a key must be a plain word",
                           "quote it, or write the map the other way round");
      else if (parent.node.find(node.scalar) != nullptr)
        diagnostics_.error(file_, node.mark, "yaml-duplicate-key",
                           "key '" + printable(node.scalar, 64) + "' stands twice in one map",
                           "remove one, or join their values");
      parent.key = std::move(node);
    } else {
      parent.node.members.emplace_back(std::move(*parent.key), std::move(node));
      parent.key.reset();
    }
  }

  std::string_view file_;
  Diagnostics& diagnostics_;
  const YamlLimits& limits_;
  std::vector<Open> stack_;
  std::map<YAML::anchor_t, YamlNode> anchors_;
  YamlNode root_;
  bool done_ = false;
  std::size_t nodes_ = 0;
};

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  for (const auto& [name, value] : members)
    if (name.scalar == key) return &value;
  return nullptr;
}

std::optional<bool> YamlNode::as_bool() const {
  if (kind != Kind::scalar || quoted) return std::nullopt;
  if (scalar == "true" || scalar == "True" || scalar == "TRUE") return true;
  if (scalar == "false" || scalar == "False" || scalar == "FALSE") return false;
  return std::nullopt;
}

std::optional<std::int64_t> YamlNode::as_int() const {
  if (kind != Kind::scalar || quoted || scalar.empty()) return std::nullopt;
  std::string_view digits = scalar;
  int base = 10;
  if (digits.starts_with("0x")) base = 16;
  if (digits.starts_with("0o")) base = 8;
  if (base != 10) digits.remove_prefix(2);
  if (base == 10 && digits.starts_with('+')) digits.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty()) return std::nullopt;
  if (base != 10 && value < 0) return std::nullopt;
  return value;
}

std::optional<double> YamlNode::as_real() const {
  if (const auto whole = as_int()) return static_cast<double>(*whole);
  if (kind != Kind::scalar || quoted || scalar.empty()) return std::nullopt;
  // from_chars would take "inf" and "nan", which YAML spells .inf and .nan; neither is a value for us.
  const char first = scalar.front();
  if (!ascii_digit(first) && first != '-' && first != '+' && first != '.') return std::nullopt;
  std::string_view digits = scalar;
  if (first == '+') digits.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::vector<YamlNode> parse_yaml(std::string_view text, std::string_view file, Diagnostics& diagnostics,
                                 const YamlLimits& limits) {
  std::vector<YamlNode> documents;
  if (text.size() > limits.bytes_max) {
    diagnostics.error(file, {}, "yaml-too-large",
                      std::to_string(text.size()) + " bytes, at most " + std::to_string(limits.bytes_max),
                      "split the file");
    return documents;
  }
  try {
    std::istringstream in{std::string{text}};
    YAML::Parser parser{in};
    TreeBuilder builder{file, diagnostics, limits};
    // yaml-cpp 0.7 finds empty documents without end in some broken flow maps; a real one takes a "---" and a line end.
    const std::size_t most = std::min(limits.documents_max, text.size() / 4 + 1);
    while (parser.HandleNextDocument(builder)) {
      if (documents.size() >= most)
        throw LimitReached{{},
                           "yaml-too-large",
                           "more documents than a file may have",
                           "split the file; check for a '}' or ']' that nothing opens"};
      if (auto document = builder.take_document()) documents.push_back(std::move(*document));
    }
  } catch (const YAML::Exception& e) {
    diagnostics.error(file, to_mark(e.mark), "yaml-syntax", e.msg, "check indentation and quotes");
  } catch (const LimitReached& e) {
    diagnostics.error(file, e.mark, e.code, e.text, e.hint);
  } catch (const std::exception& e) {
    diagnostics.error(file, {}, "yaml-syntax", e.what(), "check that the file is UTF-8 text");
  }
  return documents;
}

YamlMap::YamlMap(const YamlNode& node, std::string_view what, std::string_view file, Diagnostics& diagnostics)
    : node_{&node}, what_{what}, file_{file}, diagnostics_{diagnostics}, mark_{node.mark} {
  if (node.kind != YamlNode::Kind::map) {
    diagnostics_.error(file_, node.mark, "wrong-type", what_ + " must be a map of keys and values");
    node_ = nullptr;
  }
}

const YamlNode* YamlMap::take(std::string_view key) {
  taken_.push_back(key);
  return node_ == nullptr ? nullptr : node_->find(key);
}

const YamlNode* YamlMap::require(std::string_view key) {
  const YamlNode* value = take(key);
  if (value == nullptr && node_ != nullptr)
    diagnostics_.error(file_, mark_, "missing-key", what_ + " needs the key '" + std::string{key} + "'");
  return value;
}

std::string YamlMap::text(std::string_view key, std::string fallback) {
  const YamlNode* value = take(key);
  if (value == nullptr) return fallback;
  if (value->kind == YamlNode::Kind::scalar) return value->scalar;
  diagnostics_.error(file_, value->mark, "wrong-type", "'" + std::string{key} + "' must be text");
  return fallback;
}

std::string YamlMap::require_text(std::string_view key) { return require(key) == nullptr ? std::string{} : text(key); }

std::int64_t YamlMap::integer(std::string_view key, std::int64_t fallback, std::int64_t least, std::int64_t most) {
  const YamlNode* value = take(key);
  if (value == nullptr) return fallback;
  if (const auto number = value->as_int(); number && *number >= least && *number <= most) return *number;
  diagnostics_.error(file_, value->mark, "wrong-type",
                     "'" + std::string{key} + "' must be a whole number from " + std::to_string(least) + " to " +
                         std::to_string(most));
  return fallback;
}

bool YamlMap::boolean(std::string_view key, bool fallback) {
  const YamlNode* value = take(key);
  if (value == nullptr) return fallback;
  if (const auto truth = value->as_bool()) return *truth;
  diagnostics_.error(file_, value->mark, "wrong-type", "'" + std::string{key} + "' must be true or false");
  return fallback;
}

Nanoseconds YamlMap::duration(std::string_view key, Nanoseconds fallback) {
  const YamlNode* value = take(key);
  if (value == nullptr) return fallback;
  if (value->kind == YamlNode::Kind::scalar)
    if (const auto parsed = parse_duration(value->scalar)) return *parsed;
  diagnostics_.error(file_, value->mark, "wrong-type", "'" + std::string{key} + "' must be a duration",
                     "write for example 30s, 15m or 2h");
  return fallback;
}

std::size_t YamlMap::bytes(std::string_view key, std::size_t fallback, std::size_t least, std::size_t most) {
  const YamlNode* value = take(key);
  if (value == nullptr) return fallback;
  if (value->kind == YamlNode::Kind::scalar) {
    const std::string_view written = value->scalar;
    std::uint64_t count = 0;
    const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), count);
    const std::string_view unit = written.substr(static_cast<std::size_t>(end - written.data()));
    const unsigned shift = unit == "KiB" ? 10 : unit == "MiB" ? 20 : unit == "GiB" ? 30 : 0;
    if (error == std::errc{} && (shift != 0 || unit.empty()) &&
        count <= (std::numeric_limits<std::uint64_t>::max() >> shift)) {
      const std::uint64_t total = count << shift;
      if (total >= least && total <= most) return static_cast<std::size_t>(total);
    }
  }
  diagnostics_.error(file_, value->mark, "wrong-type",
                     "'" + std::string{key} + "' must be a size from " + std::to_string(least) + " to " +
                         std::to_string(most) + " bytes",
                     "write for example 65536, 64KiB, 16MiB or 2GiB");
  return fallback;
}

std::vector<std::string> YamlMap::texts(std::string_view key) {
  const YamlNode* value = take(key);
  std::vector<std::string> out;
  if (value == nullptr) return out;
  if (value->kind == YamlNode::Kind::scalar) {
    out.push_back(value->scalar);
    return out;
  }
  bool good = value->kind == YamlNode::Kind::sequence;
  for (const YamlNode& item : value->items) {
    if (item.kind == YamlNode::Kind::scalar)
      out.push_back(item.scalar);
    else
      good = false;
  }
  if (!good) diagnostics_.error(file_, value->mark, "wrong-type", "'" + std::string{key} + "' must be a list of texts");
  return out;
}

std::size_t YamlMap::choice(std::string_view key, std::size_t fallback, std::span<const std::string_view> names) {
  const YamlNode* value = take(key);
  if (value == nullptr) return fallback;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (value->kind == YamlNode::Kind::scalar && value->scalar == names[i]) return i;
  std::string list;
  for (const std::string_view name : names) list += (list.empty() ? "" : ", ") + std::string{name};
  diagnostics_.error(file_, value->mark, "wrong-type",
                     "'" + std::string{key} + "' cannot be '" + printable(value->scalar, 64) + "'" +
                         did_you_mean(value->scalar, names),
                     "use one of: " + list);
  return fallback;
}

void YamlMap::finish(Severity unknown) {
  if (node_ == nullptr) return;
  for (const auto& [key, value] : node_->members) {
    if (std::find(taken_.begin(), taken_.end(), std::string_view{key.scalar}) != taken_.end()) continue;
    std::string list;
    std::vector<std::string_view> known = taken_;
    std::sort(known.begin(), known.end());
    known.erase(std::unique(known.begin(), known.end()), known.end());
    for (const std::string_view name : known) list += (list.empty() ? "" : ", ") + std::string{name};
    std::string text = "unknown key '" + printable(key.scalar, 64) + "' in " + what_ + did_you_mean(key.scalar, known);
    if (unknown == Severity::error)
      diagnostics_.error(file_, key.mark, "unknown-key", std::move(text), "known keys: " + list);
    else
      diagnostics_.warning(file_, key.mark, "unknown-key", std::move(text), "it has no effect; known keys: " + list);
  }
}

void YamlMap::error(Mark mark, std::string_view code, std::string text, std::string hint) {
  diagnostics_.error(file_, mark, code, std::move(text), std::move(hint));
}

}  // namespace nw
