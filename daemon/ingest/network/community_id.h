// Community ID v1: the flow's name in other tools. Specification: github.com/corelight/community-id-spec.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "ingest/network/flow_key.h"

struct evp_md_ctx_st;
struct evp_md_st;

namespace nw::network {

// "1:" and the Base64 of a SHA-1, and the NUL that OpenSSL writes behind it.
using CommunityId = std::array<char, 31>;

inline std::string_view text(const CommunityId& id) noexcept { return {id.data(), id.size() - 1}; }

// Keeps OpenSSL's context, which costs more to make than a digest. One per worker.
class CommunityIdHasher {
 public:
  explicit CommunityIdHasher(std::uint16_t seed = 0);
  ~CommunityIdHasher();
  CommunityIdHasher(const CommunityIdHasher&) = delete;
  CommunityIdHasher& operator=(const CommunityIdHasher&) = delete;

  // False when this OpenSSL has no SHA-1 (a strict FIPS provider): the field is then absent.
  bool make(const FlowKey& key, CommunityId& out) noexcept;

 private:
  evp_md_ctx_st* context_;
  evp_md_st* sha1_;
  std::uint16_t seed_;
};

}  // namespace nw::network
