#include "context/look_alikes/look_alikes.h"

#include <algorithm>
#include <bit>

#include "base/text.h"
#include "context/look_alikes/skeleton.h"

namespace nw::context {

namespace {

constexpr std::size_t kGluedMin = 8;  // letters of a name that is found without its dots: certexample
constexpr std::size_t kNowhere = 28;

std::size_t place_of(char c) noexcept {
  if (c >= 'a' && c <= 'z') return static_cast<std::size_t>(c - 'a');
  return c == '.' ? 26 : c == '-' ? 27 : kNowhere;
}

std::uint32_t letters_of(std::string_view text) noexcept {
  std::uint32_t letters = 0;
  for (const char c : text)
    if (c >= 'a' && c <= 'z') letters |= 1U << static_cast<unsigned>(c - 'a');
  return letters;
}

bool separates(char c) noexcept { return c == '.' || c == '-'; }

std::size_t labels_of(std::string_view name) noexcept {
  return static_cast<std::size_t>(std::ranges::count(name, '.')) + 1;
}

// The last `labels` labels; empty: there are fewer.
std::string_view tail_of(std::string_view name, std::size_t labels) noexcept {
  for (std::size_t at = name.size(); at > 0; --at)
    if (name[at - 1] == '.' && --labels == 0) return name.substr(at);
  return labels == 1 ? name : std::string_view{};
}

}  // namespace

std::string_view to_string(LookAlikeBy by) noexcept {
  constexpr std::array<std::string_view, 4> kNames{"none", "confusable", "distance", "embedded"};
  return kNames[static_cast<std::size_t>(by)];
}

LookAlikes::LookAlikes(std::vector<DesignatedName> names) : names_{std::move(names)} {
  std::erase_if(names_, [](const DesignatedName& name) {
    return name.name.size() > kDesignatedBytesMax || name.name.find('.') == std::string::npos;
  });
  std::ranges::sort(names_, {}, &DesignatedName::name);
  known_.resize(names_.size());
  for (std::size_t n = 0; n < names_.size(); ++n) {
    const DesignatedName& name = names_[n];
    Known& known = known_[n];
    known.name = n;
    skeleton_of(name.name, known.skeleton);
    std::ranges::copy_if(known.skeleton, std::back_inserter(known.squashed), [](char c) { return !separates(c); });
    known.labels = labels_of(name.name);
    std::size_t longest = 0;
    for (std::size_t begin = 0, dot = 0; (dot = known.skeleton.find('.', begin)) != std::string::npos; begin = dot + 1)
      longest = std::max(longest, dot - begin);
    known.distance_max = distance_max(longest);
    known.letters = letters_of(known.skeleton);
    for (std::size_t i = 0; i < known.skeleton.size() && i < 64; ++i)
      if (const std::size_t place = place_of(known.skeleton[i]); place != kNowhere)
        known.places[place] |= std::uint64_t{1} << i;
  }
  std::ranges::sort(known_, {}, [](const Known& known) { return std::pair{known.labels, known.name}; });
  for (Known& known : known_) {  // where they stay
    const std::string_view skeleton = known.skeleton;
    const std::string_view last = skeleton.substr(skeleton.rfind('.'));
    if (last.size() <= 3) known.country = last;
  }
}

bool LookAlikes::designated(std::string_view name) const noexcept {
  for (std::string_view rest = name;;) {
    if (std::ranges::binary_search(names_, rest, {},
                                   [](const DesignatedName& known) -> std::string_view { return known.name; }))
      return true;
    const std::size_t dot = rest.find('.');
    if (dot == std::string_view::npos) return false;
    rest.remove_prefix(dot + 1);
  }
}

// Letters to put in, leave out, change or swap with the next one (optimal string alignment): Hyyrö's bit vectors, a bit
// for each letter of the known one. "A bit-vector algorithm for computing Levenshtein and Damerau edit distances",
// 2003.
unsigned LookAlikes::distance(const Known& known, std::string_view other) noexcept {
  const std::size_t length = known.skeleton.size();
  const std::uint64_t last = std::uint64_t{1} << (length - 1);
  std::uint64_t up = ~std::uint64_t{0}, down = 0, diagonal = 0, before = 0;
  auto result = static_cast<unsigned>(length);
  for (const char c : other) {
    const std::size_t place = place_of(c);
    const std::uint64_t match = place == kNowhere ? 0 : known.places[place];
    const std::uint64_t swapped = ((~diagonal & match) << 1U) & before;
    diagonal = (((match & up) + up) ^ up) | match | down | swapped;
    std::uint64_t right = down | ~(diagonal | up), left = diagonal & up;
    if ((right & last) != 0) ++result;
    if ((left & last) != 0) --result;
    right = right << 1U | 1U;
    left <<= 1U;
    up = left | ~(diagonal | right);
    down = right & diagonal;
    before = match;
  }
  return result;
}

// As whole words of `skeleton`: its labels, and what hyphens part. With its dots as dots or hyphens (cert-example.org,
// cert.example.org), or, when it is long enough, without them (certexample.org).
bool LookAlikes::embedded(const Known& known, std::string_view skeleton) noexcept {
  for (std::size_t begin = 0; begin < skeleton.size(); ++begin) {
    if (begin != 0 && !separates(skeleton[begin - 1])) continue;
    std::size_t at = begin, met = 0;
    bool parted = false;
    while (at < skeleton.size() && met < known.squashed.size()) {
      if (separates(skeleton[at])) {
        parted = parted || met != 0;
      } else if (skeleton[at] == known.squashed[met]) {
        ++met;
      } else {
        break;
      }
      ++at;
    }
    if (met == known.squashed.size() && (at == skeleton.size() || separates(skeleton[at])) &&
        (parted || met >= kGluedMin))
      return true;
  }
  return false;
}

LookAlikes::Verdict LookAlikes::judge(std::string_view name, Scratch& scratch) const {
  if (name.ends_with('.')) name.remove_suffix(1);
  if (known_.empty() || name.size() > kDomainBytesMax || name.find('.') == std::string_view::npos) return {};
  scratch.lower.assign(name);
  std::ranges::transform(scratch.lower, scratch.lower.begin(), ascii_lower);
  if (designated(scratch.lower)) return {};
  skeleton_of(scratch.lower, scratch.skeleton);
  const std::string_view skeleton = scratch.skeleton;
  const std::uint32_t letters = letters_of(skeleton);
  Verdict out;
  unsigned nearest = ~0U;
  std::size_t labels = 0;
  std::string_view tail;
  std::uint32_t tail_letters = 0;
  for (const Known& known : known_) {
    if (known.labels != labels) {
      labels = known.labels;
      tail = tail_of(skeleton, labels);
      tail_letters = letters_of(tail);
    }
    if (tail == known.skeleton) return {&names_[known.name], LookAlikeBy::confusable};
    const unsigned most = known.distance_max;
    const std::size_t longer = std::max(tail.size(), known.skeleton.size());
    const std::size_t shorter = std::min(tail.size(), known.skeleton.size());
    // One change makes at most two letters differ that a name has at all.
    if (most != 0 && longer - shorter <= most &&
        static_cast<unsigned>(std::popcount(tail_letters ^ known.letters)) <= 2 * most &&
        tail.ends_with(known.country)) {
      const unsigned distance = LookAlikes::distance(known, tail);
      if (distance <= most && distance < nearest) {
        nearest = distance;
        out = {&names_[known.name], LookAlikeBy::distance};
      }
    }
    if (out.of == nullptr && skeleton.size() > known.squashed.size() && (known.letters & ~letters) == 0 &&
        embedded(known, skeleton))
      out = {&names_[known.name], LookAlikeBy::embedded};
  }
  return out;
}

}  // namespace nw::context
