#include "detect/correlation/codec.h"

#include <algorithm>

#include "detect/sigma/archive.h"

namespace nw::correlation {

template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, Field>
void members(Archive& archive, T& field) { archive(field.present, field.registered, field.text); }

template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, Origin>
void members(Archive& archive, T& origin) { archive(origin.source, origin.part, origin.ordinal); }

std::string encode(const Contribution& contribution, const sigma::RuleSet& rules) {
  sigma::ArchiveWriter out;
  const auto names = rules.read_fields(contribution.rule);
  out(rules.info(contribution.rule).id, std::vector<std::string>(names.begin(), names.end()),
      to_unix_nanoseconds(contribution.time), contribution.origin, contribution.fields, contribution.context);
  return out.take();
}

Decoder::Decoder(const sigma::RuleSet& rules) : rules_{rules} {
  for (std::uint32_t i = 0; i < rules.size(); ++i) numbers_.emplace(rules.info(i).id, i);
}

std::optional<std::uint32_t> Decoder::find(std::string_view id) const {
  const auto known = numbers_.find(id);
  return known == numbers_.end() ? std::nullopt : std::optional{known->second};
}

std::optional<Contribution> Decoder::decode(std::string_view bytes) const {
  sigma::ArchiveReader in{bytes};
  std::string_view rule;
  std::vector<std::string> names;
  std::int64_t time = 0;
  Contribution out;
  in(rule, names, time, out.origin, out.fields, out.context);
  if (!in.at_end()) return std::nullopt;
  const auto number = find(rule);
  if (!number || !rules_.feeds(*number) || !std::ranges::equal(names, rules_.read_fields(*number)) ||
      out.fields.size() != names.size())
    return std::nullopt;
  out.time = from_unix_nanoseconds(time);
  out.rule = *number;
  return out;
}

}  // namespace nw::correlation
