// The fields of `x509` events: a certificate as it was seen, with the names of Zeek's x509.log.
#pragma once

#include <array>

#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/x509_certificate.h"

namespace nw::network {

inline constexpr auto kX509Fields = std::to_array<event::FieldSpec>({
    {"fingerprint", "text", "SHA-256 of the certificate, as in `cert_chain_fps` of `ssl`"},
    {"certificate.version", "integer", "3 for all with extensions"},
    {"certificate.serial", "text", "serial number, hexadecimal in upper case"},
    {"certificate.subject", "text", "whom it names: CN=plc.example,O=Example,C=CH"},
    {"certificate.issuer", "text", "who signed it"},
    {"certificate.not_valid_before", "time", "first second of its validity"},
    {"certificate.not_valid_after", "time", "last second of its validity; 2262-04-11 for anything later"},
    {"certificate.key_alg", "text", "algorithm of its key: rsaEncryption, id-ecPublicKey, ..."},
    {"certificate.sig_alg", "text", "algorithm of its signature: sha256WithRSAEncryption, ..."},
    {"certificate.key_type", "text", "rsa, dsa, ecdsa, ed25519 or ed448"},
    {"certificate.key_length", "integer", "bits of its key"},
    {"certificate.exponent", "text", "public exponent of an RSA key"},
    {"certificate.curve", "text", "curve of an elliptic key: prime256v1, ...; absent when its numbers are written out"},
    {"san.dns", "list of text", "host names that it names besides the subject"},
    {"san.uri", "list of text", "URIs"},
    {"san.email", "list of text", "mail addresses"},
    {"san.ip", "list of address", "IP addresses"},
    {"basic_constraints.ca", "boolean", "it may sign other certificates"},
    {"basic_constraints.path_len", "integer", "how many certificates may stand between it and a host's"},
    {"host_cert", "boolean", "the first of its chain"},
    {"client_cert", "boolean", "the client sent it"},
    {"certificate.days_left", "integer", "whole days until its validity ends; negative: days since (ours)"},
    {"certificate.age_days", "integer", "whole days since its validity began; negative: days until then (ours)"},
});

struct CertificateRole {
  bool first_of_chain = false, of_client = false;
};

// Writes into an event of kX509Fields. `limit` when some names were left out. `now`: when it was seen.
std::optional<DecodeError> write_certificate(EventWriter& out, const Certificate& certificate, CertificateRole role,
                                             Timestamp now);
// An event of the protocol's `type`-th type, which is of kX509Fields, if anyone wants it. The digest is made when there
// is none yet.
void tell_certificate(Bytes der, std::string_view digest, CertificateRole role, std::size_t type, Context& context);

}  // namespace nw::network
