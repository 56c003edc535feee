#include "detect/sigma/scanner.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <hs.h>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/hash.h"
#include "base/text.h"
#include "detect/sigma/archive.h"
#include "detect/sigma/limits.h"

namespace nw::sigma {

namespace {

bool is_ascii(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

// Debian 12's Vectorscan 5.4.9 misses literals near the end of a text on processors with AVX-512 (seen: one set of few
// literals in nine). A library that does so on this machine is not used: searching piece by piece is slow, but right.
bool sound() {
  static const bool good = [] {
    const std::array<const char*, 2> texts{"cmd.exe", "powershell"};
    const std::array<unsigned, 2> flags{HS_FLAG_SINGLEMATCH, HS_FLAG_SINGLEMATCH}, ids{0, 1};
    const std::array<std::size_t, 2> lengths{7, 10};
    hs_database_t* database = nullptr;
    hs_compile_error_t* error = nullptr;
    hs_scratch_t* scratch = nullptr;
    bool found = hs_compile_lit_multi(texts.data(), flags.data(), ids.data(), lengths.data(), 2, HS_MODE_BLOCK, nullptr,
                                      &database, &error) == HS_SUCCESS &&
                 hs_alloc_scratch(database, &scratch) == HS_SUCCESS;
    hs_free_compile_error(error);
    const auto on_hit = [](unsigned, unsigned long long, unsigned long long, unsigned, void* hit) {
      *static_cast<bool*>(hit) = true;
      return 0;
    };
    // Where the text lies matters, and how much follows the literal.
    for (unsigned offset = 0; found && offset < 64; ++offset)
      for (unsigned tail = 0; found && tail < 40; ++tail) {
        const std::string text = std::string(offset + 80, 'x') + "powershell" + std::string(tail, 'y');
        bool hit = false;
        found = hs_scan(database, text.data() + offset, static_cast<unsigned>(text.size() - offset), 0, scratch, on_hit,
                        &hit) == HS_SUCCESS &&
                hit;
      }
    hs_free_scratch(scratch);
    hs_free_database(database);
    return found;
  }();
  return good;
}

// What Hyperscan is asked to compile at all: its time grows with counted repeats, and a rule is input.
bool modest(std::string_view pattern) {
  return pattern.size() <= kScannedRegexBytesMax &&
         std::ranges::count(pattern, '{') <= static_cast<std::ptrdiff_t>(kScannedRepeatsMax);
}

// Subjects are ASCII, so UTF-8 mode is safe, and the pattern may hold more.
unsigned flags_of(const RegexPiece& piece) {
  unsigned flags = HS_FLAG_PREFILTER | HS_FLAG_SINGLEMATCH | HS_FLAG_UTF8;
  if (piece.flags.ignore_case) flags |= HS_FLAG_CASELESS;
  if (piece.flags.multiline) flags |= HS_FLAG_MULTILINE;
  if (piece.flags.dotall) flags |= HS_FLAG_DOTALL;
  return flags;
}

// Whether Hyperscan takes the expression alone. One that can match nothing at all is no use as a filter, and is
// refused too.
bool takes(const RegexPiece& piece) {
  if (!sound() || !modest(piece.pattern) || piece.pattern.find('\0') != std::string::npos) return false;
  hs_expr_info_t* info = nullptr;
  hs_compile_error_t* error = nullptr;
  const bool good = hs_expression_info(piece.pattern.c_str(), flags_of(piece), &info, &error) == HS_SUCCESS &&
                    info != nullptr && info->min_width > 0;
  hs_free_compile_error(error);
  std::free(info);
  return good;
}

hs_database_t* compile(const std::vector<RegexPiece>& pieces, const std::vector<std::uint32_t>& taken) {
  std::vector<const char*> texts;
  std::vector<unsigned> flags;
  for (const std::uint32_t at : taken) {
    texts.push_back(pieces[at].pattern.c_str());
    flags.push_back(flags_of(pieces[at]));
  }
  hs_database_t* database = nullptr;
  hs_compile_error_t* error = nullptr;
  const auto made = hs_compile_multi(texts.data(), flags.data(), taken.data(), static_cast<unsigned>(texts.size()),
                                     HS_MODE_BLOCK, nullptr, &database, &error);
  hs_free_compile_error(error);
  return made == HS_SUCCESS ? database : nullptr;
}

// Null when the bytes are damaged, or from another version or kind of processor.
hs_database_t* deserialise(std::string_view stored) {
  hs_database_t* database = nullptr;
  if (stored.empty() || hs_deserialize_database(stored.data(), stored.size(), &database) != HS_SUCCESS) return nullptr;
  return database;
}

// What a scanner of regular expressions keeps: those that are not scanned, and the database of the others.
struct Kept {
  std::vector<std::uint32_t> unscanned;
  std::string_view database;
};
std::optional<Kept> read_kept(std::string_view stored, std::size_t pieces) {
  ArchiveReader archive{stored};
  Kept kept;
  archive(kept.unscanned, kept.database);
  if (!archive.at_end() || std::ranges::any_of(kept.unscanned, [&](std::uint32_t at) { return at >= pieces; }))
    return std::nullopt;
  return kept;
}

int on_match(unsigned id, unsigned long long /*from*/, unsigned long long /*to*/, unsigned /*flags*/, void* context) {
  (*static_cast<Scanner::Hit*>(context))(id);
  return 0;
}

}  // namespace

ScanScratch::~ScanScratch() { hs_free_scratch(scratch_); }

void ScanScratch::make_room(const hs_database* database) {
  if (database != nullptr) NW_CHECK(hs_alloc_scratch(database, &scratch_) == HS_SUCCESS);
}

Scanner::~Scanner() { hs_free_database(database_); }

std::shared_ptr<const Scanner> Scanner::of_literals(std::vector<std::string> pieces, Case letters,
                                                    std::string_view stored) {
  std::shared_ptr<Scanner> made{new Scanner};
  made->pieces_ = static_cast<std::uint32_t>(pieces.size());
  if (!sound()) {
    made->literals_ = std::move(pieces);
    made->any_case_ = letters == Case::any;
    return made;
  }
  made->database_ = deserialise(stored);
  if (made->database_ != nullptr) return made;
  made->stale_ = !stored.empty();
  std::vector<const char*> texts;
  std::vector<std::size_t> lengths;
  std::vector<unsigned> ids;
  for (const std::string& piece : pieces) {
    ids.push_back(static_cast<unsigned>(texts.size()));
    texts.push_back(piece.data());
    lengths.push_back(piece.size());
  }
  const unsigned flag = HS_FLAG_SINGLEMATCH | (letters == Case::any ? HS_FLAG_CASELESS : 0U);
  const std::vector<unsigned> flags(texts.size(), flag);
  hs_compile_error_t* error = nullptr;
  const auto result =
      hs_compile_lit_multi(texts.data(), flags.data(), ids.data(), lengths.data(), static_cast<unsigned>(texts.size()),
                           HS_MODE_BLOCK, nullptr, &made->database_, &error);
  hs_free_compile_error(error);
  if (result != HS_SUCCESS) {
    made->database_ = nullptr;
    made->literals_ = std::move(pieces);
    made->any_case_ = letters == Case::any;
  }
  return made;
}

std::shared_ptr<const Scanner> Scanner::of_regexes(std::vector<RegexPiece> pieces, std::string_view stored) {
  std::shared_ptr<Scanner> made{new Scanner};
  made->pieces_ = static_cast<std::uint32_t>(pieces.size());
  made->ascii_only_ = true;
  // Asking Hyperscan what it takes costs as much as compiling: the answer is kept too.
  if (const auto kept = read_kept(stored, pieces.size()); kept && sound()) {
    made->unscanned_ = kept->unscanned;
    made->database_ = deserialise(kept->database);
    if (made->database_ != nullptr || made->unscanned_.size() == pieces.size()) return made;
    made->unscanned_.clear();
  }
  made->stale_ = !stored.empty();
  std::vector<std::uint32_t> taken;
  for (std::uint32_t i = 0; i < pieces.size(); ++i) (takes(pieces[i]) ? taken : made->unscanned_).push_back(i);
  if (!taken.empty()) made->database_ = compile(pieces, taken);
  if (made->database_ == nullptr) made->unscanned_.insert(made->unscanned_.end(), taken.begin(), taken.end());
  return made;
}

void Scanner::scan(std::string_view text, ScanScratch& scratch, Hit hit) const {
  if (ascii_only_ && !is_ascii(text)) {
    for (std::uint32_t i = 0; i < pieces_; ++i) hit(i);
    return;
  }
  for (const std::uint32_t piece : unscanned_) hit(piece);
  if (!literals_.empty()) search(text, hit);
  if (database_ == nullptr || text.empty()) return;
  // Texts are bounded well below 4 GiB (limits.h).
  const auto result =
      hs_scan(database_, text.data(), static_cast<unsigned>(text.size()), 0, scratch.scratch_, on_match, &hit);
  NW_CHECK(result == HS_SUCCESS);
}

void Scanner::search(std::string_view text, Hit hit) const {
  const auto same = [this](char a, char b) { return a == b || (any_case_ && ascii_lower(a) == ascii_lower(b)); };
  for (std::uint32_t i = 0; i < literals_.size(); ++i)
    if (std::search(text.begin(), text.end(), literals_[i].begin(), literals_[i].end(), same) != text.end()) hit(i);
}

std::size_t Scanner::bytes() const noexcept {
  std::size_t size = 0;
  if (database_ != nullptr) static_cast<void>(hs_database_size(database_, &size));
  return size;
}

std::string Scanner::serialise() const {
  std::string database;
  char* bytes = nullptr;
  std::size_t size = 0;
  if (database_ != nullptr && hs_serialize_database(database_, &bytes, &size) == HS_SUCCESS) {
    database.assign(bytes, size);
    std::free(bytes);
  }
  if (!ascii_only_) return database;
  ArchiveWriter archive;
  archive(unscanned_, database);
  return archive.take();
}

namespace {

// 128 bits: two lists of pieces that shared one would share a database.
std::string hash_of(const std::string& key) {
  std::string out;
  for (const std::uint64_t seed : {1U, 2U}) {
    const std::uint64_t hash = hash64(key, seed);
    for (unsigned shift = 0; shift < 64; shift += 8)
      out += static_cast<char>(static_cast<unsigned char>(hash >> shift));
  }
  return out;
}

}  // namespace

ScannerPool::ScannerPool(const Databases& stored) {
  for (const auto& [hash, bytes] : stored) stored_.emplace(hash, bytes);
}

std::string_view ScannerPool::find_stored(const std::string& key) {
  const auto found = stored_.find(hash_of(key));
  if (found != stored_.end()) return found->second;
  compiled_ = true;
  return {};
}

std::shared_ptr<const Scanner> ScannerPool::of_literals(std::vector<std::string> pieces, Scanner::Case letters) {
  std::string key{letters == Scanner::Case::any ? 'c' : 'l'};
  for (const std::string& piece : pieces) key += std::to_string(piece.size()) + ':' + piece;
  const auto [at, fresh] = known_.try_emplace(std::move(key));
  if (fresh) {
    at->second = Scanner::of_literals(std::move(pieces), letters, find_stored(at->first));
    note(*at->second);
  }
  return at->second;
}

std::shared_ptr<const Scanner> ScannerPool::regexes(std::vector<RegexPiece> pieces) {
  std::string key{'r'};
  for (const RegexPiece& piece : pieces) {
    key += std::to_string(piece.pattern.size()) + ':' + piece.pattern;
    for (const bool flag : {piece.flags.ignore_case, piece.flags.multiline, piece.flags.dotall})
      key += flag ? '1' : '0';
  }
  const auto [at, fresh] = known_.try_emplace(std::move(key));
  if (fresh) {
    at->second = Scanner::of_regexes(std::move(pieces), find_stored(at->first));
    note(*at->second);
  }
  return at->second;
}

std::vector<std::shared_ptr<const Scanner>> ScannerPool::all() const {
  std::vector<std::shared_ptr<const Scanner>> out;
  for (const auto& [key, scanner] : known_) out.push_back(scanner);
  return out;
}

ScannerPool::Databases ScannerPool::serialise() const {
  Databases out;
  for (const auto& [key, scanner] : known_) out.emplace_back(hash_of(key), scanner->serialise());
  return out;
}

}  // namespace nw::sigma
