#include "detect/sigma/index.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "detect/sigma/compile.h"
#include "detect/sigma/fold.h"
#include "detect/sigma/limits.h"
#include "detect/sigma/number.h"

namespace nw::sigma {

namespace {

using event::Value;
constexpr std::int64_t kExactDouble = std::int64_t{1} << 53;  // beyond it a double stands for several integers

std::string_view key_of(const IpAddress& address) {
  return {static_cast<const char*>(static_cast<const void*>(address.bytes().data())), address.bytes().size()};
}

// The literal piece of a pattern that is rarest to meet: the longest. Empty when there is none.
std::string longest_piece(const Pattern& pattern) {
  std::string_view best;
  for (const Pattern::Part& part : pattern.parts())
    if (part.text.size() > best.size()) best = part.text;
  return std::string{best};
}

bool is_number(const Value& value) {
  return value.kind() == Value::Kind::integer || value.kind() == Value::Kind::real ||
         value.kind() == Value::Kind::interval || value.kind() == Value::Kind::time;
}

}  // namespace

bool FieldIndex::takes(const Atom& atom) {
  if (atom.negated) return false;
  switch (atom.test) {
    case Atom::Test::absent:
    case Atom::Test::exists:
    case Atom::Test::reference: return false;
    case Atom::Test::text:
      return atom.shape != Atom::Shape::glob || !longest_piece(atom.pattern).empty() || atom.pattern.parts().empty();
    default: return true;
  }
}

std::string_view FieldIndex::way_of(const Atom& atom) {
  if (!takes(atom)) return "asked";
  switch (atom.test) {
    case Atom::Test::regex: return "scan, confirmed by PCRE2";
    case Atom::Test::network: return "networks";
    case Atom::Test::boolean:
    case Atom::Test::integer:
    case Atom::Test::real: return "hash";
    case Atom::Test::text: break;
    case Atom::Test::part: return "presence, confirmed";
    default: return "thresholds";
  }
  switch (atom.shape) {
    case Atom::Shape::exact: return atom.literal.empty() || !atom.cased ? "hash" : "hash, confirmed";
    case Atom::Shape::starts: return "trie of beginnings";
    case Atom::Shape::ends: return "trie of ends";
    case Atom::Shape::contains: return atom.cased ? "scan, confirmed" : "scan";
    case Atom::Shape::any: return "presence";
    case Atom::Shape::glob: return "scan, confirmed";
  }
  return "asked";
}

// Gathers the atoms by how they are looked up.
class FieldIndex::Builder {
 public:
  Builder(FieldIndex& index, ScannerPool& pool) : index_{index}, pool_{pool} {}

  void add(const Atom& atom, std::uint32_t target) {
    switch (atom.test) {
      case Atom::Test::text: add_text(atom, target); return;
      case Atom::Test::regex: regexes_.emplace_back(RegexPiece{atom.written, atom.flags}, target); return;
      case Atom::Test::network: add_network(atom, target); return;
      case Atom::Test::boolean: index_.exact_[atom.literal].push_back(target); return;
      case Atom::Test::integer:
      case Atom::Test::real: add_number(atom, target); return;
      case Atom::Test::greater:
      case Atom::Test::greater_equal: index_.above_.push_back({atom.number, target}); return;
      case Atom::Test::less:
      case Atom::Test::less_equal: index_.below_.push_back({atom.number, target}); return;
      default: index_.present_.push_back(target);  // a time's part: any value may have it
    }
  }

  void finish() {
    fill(starts_, index_.starts_);
    fill(ends_, index_.ends_);
    std::vector<std::string> texts;
    for (auto& [text, targets] : pieces_) {
      texts.push_back(text);
      index_.pieces_.targets.push_back(std::move(targets));
    }
    if (!texts.empty()) index_.pieces_.scanner = pool_.literals(std::move(texts));
    std::vector<RegexPiece> regexes;
    for (auto& [piece, target] : regexes_) {
      regexes.push_back(std::move(piece));
      index_.regexes_.targets.push_back({target});
    }
    if (!regexes.empty()) index_.regexes_.scanner = pool_.regexes(std::move(regexes));
    std::ranges::sort(index_.above_, {}, &Threshold::number);
    std::ranges::sort(index_.below_, {}, &Threshold::number);
    std::ranges::sort(index_.networks_, {}, &Networks::bits);
  }

 private:
  using Map = std::map<std::string, Targets>;

  static void fill(Map& from, Texts& into) {
    if (from.empty()) return;
    std::vector<std::string> texts;
    for (auto& [text, targets] : from) {
      texts.push_back(text);
      into.targets.push_back(std::move(targets));
    }
    into.trie.emplace(texts);
  }

  // Everything is looked up in folded text; an atom that minds case is confirmed on the text itself.
  void add_text(const Atom& atom, std::uint32_t target) {
    const std::string literal = folded(atom.literal);
    switch (atom.shape) {
      case Atom::Shape::exact:
        index_.exact_[literal].push_back(target);
        if (atom.has_address) index_.addresses_[std::string{key_of(atom.address)}].push_back(target);
        return;
      case Atom::Shape::starts: starts_[literal].push_back(target); return;
      case Atom::Shape::ends: ends_[std::string{literal.rbegin(), literal.rend()}].push_back(target); return;
      case Atom::Shape::contains: pieces_[literal].push_back(target); return;
      case Atom::Shape::any: index_.present_.push_back(target); return;
      case Atom::Shape::glob: {
        const std::string piece = folded(longest_piece(atom.pattern));
        if (piece.empty())
          index_.present_.push_back(target);
        else
          pieces_[piece].push_back(target);
      }
    }
  }

  void add_number(const Atom& atom, std::uint32_t target) {
    index_.exact_[atom.literal].push_back(target);
    if (atom.whole && atom.integer < kExactDouble && atom.integer > -kExactDouble)
      index_.integers_[atom.integer].push_back(target);
    else
      index_.numbers_.push_back(target);
  }

  void add_network(const Atom& atom, std::uint32_t target) {
    auto at = std::ranges::find(index_.networks_, atom.network.bits(), &Networks::bits);
    if (at == index_.networks_.end()) at = index_.networks_.insert(at, Networks{atom.network.bits(), {}});
    at->by_address[std::string{key_of(atom.network.address())}].push_back(target);
  }

  FieldIndex& index_;
  ScannerPool& pool_;
  Map starts_, ends_, pieces_;
  std::vector<std::pair<RegexPiece, std::uint32_t>> regexes_;
};

FieldIndex::FieldIndex(event::FieldId field, const std::vector<Target>& targets, const std::vector<Atom>& atoms,
                       ScannerPool& pool)
    : field_{field}, targets_{targets} {
  Builder builder{*this, pool};
  for (std::uint32_t i = 0; i < targets_.size(); ++i) builder.add(atoms[targets_[i].atom], i);
  builder.finish();
}

void FieldIndex::look_text(std::string_view text, bool exact, ScanScratch& scratch, Hit hit) const {
  if (!exact_.empty())
    if (const auto found = exact_.find(text); found != exact_.end()) tell(found->second, exact, hit);
  if (starts_.trie)
    starts_.trie->walk(text.begin(), text.end(), [&](std::uint32_t at) { tell(starts_.targets[at], exact, hit); });
  if (ends_.trie)
    ends_.trie->walk(text.rbegin(), text.rend(), [&](std::uint32_t at) { tell(ends_.targets[at], exact, hit); });
  if (pieces_.scanner)
    pieces_.scanner->scan(text, scratch, [&](std::uint32_t at) { tell(pieces_.targets[at], exact, hit); });
}

void FieldIndex::look_regex(std::string_view text, ScanScratch& scratch, Hit hit) const {
  const auto found = [&](std::uint32_t at) { tell(regexes_.targets[at], false, hit); };
  regexes_.scanner->scan(text, scratch, found);
  // Asked is only the beginning, and at its end `$` holds. The whole is scanned too: what it finds beyond is counted as
  // cut.
  if (text.size() > kRegexSubjectBytesMax)
    regexes_.scanner->scan(text.substr(0, kRegexSubjectBytesMax), scratch, found);
}

void FieldIndex::look_number(const Value& value, Hit hit) const {
  const bool numeric = is_number(value);
  if (!numeric && above_.empty() && below_.empty()) return;
  const auto number = number_of(value);
  if (!number) return;
  if (numeric) {
    tell(numbers_, false, hit);
    std::optional<std::int64_t> whole;
    if (number->whole)
      whole = number->integer;
    else if (std::fabs(number->real) < static_cast<double>(kExactDouble) && std::trunc(number->real) == number->real)
      whole = static_cast<std::int64_t>(number->real);
    if (whole)
      if (const auto found = integers_.find(*whole); found != integers_.end()) tell(found->second, false, hit);
  }
  // As doubles, both ends included: exact comparison is the matcher's.
  for (auto at = above_.begin(); at != above_.end() && at->number <= number->real; ++at)
    hit(targets_[at->target], false);
  for (auto at = below_.rbegin(); at != below_.rend() && at->number >= number->real; ++at)
    hit(targets_[at->target], false);
}

void FieldIndex::look_network(const IpAddress& address, Hit hit) const {
  for (const Networks& networks : networks_) {
    const IpAddress network = IpPrefix{address, networks.bits}.address();
    const auto found = networks.by_address.find(key_of(network));
    if (found != networks.by_address.end()) tell(found->second, false, hit);
  }
}

void FieldIndex::look(Subject& subject, ElementRange range, ScanScratch& scratch, Hit hit) const {
  const bool texts = !exact_.empty() || starts_.trie || ends_.trie || pieces_.scanner;
  const bool counts = !integers_.empty() || !numbers_.empty() || !above_.empty() || !below_.empty();
  for (std::uint32_t at = range.first; at < range.end; ++at) {
    const Value value = subject.element(at).value;
    if (value.kind() == Value::Kind::null) continue;
    const bool is_text = value.kind() == Value::Kind::text;
    tell(present_, false, hit);
    if (texts) look_text(subject.folded(at), is_text, scratch, hit);
    if (regexes_.scanner) look_regex(subject.text(at), scratch, hit);
    if (counts) look_number(value, hit);
    if (networks_.empty() && addresses_.empty()) continue;
    IpAddress address;
    const bool is_address = value.kind() == Value::Kind::address;
    if (is_address) address = value.as_address();
    if (is_address)
      if (const auto found = addresses_.find(key_of(address)); found != addresses_.end())
        tell(found->second, false, hit);
    if (!networks_.empty() && (is_address || (is_text && IpAddress::parse_into(value.as_text(), address))))
      look_network(address, hit);
  }
}

}  // namespace nw::sigma
