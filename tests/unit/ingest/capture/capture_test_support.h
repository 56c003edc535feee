// Capture files made here, byte by byte, and packed by the libraries.
#pragma once

#include <array>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <string>
#include <vector>
#include <zlib.h>
#include <zstd.h>

#include "ingest/capture/packet_source.h"
#include "source_directory.h"

namespace nw::capture {

inline void put(std::string& out, std::uint64_t value, std::size_t bytes, bool big = false) {
  for (std::size_t i = 0; i < bytes; ++i)
    out += static_cast<char>(static_cast<unsigned char>(value >> 8 * (big ? bytes - 1 - i : i)));
}

// draft-ietf-opsawg-pcap: magic, version 2.4, two zeros, snaplen, link type.
inline std::string pcap_header(std::uint32_t magic = 0xa1b2c3d4, std::uint32_t link = 1, bool big = false) {
  std::string out;
  put(out, magic, 4, big);
  put(out, 2, 2, big);
  put(out, 4, 2, big);
  put(out, 0, 8, big);
  put(out, 65535, 4, big);
  put(out, link, 4, big);
  return out;
}
inline std::string pcap_packet(std::uint32_t seconds, std::uint32_t fraction, const std::string& data,
                               std::size_t wire = 0, bool big = false) {
  std::string out;
  put(out, seconds, 4, big);
  put(out, fraction, 4, big);
  put(out, data.size(), 4, big);
  put(out, wire == 0 ? data.size() : wire, 4, big);
  return out + data;
}

// draft-ietf-opsawg-pcapng: a block is type, length, body padded to 4 bytes, length again.
inline std::string ng_block(std::uint32_t type, std::string body, bool big = false) {
  body.resize((body.size() + 3) / 4 * 4);
  std::string out;
  put(out, type, 4, big);
  put(out, body.size() + 12, 4, big);
  out += body;
  put(out, body.size() + 12, 4, big);
  return out;
}
inline std::string ng_section(bool big = false, std::uint16_t major = 1) {
  std::string body;
  put(body, 0x1a2b3c4d, 4, big);
  put(body, major, 2, big);
  put(body, 0, 2, big);
  put(body, UINT64_MAX, 8, big);
  return ng_block(0x0a0d0d0a, body, big);
}
inline std::string ng_option(std::uint16_t code, std::string value, bool big = false) {
  std::string out;
  put(out, code, 2, big);
  put(out, value.size(), 2, big);
  value.resize((value.size() + 3) / 4 * 4);
  return out + value;
}
// With if_tsresol 9, which is nanoseconds, unless `options` say otherwise.
inline std::string ng_interface(std::uint16_t link, std::uint32_t snapshot_bytes = 65535,
                                const std::string& options = ng_option(9, "\x09"), bool big = false) {
  std::string body;
  put(body, link, 2, big);
  put(body, 0, 2, big);
  put(body, snapshot_bytes, 4, big);
  return ng_block(1, body + options, big);
}
inline std::string ng_packet(std::uint64_t time, const std::string& data, std::uint32_t interface = 0,
                             bool big = false) {
  std::string body;
  put(body, interface, 4, big);
  put(body, time >> 32, 4, big);
  put(body, time & 0xffffffff, 4, big);
  put(body, data.size(), 4, big);
  put(body, data.size(), 4, big);
  return ng_block(6, body + data, big);
}

inline std::string gzip(const std::string& in) {
  z_stream state{};
  EXPECT_EQ(deflateInit2(&state, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&state, in.size()) + 64, '\0');
  state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
  state.avail_in = static_cast<uInt>(in.size());
  state.next_out = reinterpret_cast<Bytef*>(out.data());
  state.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&state, Z_FINISH), Z_STREAM_END);
  out.resize(state.total_out);
  deflateEnd(&state);
  return out;
}
// With a checksum, as the zstd program writes it.
inline std::string zstd(const std::string& in) {
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  (void)ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  std::string out(ZSTD_compressBound(in.size()) + 64, '\0');
  out.resize(ZSTD_compress2(context, out.data(), out.size(), in.data(), in.size()));
  ZSTD_freeCCtx(context);
  return out;
}

struct Seed {
  const char* name;
  std::string content;
};
// The seeds of a fuzz target are these; NW_UPDATE_GOLDEN=1 rewrites them.
inline void expect_seeds(const std::string& target, const std::vector<Seed>& seeds) {
  const std::filesystem::path folder = std::filesystem::path{source_directory()} / "tests/fuzz/seeds" / target;
  for (const Seed& seed : seeds) {
    if (std::getenv("NW_UPDATE_GOLDEN") != nullptr) {
      std::filesystem::create_directories(folder);
      std::ofstream{folder / seed.name, std::ios::binary} << seed.content;
    }
    std::ifstream file{folder / seed.name, std::ios::binary};
    const std::string there{std::istreambuf_iterator<char>{file}, {}};
    EXPECT_TRUE(there == seed.content) << seed.name << " is missing or old: NW_UPDATE_GOLDEN=1 writes it";
  }
}

class TempDir {
 public:
  TempDir() {
    std::string name = (std::filesystem::temp_directory_path() / "nw-capture-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  std::string file(const std::string& name, const std::string& content) {
    const std::string path = (path_ / name).string();
    std::ofstream{path, std::ios::binary | std::ios::trunc} << content;
    return path;
  }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

struct Kept {
  std::string data;
  std::uint32_t wire_bytes;
  std::string time;
  int link_type;
};

// Everything that a source gives, and the error it ends with (empty: a clean end).
struct Drained {
  std::vector<Kept> packets;
  std::string error;
};
inline Drained drain(PacketSource& source, std::size_t batch = 3) {
  Drained out;
  while (!source.at_end()) {
    const auto got = source.read(batch, [&](const Packet& p) {
      out.packets.push_back({std::string{reinterpret_cast<const char*>(p.data.data()), p.data.size()}, p.wire_bytes,
                             to_rfc3339(p.time, 9), p.link_type});
    });
    if (!got) {
      out.error = got.error().what;
      EXPECT_TRUE(source.at_end());
      return out;
    }
    EXPECT_LE(*got, batch);
  }
  return out;
}

}  // namespace nw::capture
