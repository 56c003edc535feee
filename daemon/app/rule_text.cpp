#include "app/rule_text.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace nw::app {

namespace {

// Lays out a program. Nodes are visited as they stand; where a node ends is told by the depth of what follows.
class Tree {
 public:
  Tree(std::span<const sigma::ProgramLine> lines, const TreeOptions& options) : lines_{lines}, options_{options} {}

  std::string text() {
    for (std::size_t at = 0; at < lines_.size(); at = end_of(at)) node(at);
    return std::move(out_);
  }

 private:
  std::size_t end_of(std::size_t at) const {
    const std::size_t depth = lines_[at].depth;
    do ++at;
    while (at < lines_.size() && lines_[at].depth > depth);
    return at;
  }

  void begin(std::size_t depth, std::string_view verdict) {
    out_ += "  ";
    if (options_.kind == TreeKind::verdict) {
      out_ += verdict;
      out_.append(5 - verdict.size(), ' ');
    }
    out_.append(2 * depth, ' ');
  }

  void node(std::size_t at) {
    const sigma::ProgramLine& line = lines_[at];
    begin(line.depth, line.holds ? "yes" : "no");
    if (!line.label.empty()) out_ += printable(line.label) + ": ";
    out_ += line.text;
    if (line.atom && options_.kind == TreeKind::verdict && !line.value.empty()) out_ += " (is " + line.value + ')';
    if (line.trigger) out_ += "  <- " + std::string{line.way};
    out_ += '\n';
    operands(at);
  }

  void operands(std::size_t parent) {
    std::size_t shown = 0;
    const std::size_t end = end_of(parent);
    for (std::size_t at = parent + 1; at < end;) {
      const std::size_t run = options_.all ? at : end_of_failures(at, end);
      if (run - at > kFailuresShown) {
        failures(at, run);
        at = run;
      } else if (!options_.all && shown >= kOperandsShown && !lines_[at].holds) {
        at = rest(at, end);
        continue;
      } else {
        node(at);
        at = end_of(at);
      }
      ++shown;
    }
  }

  // "CommandLine contains": what a value follows.
  static std::string_view question(const sigma::ProgramLine& line) {
    return std::string_view{line.text}.substr(0, line.text.find(" '"));
  }

  // Where the atoms from `at` on end that ask the same of the same value, and all in vain.
  std::size_t end_of_failures(std::size_t at, std::size_t end) const {
    const std::size_t first = at;
    const auto same = [&](const sigma::ProgramLine& line) {
      return line.atom && !line.holds && (line.label.empty() || &line == &lines_[first]) &&
             question(line) == question(lines_[first]) && line.value == lines_[first].value;
    };
    if (options_.kind == TreeKind::plan) return at;
    while (at < end && same(lines_[at])) ++at;
    return at;
  }

  void failures(std::size_t at, std::size_t end) {
    begin(lines_[at].depth, "no");
    if (!lines_[at].label.empty()) out_ += printable(lines_[at].label) + ": ";
    out_ += std::string{question(lines_[at])} + " none of " + std::to_string(end - at) + " values";
    if (!lines_[at].value.empty()) out_ += " (is " + lines_[at].value + ')';
    out_ += '\n';
  }

  // Tells how many operands that do not hold (of a plan: all) follow. Gives where they end.
  std::size_t rest(std::size_t at, std::size_t end) {
    const std::size_t depth = lines_[at].depth;
    std::size_t count = 0;
    for (; at < end && !lines_[at].holds; at = end_of(at)) ++count;
    begin(depth, "");
    out_ += "and " + std::to_string(count) + " more";
    if (options_.kind == TreeKind::verdict) out_ += ", none holds";
    out_ += '\n';
    return at;
  }

  std::span<const sigma::ProgramLine> lines_;
  const TreeOptions& options_;
  std::string out_;
};

// "rules/13f/x.yml": "x".
std::string_view stem_of(std::string_view file) {
  file.remove_prefix(file.rfind('/') + 1);  // npos + 1 is 0
  return file.substr(0, file.rfind('.'));
}

}  // namespace

Result<std::size_t> find_rule(const sigma::RuleSet& rules, std::string_view word) {
  const std::string wanted = to_ascii_lower(word);
  std::vector<std::string_view> known;
  using Part = std::string_view (*)(const sigma::RuleInfo&);
  constexpr Part kParts[] = {[](const sigma::RuleInfo& info) { return std::string_view{info.id}; },
                             [](const sigma::RuleInfo& info) { return std::string_view{info.name}; },
                             [](const sigma::RuleInfo& info) { return std::string_view{info.title}; },
                             [](const sigma::RuleInfo& info) { return stem_of(info.file); }};
  for (const Part part : kParts) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < rules.size(); ++i) {
      const std::string_view text = part(rules.info(i));
      if (text.empty()) continue;
      known.push_back(text);
      if (to_ascii_lower(text) == wanted) found.push_back(i);
    }
    if (found.size() == 1) return found[0];
    if (found.empty()) continue;
    return Error{Errc::invalid_argument, std::to_string(found.size()) + " rules are called '" + printable(word, 128) +
                                             "', in " + rules.info(found[0]).file + " and " +
                                             rules.info(found[1]).file + "; name one by its id"};
  }
  return Error{Errc::not_found, "no rule has the id, name, title or file '" + printable(word, 128) + "'" +
                                    did_you_mean(word, known) + "; normwatch rules list prints all"};
}

std::string state_of(const sigma::RuleSet& rules, std::size_t rule) {
  std::string out{sigma::to_string(rules.state(rule))};
  const std::vector<std::string> missing = rules.missing_fields(rule);
  for (std::size_t i = 0; i < missing.size(); ++i) out += (i == 0 ? "; nothing produces " : ", ") + missing[i];
  if (rules.state(rule) == sigma::RuleState::dormant_not_fed) {
    const std::string& part = rules.info(rule).log_source.service;
    out += "; not fed yet" + (part.empty() ? std::string{} : " (" + part + ')');
  }
  return out;
}

std::string log_source_of(const sigma::RuleInfo& info) {
  std::string out = info.log_source.to_string();
  return out.empty() ? "any" : out;
}

std::string tree_text(std::span<const sigma::ProgramLine> lines, const TreeOptions& options) {
  return Tree{lines, options}.text();
}

}  // namespace nw::app
