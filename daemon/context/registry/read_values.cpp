// The values that a register is made of: texts, words, numbers, networks.
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "context/registry/reader.h"
#include "context/registry/vocabulary.h"

namespace nw::context {

std::string RegisterReader::quoted(std::string_view text) { return '\'' + printable(text, 64) + '\''; }

bool RegisterReader::is_word(std::string_view text, std::string_view more) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [more](char c) {
    return (c >= 'a' && c <= 'z') || ascii_digit(c) || more.find(c) != std::string_view::npos;
  });
}

bool RegisterReader::is_shown_text(std::string_view text) {
  return text.size() <= kNameBytesMax && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

// By form: the lists of ISO 3166 change, and a place that one lacks must not stop a daemon.
bool RegisterReader::is_location(std::string_view text) {
  const auto capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (text.size() < 2 || !capital(text[0]) || !capital(text[1])) return false;
  if (text.size() == 2) return true;
  return text[2] == '-' && text.size() >= 4 && text.size() <= 6 &&
         std::all_of(text.begin() + 3, text.end(), [&](char c) { return capital(c) || ascii_digit(c); });
}

bool RegisterReader::is_domain(std::string_view lower) {
  if (lower.size() > kAssetDomainBytesMax || lower.find('.') == std::string_view::npos) return false;
  const std::string_view last = lower.substr(lower.rfind('.') + 1);
  if (!last.empty() && ascii_digit(last.front())) return false;  // an address
  return std::ranges::all_of(split(lower, '.'), [](std::string_view label) {
    return is_word(label, "-") && label.size() <= 63 && !label.starts_with('-') && !label.ends_with('-');
  });
}

std::optional<IpPrefix> RegisterReader::parse_network(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::scalar) {
    if (const auto network = IpPrefix::parse(node.scalar)) {
      IpAddress written;
      if (IpAddress::parse_into(std::string_view{node.scalar}.substr(0, node.scalar.find('/')), written) &&
          written != network->address())
        diagnostics_.warning(file_, node.mark, "network-host-bits",
                             quoted(node.scalar) + " has bits set beyond its length",
                             "read as " + network->to_string());
      return *network;
    }
  }
  error(node.mark, "bad-network", quoted(node.scalar) + " is no network",
        "write for example 192.0.2.0/24 or 2001:db8::/32");
  return std::nullopt;
}

std::vector<IpPrefix> RegisterReader::networks(const YamlNode& list, std::string_view key) {
  std::vector<IpPrefix> out;
  if (list.kind != YamlNode::Kind::sequence) {
    error(list.mark, "wrong-type", quoted(key) + " must be a list of networks");
    return out;
  }
  for (const YamlNode& item : list.items)
    if (const auto network = parse_network(item)) out.push_back(*network);
  return out;
}

std::vector<IpPrefix> RegisterReader::few_networks(YamlMap& map, std::string_view key) {
  const YamlNode* list = map.take(key);
  if (list == nullptr) return {};
  std::vector<IpPrefix> out = networks(*list, key);
  if (out.size() > kWritersMax)
    error(list->mark, "too-many", quoted(key) + " can be at most " + std::to_string(kWritersMax),
          "join them into networks");
  return out;
}

const YamlNode* RegisterReader::list_of(YamlMap& map, std::string_view key) {
  const YamlNode* node = map.take(key);
  if (node == nullptr || node->kind == YamlNode::Kind::sequence) return node;
  error(node->mark, "wrong-type", quoted(key) + " must be a list");
  return nullptr;
}

const YamlNode* RegisterReader::list_of(YamlMap& map, std::string_view key, std::size_t most, std::string_view hint) {
  const YamlNode* list = list_of(map, key);
  if (list != nullptr && list->items.size() > most)
    error(list->mark, "too-many", quoted(key) + " can be at most " + std::to_string(most), std::string{hint});
  return list;
}

std::vector<const YamlNode*> RegisterReader::scalars(YamlMap& map, std::string_view key) {
  std::vector<const YamlNode*> out;
  const YamlNode* node = map.take(key);
  if (node == nullptr) return out;
  if (node->kind == YamlNode::Kind::scalar) return {node};
  if (node->kind != YamlNode::Kind::sequence) error(node->mark, "wrong-type", quoted(key) + " must be a list of texts");
  for (const YamlNode& item : node->items) {
    if (item.kind == YamlNode::Kind::scalar)
      out.push_back(&item);
    else
      error(item.mark, "wrong-type", quoted(key) + " must be a list of texts");
  }
  return out;
}

std::vector<std::string> RegisterReader::words(YamlMap& map, std::string_view key) {
  std::vector<std::string> out;
  for (const YamlNode* node : scalars(map, key)) {
    if (!is_word(node->scalar, "-_"))
      error(node->mark, "bad-name", quoted(node->scalar) + " cannot stand in " + quoted(key),
            "write for example modbus or s7comm");
    if (std::ranges::find(out, node->scalar) == out.end()) out.push_back(node->scalar);
  }
  return out;
}

std::vector<std::string> RegisterReader::closed_list(YamlMap& map, std::string_view key,
                                                     std::span<const std::string_view> known) {
  std::vector<std::string> out;
  for (const YamlNode* node : scalars(map, key)) {
    check_word(node->scalar, known, key, node->mark);
    if (std::find(out.begin(), out.end(), node->scalar) == out.end()) out.push_back(node->scalar);
  }
  return out;
}

void RegisterReader::check_word(const std::string& word, std::span<const std::string_view> known, std::string_view key,
                                Mark mark) {
  if (is_one_of(word, known)) return;
  std::string list;
  for (const std::string_view name : known) list += (list.empty() ? "" : ", ") + std::string{name};
  error(mark, "unknown-word", quoted(key) + " cannot have " + quoted(word) + did_you_mean(word, known),
        "known: " + list);
}

std::optional<double> RegisterReader::number(YamlMap& map, std::string_view key) {
  const YamlNode* node = map.take(key);
  if (node == nullptr) return {};
  const auto read = node->kind == YamlNode::Kind::scalar ? node->as_real() : std::nullopt;
  if (!read || !std::isfinite(*read) || (key == "scale" && *read == 0)) {
    error(node->mark, "wrong-type", quoted(key) + " must be a number" + (key == "scale" ? " other than 0" : ""));
    return {};
  }
  return read;
}

std::string RegisterReader::shown(YamlMap& map, std::string_view key) {
  const YamlNode* node = map.take(key);
  if (node == nullptr) return {};
  std::string text = map.text(key);
  if (!is_shown_text(text))
    error(node->mark, "bad-name",
          quoted(key) + " must be one line of at most " + std::to_string(kNameBytesMax) + " bytes");
  return text;
}

std::string RegisterReader::require_shown(YamlMap& map, std::string_view key, std::string_view what) {
  const YamlNode* node = map.require(key);
  std::string text = shown(map, key);
  if (node != nullptr && text.empty()) error(node->mark, "bad-name", std::string{what});
  return text;
}

}  // namespace nw::context
