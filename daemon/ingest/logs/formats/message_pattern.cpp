#include "ingest/logs/formats/message_pattern.h"

#include <algorithm>
#include <bit>
#include <string>

#include "base/check.h"
#include "base/hash.h"
#include "base/text.h"

namespace nw::logs {

namespace {

constexpr std::size_t kGroupBytesMax = 160;  // "(LOCAL\name)" behind an endpoint

void skip_spaces_at(std::string_view text, std::size_t& at) noexcept {
  while (at < text.size() && text[at] == ' ') ++at;
}

// `literal` at `at`, which moves behind it.
bool eat_literal(std::string_view text, std::size_t& at, std::string_view literal) noexcept {
  std::size_t i = at;
  for (const char c : literal) {
    if (i >= text.size() || text[i] != c) return false;
    ++i;
    if (c == ' ') skip_spaces_at(text, i);
  }
  at = i;
  return true;
}

// The end of a group at `at` ('('): an address, a port, or a user; none of the remarks that stand in such brackets too.
std::size_t group_end(std::string_view text, std::size_t at) noexcept {
  const std::size_t close = text.substr(at, kGroupBytesMax).find(')');
  if (close == std::string_view::npos || close < 2) return at;
  const std::string_view inner = text.substr(at + 1, close - 1);
  if (!inner.starts_with("LOCAL\\") && inner.find(' ') != std::string_view::npos) return at;
  // "(8/0)": type and code of ICMP.
  const auto count = std::count_if(inner.begin(), inner.end(), ascii_digit);
  if (inner.find('/') != std::string_view::npos && static_cast<std::size_t>(count) + 1 == inner.size()) return at;
  return at + close + 1;
}

std::size_t longest_stop(std::string_view text, std::size_t at, std::string_view literal) noexcept {
  const std::size_t last = text.rfind(literal);
  return last == std::string_view::npos || last < at ? std::string_view::npos : last;
}

std::uint8_t find_name(std::string_view name, std::span<const event::FieldSpec> fields,
                       std::span<const std::string_view> specials) {
  const auto field = std::ranges::find(fields, name, &event::FieldSpec::name);
  if (field != fields.end()) return static_cast<std::uint8_t>(field - fields.begin());
  const auto special = std::ranges::find(specials, name);
  NW_CHECK(special != specials.end());
  return static_cast<std::uint8_t>(fields.size() + static_cast<std::size_t>(special - specials.begin()));
}

}  // namespace

std::size_t endpoint_end(std::string_view text, std::size_t at) noexcept {
  std::size_t i = at;
  while (i < text.size()) {
    const char c = text[i];
    if (c == '(' || (c == ' ' && i + 1 < text.size() && text[i + 1] == '(' && i > at)) {
      const std::size_t open = c == '(' ? i : i + 1;
      const std::size_t end = group_end(text, open);
      if (end == open) break;
      i = end;
    } else if (c == ' ' || c == ',' || c == ';' || c == ')') {
      break;
    } else {
      ++i;
    }
  }
  // The sentence's own ':' or '.'; an IPv6 address may end with "::".
  if (i > at + 1 && (text[i - 1] == '.' || (text[i - 1] == ':' && text[i - 2] != ':'))) --i;
  return i;
}

PatternTable::PatternTable(std::span<const PatternRow> rows, std::span<const event::FieldSpec> fields,
                           std::span<const std::string_view> specials)
    : rows_{rows} {
  NW_CHECK(rows.size() < 0xffff && fields.size() + specials.size() < kNothing);
  std::vector<std::pair<std::string_view, std::uint16_t>> keyed;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    compile(row, fields, specials);
    for (const std::string_view key : split(rows[row].keys, ' '))
      keyed.emplace_back(key, static_cast<std::uint16_t>(row));
  }
  std::ranges::stable_sort(keyed, {}, &std::pair<std::string_view, std::uint16_t>::first);
  cells_.assign(std::bit_ceil(2 * keyed.size() + 1), {});
  for (const auto& [key, row] : keyed) {
    std::size_t at = hash64(key) & (cells_.size() - 1);
    while (cells_[at].end != 0 && cells_[at].key != key) at = (at + 1) & (cells_.size() - 1);
    const auto here = static_cast<std::uint32_t>(order_.size());
    if (cells_[at].end == 0) cells_[at] = {key, here, here};
    order_.push_back(row);
    ++cells_[at].end;
  }
}

void PatternTable::compile(std::size_t row, std::span<const event::FieldSpec> fields,
                           std::span<const std::string_view> specials) {
  const std::string_view pattern = rows_[row].pattern;
  const std::size_t begin = ops_.size();
  std::size_t open = 0, captures = 0;
  bool in_option = false;
  const auto after_open_end = [&] {
    return ops_.size() > begin && (ops_.back().step == Step::lazy || ops_.back().step == Step::longest);
  };
  for (std::size_t at = 0; at < pattern.size();) {
    if (pattern.substr(at).starts_with("{?")) {
      NW_CHECK(!in_option);
      in_option = true;
      open = ops_.size();
      ops_.push_back({Step::option, kNothing, 0, {}});
      at += 2;
    } else if (pattern.substr(at).starts_with("?}")) {
      NW_CHECK(in_option);
      in_option = false;
      ops_.push_back({Step::option_end, kNothing, 0, {}});
      ops_[open].jump = static_cast<std::uint16_t>(ops_.size() - begin);
      at += 2;
    } else if (pattern[at] == '{') {
      const std::size_t close = pattern.find('}', at);
      NW_CHECK(close != std::string_view::npos && !after_open_end());
      const std::string_view whole = pattern.substr(at + 1, close - at - 1);
      const std::string_view name = whole.substr(0, whole.find(':'));
      const std::string_view step = whole.substr(std::min(name.size() + 1, whole.size()));
      NW_CHECK(step.empty() || step == "l" || step == "w" || step == "e");
      Op op{step.empty() ? Step::lazy : (step == "l" ? Step::longest : (step == "w" ? Step::word : Step::endpoint)),
            kNothing,
            0,
            {}};
      if (name != "_") op.name = find_name(name, fields, specials);
      ops_.push_back(op);
      ++captures;
      at = close + 1;
    } else {
      std::size_t end = at;
      while (end < pattern.size() && pattern[end] != '{' && !pattern.substr(end).starts_with("?}")) ++end;
      ops_.push_back({Step::literal, kNothing, 0, pattern.substr(at, end - at)});
      at = end;
    }
  }
  NW_CHECK(!in_option && captures <= Captures::kMax);
  programs_.push_back(
      {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(ops_.size()), static_cast<std::uint16_t>(row)});
}

// Where a capture ends that goes as far as the pattern's next literal; npos when that is nowhere. In front of an
// option, the nearer one of what is in it and what is behind it.
std::size_t PatternTable::stop(std::size_t op, std::size_t end, std::string_view text, std::size_t at,
                               bool longest) const noexcept {
  while (op < end && ops_[op].step == Step::option_end) ++op;
  if (op == end) return text.size();
  if (ops_[op].step == Step::literal)
    return longest ? longest_stop(text, at, ops_[op].literal) : text.find(ops_[op].literal, at);
  if (ops_[op].step != Step::option) return std::string_view::npos;
  std::size_t inner = std::string_view::npos;
  if (ops_[op + 1].step == Step::literal) inner = text.find(ops_[op + 1].literal, at);
  std::size_t behind = op;
  while (ops_[behind].step != Step::option_end) ++behind;
  return std::min(inner, stop(behind + 1, end, text, at, longest));
}

// One step other than an option's ends; `at` moves behind what it took.
bool PatternTable::take(std::size_t op, std::size_t end, std::string_view text, std::size_t& at,
                        std::string_view& caught) const noexcept {
  std::size_t to = at;
  switch (ops_[op].step) {
    case Step::literal: return eat_literal(text, at, ops_[op].literal);
    case Step::lazy:
    case Step::longest:
      to = stop(op + 1, end, text, at, ops_[op].step == Step::longest);
      if (to == std::string_view::npos) return false;
      caught = text.substr(at, to - at);
      while (caught.ends_with(' ')) caught.remove_suffix(1);
      while (caught.starts_with(' ')) caught.remove_prefix(1);
      at = to;
      return true;
    case Step::word: to = std::min(text.find_first_of(" ,;\"", at), text.size()); break;
    case Step::endpoint: to = endpoint_end(text, at); break;
    case Step::option:
    case Step::option_end: break;
  }
  if (to == at) return false;
  caught = text.substr(at, to - at);
  at = to;
  return true;
}

bool PatternTable::run(const Program& program, std::string_view text, Captures& out) const noexcept {
  std::size_t at = 0;
  std::size_t option_at = 0, option_captures = 0, option_behind = 0;  // in an option: where it began
  bool in_option = false;
  for (std::size_t i = program.begin; i < program.end; ++i) {
    const Op& op = ops_[i];
    if (op.step == Step::option) {
      option_behind = program.begin + op.jump;
      option_at = at;
      option_captures = out.size();
      std::size_t probe = at;
      in_option = option_behind == program.end || ops_[option_behind].step != Step::literal ||
                  !eat_literal(text, probe, ops_[option_behind].literal);
      if (!in_option) i = option_behind - 1;
      continue;
    }
    if (op.step == Step::option_end) {
      in_option = false;
      continue;
    }
    std::string_view caught;
    if (take(i, program.end, text, at, caught)) {
      if (op.name != kNothing && !caught.empty()) out.add(op.name, caught);
      continue;
    }
    if (!in_option) return false;
    in_option = false;
    at = option_at;
    out.cut(option_captures);
    i = option_behind - 1;
  }
  return true;
}

const PatternTable::Cell* PatternTable::find(std::string_view key) const noexcept {
  for (std::size_t at = hash64(key) & (cells_.size() - 1);; at = (at + 1) & (cells_.size() - 1)) {
    if (cells_[at].end == 0) return nullptr;
    if (cells_[at].key == key) return &cells_[at];
  }
}

const PatternRow* PatternTable::match(std::string_view key, std::string_view text, Captures& out) const noexcept {
  const Cell* cell = find(key);
  if (cell == nullptr) return nullptr;
  for (std::uint32_t i = cell->begin; i < cell->end; ++i) {
    out.clear();
    if (run(programs_[order_[i]], text, out)) return &rows_[order_[i]];
  }
  out.clear();
  return nullptr;
}

const PatternRow* PatternTable::first(std::string_view key) const noexcept {
  const Cell* cell = find(key);
  return cell == nullptr ? nullptr : &rows_[order_[cell->begin]];
}

}  // namespace nw::logs
