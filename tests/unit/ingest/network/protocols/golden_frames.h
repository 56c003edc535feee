// Good messages of every protocol, written by hand from the specifications. The table test, each protocol's own tests
// and the fuzzers' seeds (tests/fuzz/seeds, written and checked by table_test.cpp) share them.
#pragma once

#include <span>
#include <string_view>

#include "ingest/network/protocols/protocol.h"

namespace nw::network {

// Of a protocol right over Ethernet `hex` is a whole frame, and the transport and the direction mean nothing.
struct GoldenFrame {
  std::string_view protocol, name;
  Transport transport;
  Direction direction;
  std::string_view hex;
};

// "www.example.com", for reading the hex.
#define NW_WWW "03 777777 07 6578616d706c65 03 636f6d 00"

extern const std::span<const GoldenFrame> kGoldenFrames;  // golden_frames.cpp

}  // namespace nw::network
