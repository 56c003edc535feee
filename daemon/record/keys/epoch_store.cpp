#include "record/keys/epoch_store.h"

#include <algorithm>
#include <fcntl.h>
#include <sodium/crypto_secretbox.h>
#include <string.h>

#include "base/text.h"

namespace nw::record {

namespace {

constexpr std::string_view kHead = "normwatch-epoch-keys/v1\n", kWrapped = ".wrapped", kSealed = ".sealed",
                           kPseudonyms = "pseudonyms", kEvidence = "evidence";
constexpr std::size_t kPlainBytes = 32 + 1 + 32;
constexpr std::size_t kBoxBytes = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + kPlainBytes;
constexpr unsigned kNumbersMax = 99;  // keys of one month and purpose
constexpr std::size_t kFilesMax = 10'000;

// Of one operator and month: a wrapped file under another name does not open.
privacy::Key32 key_for(const privacy::Key32& wrap, std::string_view operator_id, privacy::Epoch epoch) {
  privacy::Key32 out;
  const std::string label = "normwatch-wrap/v1/op=" + std::string{operator_id} + "/epoch=" + epoch.to_string();
  privacy::hkdf_expand(wrap, label, out.writable());
  return out;
}

// What a key-rotate entry says.
std::string told(std::string_view what, privacy::Epoch epoch, const std::vector<privacy::Custodian>& custodians) {
  std::string out = R"({"what":")" + std::string{what} + R"(","epoch":")" + epoch.to_string() + '"';
  if (!custodians.empty()) {
    out += R"(,"custodians":[)";
    for (const privacy::Custodian& custodian : custodians)
      out += (out.ends_with('[') ? "\"" : ",\"") + privacy::to_hex(privacy::fingerprint_of(custodian.key)) + '"';
    out += ']';
  }
  return out + '}';
}

Error not_wrapped(const std::filesystem::path& file, std::string_view why) {
  return Error{Errc::malformed, file.string() + " cannot be used: " + std::string{why} +
                                    "; put back the key normwatch.wrap that it was written with. Or move the file "
                                    "away: then new keys are made for the rest of the month, under which the same "
                                    "address has another pseudonym"};
}

Result<std::string> read_small(FileOps& ops, const std::filesystem::path& file) {
  auto fd = open_existing(ops, file, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!fd) return fd.error();
  std::string bytes(privacy::kSealedBytesMax + 1, '\0');
  const auto read = read_at(ops, *fd, bytes.data(), bytes.size(), 0, file.string());
  if (!read) return read.error();
  bytes.resize(*read);
  return bytes;
}

bool sealed_to(const privacy::SealedKey& sealed, const std::vector<privacy::Custodian>& custodians) {
  const auto has = [&sealed](const privacy::Custodian& custodian) {
    return std::ranges::find(sealed.custodians, privacy::fingerprint_of(custodian.key)) != sealed.custodians.end();
  };
  return sealed.custodians.size() == custodians.size() && std::ranges::all_of(custodians, has);
}

// "2026-01.evidence-2.sealed"
bool read_name(std::string_view name, SealedFile& out, unsigned& number) {
  if (!name.ends_with(kSealed) || name.size() < 8) return false;
  name.remove_suffix(kSealed.size());
  const auto epoch = privacy::Epoch::parse(name.substr(0, 7));
  if (!epoch || name.size() < 9 || name[7] != '.') return false;
  name.remove_prefix(8);
  number = 1;
  if (const std::size_t dash = name.find('-'); dash != std::string_view::npos) {
    const std::string_view digits = name.substr(dash + 1);
    if (digits.empty() || digits.size() > 2 || !std::ranges::all_of(digits, ascii_digit)) return false;
    number = 0;
    for (const char digit : digits) number = number * 10 + static_cast<unsigned>(digit - '0');
    if (number < 2) return false;
    name = name.substr(0, dash);
  }
  if (name != kPseudonyms && name != kEvidence) return false;
  out.epoch = *epoch;
  out.purpose = name;
  return true;
}

// Every regular name of the directory; none when it is not there.
Result<std::vector<std::string>> names_in(const std::filesystem::path& directory) {
  std::vector<std::string> out;
  std::error_code error;
  for (std::filesystem::directory_iterator at{directory, error}, end; !error && at != end; at.increment(error)) {
    if (out.size() == kFilesMax)
      return Error{Errc::full, directory.string() + " holds more than " + std::to_string(kFilesMax) +
                                   " files; only keys of epochs belong there"};
    out.push_back(at->path().filename().string());
  }
  if (error && error != std::errc::no_such_file_or_directory)
    return system_error(error.value(), directory.string() + ": cannot list");
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

std::filesystem::path EpochStore::wrapped_file(privacy::Epoch epoch) const {
  return directory_ / (epoch.to_string() + std::string{kWrapped});
}

std::filesystem::path EpochStore::sealed_file(privacy::Epoch epoch, std::string_view purpose, unsigned number) const {
  std::string name = epoch.to_string() + '.' + std::string{purpose};
  if (number > 1) name += '-' + std::to_string(number);
  return directory_ / (name + std::string{kSealed});
}

Result<EpochStore::Kept> EpochStore::unwrap(privacy::Epoch epoch, const privacy::Key32& wrap) const {
  const std::filesystem::path file = wrapped_file(epoch);
  auto text = read_secret(ops_, file, Guarded::by_mode);
  if (!text) return text.error();
  std::string_view rest = text->view();
  const std::string head = std::string{kHead} + "operator " + operator_ + "\nepoch " + epoch.to_string() + "\nwrapped ";
  if (!rest.starts_with(kHead)) return not_wrapped(file, "its first line is not normwatch-epoch-keys/v1");
  if (!rest.starts_with(head))
    return not_wrapped(file,
                       "it is of another operator than '" + operator_ + "' (privacy.operator), or of another epoch");
  rest.remove_prefix(head.size());
  std::array<std::uint8_t, kBoxBytes> box{};
  if (!rest.ends_with('\n') || !privacy::read_base64(rest.substr(0, rest.size() - 1), box))
    return not_wrapped(file, "it was cut or changed");
  const privacy::Key32 key = key_for(wrap, operator_, epoch);
  privacy::Secret<kPlainBytes> plain;
  constexpr std::size_t kNonce = crypto_secretbox_NONCEBYTES;
  if (crypto_secretbox_open_easy(plain.writable().data(), box.data() + kNonce, box.size() - kNonce, box.data(),
                                 key.bytes().data()) != 0)
    return not_wrapped(file, "it was changed, or wrapped with another key");
  Kept out;
  const auto bytes = plain.bytes();
  std::copy_n(bytes.begin(), 32, out.pseudonyms.writable().begin());
  out.evidence_number = bytes[32];
  std::copy_n(bytes.begin() + 33, 32, out.evidence.begin());
  return out;
}

Result<> EpochStore::write_wrapped(privacy::Epoch epoch, const Kept& kept, const privacy::Key32& wrap) {
  privacy::Secret<kPlainBytes> plain;
  const auto bytes = plain.writable();
  std::ranges::copy(kept.pseudonyms.bytes(), bytes.begin());
  bytes[32] = kept.evidence_number;
  std::ranges::copy(kept.evidence, bytes.begin() + 33);
  std::array<std::uint8_t, kBoxBytes> box{};
  constexpr std::size_t kNonce = crypto_secretbox_NONCEBYTES;
  kernel_random(std::span{box}.first(kNonce));
  const privacy::Key32 key = key_for(wrap, operator_, epoch);
  if (crypto_secretbox_easy(box.data() + kNonce, plain.bytes().data(), kPlainBytes, box.data(), key.bytes().data()) !=
      0)
    return Error{Errc::unavailable, "libsodium does not wrap the keys of " + epoch.to_string()};
  std::string text = std::string{kHead} + "operator " + operator_ + "\nepoch " + epoch.to_string() + "\nwrapped ";
  privacy::append_base64(box, text);
  return write_secret(ops_, wrapped_file(epoch), text + '\n');
}

Result<std::uint8_t> EpochStore::seal(privacy::Epoch epoch, std::string_view purpose, const privacy::Key32& key,
                                      const std::vector<privacy::Custodian>& custodians, std::uint8_t number) {
  const auto sealed = privacy::SealedKey::seal(key, operator_, epoch, custodians, kernel_random);
  if (!sealed) return sealed.error();
  // What is sealed there may be another key, which is still needed: only the same one is replaced.
  for (unsigned at = number == 0 ? 1 : number; at <= kNumbersMax; ++at) {
    const std::filesystem::path file = sealed_file(epoch, purpose, at);
    const auto there = read_small(ops_, file);
    if (there) {
      const auto other = privacy::SealedKey::parse(*there);
      if (!other || other->check != sealed->check) continue;
    } else if (there.error().code != Errc::not_found) {
      return there.error();
    }
    if (auto wrote = write_secret(ops_, file, sealed->to_text()); !wrote) return wrote.error();
    return static_cast<std::uint8_t>(at);
  }
  return Error{Errc::full, "there are " + std::to_string(kNumbersMax) + " sealed keys for " + std::string{purpose} +
                               " of " + epoch.to_string() + " in " + directory_.string() +
                               "; look why there are so many before you delete any"};
}

Result<bool> EpochStore::seal_for(privacy::Epoch epoch, const std::vector<privacy::Custodian>& custodians, Kept& kept,
                                  std::vector<std::string>& made) {
  if (custodians.empty()) return false;
  bool sealed = false, changed = false;
  // Whether a file of this number holds this key, sealed to these custodians.
  const auto good = [&](std::string_view purpose, unsigned number, const privacy::Key32* key) {
    const auto text = read_small(ops_, sealed_file(epoch, purpose, number));
    const auto found = text ? privacy::SealedKey::parse(*text) : Result<privacy::SealedKey>{text.error()};
    if (!found || !sealed_to(*found, custodians)) return false;
    if (key == nullptr) return true;
    const auto again = privacy::SealedKey::seal(*key, operator_, epoch, custodians, kernel_random);
    return again && again->check == found->check;
  };
  bool there = false;
  for (unsigned number = 1; number <= kNumbersMax && !there; ++number) {
    std::error_code ignored;
    if (!std::filesystem::exists(sealed_file(epoch, kPseudonyms, number), ignored)) break;
    there = good(kPseudonyms, number, &kept.pseudonyms);
  }
  if (!there) {
    const auto number = seal(epoch, kPseudonyms, kept.pseudonyms, custodians, 0);
    if (!number) return number.error();
    sealed = true;
  }
  if (kept.evidence_number == 0 || !good(kEvidence, kept.evidence_number, nullptr)) {
    // Its secret half was never kept, so that other custodians need another key.
    privacy::CustodianKeys pair = privacy::make_custodian_keys(kernel_random);
    const auto number = seal(epoch, kEvidence, pair.secret_key, custodians, 0);
    if (!number) return number.error();
    kept.evidence_number = *number;
    kept.evidence = pair.public_key;
    sealed = changed = true;
  }
  if (sealed) made.push_back(told("epoch-sealed", epoch, custodians));
  return changed;
}

Result<EpochSecrets> EpochStore::epoch(privacy::Epoch epoch, const privacy::Key32& wrap,
                                       const std::vector<privacy::Custodian>& custodians,
                                       std::vector<std::string>& made) {
  if (!privacy::sodium_ready()) return Error{Errc::unavailable, "libsodium cannot be set up: no keys can be made"};
  if (auto there = make_secret_directory(ops_, directory_); !there) return there.error();
  auto found = unwrap(epoch, wrap);
  const bool fresh = !found;
  if (fresh && found.error().code != Errc::not_found) return found.error();
  Kept kept;
  if (fresh)
    kept.pseudonyms = privacy::Key32::random(kernel_random);
  else
    kept = std::move(*found);
  std::vector<std::string> said;
  if (fresh) said.push_back(told("epoch", epoch, {}));
  // Sealed before it is used: a key that only we have could never be revealed.
  const auto changed = seal_for(epoch, custodians, kept, said);
  if (!changed) return changed.error();
  if (fresh || *changed)
    if (auto wrote = write_wrapped(epoch, kept, wrap); !wrote) return wrote.error();
  std::move(said.begin(), said.end(), std::back_inserter(made));
  EpochSecrets out;
  out.epoch = epoch;
  out.pseudonyms = std::move(kept.pseudonyms);
  if (!custodians.empty()) out.evidence = kept.evidence;
  return out;
}

Result<std::vector<privacy::Epoch>> EpochStore::wrapped() const {
  const auto names = names_in(directory_);
  if (!names) return names.error();
  std::vector<privacy::Epoch> out;
  for (const std::string_view name : *names) {
    if (!name.ends_with(kWrapped)) continue;
    if (const auto epoch = privacy::Epoch::parse(name.substr(0, name.size() - kWrapped.size()))) out.push_back(*epoch);
  }
  return out;
}

Result<> EpochStore::retire(Timestamp now, std::vector<std::string>& made) {
  const auto names = names_in(directory_);
  if (!names) return names.error();
  for (const std::string& name : *names)
    if (name.ends_with(".wrapped.tmp"))
      if (auto gone = destroy_file(ops_, directory_ / name); !gone) return gone;
  const auto epochs = wrapped();
  if (!epochs) return epochs.error();
  for (const privacy::Epoch epoch : *epochs) {
    if (now < epoch.next().begin() + kLateFor) continue;
    if (auto gone = destroy_file(ops_, wrapped_file(epoch)); !gone) return gone;
    made.push_back(told("epoch-deleted", epoch, {}));
  }
  return {};
}

Result<std::size_t> EpochStore::rewrap(const privacy::Key32& from, const privacy::Key32& to) {
  const auto epochs = wrapped();
  if (!epochs) return epochs.error();
  std::vector<Kept> all;
  for (const privacy::Epoch epoch : *epochs) {
    auto kept = unwrap(epoch, from);
    if (!kept) {
      // A run that was cut off had come past it.
      auto again = unwrap(epoch, to);
      if (!again) return kept.error();
      kept = std::move(again);
    }
    all.push_back(std::move(*kept));
  }
  for (std::size_t i = 0; i < all.size(); ++i)
    if (auto wrote = write_wrapped((*epochs)[i], all[i], to); !wrote) return wrote.error();
  return all.size();
}

Result<std::vector<SealedFile>> sealed_files(const std::filesystem::path& epochs) {
  const auto names = names_in(epochs);
  if (!names) return names.error();
  std::vector<std::pair<SealedFile, unsigned>> found;
  for (const std::string& name : *names) {
    SealedFile file;
    unsigned number = 0;
    if (!read_name(name, file, number)) continue;
    file.file = epochs / name;
    found.emplace_back(std::move(file), number);
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first.epoch, a.first.purpose, a.second) < std::tie(b.first.epoch, b.first.purpose, b.second);
  });
  std::vector<SealedFile> out;
  for (auto& [file, number] : found) out.push_back(std::move(file));
  return out;
}

}  // namespace nw::record
