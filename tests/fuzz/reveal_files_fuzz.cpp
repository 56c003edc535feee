// What comes from people and their files to a reveal, on any text: an ask, a request's document, an approval, a result,
// and the ledger's entries of a reveal. Refused, or written back as what was read; nothing opens, for nobody sealed it.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "record/reveals/book.h"
#include "record/reveals/deletions.h"
#include "record/reveals/destroy_word.h"
#include "record/reveals/holds.h"
#include "record/reveals/opening.h"
#include "record/reveals/transparency.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nw::reveals;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (const auto ask = Ask::from_json(text)) NW_CHECK(Ask::from_json(ask->to_json()));
  if (const auto document = RequestDocument::from_json(text)) {
    NW_CHECK(RequestDocument::from_json(document->to_json()));
    (void)document->request.words();
  }
  (void)read_approval_label(text);
  NW_CHECK(!open_approval(text, nw::privacy::Key32{}));
  NW_CHECK(!open_destroy_word(text, nw::privacy::Key32{}));
  (void)Opened::from_json(text);
  NW_CHECK(!open_result(text, nw::privacy::CustodianKeys{}, "commit:"));
  Book book;
  Holds holds;
  Destructions destructions;
  Deletions deletions;
  for (const auto type : nw::record::kEntryTypes) {
    const std::size_t before = book.all().size();
    if (const auto applied = book.apply(type, text, {}, 1); !applied) NW_CHECK(book.all().size() == before);
    (void)holds.apply(type, text, {});
    (void)destructions.apply(type, text, {});
    if (const auto applied = deletions.apply(type, text); !applied) NW_CHECK(deletions.erasures().empty());
    for (const auto& [id, erasure] : deletions.erasures()) {
      Deletions again;
      NW_CHECK(again.apply(nw::record::kEntryErase, erase_body(erasure)));
    }
    deletions = {};
  }
  Transparency report{{1970, 1}};
  report.see(text);
  (void)report.json();
  return 0;
}
