// What Zeek's conn.log says about a TCP connection: state, history, sizes. Reads headers only.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "ingest/network/transport.h"

namespace nw::network {

// The letters of Zeek's `history`, upper case for the originator. Bounded; each letter comes once per side, except the
// counted ones (G, T, W), which come again at 10, 100, ... times.
class History {
 public:
  static constexpr std::size_t kLettersMax = 40;

  void add(char letter) noexcept {
    if (size_ < kLettersMax) letters_[size_++] = letter;
  }
  [[nodiscard]] std::string_view text() const noexcept { return {letters_.data(), size_}; }

 private:
  std::array<char, kLettersMax> letters_{};
  std::uint8_t size_ = 0;
};

enum class TcpEnd : std::uint8_t { inactive, partial, syn_sent, syn_ack_sent, established, closed, reset };

// One side of a connection.
class TcpSide {
 public:
  // Payload bytes by the sequence space, also those that were not captured but acknowledged.
  [[nodiscard]] std::uint64_t size() const noexcept;
  [[nodiscard]] TcpEnd state() const noexcept { return state_; }
  // Whether `sequence` is the one this side opened with.
  [[nodiscard]] bool opened_with(std::uint32_t sequence) const noexcept { return syn_ && sequence + 1 == base_; }
  [[nodiscard]] bool saw_syn() const noexcept { return syn_; }

 private:
  friend class TcpState;
  void begin_at(std::uint32_t sequence) noexcept;
  void acknowledged(std::uint32_t acknowledgement) noexcept;
  void reached(std::int64_t end, bool fin) noexcept;

  TcpEnd state_ = TcpEnd::inactive;
  std::uint8_t letters_ = 0;  // of `history`, as a set
  bool begun_ : 1 = false, syn_ : 1 = false, fin_ : 1 = false;
  std::uint32_t base_ = 0;            // sequence number of the first payload byte
  std::int64_t end_ = 0, acked_ = 0;  // from base_
  std::uint32_t behind_fin_ = 0;      // end_ less where the FIN is
  std::uint32_t resent_ = 0, closed_windows_ = 0, gaps_ = 0;
};

class TcpState {
 public:
  // One segment. `from` and `to` are 0 for the originator, 1 for the responder.
  void segment(std::size_t from, const TransportHeader& header, History& history) noexcept;
  // So many bytes without a sequence number: of a flow that is not TCP.
  void datagram(std::size_t from, std::uint32_t bytes) noexcept;
  // Content of `from` is lost.
  void gap(std::size_t from, History& history) noexcept;

  [[nodiscard]] const TcpSide& side(std::size_t i) const noexcept { return sides_[i]; }
  // S0 S1 SF REJ S2 S3 RSTO RSTR RSTOS0 RSTRH SH SHR OTH, as Zeek defines them.
  [[nodiscard]] std::string_view conn_state() const noexcept;
  // Nobody answered yet.
  [[nodiscard]] bool attempt() const noexcept;
  // Reset, closed by both, or closed by the one side that ever spoke.
  [[nodiscard]] bool closing() const noexcept;
  [[nodiscard]] bool closed() const noexcept;  // a new SYN means a new connection

 private:
  void letter(std::size_t from, std::uint8_t bit, char upper, History& history) noexcept;
  void counted(std::size_t from, std::uint32_t& count, char upper, History& history) noexcept;
  void flags(std::size_t from, const TransportHeader& header, History& history) noexcept;
  void advance(std::size_t from, const TransportHeader& header, History& history) noexcept;
  void transition(TcpSide& from, TcpSide& to, const TransportHeader& header) noexcept;

  std::array<TcpSide, 2> sides_;
};

}  // namespace nw::network
