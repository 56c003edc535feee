// The strict reader of pattern files.
#include <algorithm>
#include <set>

#include "base/text.h"
#include "base/yaml.h"
#include "ingest/logs/formats/pattern_set.h"

namespace nw::logs {

namespace {

constexpr auto kKinds = std::to_array<std::string_view>({"text", "integer", "real", "address"});  // by Pattern::Kind

class PatternReader {
 public:
  PatternReader(std::string_view file, std::vector<Pattern>& out, std::set<std::string>& paths,
                Diagnostics& diagnostics)
      : file_{file}, out_{out}, paths_{paths}, diagnostics_{diagnostics} {}

  void read(const YamlNode& document) {
    YamlMap map{document, "a file of patterns", file_, diagnostics_};
    name_ = plain(map, map.require_text("name"));
    product_ = to_ascii_lower(map.text("product"));
    const YamlNode* const patterns = map.require("patterns");
    map.finish();
    if (patterns == nullptr) return;
    if (patterns->kind != YamlNode::Kind::sequence) {
      map.error(patterns->mark, "wrong-type", "'patterns' must be a list");
      return;
    }
    for (const YamlNode& item : patterns->items) {
      if (out_.size() == kPatternsMax) {
        map.error(item.mark, "limit", "more than " + std::to_string(kPatternsMax) + " patterns");
        return;
      }
      read_pattern(item);
    }
  }

 private:
  // A part of a type's path.
  std::string plain(YamlMap& map, std::string name) {
    const auto good = [](char c) { return ascii_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_'; };
    if (name.empty() || name.size() > 64 || !std::ranges::all_of(name, good))
      map.error(map.mark(), "bad-name", "'" + printable(name, 64) + "' cannot be a name",
                "use small letters, digits, '-' and '_', at most 64");
    return name;
  }

  void read_pattern(const YamlNode& node) {
    YamlMap map{node, "a pattern", file_, diagnostics_};
    Pattern pattern;
    pattern.file = file_;
    pattern.mark = node.mark;
    pattern.name = plain(map, map.require_text("name"));
    pattern.path = name_ + '.' + pattern.name;
    pattern.product = to_ascii_lower(map.text("product", product_));
    pattern.service = to_ascii_lower(map.text("service"));
    pattern.category = to_ascii_lower(map.text("category"));
    for (const std::string& program : map.texts("programs")) pattern.programs.push_back(to_ascii_lower(program));
    read_literal(map, pattern);
    const YamlNode* const regex = map.require("regex");
    if (regex != nullptr) read_regex(map, *regex, pattern);
    const YamlNode* const fields = map.take("fields");
    const YamlNode* const time = map.take("time");
    const YamlNode* const tests = map.take("tests");
    map.finish();
    if (pattern.regex != nullptr) {
      if (time != nullptr) read_time(*time, pattern);
      read_fields(map, fields, pattern);
    }
    read_tests(map, tests, pattern);
    if (!paths_.insert(pattern.path).second)
      map.error(node.mark, "duplicate-name", "there is a pattern '" + pattern.path + "' already");
    out_.push_back(std::move(pattern));
    groups_.clear();
  }

  void read_literal(YamlMap& map, Pattern& pattern) {
    const YamlNode* const node = map.require("literal");
    if (node == nullptr) return;
    pattern.literal = node->scalar;
    if (pattern.literal.size() < kPatternLiteralBytesMin || pattern.literal.size() > kPatternLiteralBytesMax)
      map.error(node->mark, "bad-literal", "a literal has 3 to 256 bytes",
                "name a piece of text that is in every such line, and in few others");
  }

  void read_regex(YamlMap& map, const YamlNode& node, Pattern& pattern) {
    if (node.kind != YamlNode::Kind::scalar || node.scalar.size() > kPatternRegexBytesMax) {
      map.error(node.mark, "bad-regex", "a regular expression is a text of at most 4096 bytes");
      return;
    }
    RegexFault fault;
    pattern.regex = Regex::compile(node.scalar, {}, fault);
    if (pattern.regex == nullptr) {
      map.error(node.mark, "bad-regex", fault.text + " (byte " + std::to_string(fault.offset) + ")");
      return;
    }
    groups_ = pattern.regex->named_groups();
    if (std::ranges::any_of(groups_, [](const auto& group) { return group.second > kPatternGroupsMax; }))
      map.error(node.mark, "limit", "a named group comes after the 64th", "make groups without a name (?:...)");
    if (groups_.empty())
      map.error(node.mark, "bad-regex", "it has no named group", "write (?<name>...) around what becomes a field");
  }

  // The group's position, from 0.
  std::optional<std::size_t> group(Mark mark, std::string_view name) {
    const auto found = std::ranges::find(groups_, name, [](const auto& each) { return std::string_view{each.first}; });
    if (found != groups_.end()) return found->second - 1;
    std::vector<std::string_view> known;
    for (const auto& each : groups_) known.push_back(each.first);
    diagnostics_.error(file_, mark, "unknown-group",
                       "the expression has no group '" + printable(name, 64) + "'" + did_you_mean(name, known));
    return std::nullopt;
  }

  void read_time(const YamlNode& node, Pattern& pattern) {
    YamlMap map{node, "'time'", file_, diagnostics_};
    const YamlNode* const name = map.require("group");
    const YamlNode* const format = map.require("format");
    map.finish();
    if (name == nullptr || format == nullptr) return;
    const auto at = group(name->mark, name->scalar);
    auto read = TimeFormat::parse(format->scalar);
    if (!read) map.error(format->mark, "bad-time-format", read.error().what);
    if (at && read) pattern.time = Pattern::Time{*at, std::move(*read)};
  }

  // What is not named is a field by the group's own name; the time's group is none.
  void read_fields(YamlMap& map, const YamlNode* node, Pattern& pattern) {
    std::set<std::size_t> taken;
    if (pattern.time) taken.insert(pattern.time->group);
    if (node != nullptr && node->kind != YamlNode::Kind::map)
      map.error(node->mark, "wrong-type",
                "'fields' must be a map: the group, then the field's name or its {name, type}");
    if (node != nullptr)
      for (const auto& [key, value] : node->members) {
        const auto at = group(key.mark, key.scalar);
        Pattern::Field field = read_field(key.scalar, value);
        if (!at) continue;
        field.group = *at;
        taken.insert(*at);
        pattern.fields.push_back(std::move(field));
      }
    for (const auto& [name, number] : groups_)
      if (!taken.contains(number - 1)) pattern.fields.push_back({name, number - 1, usual_kind(name)});
    std::ranges::sort(pattern.fields, {}, &Pattern::Field::group);
    std::set<std::string_view> names;
    for (const Pattern::Field& field : pattern.fields)
      if (!names.insert(field.name).second)
        map.error(pattern.mark, "duplicate-name", "two groups become the field '" + printable(field.name, 64) + "'");
  }

  Pattern::Field read_field(const std::string& group, const YamlNode& node) {
    Pattern::Field field;
    if (node.kind == YamlNode::Kind::scalar) {
      field.name = node.scalar;
      field.kind = usual_kind(field.name);
    } else {
      YamlMap map{node, "a field", file_, diagnostics_};
      field.name = map.text("name", group);
      field.kind =
          static_cast<Pattern::Kind>(map.choice("type", static_cast<std::size_t>(usual_kind(field.name)), kKinds));
      map.finish();
    }
    if (field.name.empty() || field.name.size() > 256)
      diagnostics_.error(file_, node.mark, "bad-name", "a field's name has 1 to 256 bytes");
    return field;
  }

  // Of the common fields the daemon knows what they are.
  static Pattern::Kind usual_kind(std::string_view name) {
    const auto common = event::common_fields();
    const auto found = std::ranges::find(common, name, &event::FieldSpec::name);
    if (found == common.end()) return Pattern::Kind::text;
    return found->type == "address"   ? Pattern::Kind::address
           : found->type == "integer" ? Pattern::Kind::integer
                                      : Pattern::Kind::text;
  }

  void read_tests(YamlMap& map, const YamlNode* node, Pattern& pattern) {
    if (node != nullptr && node->kind != YamlNode::Kind::sequence) {
      map.error(node->mark, "wrong-type", "'tests' must be a list");
      return;
    }
    if (node != nullptr)
      for (const YamlNode& item : node->items) {
        if (pattern.tests.size() == kPatternTestsMax) {
          map.error(item.mark, "limit", "more than " + std::to_string(kPatternTestsMax) + " tests of one pattern");
          return;
        }
        pattern.tests.push_back(read_test(item, pattern));
      }
    if (std::ranges::none_of(pattern.tests, &Pattern::Test::matches))
      map.error(pattern.mark, "no-test", "the pattern '" + pattern.name + "' has no test with a line that it takes",
                "write: tests: [{line: ..., fields: {...}}]");
  }

  Pattern::Test read_test(const YamlNode& node, const Pattern& pattern) {
    YamlMap map{node, "a test", file_, diagnostics_};
    Pattern::Test test;
    test.mark = node.mark;
    test.line = map.require_text("line");
    test.program = map.text("program", pattern.programs.empty() ? "" : pattern.programs.front());
    test.matches = map.boolean("matches", true);
    const std::string time = map.text("time");
    if (!time.empty()) {
      if (const auto read = parse_rfc3339(time))
        test.time = *read;
      else
        map.error(map.mark(), "wrong-type", "'time' must be such as 2026-01-15T08:00:00Z");
    }
    const YamlNode* const fields = map.take("fields");
    map.finish();
    if (fields == nullptr) return test;
    if (!test.matches) map.error(fields->mark, "wrong-type", "a line that is not taken has no fields");
    if (fields->kind != YamlNode::Kind::map) map.error(fields->mark, "wrong-type", "'fields' must be a map");
    for (const auto& [key, value] : fields->members) {
      if (value.kind != YamlNode::Kind::scalar) map.error(value.mark, "wrong-type", "a field's value is a text");
      test.fields[key.scalar] = value.scalar;
    }
    return test;
  }

  std::string file_;
  std::vector<Pattern>& out_;
  std::set<std::string>& paths_;
  Diagnostics& diagnostics_;
  std::string name_, product_;
  std::vector<std::pair<std::string, std::size_t>> groups_;  // of the pattern at hand
};

}  // namespace

std::shared_ptr<const PatternSet> PatternSet::read(std::span<const File> files, Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.errors();
  std::vector<Pattern> patterns;
  std::set<std::string> paths;
  YamlLimits limits;
  limits.bytes_max = kPatternFileBytesMax;
  limits.nodes_max = 200'000;
  limits.depth_max = 16;
  for (const File& file : files) {
    const std::size_t so_far = diagnostics.errors();
    const std::vector<YamlNode> documents = parse_yaml(file.text, file.name, diagnostics, limits);
    if (diagnostics.errors() != so_far) continue;
    if (documents.size() != 1)
      diagnostics.error(file.name, documents.empty() ? Mark{} : documents[1].mark, "yaml-syntax",
                        "a file of patterns is one document");
    else
      PatternReader{file.name, patterns, paths, diagnostics}.read(documents[0]);
  }
  if (diagnostics.errors() != before) return nullptr;
  return std::make_shared<const PatternSet>(std::move(patterns));
}

}  // namespace nw::logs
