#include "record/merkle/hash.h"

#include <algorithm>
#include <bit>
#include <initializer_list>
#include <memory>
#include <openssl/evp.h>

#include "base/byte_reader.h"
#include "base/check.h"
#include "record/merkle/base64.h"

namespace nw::merkle {
namespace {

// The algorithm is fetched once for each thread: OpenSSL 3 looks it up anew for every one-shot digest, which takes
// longer than the hash of a node.
class Sha256 {
 public:
  Sha256() : algorithm_{EVP_MD_fetch(nullptr, "SHA256", nullptr)}, context_{EVP_MD_CTX_new()} {
    NW_CHECK(algorithm_ != nullptr && context_ != nullptr);
  }
  Hash operator()(std::initializer_list<std::string_view> parts) {
    Hash out{};
    unsigned length = 0;
    bool good = EVP_DigestInit_ex2(context_.get(), algorithm_.get(), nullptr) == 1;
    for (const std::string_view part : parts)
      good = good && EVP_DigestUpdate(context_.get(), part.data(), part.size()) == 1;
    good = good && EVP_DigestFinal_ex(context_.get(), out.data(), &length) == 1;
    NW_CHECK(good && length == out.size());
    return out;
  }

 private:
  struct Free {
    void operator()(EVP_MD* algorithm) const { EVP_MD_free(algorithm); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD, Free> algorithm_;
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

Hash digest(std::initializer_list<std::string_view> parts) {
  thread_local Sha256 sha256;
  return sha256(parts);
}

constexpr std::string_view kLeafPrefix{"\0", 1};
constexpr std::string_view kNodePrefix{"\1", 1};

}  // namespace

Hash sha256(std::string_view bytes) { return digest({bytes}); }
Hash leaf_hash(std::string_view entry) { return digest({kLeafPrefix, entry}); }
Hash node_hash(const Hash& left, const Hash& right) { return digest({kNodePrefix, as_text(left), as_text(right)}); }
Hash empty_root() { return digest({}); }

std::string_view as_text(const Hash& hash) { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }

std::string to_hex(const Hash& hash) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t octet : hash) {
    out += kDigits[octet >> 4U];
    out += kDigits[octet & 15U];
  }
  return out;
}

std::string to_base64(const Hash& hash) { return encode_base64(as_text(hash)); }

Result<Hash> hash_from_bytes(std::string_view bytes) {
  if (bytes.size() != kHashBytes)
    return Error{Errc::malformed, "a SHA-256 hash has 32 bytes, this one has " + std::to_string(bytes.size())};
  Hash out{};
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

Result<Hash> hash_from_base64(std::string_view text) {
  const auto bytes = decode_base64(text);
  if (!bytes) return Error{Errc::malformed, "no Base64 (RFC 4648 section 4, with padding)"};
  return hash_from_bytes(*bytes);
}

void CompactRange::append(const Hash& leaf, NodeSink sink) {
  NW_CHECK(size_ < kTreeSizeMax);
  Hash hash = leaf;
  NodeId node{0, size_};
  sink(node, hash);
  // Each bit that is set at the end of the size is a perfect tree that finds its equal, as in a binary counter.
  for (; (node.index & 1U) != 0; node.index >>= 1U) {
    hash = node_hash(peaks_.back(), hash);
    peaks_.pop_back();
    ++node.level;
    sink(NodeId{node.level, node.index >> 1U}, hash);
  }
  peaks_.push_back(hash);
  ++size_;
}

void CompactRange::append(const Hash& leaf) {
  append(leaf, [](NodeId, const Hash&) {});
}

Hash CompactRange::root() const {
  if (peaks_.empty()) return empty_root();
  Hash out = peaks_.back();
  for (std::size_t i = peaks_.size() - 1; i-- > 0;) out = node_hash(peaks_[i], out);
  return out;
}

std::string CompactRange::save() const {
  std::string out;
  for (unsigned shift = 64; shift > 0; shift -= 8) out += static_cast<char>(size_ >> (shift - 8) & 0xffU);
  for (const Hash& peak : peaks_) out += as_text(peak);
  return out;
}

Result<CompactRange> CompactRange::restore(std::string_view saved) {
  ByteReader reader{Bytes{reinterpret_cast<const std::uint8_t*>(saved.data()), saved.size()}};
  CompactRange out;
  out.size_ = reader.u64be();
  const auto count = static_cast<std::size_t>(std::popcount(out.size_));
  if (!reader.ok() || out.size_ > kTreeSizeMax || reader.rest().size() != count * kHashBytes)
    return Error{Errc::malformed, "a saved tree of " + std::to_string(out.size_) + " entries has " +
                                      std::to_string(8 + count * kHashBytes) + " bytes, this one has " +
                                      std::to_string(saved.size())};
  for (std::size_t i = 0; i < count; ++i) {
    const Bytes peak = reader.bytes(kHashBytes);
    std::copy(peak.begin(), peak.end(), out.peaks_.emplace_back().begin());
  }
  return out;
}

}  // namespace nw::merkle
