#include "ingest/capture/fan_out.h"

#include <cstdint>

namespace nw::capture {
namespace {

constexpr std::uint16_t kIpv4 = 0x0800, kIpv6 = 0x86dd, kVlan = 0x8100, kServiceVlan = 0x88a8, kPppoe = 0x8864;
constexpr std::uint16_t kPppIpv4 = 0x0021, kPppIpv6 = 0x0057;

constexpr sock_filter statement(unsigned code, std::uint32_t k) noexcept {
  return {static_cast<std::uint16_t>(code), 0, 0, k};
}
// Goes on if the accumulator is `k`, else skips `otherwise` statements.
constexpr sock_filter unless(std::uint32_t k, std::size_t otherwise) noexcept {
  return {static_cast<std::uint16_t>(BPF_JMP | BPF_JEQ | BPF_K), 0, static_cast<std::uint8_t>(otherwise), k};
}
constexpr std::uint32_t network(std::uint32_t offset) noexcept {
  return static_cast<std::uint32_t>(SKF_NET_OFF) + offset;
}

using Program = std::vector<sock_filter>;

void append(Program& to, const Program& more) { to.insert(to.end(), more.begin(), more.end()); }

// The answer is the xor of `words` words from `first` of the IP header, which lies `ip` bytes into the payload of the
// frame. (Multiplied, for neighbours' addresses differ in few bits.)
Program hash_words(std::uint32_t ip, std::uint32_t first, std::uint32_t words) {
  Program out;
  for (std::uint32_t i = 0; i < words; ++i) {
    if (i != 0) out.push_back(statement(BPF_MISC | BPF_TAX, 0));
    out.push_back(statement(BPF_LD | BPF_W | BPF_ABS, network(ip + first + 4 * i)));
    if (i != 0) out.push_back(statement(BPF_ALU | BPF_XOR | BPF_X, 0));
  }
  constexpr std::uint32_t kGoldenRatio = 0x9e3779b1;
  out.push_back(statement(BPF_ALU | BPF_MUL | BPF_K, kGoldenRatio));
  out.push_back(statement(BPF_ALU | BPF_RSH | BPF_K, 16));
  out.push_back(statement(BPF_RET | BPF_A, 0));
  return out;
}

// With the type of what follows in the accumulator, and IP `ip` bytes into the payload. Else goes on behind it.
void append_ip(Program& to, std::uint32_t ip, std::uint16_t type4, std::uint16_t type6) {
  const Program four = hash_words(ip, 12, 2), six = hash_words(ip, 8, 8);
  to.push_back(unless(type4, four.size()));
  append(to, four);
  to.push_back(unless(type6, six.size()));
  append(to, six);
}

// A header of `length` bytes between, whose type lies at `type`. Else goes on behind it.
void append_layer(Program& to, std::uint16_t layer, std::uint32_t type, std::uint32_t length, std::uint16_t type4,
                  std::uint16_t type6) {
  Program within{statement(BPF_LD | BPF_H | BPF_ABS, network(type))};
  append_ip(within, length, type4, type6);
  within.push_back(statement(BPF_RET | BPF_K, 0));
  to.push_back(unless(layer, within.size()));
  append(to, within);
}

}  // namespace

std::vector<sock_filter> fan_out_program() {
  Program out{statement(BPF_LD | BPF_H | BPF_ABS, static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PROTOCOL))};
  append_ip(out, 0, kIpv4, kIpv6);
  append_layer(out, kVlan, 2, 4, kIpv4, kIpv6);
  append_layer(out, kServiceVlan, 2, 4, kIpv4, kIpv6);
  append_layer(out, kPppoe, 6, 8, kPppIpv4, kPppIpv6);
  out.push_back(statement(BPF_RET | BPF_K, 0));
  return out;
}

}  // namespace nw::capture
