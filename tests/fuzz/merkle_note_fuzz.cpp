// Signed notes and keys from any bytes: what is read is written as the same bytes (a vkey's id may be in capitals), and
// no made-up signature verifies.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "record/merkle/note.h"

namespace {

using namespace nw::merkle;

const std::vector<VerifierKey>& known() {
  static const std::vector<VerifierKey> keys = [] {
    std::vector<VerifierKey> out;
    for (const char* vkey : {"normwatch.example/ledger/demo-01+e3b9c313+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
                             "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X"})
      out.push_back(*VerifierKey::parse(vkey));
    return out;
  }();
  return keys;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  if (const auto note = Note::parse(bytes)) {
    NW_CHECK(note->to_string() == bytes);
    NW_CHECK(!note->signatures.empty() && note->signatures.size() <= kNoteSignaturesMax);
    NW_CHECK(check_note_text(note->text));
    if (const auto verified = verify_note(*note, known())) {
      // The keys' owners signed the seeds only.
      NW_CHECK(note->text.starts_with("normwatch.example/ledger/demo-01\n"));
      NW_CHECK(!verified->empty() && verified->size() <= note->signatures.size());
    }
  } else {
    NW_CHECK(note.error().code == nw::Errc::malformed);
  }
  if (const auto key = VerifierKey::parse(bytes)) {
    NW_CHECK(is_key_name(key->name) && key->id == key_id(key->name, key->type, key->key));
    const auto again = VerifierKey::parse(key->to_string());
    NW_CHECK(again && *again == *key);
  }
  if (const auto key = SignerKey::parse(bytes)) NW_CHECK(VerifierKey::parse(key->verifier().to_string()));
  return 0;
}
