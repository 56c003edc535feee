#include "app/reporting_store.h"

#include "record/incidents/store.h"

namespace nw::app {

namespace {

// Opened late, shared by the two questions.
class LateStore {
 public:
  explicit LateStore(std::filesystem::path file) : file_{std::move(file)} {}

  template <class Ask>
  auto ask(const Ask& question) -> decltype(question(std::declval<record::IncidentStore&>())) {
    if (!store_) {
      auto opened = record::IncidentStore::open_read_only(file_);
      if (!opened) return opened.error();
      store_ = std::move(*opened);
    }
    auto answer = question(*store_);
    if (!answer && answer.error().code != Errc::not_found) store_.reset();
    return answer;
  }

 private:
  std::filesystem::path file_;
  std::unique_ptr<record::IncidentStore> store_;
};

Result<std::vector<std::string>> every_id(const record::IncidentStore& store, std::size_t most) {
  record::IncidentStore::Filter filter;
  filter.most = most;
  const auto incidents = store.list(filter);
  if (!incidents) return incidents.error();
  std::vector<std::string> out;
  for (const record::Incident& incident : *incidents) out.push_back(incident.id);
  return out;
}

Result<std::uint64_t> not_closed(const record::IncidentStore& store) {
  const auto totals = store.totals();
  if (!totals) return totals.error();
  std::uint64_t out = 0;
  for (const auto& [level, count] : totals->open_by_level) out += count;
  return out;
}

}  // namespace

CaseReader case_reader(const std::filesystem::path& file) {
  const auto store = std::make_shared<LateStore>(file);
  return {[store](std::size_t most) {
            return store->ask([most](record::IncidentStore& one) { return one.with_clocks(most); });
          },
          [store](const std::string& id) {
            return store->ask([&id](record::IncidentStore& one) { return one.case_file(id); });
          },
          [store](std::size_t most) {
            return store->ask([most](record::IncidentStore& one) { return every_id(one, most); });
          },
          [store] { return store->ask([](record::IncidentStore& one) { return not_closed(one); }); }};
}

}  // namespace nw::app
