// Fingerprints of TLS hellos: JA3 and JA3S (Salesforce, 2017), JA4 (FoxIO, 2023). They name an implementation, not a
// person or an intent; anybody can imitate another's.
#pragma once

#include <string>

#include "ingest/network/protocols/tls_hello.h"

namespace nw::network {

// MD5 of "version,ciphers,extensions,groups,point formats", numbers in decimal with '-' between, reserved ones left
// out.
std::string ja3(const ClientHello& hello);
// MD5 of "version,cipher,extensions".
std::string ja3s(const ServerHello& hello);
// `transport` is 't' over TCP, 'q' in QUIC, 'd' for DTLS.
std::string ja4(const ClientHello& hello, char transport);

// Lower case hexadecimal; empty when OpenSSL refuses the algorithm (MD5 under FIPS).
std::string md5_hex(Bytes bytes);
std::string sha256_hex(Bytes bytes);

}  // namespace nw::network
