// EtherCAT (ETG.1000): a master sends a frame through all its slaves, some thousand times a second; each reads and
// writes its part as the frame passes, and the last one sends it back.
// Told are: which commands a master sends to which slave, when they begin and end; and each write that changes what a
// slave does: its state, its EEPROM, a message to its mailbox.
#include <array>
#include <chrono>
#include <string>

#include "ingest/network/protocols/ethercat_message.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/l2_event.h"
#include "ingest/network/protocols/l2_streams.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {
namespace {

using event::Value;

enum Field : std::size_t {
  kCommand = kL2Fields,
  kSlave,
  kOffset,
  kLogical,
  kReturned,
  kCounter,
  kIndex,
  kDataLength,
  kAlState,
  kMailbox,
  kSdoIndex,
  kStreamState,
  kDatagrams,
  kDuration,
  kIcs,
};

constexpr auto kFields = with_l2(std::to_array<event::FieldSpec>({
    {"command", "text", "APRD, FPWR, LRW, ... (ours)"},
    {"slave_address", "integer", "the slave's address, or its negated place in the ring; not of logical ones (ours)"},
    {"memory_offset", "text", "address in its memory: 0x0120, ... (ours)"},
    {"logical_address", "text", "address in the memory that all share (ours)"},
    {"returned", "boolean", "the frame comes back from the slaves (ours)"},
    {"working_counter", "integer", "how much the slaves did, so far (ours)"},
    {"datagram_index", "integer", "the master's number for it (ours)"},
    {"data_length", "integer", "octets of data (ours)"},
    {"al_state", "text", "state that is asked for: init, pre_operational, safe_operational, operational, ... (ours)"},
    {"mailbox_type", "text", "of a message to the slave: AoE, EoE, CoE, FoE or SoE (ours)"},
    {"sdo_index", "text", "the parameter that a CoE message is about: 0x1c12/0, ... (ours)"},
    {"stream_state", "text", "of a command that comes in each cycle: begin or end (ours)"},
    {"datagrams", "integer", "how many were seen so far (ours)"},
    {"stream_duration", "interval", "from the first one to the last one so far (ours)"},
}));

constexpr std::array<std::string_view, 1> kServices{"ethercat"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"ethercat", "normwatch", kServices, kIcsCategory, kFields, false}}};
constexpr std::size_t kEthercat = 0;
constexpr std::array<std::uint16_t, 1> kEtherTypes{0x88a4};

constexpr std::uint16_t kAlControl = 0x0120, kEeprom = 0x0500, kEepromEnd = 0x0510, kMemory = 0x1000;

// One kind of command of one master to one slave.
struct Stream {
  std::string name;  // the master's address, command, slave
  Timestamp first{}, last{};
  std::uint64_t datagrams = 0;
  EthercatDatagram datagram;  // the first one; without views
  L2Ends ends;
};

class EthercatAnalyzer final : public Analyzer {
 public:
  void ethernet(const EthernetFrame& frame, Context& context) override {
    watch(context);
    const L2Ends ends{frame};
    EthercatDatagrams datagrams{frame.payload};
    EthercatDatagram datagram;
    for (std::size_t i = 0; i < kDatagramsMax && datagrams.next(datagram); ++i) take(datagram, ends, context);
    if (datagrams.error()) context.refused(*datagrams.error());
  }

  void finish(Context& context) override {
    for (const Stream& stream : streams_.all()) tell_end(stream, context);
  }

 private:
  static constexpr std::size_t kDatagramsMax = 128;  // of one frame
  static constexpr std::uint8_t kPassedBit = 0x02;   // the first slave sets it in the source

  // With every frame one stream in turn: has it ended?
  void watch(Context& context) {
    constexpr std::chrono::seconds kSilence{10};
    Stream* stream = streams_.next();
    if (stream == nullptr || context.now() - stream->last <= kSilence) return;
    tell_end(*stream, context);
    streams_.remove(*stream);
  }

  void take(const EthercatDatagram& datagram, const L2Ends& ends, Context& context) {
    const bool memory = !datagram.logical() && datagram.writes();
    if (memory && (datagram.offset == kAlControl || (datagram.offset >= kEeprom && datagram.offset < kEepromEnd)))
      return tell_write(datagram, {}, ends, context);
    if (memory && datagram.offset >= kMemory)
      if (const auto mailbox = read_ethercat_mailbox(datagram.data))
        return tell_write(datagram, mailbox, ends, context);
    L2Ends master = ends;
    master.source[0] &= static_cast<std::uint8_t>(~kPassedBit);
    // Addresses by place count up as the frame passes.
    const bool by_place = datagram.command <= 3 || datagram.command == 13 || datagram.broadcast();
    const auto slave = by_place || datagram.logical() ? std::uint16_t{0} : datagram.slave;
    name_.assign(master.name());
    name_ += {static_cast<char>(datagram.command), static_cast<char>(slave >> 8U), static_cast<char>(slave & 0xFFU)};
    Stream* known = streams_.find(name_);
    const bool begins = known == nullptr;
    if (begins) known = &open(datagram, ends, context);
    known->last = context.now();
    ++known->datagrams;
    if (begins) tell_stream(*known, "begin", context.now(), context);
  }

  Stream& open(const EthercatDatagram& datagram, const L2Ends& ends, Context& context) {
    Stream& fresh = streams_.add(name_, context, [&](const Stream& old) { tell_end(old, context); });
    fresh.first = context.now();
    fresh.datagram = datagram;
    fresh.datagram.data = {};
    fresh.ends = ends;
    return fresh;
  }

  static bool returned(const EthercatDatagram& datagram, const L2Ends& ends) noexcept {
    return datagram.working_counter != 0 || (ends.source[0] & kPassedBit) != 0;
  }

  static void append_hex(IcsText& out, std::uint32_t number, std::size_t digits) {
    out.append("0x");
    out.append_hex(number, digits);
  }

  // `slave/1001/0x0120`, `all/0x0120`, `logical/0x00010000`.
  static void describe(const EthercatDatagram& datagram, IcsText& out) {
    if (datagram.logical()) {
      out.append("logical/");
      return append_hex(out, std::uint32_t{datagram.offset} << 16U | datagram.slave, 8);
    }
    if (datagram.broadcast()) {
      out.append("all/");
    } else {
      out.append("slave/");
      out.append_number(datagram.slave);
      out.append('/');
    }
    append_hex(out, datagram.offset, 4);
  }

  static void write_text(EventWriter& out, Field field, const IcsText& text) {
    out.set(field, Value::text(out.event().keep(text.view())));
  }

  static void write_head(EventWriter& out, const EthercatDatagram& datagram, const L2Ends& ends) {
    write_l2(out, ends);
    out.set(kCommand, Value::text(ethercat_command_name(datagram.command)));
    IcsText address;
    if (datagram.logical()) {
      append_hex(address, std::uint32_t{datagram.offset} << 16U | datagram.slave, 8);
      write_text(out, kLogical, address);
    } else {
      append_hex(address, datagram.offset, 4);
      write_text(out, kOffset, address);
      out.set(kSlave, Value::integer(datagram.slave));
    }
  }

  static void tell_write(const EthercatDatagram& datagram, const std::optional<EthercatMailbox>& mailbox,
                         const L2Ends& ends, Context& context) {
    if (!context.wants(kEthercat)) return;
    EventWriter out = context.begin(kEthercat, context.now());
    write_head(out, datagram, ends);
    const bool back = returned(datagram, ends);
    out.set(kReturned, Value::boolean(back));
    out.set(kCounter, Value::integer(datagram.working_counter));
    out.set(kIndex, Value::integer(datagram.index));
    out.set(kDataLength, Value::integer(static_cast<std::int64_t>(datagram.data.size())));
    IcsCommand command;
    describe(datagram, command.target);
    if (mailbox)
      write_mailbox(out, *mailbox, command);
    else if (datagram.offset == kAlControl)
      write_state(out, datagram, command);
    else
      command.operation = IcsOperation::program;
    std::optional<IcsOutcome> outcome;
    if (back) outcome = datagram.working_counter == 0 ? IcsOutcome::refused : IcsOutcome::ok;
    write_ics(out, kIcs, command, outcome, outcome == IcsOutcome::refused ? "no slave took it" : "");
    context.emit();
  }

  static void write_mailbox(EventWriter& out, const EthercatMailbox& mailbox, IcsCommand& command) {
    constexpr std::uint8_t kFoe = 4;
    out.set(kMailbox, Value::text(ethercat_mailbox_name(mailbox.type)));
    if (mailbox.type == kFoe) command.operation = IcsOperation::file;
    if (!mailbox.index) return;
    IcsText index;
    append_hex(index, *mailbox.index, 4);
    index.append('/');
    index.append_number(mailbox.subindex);
    write_text(out, kSdoIndex, index);
    command.operation = mailbox.download ? IcsOperation::write : IcsOperation::read;
    command.target.append('/');
    command.target.append(index.view());
  }

  static void write_state(EventWriter& out, const EthercatDatagram& datagram, IcsCommand& command) {
    constexpr std::uint8_t kBootstrap = 3, kOperational = 8;
    command.operation = IcsOperation::control;
    if (datagram.data.empty()) return;
    const auto state = static_cast<std::uint8_t>(datagram.data[0] & 0x0FU);
    out.set(kAlState, named(out, ethercat_state_name(state), state));
    command.value.append(ethercat_state_name(state));
    if (state == kOperational) command.operation = IcsOperation::start;
    if (state == kBootstrap) command.operation = IcsOperation::program;
  }

  static void tell_stream(const Stream& stream, std::string_view state, Timestamp time, Context& context) {
    if (!context.wants(kEthercat)) return;
    EventWriter out = context.begin(kEthercat, time);
    write_head(out, stream.datagram, stream.ends);
    out.set(kStreamState, Value::text(state));
    set_number(out, kDatagrams, stream.datagrams);
    out.set(kDuration, Value::interval(stream.last - stream.first));
    IcsCommand command{stream.datagram.logical()  ? IcsOperation::subscribe
                       : stream.datagram.writes() ? IcsOperation::write
                                                  : IcsOperation::read,
                       {},
                       {}};
    describe(stream.datagram, command.target);
    write_ics(out, kIcs, command);
    context.emit();
  }

  static void tell_end(const Stream& stream, Context& context) { tell_stream(stream, "end", stream.last, context); }

  L2Streams<Stream> streams_;
  std::string name_;  // of the current datagram; kept for its memory
};

}  // namespace

Protocol ethercat_protocol() {
  Protocol p;
  p.name = "ethercat";
  p.help = "EtherCAT: what masters send to slaves, their states, mailboxes and EEPROMs";
  p.types = kTypes;
  p.make = [](Transport) -> std::unique_ptr<Analyzer> { return std::make_unique<EthercatAnalyzer>(); };
  p.ether_types = kEtherTypes;
  return p;
}

}  // namespace nw::network
