// EtherCAT (ETG.1000): a master sends a frame through all its slaves, some thousand times a second; each reads and
// writes its part as the frame passes, and the last one sends it back.
// Told are: which commands a master sends to which slave, when they begin and end; and each write that changes what a
// slave does: its state, its EEPROM, a message to its mailbox.
#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <vector>

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
    {"mailbox_type", "text", "of a message to the slave: AoE, EoE, CoE, FoE, SoE or VoE (ours)"},
    {"sdo_index", "text", "the parameter that a CoE message is about: 0x1c12/0, ... (ours)"},
    {"stream_state", "text", "of a command that comes in each cycle: begin or end (ours)"},
    {"datagrams", "integer", "how many were seen so far (ours)"},
    {"stream_duration", "interval", "from the first one to the last one so far (ours)"},
}));

constexpr std::array<std::string_view, 1> kServices{"ethercat"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"ethercat", "normwatch", kServices, kIcsCategory, kFields, false}}};
constexpr std::size_t kEthercat = 0;
constexpr std::array<std::uint16_t, 1> kEtherTypes{0x88a4};

constexpr std::uint16_t kAlControl = 0x0120, kMemory = 0x1000;

// What a write to a slave's registers does; of several that one datagram writes, the first here.
struct Register {
  std::uint16_t begin, end;
  IcsOperation operation;
};
constexpr auto kRegisters = std::to_array<Register>({
    {kAlControl, 0x0122, IcsOperation::control},
    {0x0500, 0x0510, IcsOperation::program},  // EEPROM
    {0x0040, 0x0042, IcsOperation::restart},  // reset: "RES", an octet at a time
    {0x0100, 0x0104, IcsOperation::control},  // which ports pass frames on
    {0x0010, 0x0012, IcsOperation::write},    // its address
    {0x0020, 0x0032, IcsOperation::write},    // write protection
    {0x0400, 0x0430, IcsOperation::write},    // watchdogs
    {0x0600, 0x0700, IcsOperation::write},    // FMMUs: what of its memory is shared, registers and mailboxes too
    {0x0800, 0x0880, IcsOperation::write},    // SyncManagers: where its mailboxes and buffers are
});
// Null: none of them. A write may begin before the register that it is for.
const Register* find_register(const EthercatDatagram& datagram) noexcept {
  const std::size_t begin = datagram.offset, end = begin + datagram.data.size();
  const auto found =
      std::ranges::find_if(kRegisters, [&](const Register& is) { return begin < is.end && end > is.begin; });
  return found == kRegisters.end() ? nullptr : &*found;
}

// One kind of command of one master to one slave.
struct Stream {
  std::string name;  // the master's address, command, slave
  Timestamp first{}, last{};
  std::uint64_t datagrams = 0;
  EthercatDatagram datagram;  // the first one; without views
  L2Ends ends;
};

// A write that is told, on its way out; addresses by place count up as the frame passes.
struct Sent {
  std::array<std::uint8_t, 6> source;
  std::uint16_t slave, offset;
  std::uint8_t command, index;
  bool operator==(const Sent&) const = default;
};

class EthercatAnalyzer final : public Analyzer {
 public:
  void ethernet(const EthernetFrame& frame, Context& context) override {
    const L2Ends ends{frame};
    EthercatDatagrams datagrams{frame.payload};
    EthercatDatagram datagram;
    for (std::size_t i = 0; i < kDatagramsMax && datagrams.next(datagram); ++i) take(datagram, ends, context);
    if (datagrams.error()) context.refused(*datagrams.error());
  }

  void advance(Timestamp until, Context& context) override {
    static constexpr std::chrono::seconds kSilence{10};
    const auto due = [](const Stream& it) { return it.last + kSilence; };
    while (Stream* const stream = streams_.overdue(until, due)) {
      tell_end(*stream, context);
      streams_.remove(*stream);
    }
  }
  void finish(Context& context) override {
    for (const Stream& stream : streams_.all()) tell_end(stream, context);
  }

 private:
  static constexpr std::size_t kDatagramsMax = 128;  // of one frame
  static constexpr std::size_t kSentMax = 64;
  static constexpr std::uint8_t kPassedBit = 0x02;  // the first slave sets it in the source

  void take(const EthercatDatagram& datagram, const L2Ends& ends, Context& context) {
    const bool memory = !datagram.logical() && datagram.writes();
    if (const Register* written = memory ? find_register(datagram) : nullptr)
      return tell_write(datagram, written->operation, {}, ends, context);
    if (memory && datagram.offset >= kMemory)
      if (const auto mailbox = read_ethercat_mailbox(datagram.data))
        return tell_write(datagram, IcsOperation::other, mailbox, ends, context);
    L2Ends master = ends;
    master.source[0] &= static_cast<std::uint8_t>(~kPassedBit);
    // Addresses by place count up as the frame passes.
    const auto slave = one_slave(datagram) ? datagram.slave : std::uint16_t{0};
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

  static bool one_slave(const EthercatDatagram& datagram) noexcept {
    return !datagram.by_place() && !datagram.broadcast() && !datagram.logical();
  }

  // A counter says that it was done. Without one, the first slave's bit says that the frame comes back; but masters'
  // own addresses may have the bit, too, so the way out must have been seen, without it.
  bool returned(const EthercatDatagram& datagram, const L2Ends& ends) {
    Sent is{ends.source, one_slave(datagram) ? datagram.slave : std::uint16_t{0}, datagram.offset, datagram.command,
            datagram.index};
    const bool passed = (is.source[0] & kPassedBit) != 0;
    is.source[0] &= static_cast<std::uint8_t>(~kPassedBit);
    const auto found = passed ? std::ranges::find(sent_, is) : sent_.end();
    if (found != sent_.end()) {
      sent_.erase(found);
      return true;
    }
    if (datagram.working_counter != 0) return true;
    if (passed) return false;
    if (sent_.size() == kSentMax) sent_.erase(sent_.begin());
    sent_.push_back(is);
    return false;
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

  void tell_write(const EthercatDatagram& datagram, IcsOperation operation,
                  const std::optional<EthercatMailbox>& mailbox, const L2Ends& ends, Context& context) {
    if (!context.wants(kEthercat)) return;
    EventWriter out = context.begin(kEthercat, context.now());
    write_head(out, datagram, ends);
    const bool back = returned(datagram, ends);
    out.set(kReturned, Value::boolean(back));
    out.set(kCounter, Value::integer(datagram.working_counter));
    out.set(kIndex, Value::integer(datagram.index));
    out.set(kDataLength, Value::integer(static_cast<std::int64_t>(datagram.data.size())));
    IcsCommand command{operation, {}, {}};
    describe(datagram, command.target);
    if (mailbox)
      write_mailbox(out, *mailbox, command);
    else
      write_state(out, datagram, command);
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
    if (!mailbox.value.empty()) command.value.append("0x");
    for (std::size_t i = 0; i < mailbox.value.size() && !command.value.full(); ++i)
      command.value.append_hex(mailbox.value[i], 2);
  }

  // Where the state that is asked for is among what is written.
  static void write_state(EventWriter& out, const EthercatDatagram& datagram, IcsCommand& command) {
    constexpr std::uint8_t kBootstrap = 3, kOperational = 8;
    const std::size_t begin = datagram.offset;
    if (begin > kAlControl || datagram.data.size() <= kAlControl - begin) return;
    const auto state = static_cast<std::uint8_t>(datagram.data[kAlControl - begin] & 0x0FU);
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
  std::vector<Sent> sent_;  // the last ones on their way out, oldest first
  std::string name_;        // of the current datagram; kept for its memory
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
