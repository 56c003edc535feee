// A ledger, an evidence store, sealed keys and one incident with one alert: what the tests of reveals, erasure and
// retention in the daemon share. Notes go into the ledger at once.
#pragma once

#include <atomic>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/privacy_acts.h"
#include "app/retention.h"
#include "app/reveal_keeper.h"
#include "record/keys/secret_file.h"
#include "record/reveals/json_map.h"
#include "unit/record/reveals/reveals_support.h"
#include "unit/record/support.h"

namespace nw::app::test {

using reveals::test::kAlert;
using reveals::test::kNow;

constexpr const char* kCase = "NW-2026-000001";

class Desk {
 public:
  Desk() {
    open_ledger();
    open_evidence();
    std::filesystem::create_directory(directory / "epochs");
    const privacy::SealedKey* sealed = &scene.document.sealed[0];
    for (const char* name : {"2026-01.pseudonyms.sealed", "2026-01.evidence.sealed"})
      record::test::write_whole(directory / "epochs" / name, (sealed++)->to_text());
    privacy::PublicKey evidence_public{};
    const auto pair = privacy::make_custodian_keys(
        [this](std::span<std::uint8_t> out) { std::ranges::copy(scene.evidence.bytes(), out.begin()); });
    evidence_public = pair.public_key;
    evidence->use(scene.epoch, evidence_public);
    add_alert(kAlert);
    open();
  }

  // An alert of the incident, with its clear values in the evidence store.
  void add_alert(const std::string& id, Timestamp stored = kNow) {
    const std::string clear = scene.clear_values();
    ASSERT_TRUE(evidence->put(id, record::EvidenceKind::values, scene.nonce, clear, stored));
    ASSERT_TRUE(evidence->sync());
    const std::string commitment = privacy::commitment_text(privacy::commitment(scene.nonce, privacy::bytes_of(clear)));
    append(record::kEntryAlert,
           R"({"id":")" + id + R"(","fields":{"src":")" + scene.pfx + R"(","user":")" + scene.tok +
               R"("},"sealed_values":")" + commitment + "\"}",
           stored);
    file.incident.id = kCase;
    record::CaseAlert alert;
    alert.id = id;
    alert.entry = ledger->size() - 1;
    file.alerts.push_back(alert);
  }
  void append(std::string_view type, const std::string& body, Timestamp t = kNow) {
    const std::string payload = record::make_entry(type, t, body);
    ASSERT_TRUE(ledger->append({&payload, 1}));
  }

  void open_ledger() {
    ledger.reset();
    record::LedgerOptions options;
    options.directory = directory / "ledger";
    ledger = std::move(*record::Ledger::open(options));
  }
  void open_evidence() {
    evidence.reset();
    evidence = std::move(*record::EvidenceStore::open({directory / "evidence"}, *ops));
  }
  // As at a start: everything anew but what is on disk, and what open_ledger() and open_evidence() open.
  void open(std::size_t requests_per_day = 10) {
    acts.reset();
    reveals_keeper.reset();
    retention.reset();
    clerk = std::make_unique<LedgerClerk>(
        LedgerClerk::Parts{ledger.get(), (directory / "reveals.cursor").string(),
                           [this](std::string type, std::string body) {
                             if (disk_stalls)
                               stalled.emplace_back(type, body);
                             else if (!disk_fails)
                               append(type, body, now);
                           },
                           [] {}, disk_fails ? std::chrono::milliseconds{1} : patience, [this] { return closing; }});
    while (clerk->follow()) continue;
    const auto tell = [this](OwnEvent event) { events.push_back(std::move(event)); };
    const auto sealed = [this] { return sealed_files(); };
    const auto case_file = [this](const std::string& id) -> Result<record::CaseFile> {
      if (id != kCase) return Error{Errc::not_found, "there is no incident " + id};
      return file;
    };
    const auto held = [this](const reveals::Holds& holds, Timestamp) -> Result<CaseHolds> {
      if (!case_holds_fault.empty()) return Error{Errc::io, case_holds_fault};
      CaseHolds out;
      out.times = held_times;
      for (const auto& [id, hold] : holds.all()) {
        if (!hold.alert.empty()) out.alerts.insert(hold.alert);
        if (!hold.incident.empty())
          for (const record::CaseAlert& alert : file.alerts) out.alerts.insert(alert.id);
      }
      return out;
    };
    PrivacyConfig privacy_config;
    privacy_config.requests_per_day = requests_per_day;
    reveals_keeper = std::make_unique<RevealKeeper>(
        RevealKeeper::Parts{clerk.get(), tell, evidence.get(), [this] { return scene.custodians; }, sealed, case_file,
                            directory / "reveals", privacy_config, [] {}});
    reveals_keeper->close_lost(now);
    record::EvidenceStore* const store = evidence_closed.empty() ? evidence.get() : nullptr;
    acts = std::make_unique<PrivacyActs>(PrivacyActs::Parts{clerk.get(), store, sealed, held, case_file, privacy_config,
                                                            ops, directory / "epochs", evidence_closed,
                                                            [this] { return scene.custodians; }});
    retention = std::make_unique<Retention>(Retention::Parts{
        clerk.get(), tell, store, sealed, held, directory / "reveals", {}, [] {}, ops, evidence_closed});
  }
  [[nodiscard]] Result<std::vector<record::SealedFile>> sealed_files() const {
    std::vector<record::SealedFile> out;
    for (const char* purpose : {"evidence", "pseudonyms"}) {
      const auto path = directory / "epochs" / ("2026-01." + std::string{purpose} + ".sealed");
      if (std::filesystem::exists(path)) out.push_back({scene.epoch, purpose, path});
    }
    return out;
  }

  // The word of a custodian, at a station of their own.
  struct Word {
    std::size_t custodian = 0;
    std::string month = "2026-01", by = "R. Haddad", host = "desk/01";
    bool confirm = false, offline = false;
  };
  std::string word(const Word& from, const privacy::CustodianKeys* keys = nullptr) {
    const boost::json::value told = boost::json::parse(acts->list(now).body);
    privacy::PublicKey key{};
    EXPECT_TRUE(privacy::read_hex(std::string_view{told.at("destroy_key").as_string()}, key));
    reveals::DestroyWord out;
    out.epoch = *privacy::Epoch::parse(from.month);
    if (from.confirm) {
      const auto& waiting = told.at("destructions").as_array();
      out.proposal = waiting.empty() ? std::string(64, '0') : std::string{waiting[0].at("sha256").as_string()};
    } else {
      out.why = "they ask";
    }
    out.person = {from.by, 7, from.host};
    out.offline = from.offline;
    out.at = now;
    const auto made = reveals::make_destroy_word(out, keys != nullptr ? *keys : scene.keys[from.custodian], key,
                                                 record::kernel_random);
    EXPECT_TRUE(made) << made.error().what;
    return made ? *made : std::string{};
  }

  [[nodiscard]] reveals::Ask ask() const {
    reveals::Ask out;
    out.case_id = kCase;
    out.purpose = "respond";
    out.basis = "Act on network security, section 12";
    out.why = "to contain it";
    out.by = "R. Haddad";
    out.host = "desk/01";
    out.values = {scene.pfx, scene.tok};
    out.alerts = {kAlert};
    out.key = scene.requester.public_key;
    return out;
  }
  // Asks; the request's id.
  std::string asked(const reveals::Ask& with) {
    const auto said = reveals_keeper->request(with.to_json(), 1000, now);
    EXPECT_EQ(said.status, 200) << said.body;
    const auto all = clerk->book().all();
    return all.empty() ? std::string{} : all.back()->request.id;
  }
  // What custodian `number` makes of the request that the daemon gives them.
  std::string approval(const std::string& id, std::size_t number) {
    const auto said = reveals_keeper->document(id);
    EXPECT_EQ(said.status, 200) << said.body;
    const auto document = reveals::RequestDocument::from_json(said.body);
    EXPECT_TRUE(document);
    const reveals::Approver approver{
        {scene.custodians[number].name, 1000, "station-" + std::to_string(number)}, false, now};
    const auto made = reveals::make_approval(*document, scene.keys[number], approver, scene.numbers);
    EXPECT_TRUE(made) << made.error().what;
    return made ? *made : std::string{};
  }
  // Entries of a type, as their bodies.
  [[nodiscard]] std::vector<std::string> bodies(std::string_view type) const {
    std::vector<std::string> out;
    EXPECT_TRUE(clerk->scan(0, ledger->size(), [&](const record::EntryView& entry, std::uint64_t) {
      if (entry.type == type) out.emplace_back(entry.body);
      return true;
    }));
    return out;
  }
  [[nodiscard]] static std::string field(const OwnEvent& event, std::string_view name) {
    for (const auto& [key, value] : event.fields) {
      if (key != name) continue;
      if (const auto* text = std::get_if<std::string>(&value)) return *text;
      if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
      if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
    }
    return "absent";
  }

  reveals::test::Scene scene;
  record::test::TempDir directory;
  std::unique_ptr<record::Ledger> ledger;
  std::unique_ptr<record::EvidenceStore> evidence;
  record::CaseFile file;
  std::vector<OwnEvent> events;
  Timestamp now = kNow;
  bool closing = false;
  std::atomic<bool> disk_stalls{false};  // notes wait for flush()
  std::vector<std::pair<std::string, std::string>> stalled;
  std::chrono::milliseconds patience{10'000};  // of open()
  void flush() {
    for (const auto& [type, body] : std::exchange(stalled, {})) append(type, body, now);
  }
  record::FileOps* ops = &record::system_files();  // of the evidence and the keys
  bool disk_fails = false;
  std::string case_holds_fault, evidence_closed;
  std::vector<std::pair<Timestamp, Timestamp>> held_times;
  std::unique_ptr<LedgerClerk> clerk;
  std::unique_ptr<RevealKeeper> reveals_keeper;
  std::unique_ptr<PrivacyActs> acts;
  std::unique_ptr<Retention> retention;
};

}  // namespace nw::app::test
