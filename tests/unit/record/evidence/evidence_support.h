// What the tests of the evidence store share: a key pair, ids of alerts, and a store in a directory.
#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <string>

#include "record/evidence/evidence.h"
#include "unit/record/support.h"

namespace nw::record::test {

constexpr privacy::Epoch kJanuary{2026, 1};

inline const privacy::CustodianKeys& evidence_keys() {
  static const privacy::CustodianKeys keys = privacy::make_custodian_keys([](std::span<std::uint8_t> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(i * 7 + 1);
  });
  return keys;
}

// 32 hex digits that say the number.
inline std::string alert_number(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  return "ab" + std::string(30 - digits.size(), '0') + digits;
}

inline privacy::Nonce nonce_number(std::uint64_t number) {
  privacy::Nonce nonce{};
  for (std::size_t i = 0; i < nonce.size(); ++i) nonce[i] = static_cast<std::uint8_t>(number * 31 + i);
  return nonce;
}

inline std::string content_number(std::uint64_t number, std::size_t size = 100) {
  std::string out = "clear content of alert " + std::to_string(number) + ' ';
  while (out.size() < size) out += static_cast<char>('a' + (out.size() * 11 + number) % 26);
  return out;
}

inline std::unique_ptr<EvidenceStore> store_in(const EvidenceStore::Options& options, FileOps& ops = system_files()) {
  auto store = EvidenceStore::open(options, ops);
  EXPECT_TRUE(store) << store.error().what;
  if (!store) return nullptr;
  (*store)->use(kJanuary, evidence_keys().public_key);
  return std::move(*store);
}

inline EvidenceStore::Options small_store(const std::filesystem::path& directory) {
  EvidenceStore::Options options;
  options.directory = directory;
  options.segment_bytes = 900;
  return options;
}

inline Result<> put_number(EvidenceStore& store, std::uint64_t number, Timestamp when, std::size_t size = 100) {
  return store.put(alert_number(number), EvidenceKind::values, nonce_number(number), content_number(number, size),
                   when);
}

// What was put as `number` can be read and opened.
inline bool opens_as_put(const EvidenceStore& store, std::uint64_t number, std::size_t size = 100) {
  const auto sealed = store.read(alert_number(number), EvidenceKind::values);
  if (!sealed) return false;
  const auto opened = open_evidence(*sealed, evidence_keys().public_key, evidence_keys().secret_key);
  EXPECT_TRUE(opened) << number << ": " << opened.error().what;
  return opened && opened->bytes == content_number(number, size) && opened->nonce == nonce_number(number) &&
         opened->object.alert == alert_number(number);
}

inline std::vector<std::filesystem::path> files_in(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> out;
  for (const auto& file : std::filesystem::directory_iterator{directory})
    if (file.path().extension() == ".evidence") out.push_back(file.path());
  std::sort(out.begin(), out.end());
  return out;
}

// Whether any file of the store holds these bytes.
inline bool on_disk(const std::filesystem::path& directory, const std::string& bytes) {
  for (const auto& file : files_in(directory))
    if (read_whole(file).find(bytes) != std::string::npos) return true;
  return false;
}

}  // namespace nw::record::test
