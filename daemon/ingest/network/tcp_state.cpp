// The states and letters are those of Zeek's conn.log documentation (base/protocols/conn/main.zeek). Where Zeek's
// timers matter (RST after FIN, say), ours are NetworkLimits'.
#include "ingest/network/tcp_state.h"

#include <algorithm>
#include <cstdlib>

namespace nw::network {
namespace {

constexpr std::uint8_t kS = 1, kH = 2, kF = 4, kR = 8, kD = 16, kA = 32, kMulti = 64, kInconsistent = 128;

// The largest window, RFC 7323 section 2.3.
constexpr std::int64_t kWindowMax = std::int64_t{1} << 30U;
// What an acknowledgement may claim at once: further, and 32 bits do not tell the place of what comes behind it.
constexpr std::int64_t kClaimMax = (std::int64_t{1} << 31U) - (std::int64_t{64} << 20U);
// A capture sees segments and acknowledgements in another order than the ends do: so much beyond the window is taken,
// or as much as the window itself when that is more.
constexpr std::int64_t kSlack = 64 * 1024;
// An end that answers is heard at least so often (Linux answers what it drops twice a second): after segments beyond
// its window in so many different seconds and not a word from it, its segments do not come by here any more.
constexpr unsigned kDoubtsMax = 5;
// History counts so far.
constexpr std::uint64_t kCountMax = (1U << 21U) - 1;

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

// `window`: how far behind it the other side's window reaches.
void TcpSide::acknowledged(std::uint32_t acknowledgement, std::int64_t window) noexcept {
  if (!begun_) begin_at(acknowledgement);
  const std::int64_t at = place(acknowledgement, base_, std::max(end_, acked_));
  if (at - std::max(end_, acked_) > kClaimMax) return;
  // A window's end does not come back, RFC 9293 section 3.8.6.
  const std::int64_t end = std::max(at + window, heard_ ? acked_ + std::int64_t{room_} : at + window);
  acked_ = std::max(acked_, at);
  room_ = static_cast<std::uint32_t>(std::clamp<std::int64_t>(end - acked_, 0, kWindowMax));
  heard_ = true;
}

std::int64_t TcpSide::window_end() const noexcept {
  return acked_ + std::max<std::int64_t>(2 * std::int64_t{room_}, room_ + kSlack);
}

// By what was seen, or by a claim when that is nearer.
std::int64_t TcpSide::place_of(std::uint32_t sequence) const noexcept {
  const std::int64_t seen = place(sequence, base_, end_);
  if (acked_ <= end_) return seen;
  const std::int64_t claimed = place(sequence, base_, acked_);
  return std::abs(claimed - acked_) < std::abs(seen - end_) ? claimed : seen;
}

std::uint64_t TcpSide::claimed() const noexcept {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(acked_ - seen_end(), 0));
}

// The side has said everything before `end`; `fin`: and nothing more.
void TcpSide::reached(std::int64_t end, bool fin) noexcept {
  if (end < acked_) acked_ = std::min(acked_, seen_end());  // a claim that is refuted
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

void TcpState::counted(std::size_t from, std::uint64_t count, char upper, History& history) noexcept {
  while (count % 10 == 0) count /= 10;
  if (count == 1) history.add(from == 0 ? upper : static_cast<char>(upper + ('a' - 'A')));
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
  TcpSide& side = sides_[from];
  if (header.window == 0 && !syn && !fin && side.closed_windows_ < kCountMax) {
    counted(from, ++side.closed_windows_, 'W', history);
  }
}

void TcpState::advance(std::size_t from, const TransportHeader& header, History& history) noexcept {
  TcpSide& side = sides_[from];
  const bool syn = header.has(TcpFlags::kSyn);
  if (syn && side.syn_ && header.payload_bytes == 0) return;  // again, or another attempt
  const std::uint32_t first = header.sequence + (syn ? 1U : 0U);
  if (syn && !side.syn_) {
    side.syn_ = true;
    side.scale_ = header.window_scale & kNoWindowScale;
    side.begin_at(first);
  } else if (!side.begun_) {
    side.begin_at(first);
  }
  const std::int64_t start = side.place_of(first);
  const std::int64_t end = start + header.payload_bytes;
  if (header.payload_bytes > 0 && end <= side.end_ && side.resent_ < kCountMax) {
    counted(from, ++side.resent_, 'T', history);
  }
  side.reached(end, header.has(TcpFlags::kFin));
  if (!header.has(TcpFlags::kAck)) return;
  const std::int64_t window = std::int64_t{header.window} << (syn ? 0U : scale(from));
  sides_[1 - from].acknowledged(header.acknowledgement, window);
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

// RFC 7323 section 2.2: windows are scaled when both SYNs say so. An unseen SYN may have said anything.
unsigned TcpState::scale(std::size_t side) const noexcept {
  if (!sides_[0].syn_ || !sides_[1].syn_) return kWindowScaleMax;
  if (sides_[0].scale_ == kNoWindowScale || sides_[1].scale_ == kNoWindowScale) return 0;
  return sides_[side].scale_;
}

// What begins beyond the window of the other side is dropped there: RFC 9293 section 3.10.7.4.
bool TcpState::in_window(std::size_t from, const TransportHeader& header, std::uint32_t second) noexcept {
  const TcpSide& side = sides_[from];
  if (doubts_ != 0 && doubted_ != from) doubts_ = 0;
  const bool syn = header.has(TcpFlags::kSyn);
  if (!side.begun_) return true;
  const std::int64_t start = side.place_of(header.sequence + (syn ? 1U : 0U));
  // A SYN comes before all else, though a capture may have it a little later.
  if (syn && !side.syn_) return side.state_ == TcpEnd::inactive || (start <= 0 && start >= -kSlack);
  if (!side.heard_) return true;
  // Nothing ends before what was acknowledged.
  const std::int64_t end = start + header.payload_bytes;
  if (header.has(TcpFlags::kFin) && end + 1 < std::min(side.acked_, side.seen_end())) return false;
  if (start <= side.window_end() || (syn && header.payload_bytes == 0)) return true;
  if (doubts_ == 0 || second != doubted_at_) {
    doubted_at_ = second;
    doubted_ = from & 1U;
    ++doubts_;
  }
  if (doubts_ < kDoubtsMax) return false;
  doubts_ = 0;
  sides_[from].heard_ = false;  // until it is heard again
  return true;
}

bool TcpState::reset(TcpSide& from, const TransportHeader& header) const noexcept {
  auto kind = TcpSide::Reset::sure;
  const std::int64_t at = from.place_of(header.sequence);
  if (from.begun_ && from.heard_ && at != from.acked_) {
    if (at < from.acked_ - kSlack || at > from.window_end()) return false;
    const bool next = at == from.end_ || at == from.seen_end();
    kind = next ? TcpSide::Reset::likely : TcpSide::Reset::doubtful;
  }
  from.reset_ = from.state_ == TcpEnd::reset ? std::min(from.reset_, kind) : kind;
  return true;
}

bool TcpState::segment(std::size_t from, const TransportHeader& header, std::uint32_t second,
                       History& history) noexcept {
  TcpSide& side = sides_[from];
  if (header.has(TcpFlags::kRst)) {
    // Its other numbers are often made up, and its payload is a message about the reset (RFC 9293 section 3.5.3).
    if (!reset(side, header)) return false;
    flags(from, header, history);
  } else {
    if (!in_window(from, header, second)) return false;
    flags(from, header, history);
    advance(from, header, history);
  }
  transition(side, sides_[1 - from], header);
  return true;
}

void TcpState::ask_anew(std::size_t from, const TransportHeader& syn) noexcept {
  if (asks_ != 0 && (asker_ != from || asked_ != syn.sequence)) asked_more_ = (asked_more_ | 1U << asker_) & 3U;
  asks_ = 1;
  asker_ = from & 1U;
  asked_ = syn.sequence;
  asked_scale_ = syn.window_scale;
}

bool TcpState::answers_anew(std::size_t from, const TransportHeader& header) const noexcept {
  if (asks_ == 0 || !header.has(TcpFlags::kAck)) return false;
  const TcpSide& asker = sides_[1 - from];
  const bool last = from != asker_ && header.acknowledgement == asked_ + 1;
  // Who sends more SYNs, which need not arrive, must not hide the one that does.
  const bool hidden = (unsigned{asked_more_} >> (1 - from) & 1U) != 0;
  if (header.has(TcpFlags::kSyn)) return last || (hidden && !asker.opened_with(header.acknowledgement - 1));
  if (header.has(TcpFlags::kRst) || from == asker_) return last;
  // Its SYN-ACK was not captured: an acknowledgement behind that SYN which does not fit what was before.
  const std::int64_t away = asker.place_of(header.acknowledgement) - std::max(asker.end_, asker.acked_);
  return header.acknowledgement - (asked_ + 1) <= kSlack && std::abs(away) > kSlack;
}

TransportHeader TcpState::asked_anew(const TransportHeader& answer) const noexcept {
  TransportHeader out;
  out.protocol = kTcp;
  out.flags = TcpFlags::kSyn;
  out.sequence = answer.has(TcpFlags::kSyn) ? answer.acknowledgement - 1 : asked_;
  // What an earlier SYN said of its windows is forgotten: it may have been anything.
  out.window_scale = out.sequence == asked_ ? asked_scale_ : static_cast<std::uint8_t>(kWindowScaleMax);
  return out;
}

void TcpState::datagram(std::size_t from, std::uint32_t bytes) noexcept {
  sides_[from].state_ = TcpEnd::partial;
  sides_[from].end_ += bytes;
}

void TcpState::gap(std::size_t from, History& history) noexcept {
  if (sides_[from].gaps_ < kCountMax) counted(from, ++sides_[from].gaps_, 'G', history);
}

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
  const auto reset = [](const TcpSide& side) {
    return side.state_ == TcpEnd::reset && side.reset_ != TcpSide::Reset::doubtful;
  };
  return reset(sides_[0]) || reset(sides_[1]) ||
         (sides_[0].state_ == TcpEnd::closed && sides_[1].state_ == TcpEnd::closed);
}

bool TcpState::over() const noexcept {
  const auto reset = [](const TcpSide& side) {
    return side.state_ == TcpEnd::reset && side.reset_ == TcpSide::Reset::sure;
  };
  return reset(sides_[0]) || reset(sides_[1]) ||
         (sides_[0].state_ == TcpEnd::closed && sides_[1].state_ == TcpEnd::closed);
}

}  // namespace nw::network
