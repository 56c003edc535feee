// NTLM ([MS-NLMP] 2.2.1), whoever carries it: SMB, DCE/RPC, HTTP, LDAP, ... One `ntlm` event per authentication, as in
// Zeek's ntlm.log.
// | "NTLMSSP\0" | type u32 | ... |: 1 negotiate, 2 challenge (the server's names), 3 authenticate (the user's).
// A field of a message is | length u16 | room u16 | offset u32 |, from the message's first byte. Hashes are not kept.
//
// To use it: the carrier's TypeSpec {"ntlm", ..., kNtlmFields}, an NtlmExchange per authentication, every security
// token into take(), and tell() when the outcome is known or the flow ends.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "ingest/network/protocols/protocol.h"

namespace nw::network {

inline constexpr auto kNtlmFields = std::to_array<event::FieldSpec>({
    {"username", "text", "the user; absent when anonymous"},
    {"hostname", "text", "the client's computer, as it names itself"},
    {"domainname", "text", "the domain that the client says the user is of"},
    {"server_nb_computer_name", "text", "NetBIOS name of the server"},
    {"server_dns_computer_name", "text", "DNS name of the server"},
    {"server_tree_name", "text", "DNS name of the server's forest"},
    {"success", "boolean", "the server let the user in; absent when its answer was not seen"},
    {"ntlm_version", "text", "NTLMv1, NTLMv2 or anonymous, by what the client proved (ours)"},
});
inline constexpr std::array<std::string_view, 1> kNtlmService{"ntlm"};
inline constexpr event::TypeSpec kNtlmType{"ntlm", "normwatch", kNtlmService, kNtlmService, kNtlmFields, false};

// The mechanism's token out of SPNEGO (RFC 4178) in GSS-API's wrapping or without; `blob` itself when it is bare.
Bytes spnego_token(Bytes blob) noexcept;

class NtlmExchange {
 public:
  // A security token, in SPNEGO or bare. What is not NTLM is passed over; `bad_value` when it says it is and is not.
  std::optional<DecodeError> take(Bytes token);
  // The user's answer as carriers have it that know NTLM without its messages.
  void answered(std::string username, std::string domain, std::size_t proof_bytes);
  // A challenge or the user's answer was seen and not told.
  [[nodiscard]] bool open() const noexcept { return challenged_ || authenticated_; }
  // The user's answer was seen, and not told.
  [[nodiscard]] bool authenticated() const noexcept { return authenticated_; }
  // Writes what is known into an event of kNtlmFields and forgets it.
  void write(EventWriter& out, std::optional<bool> success);

 private:
  std::optional<DecodeError> challenge(Bytes message);
  std::optional<DecodeError> authenticate(Bytes message);

  std::string username_, hostname_, domain_, server_netbios_, server_dns_, server_tree_;
  std::string_view version_;
  bool challenged_ = false, authenticated_ = false;
};

}  // namespace nw::network
