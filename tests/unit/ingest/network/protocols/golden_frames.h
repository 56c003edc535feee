// Good messages of every protocol, written by hand from the specifications. The table test, each protocol's own tests
// and the fuzzers' seeds (tests/fuzz/seeds, written and checked by table_test.cpp) share them.
#pragma once

#include <cstdlib>
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

// Parts of frames, which tests put into frames of their own: "www.example.com", for reading the hex; a random of TLS; a
// certificate of P-256, C=CH, O=Example, Ltd, CN=plc.example, signed by itself, version 3 with names, valid for a year
// from 2026-11-28.
#define NW_WWW "03 777777 07 6578616d706c65 03 636f6d 00"
#define NW_TLS_RANDOM " 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f "
#define NW_CERTIFICATE_HEAD \
  "308201fd308201a3a00302010202020a1b300a06082a8648ce3d040302303a310b3009060355040613024348311530130603" \
  "55040a0c0c4578616d706c652c204c74643114301206035504030c0b706c632e6578616d706c6530"
#define NW_CERTIFICATE_TAIL \
  "1e170d3236313132383131323032375a170d3237313132383131323032375a303a310b300906035504061302434831153013" \
  "060355040a0c0c4578616d706c652c204c74643114301206035504030c0b706c632e6578616d706c653059301306072a8648" \
  "ce3d020106082a8648ce3d03010703420004fd78984a493146c19f2ae1476a39343aa8366dac07b0a66751525e6dcb474f02" \
  "e7fed4d0be2405f2c9a5a5142c370bf7893d2c3dbe04fdfc90e309aab5e796c9a38198308195301d0603551d0e04160414ff" \
  "b3e2e0172a28d8f9136b3cf3dc8c0413367d84301f0603551d23041830168014ffb3e2e0172a28d8f9136b3cf3dc8c041336" \
  "7d84303f0603551d1104383036820b706c632e6578616d706c65820d2a2e706c632e6578616d706c658704c0000207810961" \
  "406578616d706c65860775726e3a706c6330120603551d130101ff040830060101ff020100300a06082a8648ce3d04030203" \
  "48003045022100e13d186fe771e4460a2181317420a6ebac39bbadfe26a30a2ae75c2bf4032d56022077b8b3606e7eb798f3" \
  "22310c8fd184eb7bfe3ec004621421f2fe5b1f381c759b"

extern const std::span<const GoldenFrame> kGoldenFrames;  // golden_frames.cpp

// A protocol's golden frames, by name.
struct Golden {
  std::string_view protocol;

  const GoldenFrame& operator()(std::string_view name) const {
    for (const GoldenFrame& frame : kGoldenFrames)
      if (frame.protocol == protocol && frame.name == name) return frame;
    std::abort();  // a test's own mistake
  }
};

}  // namespace nw::network
