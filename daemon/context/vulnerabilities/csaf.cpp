#include <algorithm>

#include "base/text.h"
#include "context/vulnerabilities/csaf_products.h"
#include "context/vulnerabilities/feeds.h"
#include "context/vulnerabilities/json_document.h"

// OASIS Common Security Advisory Framework 2.0 and 2.1.
namespace nw::vulnerabilities {

namespace {

struct StatusList {
  std::string_view name;
  std::vector<std::uint32_t> Statement::*list;
};
// `recommended` says what to move to, not what has the fault.
constexpr auto kStatusLists = std::to_array<StatusList>({
    {"first_affected", &Statement::affected},
    {"known_affected", &Statement::affected},
    {"last_affected", &Statement::affected},
    {"under_investigation", &Statement::maybe},
    {"unknown", &Statement::maybe},
    {"first_fixed", &Statement::cleared},
    {"fixed", &Statement::cleared},
    {"known_not_affected", &Statement::cleared},
});

class AdvisoryReader {
 public:
  explicit AdvisoryReader(JsonElement document) : document_{document} {}

  AdvisoryRead read() {
    const std::string_view version = text_at(document_, "document", "csaf_version");
    if (version.empty()) return {std::nullopt, LeftOut::not_csaf, {}};
    if (version != "2.0" && version != "2.1")
      return fault("document.csaf_version is '" + printable(version, 16) + "'; 2.0 and 2.1 are read");
    const std::string_view status = text_at(document_, "document", "tracking", "status");
    out_.id = printable(text_at(document_, "document", "tracking", "id"), 128);
    if (out_.id.empty()) return fault("document.tracking.id is missing");
    if (status == "draft") return {std::nullopt, LeftOut::draft, out_.id};
    if (status != "final" && status != "interim")
      return fault("document.tracking.status is '" + printable(status, 16) + "'; it is draft, interim or final");
    header();
    const bool vendor = text_at(document_, "document", "publisher", "category") == "vendor";
    if (auto read = tree_.read(document_, vendor ? out_.publisher : std::string_view{}); !read)
      return fault("product_tree: " + read.error().what);
    each_at(
        document_, [this](JsonElement item, std::size_t at) { statement(item, at); }, "vulnerabilities");
    if (!why_.empty()) return fault(std::move(why_));
    out_.products = tree_.take();
    for (const AdvisoryProduct& product : out_.products)
      if (product.versioned && !product.versions.understood()) ++out_.versions_unread;
    return {std::move(out_), {}, {}};
  }

 private:
  static AdvisoryRead fault(std::string why) { return {std::nullopt, LeftOut::malformed, std::move(why)}; }

  void header() {
    out_.publisher = printable(text_at(document_, "document", "publisher", "name"), 128);
    out_.version = printable(text_at(document_, "document", "tracking", "version"), 32);
    out_.title = printable(text_at(document_, "document", "title"), kTextBytesMax);
    out_.published = parse_day(text_at(document_, "document", "tracking", "initial_release_date"));
    out_.current = parse_day(text_at(document_, "document", "tracking", "current_release_date"));
    out_.aggregate = severity_of(text_at(document_, "document", "aggregate_severity", "text"));
    const std::string tlp = to_ascii_lower(text_at(document_, "document", "distribution", "tlp", "label"));
    for (const std::string_view label : {"clear", "green", "amber", "amber+strict", "red"})
      if (tlp == label) out_.tlp = label;
    if (tlp == "white") out_.tlp = "clear";  // TLP 1.0
  }

  // The positions of the products that a list of ids, or of groups, names.
  void refer(JsonElement id, std::string_view where, std::vector<std::uint32_t>& to, bool combined) {
    std::string_view text;
    if (!why_.empty()) return;
    if (id.get(text) != simdjson::SUCCESS)
      return static_cast<void>(why_ = std::string{where} + " holds what is no text");
    const auto found = tree_.find(text);
    if (found.empty()) {
      why_ = std::string{where} + " names the product '" + printable(text, 64) + "', which is not in the tree";
      return;
    }
    references_ += found.size();
    if (references_ > kAdvisoryReferencesMax)
      return static_cast<void>(why_ = "products are referred to more than " + std::to_string(kAdvisoryReferencesMax) +
                                      " times");
    if (combined || !tree_.combined(text)) to.insert(to.end(), found.begin(), found.end());
  }

  void products_of(JsonElement item, const std::string& where, std::vector<std::uint32_t>& to) {
    for (const std::string_view key : {"product_ids", "products"})
      each_at(
          item, [&](JsonElement id, std::size_t) { refer(id, where + "." + std::string{key}, to, true); }, key);
    each_at(
        item, [&](JsonElement id, std::size_t) { group(id, where, to); }, "group_ids");
    std::ranges::sort(to);
  }

  void group(JsonElement id, const std::string& where, std::vector<std::uint32_t>& to) {
    std::string_view text;
    if (!why_.empty() || id.get(text) != simdjson::SUCCESS) return;
    const std::vector<std::string>* ids = tree_.group(text);
    if (ids == nullptr) {
      why_ = where + ".group_ids names the group '" + printable(text, 64) + "', which is not in the tree";
      return;
    }
    for (const std::string& each : *ids) {
      const auto found = tree_.find(each);
      references_ += found.size();
      to.insert(to.end(), found.begin(), found.end());
    }
    if (references_ > kAdvisoryReferencesMax) why_ = "products are referred to too often";
  }

  static Severity severity_in(JsonElement scores) {
    Severity most{};
    for (const std::string_view name : {"cvss_v4", "cvss_v3", "cvss_v2"}) {
      Severity severity = severity_of(text_at(scores, name, "baseSeverity"));
      double score = 0;
      if (severity == Severity::unknown && member(scores, name, "baseScore").get(score) == simdjson::SUCCESS)
        severity = severity_of_score(score);
      if (severity != Severity::unknown && (most == Severity::unknown || name != "cvss_v2"))
        most = std::max(most, severity);
    }
    return most;
  }

  void statement(JsonElement item, std::size_t at) {
    if (!why_.empty()) return;
    const std::string where = "vulnerabilities[" + std::to_string(at) + "]";
    if (out_.statements.size() == kAdvisoryStatementsMax)
      return static_cast<void>(why_ = "more than " + std::to_string(kAdvisoryStatementsMax) + " vulnerabilities");
    Statement out;
    const std::string_view cve = text_at(item, "cve");
    out.cve = cve_id(cve);
    if (out.cve.empty() && !cve.empty())
      return static_cast<void>(why_ = where + ".cve is no CVE id: '" + printable(cve, 40) + "'");
    if (out.cve.empty()) out.cve = out_.id;  // not every vulnerability has one
    for (const StatusList& status : kStatusLists) {
      const std::string list = where + ".product_status." + std::string{status.name};
      // "Not affected in this system" says nothing of the part elsewhere, nor of the system's other parts.
      const bool combined = status.list != &Statement::cleared;
      each_at(
          item, [&](JsonElement id, std::size_t) { refer(id, list, out.*status.list, combined); }, "product_status",
          status.name);
    }
    for (auto* list : {&out.affected, &out.maybe, &out.cleared}) std::ranges::sort(*list);
    each_at(
        item,
        [&](JsonElement score, std::size_t n) {
          add_score(score, score, where + ".scores[" + std::to_string(n) + "]", out);
        },
        "scores");
    each_at(
        item,
        [&](JsonElement metric, std::size_t n) {
          JsonElement content;
          if (member(metric, "content").get(content) == simdjson::SUCCESS)
            add_score(content, metric, where + ".metrics[" + std::to_string(n) + "]", out);
        },
        "metrics");
    each_at(
        item,
        [&](JsonElement remedy, std::size_t n) {
          Remedy kept;
          kept.category = printable(text_at(remedy, "category"), 32);
          kept.text = printable(text_at(remedy, "details"), kTextBytesMax);
          kept.date = parse_day(text_at(remedy, "date"));
          products_of(remedy, where + ".remediations[" + std::to_string(n) + "]", kept.products);
          out.remedies.push_back(std::move(kept));
        },
        "remediations");
    each_at(
        item, [&out](JsonElement, std::size_t) { out.exploited = true; }, "first_known_exploitation_dates");
    out.published = parse_day(text_at(item, "release_date"));
    if (!out.published) out.published = parse_day(text_at(item, "disclosure_date"));  // 2.1's name
    out_.statements.push_back(std::move(out));
  }

  void add_score(JsonElement scores, JsonElement of, const std::string& where, Statement& to) {
    Score score;
    score.severity = severity_in(scores);
    products_of(of, where, score.products);
    if (score.severity != Severity::unknown) to.scores.push_back(std::move(score));
  }

  JsonElement document_;
  Advisory out_;
  ProductTree tree_;
  std::size_t references_ = 0;
  std::string why_;  // not empty: a fault
};

}  // namespace

AdvisoryRead read_csaf(std::string_view text, JsonDocuments& documents) {
  const auto document = documents.parse(text);
  if (!document) return {std::nullopt, LeftOut::malformed, document.error().what};
  return AdvisoryReader{*document}.read();
}

}  // namespace nw::vulnerabilities
