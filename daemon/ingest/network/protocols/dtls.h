// TLS over datagrams: DTLS 1.0 (RFC 4347), 1.2 (RFC 6347), 1.3 (RFC 9147). Part of
// the protocol `ssl`, and of STUN, whose ports it shares.
#pragma once

#include <memory>

#include "ingest/network/protocols/protocol.h"

namespace nw::network {

// `ssl_type` and `x509_type`: positions of the two types in the list of the protocol that it is made for.
std::unique_ptr<Analyzer> make_dtls(std::size_t ssl_type, std::size_t x509_type);
// `yes` to a record in the clear with a part of a handshake message; never unsure.
Verdict probe_dtls(Bytes first);

}  // namespace nw::network
