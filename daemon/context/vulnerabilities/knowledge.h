// All feeds together, made ready for the question: what is known against this version of this product?
#pragma once

#include <array>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "context/vulnerabilities/feeds.h"

namespace nw::vulnerabilities {

// What is in use somewhere, in the words of the register or of the device itself.
struct Item {
  std::string_view vendor, product, version, order_number;  // empty: not known
};

// One vulnerability that an item has, or may have.
struct Finding {
  std::string_view cve;                // of the advisory, where the vulnerability has none
  const Advisory* advisory = nullptr;  // null: only KEV says so
  const KevEntry* kev = nullptr;       // null: KEV does not have it
  const Remedy* remedy = nullptr;
  std::optional<Timestamp> published;
  Severity severity{};
  bool certain = false;  // product and version are named; else one of them only may be it
  bool exploited = false;
};

// Immutable; shared by all workers.
class Knowledge {
 public:
  Knowledge() = default;
  Knowledge(const Knowledge&) = delete;
  Knowledge& operator=(const Knowledge&) = delete;

  struct Candidate {
    std::uint32_t advisory, product;
    bool same = false;  // its name is the item's; else one contains the other
  };
  // What the names alone decide: the same for every version of one product.
  struct Names {
    std::vector<Candidate> products;
    std::vector<std::uint32_t> kev;  // entries
  };
  [[nodiscard]] Names names_of(const Item& item) const;
  // Sorted by CVE, each once. `remedied`: CVE ids that do not apply.
  [[nodiscard]] std::vector<Finding> assess(const Item& item, const Names& names,
                                            std::span<const std::string> remedied = {}) const;
  // What advisories with versions say of the item's version; `cves` are those in whose range it surely is. `unknown`
  // when nobody speaks of the product, or the versions cannot be compared.
  struct VersionVerdict {
    Within affected = Within::unknown;
    std::vector<std::string_view> cves;  // sorted
  };
  [[nodiscard]] VersionVerdict judge_version(const Item& item, std::span<const std::string> remedied = {}) const;
  [[nodiscard]] bool known_exploited(std::string_view cve) const noexcept { return exploited_.contains(cve); }

  struct Counts {
    std::size_t kev = 0, advisories = 0, kev_malformed = 0, kev_repeated = 0;
    std::array<std::size_t, kLeftOutReasons> left_out{};  // documents, by LeftOut
    std::size_t versions_unread = 0;                      // products of advisories
  };
  [[nodiscard]] const Counts& counts() const noexcept { return counts_; }
  [[nodiscard]] std::span<const Advisory> advisories() const noexcept { return advisories_; }
  [[nodiscard]] std::span<const KevEntry> kev() const noexcept { return kev_; }

  static std::shared_ptr<const Knowledge> empty();

 private:
  friend class KnowledgeBuilder;
  enum class Status : std::uint8_t { affected, maybe, cleared };
  struct Use {
    std::uint32_t product, statement;
    Status status;
  };
  void index();

  std::vector<KevEntry> kev_;
  std::vector<Advisory> advisories_;
  std::vector<std::vector<Use>> uses_;  // by advisory, sorted by product
  std::unordered_map<std::string_view, std::vector<std::uint32_t>> kev_by_vendor_;
  std::unordered_map<std::string_view, std::uint32_t> kev_by_cve_;
  std::unordered_map<std::string_view, std::vector<Candidate>> products_by_vendor_;
  std::unordered_map<std::string_view, std::vector<Candidate>> products_by_word_;  // those without a vendor
  std::unordered_set<std::string_view> exploited_;                                 // views of the above
  Counts counts_;
};

inline constexpr std::size_t kAdvisoriesMax = 50'000;

// Takes the feeds' texts, one after the other. Pure: the caller reads the files.
class KnowledgeBuilder {
 public:
  KnowledgeBuilder();
  ~KnowledgeBuilder();
  void add_kev(std::string_view text, std::string_view file, Diagnostics& diagnostics);
  // A document that is not used is a warning, unless it is a draft or none of CSAF; of two versions of one advisory the
  // newer stays. Codes: csaf-malformed, csaf-too-many.
  void add_csaf(std::string_view text, std::string_view file, Diagnostics& diagnostics);
  std::shared_ptr<const Knowledge> finish();

 private:
  std::unique_ptr<JsonDocuments> documents_;
  std::shared_ptr<Knowledge> out_;
  std::map<std::pair<std::string, std::string>, std::size_t> by_id_;  // publisher, id
  std::size_t warnings_ = 0;
};

}  // namespace nw::vulnerabilities
