#include "ingest/network/tcp_state.h"

#include <gtest/gtest.h>
#include <string>

namespace nw::network {
namespace {

// A conversation in short: '>' from the originator, '<' from the responder, then letters: S H A F R, D for 10 bytes,
// L for 10 bytes that were lost before a segment, W for a window of 0, T for the last bytes again.
class Talk {
 public:
  explicit Talk(std::string_view script, std::uint32_t first = 0xfffffff0) {
    next_[0] = next_[1] = first;
    std::size_t from = 0;
    for (const char c : script) {
      if (c == '>' || c == '<') {
        from = c == '>' ? 0 : 1;
      } else if (c != ' ') {
        send(from, c);
      }
    }
  }

  TcpState tcp;
  History history;

 private:
  void send(std::size_t from, char what) {
    if (what == 'L') {
      next_[from] += 10;
      return;
    }
    TransportHeader h;
    h.protocol = kTcp;
    h.window = what == 'W' ? 0 : 100;
    h.sequence = next_[from];
    h.acknowledgement = next_[1 - from];
    h.flags = what == 'S' ? TcpFlags::kSyn : TcpFlags::kAck;
    if (what == 'H') h.flags |= TcpFlags::kSyn;
    if (what == 'F') h.flags |= TcpFlags::kFin;
    if (what == 'R') h.flags = TcpFlags::kRst;
    if (what == 'X') h.flags = TcpFlags::kSyn | TcpFlags::kFin;
    if (what == 'D' || what == 'T') h.payload_bytes = 10;
    if (what == 'T') h.sequence -= 10;
    tcp.segment(from, h, 0, history);
    if (what == 'D') next_[from] += 10;
    if (what == 'S' || what == 'H' || what == 'F' || what == 'X') next_[from] += 1;
  }
  std::uint32_t next_[2];
};

TEST(TcpState, ConnState) {
  static constexpr struct {
    const char *script, *state, *history;
    std::uint64_t orig, resp;
    bool attempt, closing;
  } kCases[] = {
      {">S", "S0", "S", 0, 0, true, false},
      {">S >S", "S0", "S", 0, 0, true, false},
      {">S <R", "REJ", "Sr", 0, 0, false, true},
      {">S <H", "S1", "Sh", 0, 0, false, false},
      {">S <H >A >D <D", "S1", "ShADd", 10, 10, false, false},
      {">S <H >A >D <D >F <F >A", "SF", "ShADdFf", 10, 10, false, true},
      {">S <H >A >D >F <A", "S2", "ShADFa", 10, 0, false, false},
      {">S <H >A <D <F >A", "S3", "ShAdf", 0, 10, false, false},
      {">S <H >A >D >R", "RSTO", "ShADR", 10, 0, false, true},
      {">S <H >R", "RSTO", "ShR", 0, 0, false, true},
      {">S <H >A >D <R", "RSTR", "ShADr", 10, 0, false, true},
      {">S >R", "RSTOS0", "SR", 0, 0, false, true},
      {"<H <R", "RSTRH", "hr", 0, 0, false, true},
      {">S >F", "SH", "SF", 0, 0, false, true},
      {"<H <F", "SHR", "hf", 0, 0, false, true},
      {"<H", "OTH", "h", 0, 0, true, false},
      {"<H >A", "S1", "hA", 0, 0, false, false},
      {">D <D", "OTH", "Dd", 10, 10, false, false},
      {">D <D >F <F", "SF", "DdFf", 10, 10, false, true},
      {">S <H >A >F <F >A <R", "SF", "ShAFfr", 0, 0, false, true},
      {">S >A >D", "S0", "SAD", 10, 0, false, false},
      // Lost bytes count: the numbers tell.
      {">S <H >A >D >L >D <D", "S1", "ShADd", 30, 10, false, false},
      {">S <H >D >T >T", "S1", "ShDT", 10, 0, false, false},
      {">S <H >W >W <A", "S1", "ShAWa", 0, 0, false, false},
      {">X", "SH", "QSF", 0, 0, false, true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.script);
    const Talk talk{c.script};
    EXPECT_EQ(talk.tcp.conn_state(), c.state);
    EXPECT_EQ(talk.history.text(), c.history);
    EXPECT_EQ(talk.tcp.side(0).size(), c.orig);
    EXPECT_EQ(talk.tcp.side(1).size(), c.resp);
    EXPECT_EQ(talk.tcp.attempt(), c.attempt);
    EXPECT_EQ(talk.tcp.closing(), c.closing);
  }
}

TEST(TcpState, CountedLettersComeAtPowersOfTen) {
  std::string script = ">S<H>D";
  for (int i = 0; i < 100; ++i) script += ">T";
  EXPECT_EQ(Talk{script}.history.text(), "ShDTTT");
}

TEST(TcpState, HistoryIsBounded) {
  History history;
  for (int i = 0; i < 1000; ++i) history.add('x');
  EXPECT_EQ(history.text().size(), History::kLettersMax);
}

TEST(TcpState, AnAbsurdAcknowledgementIsNoSize) {
  Talk talk{">S <H >A <D"};
  TransportHeader h;
  h.protocol = kTcp;
  h.flags = TcpFlags::kAck;
  h.sequence = 0xfffffff1;
  h.acknowledgement = 0xfffffff1U + 0x7fff0000U;
  talk.tcp.segment(0, h, 0, talk.history);
  EXPECT_EQ(talk.tcp.side(1).size(), 10U);
}

}  // namespace
}  // namespace nw::network
