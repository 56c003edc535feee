// Baseline::load(): the file of designated conversations, read strictly.
//
//   version: 1
//   conversations:
//     - {from: 10.10.1.20, to: 10.10.2.11, protocol: modbus, functions: [READ_COILS], approved_by: A. Keita,
//        reason: the operator's screens, approved_at: 2026-11-28T09:00:00Z}
#include <set>

#include "base/text.h"
#include "base/yaml.h"
#include "detect/baseline/baseline.h"
#include "detect/baseline/protocols.h"

namespace nw::baseline {

namespace {

constexpr YamlLimits kLimits{std::size_t{64} << 20, 4'000'000, 16, 2};

class Reader {
 public:
  Reader(std::string_view file, Diagnostics& diagnostics) : file_{file}, diagnostics_{diagnostics} {}

  std::vector<Designation> read(std::string_view text) {
    const auto documents = parse_yaml(text, file_, diagnostics_, kLimits);
    if (documents.size() != 1) {
      if (diagnostics_.ok()) error({}, "bad-document", "a baseline is one YAML document", "begin with 'version: 1'");
      return {};
    }
    YamlMap map{documents[0], "a baseline", file_, diagnostics_};
    if (!map.ok()) return {};
    const YamlNode* version = map.require("version");
    if (version != nullptr && version->as_int() != 1)
      error(version->mark, "bad-version", "this is not version 1 of the baseline's format", "write 'version: 1'");
    const YamlNode* list = map.require("conversations");
    map.finish();
    if (list == nullptr || list->kind == YamlNode::Kind::null) return {};
    if (list->kind != YamlNode::Kind::sequence) {
      error(list->mark, "wrong-type", "'conversations' must be a list");
      return {};
    }
    for (const YamlNode& item : list->items) {
      if (seen_.size() > kConversationsMax) break;
      read_designation(item);
    }
    return std::move(out_);
  }

 private:
  void error(Mark mark, std::string_view code, std::string text, std::string hint = {}) {
    diagnostics_.error(file_, mark, code, std::move(text), std::move(hint));
  }

  void read_designation(const YamlNode& node) {
    YamlMap map{node, "a conversation", file_, diagnostics_};
    if (!map.ok()) return;
    Designation designation;
    designation.from = address(map, "from");
    designation.to = address(map, "to");
    designation.protocol = protocol(map);
    const YamlNode* functions = map.require("functions");
    designation.approval.by = text(map, "approved_by", kNameBytesMax);
    designation.approval.reason = text(map, "reason", kReasonBytesMax);
    if (const YamlNode* at = map.require("approved_at"); at != nullptr) {
      const auto time = parse_rfc3339(at->scalar);
      if (time)
        designation.approval.at = *time;
      else
        error(at->mark, "bad-time", time.error().what, "write for example 2026-01-15T08:00:00Z");
    }
    map.finish();
    if (functions != nullptr) read_functions(*functions, designation);
    out_.push_back(std::move(designation));
  }

  IpAddress address(YamlMap& map, std::string_view key) {
    const YamlNode* node = map.require(key);
    if (node == nullptr) return {};
    const auto parsed = IpAddress::parse(node->scalar);
    if (parsed) return *parsed;
    error(node->mark, "bad-address", parsed.error().what, "write one address: networks cannot be designated");
    return {};
  }

  std::string protocol(YamlMap& map) {
    const YamlNode* node = map.require("protocol");
    if (node == nullptr || find_protocol(node->scalar) != nullptr) return node == nullptr ? "" : node->scalar;
    std::vector<std::string_view> names;
    for (const ControlProtocol& row : control_protocols()) names.push_back(row.path);
    error(node->mark, "unknown-protocol",
          "no control protocol is called '" + printable(node->scalar, 64) + "'" + did_you_mean(node->scalar, names),
          "today there is: modbus");
    return {};
  }

  std::string text(YamlMap& map, std::string_view key, std::size_t bytes_max) {
    const YamlNode* node = map.require(key);
    if (node == nullptr) return {};
    if (node->kind != YamlNode::Kind::scalar || trim(node->scalar).empty() || node->scalar.size() > bytes_max)
      error(node->mark, "bad-text",
            "'" + std::string{key} + "' must be a text of 1 to " + std::to_string(bytes_max) + " bytes");
    return node->scalar;
  }

  void read_functions(const YamlNode& list, Designation& designation) {
    if (list.kind != YamlNode::Kind::sequence || list.items.empty())
      return error(list.mark, "empty-list", "'functions' must be a list with at least one function",
                   "write for example [READ_COILS]");
    for (const YamlNode& item : list.items) {
      if (item.kind != YamlNode::Kind::scalar || item.scalar.empty() || item.scalar.size() > kFunctionBytesMax) {
        error(item.mark, "bad-text",
              "a function must be a text of 1 to " + std::to_string(kFunctionBytesMax) + " bytes");
        continue;
      }
      const ConversationView view{designation.from, designation.to, designation.protocol, item.scalar};
      if (!seen_.insert(Conversation{view}).second)
        error(item.mark, "duplicate-conversation",
              "'" + printable(item.scalar, 64) + "' is designated twice between these two", "keep one of them");
      if (seen_.size() > kConversationsMax)
        return error(item.mark, "too-many", "more than " + std::to_string(kConversationsMax) + " conversations");
      designation.functions.push_back(item.scalar);
    }
  }

  std::string_view file_;
  Diagnostics& diagnostics_;
  std::vector<Designation> out_;
  std::set<Conversation> seen_;
};

}  // namespace

std::shared_ptr<const Baseline> Baseline::load(std::string_view text, std::string_view file, Diagnostics& diagnostics) {
  Diagnostics found;
  std::vector<Designation> designations = Reader{file, found}.read(text);
  diagnostics.append(found);
  if (!found.ok()) return nullptr;
  auto out = std::make_shared<Baseline>();
  for (Designation& designation : designations) out->add(std::move(designation));
  return out;
}

}  // namespace nw::baseline
