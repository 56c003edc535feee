// What the tests of record/merkle share: hex, and the ledger of five entries whose hashes, proofs and signatures Go's
// golang.org/x/mod gave too.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "record/merkle/note.h"
#include "record/merkle/proofs.h"

namespace nw::merkle::test {

inline std::string unhex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) out += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  return out;
}

// 32 bytes that count up from `first`.
inline std::string counting_seed(int first) {
  std::string out;
  for (int i = 0; i < 32; ++i) out += static_cast<char>(first + i);
  return out;
}

inline constexpr std::string_view kOrigin = "normwatch.example/ledger/demo-01";
inline constexpr std::string_view kLogKey =
    "normwatch.example/ledger/demo-01+e3b9c313+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
inline constexpr std::string_view kWitnessName = "witness.example/w1";
inline constexpr std::string_view kWitnessKey =
    "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X";
inline constexpr std::uint64_t kCosignedAt = 1'768'471'200;

inline SignerKey log_signer() { return *SignerKey::make(kOrigin, KeyType::note, counting_seed(0)); }
inline SignerKey witness_signer() { return *SignerKey::make(kWitnessName, KeyType::cosignature, counting_seed(32)); }
// A witness with a key of its own for each number.
inline SignerKey witness_signer(int number) {
  return *SignerKey::make("witness.example/n" + std::to_string(number), KeyType::cosignature,
                          counting_seed(64 + number));
}

inline const std::vector<std::string> kEntries{
    R"({"v":1,"type":"open","origin":"normwatch.example/ledger/demo-01","t":"2026-01-15T08:00:00Z"})",
    R"({"v":1,"type":"alert","t":"2026-01-15T08:00:05Z","rule":"NW-F-001","norm":"13f","asset":"grid-ss-07"})",
    R"({"v":1,"type":"alert","t":"2026-01-15T08:00:09Z","rule":"NW-F-003","norm":"13f","asset":"grid-ss-07"})",
    R"({"v":1,"type":"regime","t":"2026-01-15T09:00:00Z","from":"peacetime","to":"peacetime","by":["a","b"]})",
    R"({"v":1,"type":"reveal","t":"2026-01-15T10:00:00Z","case":"2026-0001","by":["a","c"]})"};

inline constexpr std::array<std::string_view, 5> kLeaves{
    "71d2313363b5842328da5ba93a74c50d1ef463a526762092aab52529512650c1",
    "e54b01478142351f6d4b196566b27ef8282cf4c6858df37c6224b04d9a532d52",
    "c136462604b0d815f294298c728c5e7345a39cef8021b61fbec053d33bd2e5e6",
    "4a20bd78d00e238ca73f8a6b3b400eb19b44de66d073d6a4e1485b31b168834c",
    "a021fb1174896bbab0274bf0a231214384256bc0c1686e524cdad2ffb50abb4a"};

inline constexpr std::array<std::string_view, 5> kRoots{
    "71d2313363b5842328da5ba93a74c50d1ef463a526762092aab52529512650c1",
    "ec7c81acfa6c94549ebe0b4009e7d6662628416dc233556774ab859d738b0554",
    "629a57ec0114ae19ab394e7f4abf6baeae1494e2647bd2ec3788a4de00a6e245",
    "195d78308c015b6a1f276084cc93a95f6c9b6274c762151cc2fe9e1ddb0d7b59",
    "c88fdccdc8713346f7769808341f531f63923a0f8284138a1c9a561a077f61b2"};

inline constexpr std::string_view kCheckpoint5 =
    "normwatch.example/ledger/demo-01\n"
    "5\n"
    "yI/czchxM0b3dpgINB9TH2OSOg+ChBOKHJpWGgd/YbI=\n"
    "\n"
    "\u2014 normwatch.example/ledger/demo-01 "
    "47nDE6dBAEApQX83hdWbxpuY41W20QyxQrPZQ1J2tgy1j/Z37Yorp++P92lRL2aqRD3QogodpB9DFa1kXMPi02eAQQM=\n"
    "\u2014 witness.example/w1 "
    "IDJKvgAAAABpaLqgQjUmcTih6nZs9oH5sHZ4eT5EJpfwts0YcX+wVIhEmcqT1NiLwNi2sH0jlq+LVIkpQ+a2v85Zxs+s3T4nYXskDQ==\n";
inline constexpr std::string_view kCheckpoint3 =
    "normwatch.example/ledger/demo-01\n"
    "3\n"
    "YppX7AEUrhmrOU5/Sr9rrq4UlOJke9LsN4ik3gCm4kU=\n"
    "\n"
    "\u2014 normwatch.example/ledger/demo-01 "
    "47nDE+tLbxsqjhMQdER+vlFoi/73P4l0d7CNSd0/aECFVNchvhJu2uWmx2SDlfF0NgdVZEyiITQjYIDTPmFVsuH0hQ4=\n";

// The definition of RFC 6962, section 2.1, word for word: what the library is compared with.
inline Hash definition_root(const std::vector<Hash>& leaves, std::size_t begin, std::size_t end) {
  if (begin == end) return empty_root();
  if (end - begin == 1) return leaves[begin];
  std::size_t k = 1;
  while (2 * k < end - begin) k *= 2;
  return node_hash(definition_root(leaves, begin, begin + k), definition_root(leaves, begin + k, end));
}

// The nodes of a tree that is in memory as its leaves.
class MemoryTree {
 public:
  explicit MemoryTree(std::vector<Hash> leaves) : leaves_{std::move(leaves)} {}
  static MemoryTree numbered(std::size_t size) {
    std::vector<Hash> leaves;
    for (std::size_t i = 0; i < size; ++i) leaves.push_back(leaf_hash("entry " + std::to_string(i)));
    return MemoryTree{std::move(leaves)};
  }
  static MemoryTree worked() {
    std::vector<Hash> leaves;
    for (const std::string& entry : kEntries) leaves.push_back(leaf_hash(entry));
    return MemoryTree{std::move(leaves)};
  }

  [[nodiscard]] const std::vector<Hash>& leaves() const { return leaves_; }
  [[nodiscard]] Hash root(std::size_t size) const { return definition_root(leaves_, 0, size); }
  Result<Hash> operator()(NodeId node) const {
    const std::size_t begin = node.index << node.level, end = (node.index + 1) << node.level;
    if (end > leaves_.size()) return Error{Errc::not_found, "the test's tree has no such node"};
    return definition_root(leaves_, begin, end);
  }

 private:
  std::vector<Hash> leaves_;
};

}  // namespace nw::merkle::test
