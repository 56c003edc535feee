// An entry of the ledger from any text, as every reader of it takes it: what can be read is written so that it fits an
// entry and is read back as the same; a folder that remembers it stays within its bounds.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "record/entry.h"
#include "record/fold.h"

namespace {

using namespace nw::record;

void check_fold(const Fold& fold) {
  const std::string json = fold.to_json();
  NW_CHECK(json.size() <= kBodyBytesMax);
  const auto again = Fold::from_json(json);
  NW_CHECK(again && again->to_json() == json);
  NW_CHECK(to_text(fold, false).find('\n') == to_text(fold, false).size() - 1);

  FoldOptions options;
  options.known_max = 100;
  Folder folder{options};
  std::vector<Fold> summaries;
  folder.remember(fold, std::chrono::minutes{-1});
  folder.remember(fold, std::chrono::minutes{-1});
  NW_CHECK(folder.open() <= 1 && folder.bytes() <= options.bytes_max);
  NW_CHECK(folder.open() == 0 || !folder.take(fold, std::chrono::minutes{0}, summaries));
  folder.finish(summaries);
  NW_CHECK(folder.open() == 0 && folder.bytes() == 0 && folder.ids() == 0);
  NW_CHECK(summaries.size() <= 1);
}

void check_body(std::string_view body) {
  if (const auto fold = Fold::from_json(body)) check_fold(*fold);
  if (const auto alert = Alert::from_json(body)) {
    NW_CHECK(Alert::from_json(alert->to_json()));
    check_fold(Fold::of(GuardedAlert::of_ledger(*alert)));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{data, data + size};
  check_body(text);
  if (const auto view = parse_entry(text)) check_body(view->body);
  return 0;
}
