#include "detect/sigma/collection.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "detect/sigma/limits.h"

namespace nw::sigma {

namespace {

constexpr std::string_view kAction = "action";
constexpr std::array<std::string_view, 3> kActions{"global", "repeat", "reset"};

std::size_t count(const YamlNode& node) {
  std::size_t total = 1;
  for (const YamlNode& item : node.items) total += count(item);
  for (const auto& [key, value] : node.members) total += 1 + count(value);
  return total;
}

bool same(const YamlNode& a, const YamlNode& b) {
  const auto same_member = [](const auto& x, const auto& y) {
    return x.first.scalar == y.first.scalar && same(x.second, y.second);
  };
  return a.kind == b.kind && a.quoted == b.quoted && a.scalar == b.scalar &&
         std::ranges::equal(a.items, b.items, same) && std::ranges::equal(a.members, b.members, same_member);
}

YamlNode without_action(const YamlNode& document) {
  YamlNode out = document;
  std::erase_if(out.members, [](const auto& member) { return member.first.scalar == kAction; });
  return out;
}

}  // namespace

bool is_collection(std::span<const YamlNode> documents) {
  return std::ranges::any_of(documents, [](const YamlNode& document) { return document.find(kAction) != nullptr; });
}

void Collection::error(Mark mark, std::string_view code, std::string text, std::string hint) {
  diagnostics_.error(file_, mark, code, std::move(text) + "; the documents after it are left out too", std::move(hint));
  broken_ = true;
}

std::optional<YamlNode> Collection::next(const YamlNode& document) {
  if (broken_) return std::nullopt;
  const YamlNode* action = document.find(kAction);
  if (action == nullptr) {
    if (!global_ || document.kind != YamlNode::Kind::map) {
      previous_ = document;
      return document;
    }
    global_taken_ = true;
    previous_ = joined(document, *global_, Why::global);
    return previous_;
  }
  if (action->scalar == "global") {
    set_global(document);
  } else if (action->scalar == "reset") {
    if (document.members.size() > 1)
      error(document.mark, "collection-action", "'action: reset' stands alone, but has other keys",
            "put them into a document of their own");
    finish();
    global_.reset();
  } else if (action->scalar == "repeat") {
    if (!previous_)
      error(action->mark, "collection-action", "'action: repeat', but no document before it",
            "write the first one out");
    else
      return previous_ = joined(*previous_, without_action(document), Why::repeat);
  } else {
    error(action->mark, "collection-action",
          "unknown action '" + printable(action->scalar, 64) + "'" + did_you_mean(action->scalar, kActions),
          "use global, repeat or reset");
  }
  return std::nullopt;
}

void Collection::set_global(const YamlNode& document) {
  finish();
  global_ = without_action(document);
  previous_ = global_;
  global_taken_ = false;
}

std::optional<YamlNode> Collection::joined(YamlNode to, const YamlNode& from, Why why) {
  if (why == Why::repeat) to.mark = from.mark;
  join(to, from, why);
  nodes_ += count(to);
  if (nodes_ <= kCollectionNodesMax) return to;
  error(
      to.mark, "limit",
      "the documents of this collection make more than " + std::to_string(kCollectionNodesMax) + " YAML nodes together",
      "split the file");
  return std::nullopt;
}

void Collection::join(YamlNode& to, const YamlNode& from, Why why) {
  for (const auto& [key, value] : from.members) {
    const auto own = std::ranges::find(to.members, key.scalar, [](const auto& member) { return member.first.scalar; });
    if (own == to.members.end()) {
      to.members.emplace_back(key, value);
    } else if (own->second.kind == YamlNode::Kind::map && value.kind == YamlNode::Kind::map) {
      join(own->second, value, why);
    } else {
      if (why == Why::global && !same(own->second, value))
        diagnostics_.warning(file_, own->first.mark, "global-replaces",
                             "the global document replaces '" + printable(key.scalar, 64) + "'",
                             "remove one of the two; the global one stands in line " + std::to_string(key.mark.line));
      *own = {key, value};
    }
  }
}

void Collection::finish() {
  if (!global_ || global_taken_ || broken_) return;
  // A repetition takes it as the document before.
  if (previous_ && !same(*previous_, *global_)) return;
  diagnostics_.warning(file_, global_->mark, "global-unused", "no document follows that takes these keys",
                       "remove 'action: global' if it is a rule itself");
}

}  // namespace nw::sigma
