// Which of many texts a text begins with: one walk, whatever their number. Built once, then read-only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nw::sigma {

class Trie {
 public:
  // `texts` sorted, without repeats, none empty; each is told by its position.
  explicit Trie(const std::vector<std::string>& texts) {
    struct Range {
      std::size_t first, end, depth;
    };
    nodes_.push_back({});
    std::vector<Range> ranges{{0, texts.size(), 0}};
    // Breadth first, so that the children of a node lie side by side.
    for (std::size_t at = 0; at < ranges.size(); ++at) {
      auto [first, end, depth] = ranges[at];
      if (first < end && texts[first].size() == depth) nodes_[at].text = static_cast<std::uint32_t>(first++);
      nodes_[at].first = static_cast<std::uint32_t>(nodes_.size());
      while (first < end) {
        const char label = texts[first][depth];
        std::size_t next = first;
        while (next < end && texts[next][depth] == label) ++next;
        nodes_.push_back({});
        labels_.resize(nodes_.size());
        labels_.back() = label;
        ranges.push_back({first, next, depth + 1});
        first = next;
      }
      nodes_[at].end = static_cast<std::uint32_t>(nodes_.size());
    }
    labels_.resize(nodes_.size());
  }

  // Calls `hit(position)` for each text that [begin, end) begins with; reverse iterators walk a text from its end.
  template <class Iterator, class Hit>
  void walk(Iterator begin, Iterator end, Hit hit) const {
    std::uint32_t at = 0;
    for (; begin != end; ++begin) {
      const Node& node = nodes_[at];
      const auto first = labels_.begin() + node.first, last = labels_.begin() + node.end;
      const auto found = std::find(first, last, *begin);
      if (found == last) return;
      at = static_cast<std::uint32_t>(found - labels_.begin());
      if (nodes_[at].text != kNone) hit(nodes_[at].text);
    }
  }

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;
  struct Node {
    std::uint32_t first = 0, end = 0;  // its children
    std::uint32_t text = kNone;        // that ends here
  };
  std::vector<Node> nodes_;
  std::string labels_;  // by node: the byte that leads to it
};

}  // namespace nw::sigma
