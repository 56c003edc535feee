#include "detect/sigma/cache.h"

#include <array>
#include <cstdint>

#include "base/byte_reader.h"
#include "base/hash.h"
#include "detect/sigma/archive.h"
#include "detect/sigma/filter.h"

namespace nw {

constexpr Severity last_of(Severity /*of*/) { return Severity::error; }

}  // namespace nw

namespace nw::sigma {

constexpr Level last_of(Level /*of*/) { return Level::critical; }
constexpr Op last_of(Op /*of*/) { return Op::exists; }
constexpr TimePart last_of(TimePart /*of*/) { return TimePart::year; }
constexpr RuleValue::Kind last_of(RuleValue::Kind /*of*/) { return RuleValue::Kind::text; }
constexpr Pattern::Kind last_of(Pattern::Kind /*of*/) { return Pattern::Kind::dash; }
constexpr Detection::Kind last_of(Detection::Kind /*of*/) { return Detection::Kind::item; }
constexpr CorrelationType last_of(CorrelationType /*of*/) { return CorrelationType::rate; }
Bound::Op last_of(Bound::Op /*of*/) { return Bound::Op::neq; }
Condition::Kind last_of(Condition::Kind /*of*/) { return Condition::Kind::disjunction; }

// One list per type: what the reader reads is what the writer wrote. A new member of any of them belongs here too.
template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, Mark>
void members(Archive& archive, T& mark) { archive(mark.line, mark.column); }

template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, Diagnostic>
void members(Archive& archive, T& d) { archive(d.file, d.mark, d.severity, d.code, d.text, d.hint); }

template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, LogSource>
void members(Archive& archive, T& source) { archive(source.product, source.service, source.category); }

template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, Variable>
void members(Archive& archive, T& variable) {
  archive(variable.name, variable.help, variable.at, variable.usual, variable.value, variable.set);
}

template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, RuleInfo>
void members(Archive& archive, T& info) {
  archive(info.id, info.name, info.title, info.status, info.description, info.author, info.date, info.references,
          info.falsepositives, info.tags, info.level, info.lowered, info.log_source, info.norm, info.role, info.regime,
          info.ihl, info.evidence, info.detection_id, info.variables, info.shadow, info.file, info.mark);
}

template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, RegexFlags>
void members(Archive& archive, T& flags) { archive(flags.ignore_case, flags.multiline, flags.dotall); }

template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, Pattern::Part>
void members(Archive& archive, T& part) { archive(part.kind, part.text); }

void members(ArchiveWriter& archive, const Pattern& pattern) { archive(pattern.parts()); }
void members(ArchiveReader& archive, Pattern& pattern) {
  std::vector<Pattern::Part> parts;
  archive(parts);
  pattern = Pattern::of(std::move(parts));
}

template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, RuleValue>
void members(Archive& archive, T& value) {
  archive(value.kind, value.truth, value.encoded, value.integer, value.real, value.written, value.patterns, value.mark);
}

template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, Item>
void members(Archive& archive, T& item) {
  archive(item.field, item.modifiers, item.values, item.op, item.all, item.cased, item.negated, item.field_reference,
          item.regex, item.part, item.mark);
}

template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, Detection>
void members(Archive& archive, T& detection) {
  archive(detection.kind, detection.mark, detection.children, detection.item);
}

template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, Identifier>
void members(Archive& archive, T& identifier) { archive(identifier.name, identifier.mark, identifier.detection); }

template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, Condition>
void members(Archive& archive, T& condition) {
  archive(condition.kind, condition.mark, condition.name, condition.all, condition.them, condition.count,
          condition.children);
}

template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, Bound>
void members(Archive& archive, T& bound) { archive(bound.op, bound.value); }

template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, RuleReference>
void members(Archive& archive, T& reference) { archive(reference.name, reference.mark); }

template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, GroupAlias>
void members(Archive& archive, T& alias) { archive(alias.name, alias.fields); }

template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, Correlation::Part>
void members(Archive& archive, T& part) { archive(part.field, part.value, part.counted); }

void members(ArchiveWriter& archive, const Nanoseconds& span) { archive(span.count()); }
void members(ArchiveReader& archive, Nanoseconds& span) {
  std::int64_t count = 0;
  archive(count);
  span = Nanoseconds{count};
}

template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, Correlation>
void members(Archive& archive, T& c) {
  archive(c.type, c.references, c.group_by, c.aliases, c.timespan, c.bounds, c.fields, c.percentile, c.extended,
          c.generate, c.only_registered, c.unless_blind, c.unless_segment, c.segment, c.median_gap, c.least, c.learn,
          c.variation, c.spread, c.count, c.over, c.under, c.at_least, c.times);
}

template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, Rule>
void members(Archive& archive, T& rule) {
  archive(rule.info, rule.identifiers, rule.condition, rule.lowered_when, rule.correlation, rule.satisfiable,
          rule.nodes);
}

void members(ArchiveWriter& archive, const Timestamp& time) { archive(to_unix_nanoseconds(time)); }
void members(ArchiveReader& archive, Timestamp& time) {
  std::int64_t nanoseconds = 0;
  archive(nanoseconds);
  time = from_unix_nanoseconds(nanoseconds);
}

template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, Filter::Target>
void members(Archive& archive, T& target) { archive(target.name, target.mark); }

template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, Filter>
void members(Archive& archive, T& filter) {
  archive(filter.search, filter.every, filter.targets, filter.owner, filter.ticket, filter.expires_written,
          filter.expires, filter.expires_mark);
}

template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, ReadResult>
void members(Archive& archive, T& read) { archive(read.rules, read.filters, read.refused, read.refused_filters); }

template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, Reading>
void members(Archive& archive, T& reading) { archive(reading.result, reading.diagnostics); }

namespace {

constexpr std::string_view kMagic = "normwatch rules 5\n";
constexpr std::size_t kSumBytes = 8;

std::uint64_t read_sum(std::string_view bytes) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kSumBytes; ++i)
    sum |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << 8 * i;
  return sum;
}

}  // namespace

std::string to_bytes(const Reading& reading) {
  ArchiveWriter archive;
  archive(reading);
  return archive.take();
}

std::optional<Reading> to_reading(std::string_view bytes) {
  ArchiveReader archive{bytes};
  Reading reading;
  archive(reading);
  if (!archive.at_end()) return std::nullopt;
  return reading;
}

std::optional<CacheContent> open_cache(std::string_view bytes, std::string_view key) {
  if (!bytes.starts_with(kMagic)) return std::nullopt;
  bytes.remove_prefix(kMagic.size());
  if (bytes.size() < kSumBytes) return std::nullopt;
  const std::uint64_t sum = read_sum(bytes);
  bytes.remove_prefix(kSumBytes);
  if (hash64(bytes) != sum) return std::nullopt;
  ArchiveReader archive{bytes};
  std::string_view written_for;
  CacheContent content;
  archive(written_for, content.reading, content.databases);
  if (!archive.at_end() || written_for != key) return std::nullopt;
  return content;
}

std::string make_cache(std::string_view key, const CacheContent& content) {
  ArchiveWriter archive;
  archive(key, content.reading, content.databases);
  const std::string body = archive.take();
  const std::uint64_t sum = hash64(body);
  std::string out{kMagic};
  for (std::size_t i = 0; i < kSumBytes; ++i) out += static_cast<char>(static_cast<unsigned char>(sum >> 8 * i));
  return out + body;
}

}  // namespace nw::sigma
