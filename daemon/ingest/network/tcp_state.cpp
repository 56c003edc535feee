// The states and letters are those of Zeek's conn.log documentation (base/protocols/conn/main.zeek). Where Zeek's
// timers matter (RST after FIN, say), ours are NetworkLimits'.
#include "ingest/network/tcp_state.h"

#include <algorithm>

namespace nw::network {
namespace {

constexpr std::uint8_t kS = 1, kH = 2, kF = 4, kR = 8, kD = 16, kA = 32, kMulti = 64, kInconsistent = 128;

// No side may be further ahead of what was acknowledged than the largest window, RFC 7323 section 2.3.
constexpr std::int64_t kWindowMax = std::int64_t{1} << 30U;

// Where `sequence` lies, from `base`, taken as near to `near` as 32 bits allow.
std::int64_t place(std::uint32_t sequence, std::uint32_t base, std::int64_t near) noexcept {
  const std::uint32_t here = base + static_cast<std::uint32_t>(near);
  return near + static_cast<std::int32_t>(sequence - here);
}

}  // namespace

std::uint64_t TcpSide::size() const noexcept {
  // Acknowledgements alone do not tell where an unseen side began.
  if (state_ == TcpEnd::inactive) return 0;
  // The FIN has a number of its own, which later segments and acknowledgements count.
  const std::int64_t size = fin_ ? end_ - behind_fin_ : std::max(end_, acked_);
  return size > 0 ? static_cast<std::uint64_t>(size) : 0;
}

void TcpSide::begin_at(std::uint32_t sequence) noexcept {
  begun_ = true;
  base_ = sequence;
  end_ = acked_ = 0;
}

void TcpSide::acknowledged(std::uint32_t acknowledgement) noexcept {
  if (!begun_) return begin_at(acknowledgement);
  const std::int64_t at = place(acknowledgement, base_, std::max(end_, acked_));
  if (at > acked_ && at - std::max(end_, acked_) <= kWindowMax) acked_ = at;
}

// The side has said everything before `end`; `fin`: and nothing more.
void TcpSide::reached(std::int64_t end, bool fin) noexcept {
  const std::int64_t finished = fin_ ? std::max(end_ - behind_fin_, fin ? end : 0) : end;
  end_ = std::max(end_, end);
  fin_ = fin_ || (fin && end >= 0);
  if (fin_) behind_fin_ = static_cast<std::uint32_t>(std::min<std::int64_t>(end_ - finished, UINT32_MAX));
}

void TcpState::letter(std::size_t from, std::uint8_t bit, char upper, History& history) noexcept {
  if ((sides_[from].letters_ & bit) != 0) return;
  sides_[from].letters_ |= bit;
  history.add(from == 0 ? upper : static_cast<char>(upper + ('a' - 'A')));
}

void TcpState::counted(std::size_t from, std::uint32_t& count, char upper, History& history) noexcept {
  if (count == UINT32_MAX) return;
  ++count;
  std::uint32_t power = count;
  while (power % 10 == 0) power /= 10;
  if (power == 1) history.add(from == 0 ? upper : static_cast<char>(upper + ('a' - 'A')));
}

void TcpState::flags(std::size_t from, const TransportHeader& header, History& history) noexcept {
  const bool syn = header.has(TcpFlags::kSyn), fin = header.has(TcpFlags::kFin), rst = header.has(TcpFlags::kRst);
  const bool ack = header.has(TcpFlags::kAck);
  if ((syn && fin) || (syn && rst)) letter(from, kMulti, 'Q', history);
  if (fin && rst) letter(from, kInconsistent, 'I', history);
  if (syn) {
    if (ack) letter(from, kH, 'H', history);
    if (!ack) letter(from, kS, 'S', history);
  }
  if (rst) {
    letter(from, kR, 'R', history);
    return;
  }
  if (header.payload_bytes > 0) letter(from, kD, 'D', history);
  if (fin) letter(from, kF, 'F', history);
  if (ack && !syn && !fin && header.payload_bytes == 0) letter(from, kA, 'A', history);
  if (header.window == 0 && !syn && !fin) counted(from, sides_[from].closed_windows_, 'W', history);
}

void TcpState::advance(std::size_t from, const TransportHeader& header, History& history) noexcept {
  TcpSide& side = sides_[from];
  // A reset's numbers are often made up, and its payload is a message about the reset (RFC 9293 section 3.5.3).
  if (header.has(TcpFlags::kRst)) return;
  const bool syn = header.has(TcpFlags::kSyn);
  if (syn && side.syn_ && header.payload_bytes == 0) return;  // again, or another attempt
  const std::uint32_t first = header.sequence + (syn ? 1U : 0U);
  if (syn && !side.syn_) {
    side.syn_ = true;
    side.begin_at(first);
  } else if (!side.begun_) {
    side.begin_at(first);
  }
  const std::int64_t start = place(first, side.base_, side.end_);
  const std::int64_t end = start + header.payload_bytes;
  if (header.payload_bytes > 0 && end <= side.end_) counted(from, side.resent_, 'T', history);
  side.reached(end, header.has(TcpFlags::kFin));
  if (header.has(TcpFlags::kAck)) sides_[1 - from].acknowledged(header.acknowledgement);
}

void TcpState::transition(TcpSide& from, TcpSide& to, const TransportHeader& header) noexcept {
  if (header.has(TcpFlags::kRst)) {
    // After both sides closed it says nothing more.
    if (from.state_ != TcpEnd::closed || to.state_ != TcpEnd::closed) from.state_ = TcpEnd::reset;
    return;
  }
  if (from.state_ == TcpEnd::reset || from.state_ == TcpEnd::closed) return;
  if (header.has(TcpFlags::kSyn)) {
    if (!header.has(TcpFlags::kAck)) {
      if (from.state_ == TcpEnd::inactive || from.state_ == TcpEnd::partial) from.state_ = TcpEnd::syn_sent;
    } else if (to.state_ == TcpEnd::syn_sent || to.state_ == TcpEnd::syn_ack_sent) {
      from.state_ = to.state_ = TcpEnd::established;
    } else if (from.state_ == TcpEnd::inactive) {
      from.state_ = TcpEnd::syn_ack_sent;
    }
  }
  if (header.has(TcpFlags::kFin)) {
    from.state_ = TcpEnd::closed;
  } else if (!header.has(TcpFlags::kSyn) && from.state_ == TcpEnd::inactive) {
    // The answer to a SYN-ACK whose SYN was not captured.
    const bool answers = to.state_ == TcpEnd::syn_ack_sent && header.has(TcpFlags::kAck);
    from.state_ = answers ? TcpEnd::established : TcpEnd::partial;
    if (answers) to.state_ = TcpEnd::established;
  }
}

void TcpState::segment(std::size_t from, const TransportHeader& header, History& history) noexcept {
  flags(from, header, history);
  advance(from, header, history);
  transition(sides_[from], sides_[1 - from], header);
}

void TcpState::datagram(std::size_t from, std::uint32_t bytes) noexcept {
  sides_[from].state_ = TcpEnd::partial;
  sides_[from].end_ += bytes;
}

void TcpState::gap(std::size_t from, History& history) noexcept { counted(from, sides_[from].gaps_, 'G', history); }

std::string_view TcpState::conn_state() const noexcept {
  const TcpEnd o = sides_[0].state_, r = sides_[1].state_;
  const bool o_silent = o == TcpEnd::inactive || o == TcpEnd::partial;
  const bool r_silent = r == TcpEnd::inactive || r == TcpEnd::partial;
  if (r == TcpEnd::reset) {
    const bool no_bytes = sides_[0].size() == 0 && sides_[1].size() == 0;
    if (o == TcpEnd::syn_sent || o == TcpEnd::syn_ack_sent || (o == TcpEnd::reset && no_bytes)) return "REJ";
    return o_silent ? "RSTRH" : "RSTR";
  }
  if (o == TcpEnd::reset) return r_silent ? "RSTOS0" : "RSTO";
  if (o == TcpEnd::closed && r == TcpEnd::closed) return "SF";
  if (o == TcpEnd::closed) return r_silent ? "SH" : "S2";
  if (r == TcpEnd::closed) return o_silent ? "SHR" : "S3";
  if (o == TcpEnd::syn_sent && r == TcpEnd::inactive) return "S0";
  if (o == TcpEnd::established && r == TcpEnd::established) return "S1";
  return "OTH";
}

bool TcpState::attempt() const noexcept {
  const auto no_more_than_syn = [](TcpEnd end) {
    return end == TcpEnd::inactive || end == TcpEnd::syn_sent || end == TcpEnd::syn_ack_sent;
  };
  return no_more_than_syn(sides_[0].state_) && no_more_than_syn(sides_[1].state_) && sides_[0].size() == 0 &&
         sides_[1].size() == 0;
}

bool TcpState::closing() const noexcept {
  if (closed()) return true;
  const TcpEnd o = sides_[0].state_, r = sides_[1].state_;
  return (o == TcpEnd::closed && r == TcpEnd::inactive) || (r == TcpEnd::closed && o == TcpEnd::inactive);
}

bool TcpState::closed() const noexcept {
  const TcpEnd o = sides_[0].state_, r = sides_[1].state_;
  return o == TcpEnd::reset || r == TcpEnd::reset || (o == TcpEnd::closed && r == TcpEnd::closed);
}

}  // namespace nw::network
