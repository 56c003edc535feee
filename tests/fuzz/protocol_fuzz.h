// Any bytes through one protocol's probe and analyzer.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/byte_reader.h"

namespace nw::network {

// Each piece is a frame for a protocol right over Ethernet. The first byte says how to feed the rest: bit 0 TCP, bit 1
// from the responder, bit 2 both directions in turn, bits 3 to 7 the size of a piece (0: all at once). Over TCP a gap
// comes then, and all once more. FakeContext and FakeStream abort when an analyzer consumes more than it was given or
// mixes up its events. `name` is the same in every call of a program. Returns 0, for libFuzzer.
int fuzz_protocol(std::string_view name, Bytes input);

}  // namespace nw::network
