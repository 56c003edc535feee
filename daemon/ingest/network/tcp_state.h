// What Zeek's conn.log says about a TCP connection: state, history, sizes; and which segments its receiver takes at
// all. Whoever sends what the other end drops (beyond its window, a reset out of place, an acknowledgement of bytes
// that were never sent) must not make us lose sight of what that end goes on with. Reads headers only.
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
  // Payload bytes by the sequence space, also those that were not captured but acknowledged. (Acknowledged beyond what
  // was seen is a claim: it falls when this side speaks again below it, and stands when it speaks behind it.)
  [[nodiscard]] std::uint64_t size() const noexcept;
  [[nodiscard]] TcpEnd state() const noexcept { return state_; }
  // Whether `sequence` is the one this side opened with.
  [[nodiscard]] bool opened_with(std::uint32_t sequence) const noexcept { return syn_ && sequence + 1 == base_; }
  [[nodiscard]] bool saw_syn() const noexcept { return syn_; }
  // The other side acknowledged something.
  [[nodiscard]] bool heard() const noexcept { return heard_; }
  // The number before which everything was seen or is lost, and was acknowledged.
  [[nodiscard]] std::uint32_t acknowledged() const noexcept {
    return base_ + static_cast<std::uint32_t>(acked_ < seen_end() ? acked_ : seen_end());
  }
  // Bytes that were acknowledged beyond that, and nothing was seen behind them.
  [[nodiscard]] std::uint64_t claimed() const noexcept;

 private:
  friend class TcpState;
  void begin_at(std::uint32_t sequence) noexcept;
  void acknowledged(std::uint32_t acknowledgement, std::int64_t window) noexcept;
  void reached(std::int64_t end, bool fin) noexcept;
  [[nodiscard]] std::int64_t place_of(std::uint32_t sequence) const noexcept;
  [[nodiscard]] std::int64_t seen_end() const noexcept { return end_ + (fin_ ? 1 : 0); }
  [[nodiscard]] std::int64_t window_end() const noexcept;

  // A reset that its receiver must take (its number is the next one expected, RFC 5961 section 3.2), takes unless
  // something is missing there, or may take.
  enum class Reset : std::uint8_t { sure, likely, doubtful };

  TcpEnd state_ = TcpEnd::inactive;
  std::uint8_t letters_ = 0;  // of `history`, as a set
  bool begun_ : 1 = false, syn_ : 1 = false, fin_ : 1 = false, heard_ : 1 = false;
  Reset reset_ : 2 = Reset::sure;
  std::uint8_t scale_ : 4 = kNoWindowScale;  // of its own windows
  std::uint32_t base_ = 0;                   // sequence number of the first payload byte
  std::int64_t end_ = 0, acked_ = 0;         // from base_
  std::uint32_t behind_fin_ = 0;             // end_ less where the FIN is
  std::uint32_t room_ = 0;                   // how far behind acked_ the other side's window reaches
  // As far as `history` counts.
  std::uint64_t resent_ : 21 = 0, closed_windows_ : 21 = 0, gaps_ : 21 = 0;
};

class TcpState {
 public:
  // One segment. `from` is 0 for the originator, 1 for the responder; `second` is its time, from any beginning. False:
  // its receiver drops it, so it says nothing.
  bool segment(std::size_t from, const TransportHeader& header, std::uint32_t second, History& history) noexcept;
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
  [[nodiscard]] bool closed() const noexcept;
  // Beyond doubt: a SYN means a new connection.
  [[nodiscard]] bool over() const noexcept;

  // In a connection that may go on, `from` sent a SYN: another begins if the other side answers that.
  void ask_anew(std::size_t from, const TransportHeader& syn) noexcept;
  // `header`, sent by `from`, answers it: with a SYN of its own, with a refusal, or (if those were not captured) with
  // an acknowledgement that fits nothing else. After several different SYNs any of them may be the one that is
  // answered.
  [[nodiscard]] bool answers_anew(std::size_t from, const TransportHeader& header) const noexcept;
  // The SYN that is answered so, without ports.
  [[nodiscard]] TransportHeader asked_anew(const TransportHeader& answer) const noexcept;

 private:
  void letter(std::size_t from, std::uint8_t bit, char upper, History& history) noexcept;
  // One more of what is counted: the letter comes at powers of ten.
  static void counted(std::size_t from, std::uint64_t count, char upper, History& history) noexcept;
  [[nodiscard]] unsigned scale(std::size_t side) const noexcept;
  bool in_window(std::size_t from, const TransportHeader& header, std::uint32_t second) noexcept;
  bool reset(TcpSide& from, const TransportHeader& header) const noexcept;
  void flags(std::size_t from, const TransportHeader& header, History& history) noexcept;
  void advance(std::size_t from, const TransportHeader& header, History& history) noexcept;
  void transition(TcpSide& from, TcpSide& to, const TransportHeader& header) noexcept;

  std::array<TcpSide, 2> sides_;
  std::uint32_t doubted_at_ = 0;  // second of the latest segment beyond the window, of `doubted_`
  std::uint32_t asked_ = 0;       // sequence number of the last SYN of ask_anew()
  std::uint8_t doubts_ : 3 = 0, doubted_ : 1 = 0, asks_ : 1 = 0, asker_ : 1 = 0;
  std::uint8_t asked_more_ : 2 = 0;  // whose SYNs were followed by others: a bit for each side
  std::uint8_t asked_scale_ = kNoWindowScale;
};

}  // namespace nw::network
