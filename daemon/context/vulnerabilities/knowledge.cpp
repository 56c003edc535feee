#include "context/vulnerabilities/knowledge.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "context/vulnerabilities/json_document.h"

namespace nw::vulnerabilities {

namespace {

constexpr std::size_t kWarningsMax = 32;  // of single documents; the metric has the number of all

// What to do first, when a product has several remedies.
int usefulness(std::string_view category) {
  static constexpr auto kOrder = std::to_array<std::string_view>(
      {"none_available", "no_fix_planned", "fix_planned", "workaround", "mitigation", "optional_patch", "vendor_fix"});
  const auto at = std::ranges::find(kOrder, category);
  return at == kOrder.end() ? -1 : static_cast<int>(at - kOrder.begin());
}

bool meant(const std::vector<std::uint32_t>& products, std::uint32_t product) {
  return products.empty() || std::ranges::binary_search(products, product);
}

Severity severity_at(const Advisory& advisory, const Statement& statement, std::uint32_t product) {
  Severity most{};
  for (const Score& score : statement.scores)
    if (meant(score.products, product)) most = std::max(most, score.severity);
  return most == Severity::unknown ? advisory.aggregate : most;
}

const Remedy* remedy_at(const Statement& statement, std::uint32_t product) {
  const Remedy* best = nullptr;
  for (const Remedy& remedy : statement.remedies)
    if (meant(remedy.products, product) &&
        (best == nullptr || usefulness(remedy.category) > usefulness(best->category)))
      best = &remedy;
  return best;
}

bool is_in(std::span<const std::string> cves, std::string_view cve) {
  return std::ranges::find(cves, cve) != cves.end();
}

Likeness likeness(const AdvisoryProduct& product, const ProductName& name, std::string_view order) {
  if (!order.empty() && std::ranges::find(product.orders, order) != product.orders.end()) return Likeness::same;
  Likeness best = Likeness::none;
  for (const ProductName& each : product.names) best = std::max(best, each.compare(name));
  if (best == Likeness::same || order.empty()) return best;
  // "CPU 1516-3 PN/DP (6ES7516-3AN01-0AB0)": the order number alone says which it is.
  const ProductName number{order};
  const bool named = std::ranges::any_of(product.names, [&](const ProductName& each) { return each.contains(number); });
  return named && order.size() >= 6 ? Likeness::same : best;
}

// What became of one CVE at one item.
struct Tally {
  Finding finding;
  bool affected = false, cleared = false, outside = false;
};

void merge(Finding& to, const Finding& from) {
  const bool first = to.advisory == nullptr;
  if (first || std::pair{from.certain, from.severity} > std::pair{to.certain, to.severity}) {
    to.advisory = from.advisory;
    if (from.remedy != nullptr) to.remedy = from.remedy;
  }
  if (to.remedy == nullptr) to.remedy = from.remedy;
  to.severity = std::max(to.severity, from.severity);
  to.certain = to.certain || from.certain;
  to.exploited = to.exploited || from.exploited;
  if (from.published && (!to.published || *from.published < *to.published)) to.published = from.published;
}

}  // namespace

Knowledge::Names Knowledge::names_of(const Item& item) const {
  Names out;
  const std::string vendor = vendor_key(item.vendor);
  if (vendor.empty() || (item.product.empty() && item.order_number.empty())) return out;
  const ProductName name{item.product};
  const std::string order = to_ascii_lower(item.order_number);
  if (const auto at = products_by_vendor_.find(vendor); at != products_by_vendor_.end())
    for (const Candidate& each : at->second) {
      const Likeness like = likeness(advisories_[each.advisory].products[each.product], name, order);
      if (like != Likeness::none) out.products.push_back({each.advisory, each.product, like == Likeness::same});
    }
  const ProductName vendor_name = vendor_words(item.vendor);
  if (!vendor_name.empty() && !name.empty())
    if (const auto at = products_by_word_.find(vendor_name.words().front()); at != products_by_word_.end())
      for (const Candidate& each : at->second) {
        const ProductName& full = advisories_[each.advisory].products[each.product].full;
        if (full.contains(vendor_name) && full.contains(name)) out.products.push_back(each);
      }
  if (const auto at = kev_by_vendor_.find(vendor); at != kev_by_vendor_.end())
    for (const std::uint32_t entry : at->second)
      if (kev_[entry].product.several() || kev_[entry].product.compare(name) != Likeness::none)
        out.kev.push_back(entry);
  return out;
}

std::vector<Finding> Knowledge::assess(const Item& item, const Names& names,
                                       std::span<const std::string> remedied) const {
  std::map<std::string_view, Tally> tallies;
  for (const Candidate& candidate : names.products) {
    const Advisory& advisory = advisories_[candidate.advisory];
    const AdvisoryProduct& product = advisory.products[candidate.product];
    const Within within = product.versioned ? product.versions.holds(item.version) : Within::unknown;
    const bool sure = candidate.same && product.may_be_sure;
    const std::vector<Use>& uses = uses_[candidate.advisory];
    for (auto at = std::ranges::lower_bound(uses, candidate.product, {}, &Use::product);
         at != uses.end() && at->product == candidate.product; ++at) {
      const Use& use = *at;
      const Statement& statement = advisory.statements[use.statement];
      if (is_in(remedied, statement.cve)) continue;
      Tally& tally = tallies[statement.cve];
      if (use.status == Status::cleared) {
        tally.cleared = tally.cleared || (sure && within == Within::yes);
        continue;
      }
      if (within == Within::no) {
        tally.outside = tally.outside || sure;
        continue;
      }
      tally.affected = true;
      Finding found;
      found.advisory = &advisory;
      found.remedy = remedy_at(statement, candidate.product);
      found.published = statement.published ? statement.published : advisory.published;
      found.severity = severity_at(advisory, statement, candidate.product);
      found.certain = sure && within == Within::yes && use.status == Status::affected;
      found.exploited = statement.exploited;
      merge(tally.finding, found);
    }
  }
  for (const std::uint32_t entry : names.kev) {
    // Advisories know versions, KEV does not: who is outside of all of them is not exposed.
    const KevEntry& kev = kev_[entry];
    if (is_in(remedied, kev.cve)) continue;
    Tally& tally = tallies[kev.cve];
    tally.affected = tally.affected || !(tally.outside || tally.cleared);
  }
  std::vector<Finding> out;
  for (auto& [cve, tally] : tallies) {
    if (!tally.affected || (tally.cleared && !tally.finding.certain)) continue;
    tally.finding.cve = cve;
    if (const auto kev = kev_by_cve_.find(cve); kev != kev_by_cve_.end()) tally.finding.kev = &kev_[kev->second];
    tally.finding.exploited = tally.finding.exploited || tally.finding.kev != nullptr;
    out.push_back(tally.finding);
  }
  return out;
}

Knowledge::VersionVerdict Knowledge::judge_version(const Item& item, std::span<const std::string> remedied) const {
  VersionVerdict out;
  if (item.version.empty()) return out;
  bool compared = false, unsure = false;
  const Names names = names_of(item);
  for (const Candidate& candidate : names.products) {
    const AdvisoryProduct& product = advisories_[candidate.advisory].products[candidate.product];
    if (!candidate.same || !product.may_be_sure || !product.versioned) continue;
    const Within within = product.versions.holds(item.version);
    compared = compared || within == Within::no;
    unsure = unsure || within == Within::unknown;
  }
  for (const Finding& finding : assess(item, names, remedied))
    if (finding.certain) out.cves.push_back(finding.cve);
  if (!out.cves.empty())
    out.affected = Within::yes;
  else if (compared && !unsure)
    out.affected = Within::no;
  return out;
}

void Knowledge::index() {
  for (std::uint32_t i = 0; i < kev_.size(); ++i) {
    kev_by_vendor_[kev_[i].vendor].push_back(i);
    kev_by_cve_.emplace(kev_[i].cve, i);
    exploited_.insert(kev_[i].cve);
  }
  uses_.resize(advisories_.size());
  for (std::uint32_t a = 0; a < advisories_.size(); ++a) {
    const Advisory& advisory = advisories_[a];
    counts_.versions_unread += advisory.versions_unread;
    for (std::uint32_t p = 0; p < advisory.products.size(); ++p) {
      const AdvisoryProduct& product = advisory.products[p];
      if (!product.vendor.empty())
        products_by_vendor_[product.vendor].push_back({a, p});
      else
        for (const std::string& word : product.full.words()) products_by_word_[word].push_back({a, p});
    }
    for (std::uint32_t s = 0; s < advisory.statements.size(); ++s) {
      const Statement& statement = advisory.statements[s];
      if (statement.exploited) exploited_.insert(statement.cve);
      for (const std::uint32_t p : statement.affected) uses_[a].push_back({p, s, Status::affected});
      for (const std::uint32_t p : statement.maybe) uses_[a].push_back({p, s, Status::maybe});
      for (const std::uint32_t p : statement.cleared) uses_[a].push_back({p, s, Status::cleared});
    }
    std::ranges::stable_sort(uses_[a], {}, &Use::product);
  }
  counts_.kev = kev_.size();
  counts_.advisories = advisories_.size();
}

std::shared_ptr<const Knowledge> Knowledge::empty() {
  static const auto kNothing = std::make_shared<const Knowledge>();
  return kNothing;
}

KnowledgeBuilder::KnowledgeBuilder()
    : documents_{std::make_unique<JsonDocuments>()}, out_{std::make_shared<Knowledge>()} {}
KnowledgeBuilder::~KnowledgeBuilder() = default;

void KnowledgeBuilder::add_kev(std::string_view text, std::string_view file, Diagnostics& diagnostics) {
  auto catalogue = read_kev(text, file, diagnostics);
  if (!catalogue) return;
  out_->kev_ = std::move(catalogue->entries);
  out_->counts_.kev_malformed = catalogue->malformed;
  out_->counts_.kev_repeated = catalogue->repeated;
}

void KnowledgeBuilder::add_csaf(std::string_view text, std::string_view file, Diagnostics& diagnostics) {
  const auto leave_out = [this](LeftOut why) { ++out_->counts_.left_out[static_cast<std::size_t>(why)]; };
  AdvisoryRead read = read_csaf(text, *documents_);
  if (!read.advisory) {
    leave_out(read.left_out);
    if (read.left_out == LeftOut::malformed && ++warnings_ <= kWarningsMax)
      diagnostics.warning(file, {}, "csaf-malformed", read.why,
                          "the advisory is left out: who it concerns does not show as exposed; fetch it again");
    return;
  }
  Advisory& advisory = *read.advisory;
  const auto [at, is_new] = by_id_.try_emplace({advisory.publisher, advisory.id}, out_->advisories_.size());
  if (is_new && out_->advisories_.size() == kAdvisoriesMax) {
    by_id_.erase(at);
    leave_out(LeftOut::too_many);
    if (out_->counts_.left_out[static_cast<std::size_t>(LeftOut::too_many)] == 1)
      diagnostics.warning(
          file, {}, "csaf-too-many",
          "more than " + std::to_string(kAdvisoriesMax) + " advisories: this one and others are left out",
          "keep those of the vendors that the register names");
    return;
  }
  if (is_new) {
    out_->advisories_.push_back(std::move(advisory));
    return;
  }
  leave_out(LeftOut::superseded);
  Advisory& known = out_->advisories_[at->second];
  if (advisory.current > known.current) known = std::move(advisory);
}

std::shared_ptr<const Knowledge> KnowledgeBuilder::finish() {
  out_->index();
  return std::exchange(out_, std::make_shared<Knowledge>());
}

}  // namespace nw::vulnerabilities
