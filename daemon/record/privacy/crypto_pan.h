// Crypto-PAn (Xu, Fan, Ammar, Moon 2002): only to read data that others pseudonymised with it. It encrypts one address
// in as many steps as it has bits, and tells IPv4 from IPv6 by nothing in the result; what is stored here is Pfx.
#pragma once

#include "base/ip.h"
#include "record/privacy/ipcrypt.h"

namespace nw::privacy {

class CryptoPan {
 public:
  // The first half is the AES key, the second the padding before it is encrypted.
  explicit CryptoPan(const Key32& key);
  // What the other side made of an address: to look one up in their data.
  [[nodiscard]] IpAddress encrypt(const IpAddress& address) noexcept;
  [[nodiscard]] IpAddress decrypt(const IpAddress& pseudonym) noexcept;

 private:
  enum class Known { plain, pseudonym };
  [[nodiscard]] IpAddress run(const IpAddress& in, Known known) noexcept;
  BlockCipher cipher_;
  Secret<16> pad_;
};

}  // namespace nw::privacy
