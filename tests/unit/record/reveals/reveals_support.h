// Three custodians, a month's keys that are sealed for them, and a request that needs both: what the tests of reveals
// share.
#pragma once

#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/ip.h"
#include "record/privacy/ipcrypt.h"
#include "record/privacy/pseudonym.h"
#include "record/privacy/token.h"
#include "record/reveals/approval.h"
#include "record/reveals/book.h"
#include "record/reveals/opening.h"

namespace nw::reveals::test {

inline Timestamp at(std::string_view rfc3339) { return *parse_rfc3339(rfc3339); }

// All different, the same in every run.
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : state_{seed} {}
  void operator()(std::span<std::uint8_t> out) {
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(mix64(state_++));
  }

 private:
  std::uint64_t state_;
};

constexpr std::string_view kAddress = "203.0.113.7", kUser = "alice";
constexpr const char* kAlert = "00112233445566778899aabbccddeeff";
inline const Timestamp kNow = at("2026-01-15T08:00:00Z");

// Keys, people and a request that is in order.
struct Scene {
  Numbers numbers{1};
  privacy::Epoch epoch{2026, 1};
  std::vector<privacy::CustodianKeys> keys;  // of three custodians
  std::vector<privacy::Custodian> custodians;
  privacy::Key32 pseudonyms, evidence;
  privacy::CustodianKeys requester, reveal;
  std::string pfx, tok;
  RequestDocument document;

  Scene() {
    for (const char* name : {"duty", "privacy", "operator"}) {
      keys.push_back(privacy::make_custodian_keys(numbers));
      custodians.push_back({name, "body of " + std::string{name}, keys.back().public_key});
    }
    pseudonyms = privacy::Key32::random(numbers);
    evidence = privacy::Key32::random(numbers);
    requester = privacy::make_custodian_keys(numbers);
    reveal = privacy::make_custodian_keys(numbers);
    const auto derived = privacy::EpochKeys::derive(pseudonyms, "cert-xx", epoch);
    auto cipher = privacy::Pfx::create(derived->pfx);
    IpAddress address;
    EXPECT_TRUE(IpAddress::parse_into(kAddress, address));
    pfx = privacy::Pseudonym{epoch, privacy::AddressClass::global4, cipher->encrypt(address)}.to_string();
    tok = privacy::Tokens{*derived}.of(privacy::TokenKind::user, kUser).to_string();
    Request& request = document.request;
    request.id = "RV-20260115-1a2b3c4d";
    request.case_id = "NW-2026-000001";
    request.purpose = "notify-victim";
    request.basis = "Act on network security, section 12";
    request.why = "to warn who is harmed";
    request.values = {pfx, tok};
    request.alerts = {kAlert};
    request.requester = {"R. Haddad", 1000, "desk/01"};
    request.requester_key = requester.public_key;
    request.reveal_key = reveal.public_key;
    request.asked = kNow;
    request.expires = kNow + std::chrono::hours{72};
    for (const auto& [key, purpose] : {std::pair{&pseudonyms, "pseudonyms"}, {&evidence, "evidence"}}) {
      auto sealed = privacy::SealedKey::seal(*key, "cert-xx", epoch, custodians, numbers);
      EXPECT_TRUE(sealed);
      request.keys.push_back({epoch, purpose, privacy::sha256({privacy::bytes_of(sealed->to_text())})});
      document.sealed.push_back(std::move(*sealed));
    }
  }

  // The file that custodian `number` makes, at a station of their own.
  std::string approval(std::size_t number, bool offline = false) {
    const Approver approver{{custodians[number].name, 1000, "station-" + std::to_string(number)}, offline, kNow};
    auto file = make_approval(document, keys[number], approver, numbers);
    EXPECT_TRUE(file) << file.error().what;
    return file ? *file : std::string{};
  }
  Approval opened(std::size_t number, bool offline = false) {
    auto approval = open_approval(this->approval(number, offline), reveal.secret_key);
    EXPECT_TRUE(approval) << approval.error().what;
    return std::move(*approval);
  }

  // The alert's clear values, as the twin of the evidence store has them: nonce and text.
  privacy::Nonce nonce{7};
  [[nodiscard]] std::string clear_values() const { return "{\"" + tok + "\":\"" + std::string{kUser} + "\"}"; }
  [[nodiscard]] SealedValues sealed_values() const {
    return {kAlert, privacy::commitment(nonce, privacy::bytes_of(clear_values())), clear_values()};
  }
  // Opens what sealed_values() gave, with the evidence key only.
  Result<record::OpenedEvidence> open_object(std::string_view sealed, const privacy::Key32& secret) const {
    if (!privacy::same_key(secret, evidence)) return Error{Errc::no_permission, "another key"};
    record::OpenedEvidence out;
    out.object.alert = kAlert;
    out.nonce = nonce;
    out.bytes = sealed;
    return out;
  }
};

}  // namespace nw::reveals::test
