// The bearer tokens that a listener takes: a file with one a line. It is read again when it has changed.
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <vector>

#include "base/result.h"

namespace nw::logs {

class TokenFile {
 public:
  // Errors: not_found, no_permission, invalid_argument; each with the file and the fix.
  static Result<std::unique_ptr<TokenFile>> open(const std::string& path);

  // Whether an Authorization field (RFC 9110 section 11.6.2) carries one of the tokens: as a bearer token (RFC 6750),
  // as the key of Elasticsearch's `ApiKey base64(id:key)`, or as the password of Basic (RFC 7617). Takes as long
  // whichever token it is, and whether it is one. Looks at the file, at most once a second.
  bool allows(std::string_view authorization);

 private:
  using Digest = std::array<unsigned char, 32>;  // SHA-256: all of one length, so that comparing tells nothing of it

  explicit TokenFile(std::string path) : path_{std::move(path)} {}
  Result<> read();
  void look();

  std::string path_;
  std::vector<Digest> tokens_;
  struct stat seen_ {};
  std::chrono::steady_clock::time_point looked_;
  bool told_ = false;
};

}  // namespace nw::logs
