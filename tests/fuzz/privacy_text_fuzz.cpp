// Pseudonyms, tokens and commitments as text: refused, or written back as exactly what was read.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "record/privacy/commitment.h"
#include "record/privacy/pseudonym.h"
#include "record/privacy/token.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto pseudonym = nw::privacy::Pseudonym::parse(text);
  if (pseudonym) NW_CHECK(pseudonym->to_string() == text && nw::privacy::carries_pseudonym(text));
  const auto token = nw::privacy::Token::parse(text);
  if (token) NW_CHECK(token->to_string() == text && nw::privacy::carries_pseudonym(text));
  NW_CHECK(!(pseudonym && token));
  nw::privacy::Digest digest{};
  if (nw::privacy::read_commitment(text, digest)) NW_CHECK(nw::privacy::commitment_text(digest) == text);
  return 0;
}
