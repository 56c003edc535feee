// What a file is, by its first bytes: a few dozen signatures, named as Zeek names them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/byte_reader.h"

namespace nw::network {

// "application/pdf", "text/html", ...; "text/plain" for text that is nothing else; empty when unknown or `first` is.
std::string_view sniff_mime(Bytes first);

// The first bytes of a body that comes in pieces. They are forgotten as soon as they were judged.
class MimeSniffer {
 public:
  static constexpr std::size_t kBytes = 128;

  void add(Bytes bytes);
  // Bytes are missing: what came before them is all there is to judge.
  void skip();
  // The judgement on what came so far; the sniffer is as new afterwards.
  std::string_view take();

 private:
  void judge();

  std::array<std::uint8_t, kBytes> first_{};
  std::size_t held_ = 0;
  bool judged_ = false;
  std::string_view mime_;
};

}  // namespace nw::network
