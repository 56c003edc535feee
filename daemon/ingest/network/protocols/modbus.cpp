// Modbus/TCP. MODBUS Messaging on TCP/IP Implementation Guide V1.0b, section 3.1.3:
// | transaction u16 | protocol u16 = 0 | length u16 | unit u8 | function u8 | data |, `length` counts from the unit on.
//
// One `modbus` event per PDU, request or response, as in Zeek's modbus.log. A response is joined to its request by
// transaction, unit and function, and then repeats the request's address and quantity.
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/ics_requests.h"
#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/modbus_pdu.h"
#include "ingest/network/protocols/placed_stream.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/text_buffer.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kTid,
  kUnit,
  kFunc,
  kFuncCode,
  kPduType,
  kIsOrig,
  kException,
  kExceptionCode,
  kAddress,
  kQuantity,
  kReadAddress,
  kReadQuantity,
  kRequestValues,
  kResponseValues,
  kAndMask,
  kOrMask,
  kDiag,
  kDiagName,
  kMeiType,
  kObjectIds,
  kObjectValues,
  kFiles,
  kFileRecords,
  kFileLengths,
  kUmasCode,
  kUmasFunc,
  kDataLength,
  kRtt,
  kIcs,
};

constexpr auto kFields = with_ics(std::to_array<FieldSpec>({
    {"tid", "integer", "transaction id"},
    {"unit", "integer", "unit identifier: the device behind a gateway"},
    {"func", "text", "READ_COILS, ...; with _EXCEPTION when refused; unknown-NN when it has no name"},
    {"func_code", "integer", "the function's number, without the exception bit (ours)"},
    {"pdu_type", "text", "REQ or RESP"},
    {"is_orig", "boolean", "sent by the client"},
    {"exception", "text", "why the device refused: ILLEGAL_FUNCTION, ..."},
    {"exception_code", "integer", "the exception's number (ours)"},
    {"address", "integer", "first coil, input or register; a response repeats its request's"},
    {"quantity", "integer", "how many of them; a response repeats its request's"},
    {"read_address", "integer", "first register read by READ_WRITE_MULTIPLE_REGISTERS (ours)"},
    {"read_quantity", "integer", "how many it reads (ours)"},
    {"request_values", "list of integer", "values that a request writes; coils as 0 and 1"},
    {"response_values", "list of integer", "values that a response carries; coils as 0 and 1"},
    {"and_mask", "integer", "of MASK_WRITE_REGISTER"},
    {"or_mask", "integer", "of MASK_WRITE_REGISTER"},
    {"diag_subfunction", "integer", "what DIAGNOSTICS asks for: 1 restart, 4 listen only, ..."},
    {"diag_subfunction_name", "text", "its name"},
    {"mei_type", "text", "what ENCAP_INTERFACE_TRANSPORT carries: Read Device Identification, ..."},
    {"object_ids", "list of integer", "device identification: 0 vendor, 1 product code, 2 revision, ..."},
    {"object_values", "list of text", "device identification: the texts of `object_ids`"},
    {"file_numbers", "list of integer", "files that a file record function names"},
    {"file_records", "list of integer", "first record in each of them"},
    {"file_lengths", "list of integer", "registers in each of them"},
    {"umas_code", "integer", "function of Schneider's UMAS inside PROGRAM_UNITY (ours)"},
    {"umas_func", "text", "its name: STOP_PLC, INITIALIZE_DOWNLOAD, ...; unknown-NN when it has none (ours)"},
    {"data_length", "integer", "bytes after the function code (ours)"},
    {"rtt", "interval", "from the request to its response; absent when the request was not seen (ours)"},
}));
constexpr std::array<std::string_view, 1> kService{"modbus"};
enum : std::size_t { kModbus, kDevice };
constexpr std::array<event::TypeSpec, 2> kTypes{
    {{"modbus", "normwatch", kService, kIcsCategory, kFields, false}, kKnownDeviceType}};
constexpr std::array<std::uint16_t, 1> kPorts{502};

constexpr std::size_t kLengthMin = 2, kLengthMax = 254;  // bytes after `length`: an ADU has at most 260
constexpr std::size_t kUmasLengthMax = 1024;             // Schneider's devices agree on longer ones, seen from 255 on
constexpr std::uint8_t kUmasFunction = 0x5A, kUmasError = 0xFD, kInterfaceFunction = 0x2B;
constexpr std::uint8_t kAcknowledge = 5;  // an exception that is none: it is being done

struct Adu {
  std::uint16_t transaction = 0, protocol = 0;
  std::uint8_t unit = 0, function = 0;
  Bytes data;  // views the input
};

// `truncated` asks for more bytes; `reader` moves past a whole ADU, or one that is whole but for its length.
// `in_place`: one begins here for certain, so one of another protocol is taken, too: servers pass over it
// (Implementation Guide, 4.4.2.1), or do not look.
std::optional<DecodeError> read_adu(ByteReader& reader, Adu& out, bool in_place) {
  ByteReader header = reader;
  out.transaction = header.u16be();
  out.protocol = header.u16be();
  // Refused as soon as it is seen, before the body: a lying length must not make us buffer.
  if (header.ok() && out.protocol != 0 && !in_place) return DecodeError::bad_value;
  const std::size_t length = header.u16be();
  if (!header.ok()) return DecodeError::truncated;
  const auto lies = [&] {
    header.bytes(length);
    if (header.ok()) reader = header;
    return DecodeError::bad_value;
  };
  if (length < kLengthMin || length > kUmasLengthMax) return lies();
  ByteReader body = header;
  out.unit = body.u8();
  out.function = body.u8();
  if (!body.ok()) return DecodeError::truncated;
  if (length > kLengthMax && (out.function & 0x7fU) != kUmasFunction) return lies();
  body = header.sub(length);
  body.bytes(kLengthMin);
  if (!body.ok()) return DecodeError::truncated;
  out.data = body.rest();
  reader = header;
  return {};
}

// Where nothing says that an ADU begins only a whole, public and well-formed PDU counts: eight bytes with zeros in them
// prove little.
bool convincing(const Adu& adu, Direction direction) {
  const auto code = static_cast<std::uint8_t>(adu.function & 0x7fU);
  constexpr auto kPublic = std::to_array<std::uint8_t>(
      {1, 2, 3, 4, 5, 6, 7, 8, 0x0B, 0x0C, 0x0F, 0x10, 0x11, 0x14, 0x15, 0x16, 0x17, 0x18, 0x2B});
  if (std::ranges::find(kPublic, code) == kPublic.end()) return false;
  Arena arena;
  ModbusBody body;
  const bool request = read_modbus_request(adu.function, adu.data, arena, body);
  const bool response = read_modbus_response(adu.function, adu.data, nullptr, arena, body);
  // Which side is the client is a guess until a port says so.
  return direction == Direction::to_responder ? request : request || response;
}

class ModbusAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    Adu adu;
    const auto read = [&](ByteReader& reader, bool in_place) { return read_adu(reader, adu, in_place); };
    const auto take = [&] {
      if (adu.protocol != 0) context.refused(DecodeError::bad_value);
      if (context.wants(kModbus) || context.wants(kDevice)) pdu(adu, direction, context);
    };
    return streams_[static_cast<std::size_t>(direction)].read(bytes, context, read, take,
                                                              [&] { return convincing(adu, direction); });
  }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    streams_[static_cast<std::size_t>(direction)].gap();
    if (direction != asking_) open_.forget();
    context.refused(DecodeError::truncated);
  }

  void finish(Context& context) override {
    open_.finish([&](const Request& request) { unanswered(request, context); });
  }

 private:
  struct Said {
    std::uint16_t transaction = 0;
    std::uint8_t unit = 0, function = 0;
    bool operator==(const Said&) const = default;
  };
  struct Request {
    Timestamp time;
    std::uint16_t transaction = 0;
    std::uint8_t unit = 0, function = 0;
    ModbusRequestPart part;
    std::optional<std::uint16_t> read_address;
    IcsCommand command;
  };

  void pdu(const Adu& adu, Direction direction, Context& context) {
    // Only servers refuse, so an exception tells who they are when the capture began in mid-flow the wrong way round.
    // It must be of what the other side said last, and nothing may have been answered yet: clients can send one, too.
    const Said refused{adu.transaction, adu.unit, static_cast<std::uint8_t>(adu.function & 0x7fU)};
    if (is_exception(adu) && !answered_ && said_[static_cast<std::size_t>(opposite(direction))] == refused)
      asking_ = opposite(direction);
    said_[static_cast<std::size_t>(direction)] = Said{adu.transaction, adu.unit, adu.function};
    const auto give_up = [&](const Request& old) { unanswered(old, context); };
    open_.expire(context.now(), give_up);
    if (!context.wants(kModbus)) {
      if (direction != asking_) device(adu, direction, context);
    } else if (direction == asking_ && !is_exception(adu)) {
      // Asked again, or the number came round.
      if (Request* same = open_.find([&](const Request& r) { return r.transaction == adu.transaction; })) {
        unanswered(*same, context);
        open_.remove(same);
      }
      open_.add(request(adu, context), context, give_up);
    } else {
      response(adu, direction, context);
    }
  }

  // No server takes such a function, so it is told as the refusal that it looks like, whoever sends it.
  static bool is_exception(const Adu& adu) noexcept { return adu.function >= 0x80; }

  static EventWriter begin(const Adu& adu, bool request, Context& context) {
    EventWriter out = context.begin(kModbus, context.now());
    out.set(kTid, Value::integer(adu.transaction));
    out.set(kUnit, Value::integer(adu.unit));
    out.set(kPduType, Value::text(request ? "REQ" : "RESP"));
    out.set(kIsOrig, Value::boolean(request));
    out.set(kDataLength, Value::integer(static_cast<std::int64_t>(adu.data.size())));
    return out;
  }

  static Request request(const Adu& adu, Context& context) {
    EventWriter out = begin(adu, true, context);
    ModbusBody body;
    if (!read_modbus_request(adu.function, adu.data, out.event().arena(), body))
      context.refused(DecodeError::bad_value);
    write_function(out, adu.function, false, body);
    write_body(out, true, body);
    Request request{context.now(),
                    adu.transaction,
                    adu.unit,
                    adu.function,
                    {body.address, body.quantity, body.read_quantity},
                    body.read_address,
                    {modbus_operation(adu.function, body), {}, {}}};
    keep_whole(request.command, context, kModbus, kIcs);
    if (wants_ics_texts(context, kModbus, kIcs)) describe(adu, body, request.command);
    write_ics(out, kIcs, request.command);
    context.emit();
    return request;
  }

  void response(const Adu& adu, Direction direction, Context& context) {
    EventWriter out = begin(adu, false, context);
    const auto function = static_cast<std::uint8_t>(adu.function & 0x7fU);
    Request* asked = open_.find([&](const Request& r) {
      return direction != asking_ && r.transaction == adu.transaction && r.unit == adu.unit && r.function == function;
    });
    ModbusBody body;
    const ModbusRequestPart* part = asked == nullptr ? nullptr : &asked->part;
    if (!read_modbus_response(adu.function, adu.data, part, out.event().arena(), body))
      context.refused(DecodeError::bad_value);
    IcsCommand command{modbus_operation(function, body), {}, {}};
    if (asked != nullptr) {
      if (!body.address) body.address = part->address;
      if (!body.quantity) body.quantity = part->quantity;
      body.read_address = asked->read_address;
      body.read_quantity = part->read_quantity;
      out.set(kRtt, Value::interval(context.now() - asked->time));
      command = asked->command;
      answered_ = true;
      // What was written stays the value; what was asked for becomes it.
      if (command.operation != IcsOperation::write && !body.values.empty() && wants_ics_texts(context, kModbus, kIcs)) {
        command.value.clear();
        values(body.values, command.value);
      }
      open_.remove(asked);
    } else if (wants_ics_texts(context, kModbus, kIcs)) {
      describe(adu, body, command);
    }
    write_function(out, adu.function, true, body);
    write_body(out, false, body);
    const bool refused =
        (body.exception && *body.exception != kAcknowledge) || (function == kUmasFunction && body.umas == kUmasError);
    const std::string_view reason = body.exception ? modbus_exception_name(*body.exception)
                                    : refused      ? umas_function_name(kUmasError)
                                                   : std::string_view{};
    write_ics(out, kIcs, command, refused ? IcsOutcome::refused : IcsOutcome::ok, reason);
    context.emit();
    if (direction != asking_) device(adu, direction, context);
  }

  // The request once more, as nobody answered it.
  static void unanswered(const Request& request, Context& context) {
    if (!context.wants(kModbus)) return;
    EventWriter out = context.begin(kModbus, request.time);
    out.set(kTid, Value::integer(request.transaction));
    out.set(kUnit, Value::integer(request.unit));
    out.set(kPduType, Value::text("REQ"));
    out.set(kIsOrig, Value::boolean(true));
    write_function(out, request.function, false, {});
    set_number(out, kAddress, request.part.address);
    set_number(out, kQuantity, request.part.quantity);
    set_number(out, kReadAddress, request.read_address);
    set_number(out, kReadQuantity, request.part.read_quantity);
    write_ics(out, kIcs, request.command, IcsOutcome::no_answer);
    context.emit();
  }

  // `unit/table/first-last`, `unit/file/number/first-last`, or the unit alone.
  static void describe(const Adu& adu, const ModbusBody& body, IcsCommand& command) {
    const auto function = static_cast<std::uint8_t>(adu.function & 0x7fU);
    command.target.append_number(adu.unit);
    if (const std::string_view table = modbus_table(function); body.address && !table.empty()) {
      command.target.append('/');
      command.target.append(table);
      command.target.append('/');
      command.target.append_range(*body.address, body.quantity.value_or(1));
    } else if (!body.files.empty()) {
      command.target.clear();
      const auto files = body.files.all(), records = body.records.all(), lengths = body.lengths.all();
      for (std::size_t i = 0; i < lengths.size() && !command.target.full(); ++i) {
        command.target.next();
        command.target.append_number(adu.unit);
        command.target.append("/file/");
        command.target.append_number(files[i].as_integer());
        command.target.append('/');
        command.target.append_range(static_cast<std::uint64_t>(records[i].as_integer()),
                                    static_cast<std::uint64_t>(lengths[i].as_integer()));
      }
    }
    if (body.and_mask && body.or_mask) {
      command.value.append("and ");
      command.value.append_number(*body.and_mask);
      command.value.append(" or ");
      command.value.append_number(*body.or_mask);
    } else {
      values(body.values, command.value);
    }
  }
  static void values(const ValueList& list, IcsText& text) {
    for (const Value& value : list.all()) {
      if (text.full()) return;
      text.next();
      text.append_number(value.as_integer());
    }
  }

  // MODBUS Application Protocol V1.1b3, section 6.21: the objects' meanings.
  void device(const Adu& adu, Direction from, Context& context) {
    if (adu.function != kInterfaceFunction || !context.wants(kDevice)) return;
    Arena arena;
    ModbusBody body;
    (void)read_modbus_response(adu.function, adu.data, nullptr, arena, body);
    if (body.object_ids.empty()) return;
    KnownDevice device{.protocol = "modbus"};
    IcsText unit;
    unit.append_number(adu.unit);
    device.unit = unit.view();
    const auto ids = body.object_ids.all(), texts = body.object_values.all();
    for (std::size_t i = 0; i < texts.size(); ++i) {
      static constexpr std::array<std::string_view KnownDevice::*, 7> kMeanings{
          &KnownDevice::vendor,  &KnownDevice::order_number, &KnownDevice::firmware, &KnownDevice::description,
          &KnownDevice::product, &KnownDevice::product,      &KnownDevice::name};
      const auto id = static_cast<std::size_t>(ids[i].as_integer());
      if (id < kMeanings.size() && !texts[i].as_text().empty()) device.*kMeanings[id] = texts[i].as_text();
    }
    devices_.tell(device, kDevice, from, context);
  }

  // A number's name with `suffix`, or unknown-NN when it has none.
  static Value named(EventWriter& out, std::string_view name, unsigned number, std::string_view suffix = {}) {
    if (!name.empty() && suffix.empty()) return Value::text(name);
    TextBuffer text;
    if (name.empty()) {
      text.append("unknown-");
      text.append_number(number);
    } else {
      text.append(name);
      text.append(suffix);
    }
    return Value::text(out.event().keep(text.view()));
  }

  static void write_function(EventWriter& out, std::uint8_t function, bool response, const ModbusBody& body) {
    const bool refused = response && function >= 0x80;
    const auto code = static_cast<std::uint8_t>(refused ? function & 0x7fU : function);
    if (out.wants(kFunc)) out.set(kFunc, named(out, modbus_function_name(code), function, refused ? "_EXCEPTION" : ""));
    out.set(kFuncCode, Value::integer(code));
    if (body.exception) {
      out.set(kExceptionCode, Value::integer(*body.exception));
      if (out.wants(kException))
        out.set(kException, named(out, modbus_exception_name(*body.exception), *body.exception));
    }
  }

  static void set_number(EventWriter& out, Field field, const auto& number) {
    if (number) out.set(field, Value::integer(*number));
  }

  static void write_body(EventWriter& out, bool request, const ModbusBody& body) {
    set_number(out, kAddress, body.address);
    set_number(out, kQuantity, body.quantity);
    set_number(out, kReadAddress, body.read_address);
    set_number(out, kReadQuantity, body.read_quantity);
    set_list(out, request ? kRequestValues : kResponseValues, body.values.all());
    set_number(out, kAndMask, body.and_mask);
    set_number(out, kOrMask, body.or_mask);
    set_number(out, kDiag, body.subfunction);
    if (body.subfunction && out.wants(kDiagName))
      out.set(kDiagName, named(out, modbus_subfunction_name(*body.subfunction), *body.subfunction));
    if (body.mei && out.wants(kMeiType)) out.set(kMeiType, named(out, modbus_mei_name(*body.mei), *body.mei));
    set_list(out, kObjectIds, body.object_ids.all());
    set_list(out, kObjectValues, body.object_values.all());
    set_list(out, kFiles, body.files.all());
    set_list(out, kFileRecords, body.records.all());
    set_list(out, kFileLengths, body.lengths.all());
    set_number(out, kUmasCode, body.umas);
    if (body.umas && out.wants(kUmasFunc)) out.set(kUmasFunc, named(out, umas_function_name(*body.umas), *body.umas));
  }

  Direction asking_ = Direction::to_responder;  // where requests go
  bool answered_ = false;                       // a response was joined to its request: `asking_` is right
  std::array<std::optional<Said>, 2> said_;     // by direction: the last ADU
  IcsRequests<Request> open_;
  KnownDevices devices_;
  std::array<PlacedStream, 2> streams_;  // by direction
};

Verdict probe(Bytes first, Direction direction, Transport, bool on_port) {
  ByteReader reader{first};
  Adu adu;
  const auto fault = read_adu(reader, adu, false);
  if (fault == DecodeError::truncated) return Verdict::unsure;
  // One of another protocol, whole and plain: what follows it counts.
  if (fault) return on_port && !read_adu(reader, adu, true) && convincing(adu, direction) ? Verdict::yes : Verdict::no;
  return on_port || convincing(adu, direction) ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<ModbusAnalyzer>(); }

}  // namespace

Protocol modbus_protocol() {
  Protocol p;
  p.name = "modbus";
  p.help = "Modbus/TCP: reads and writes of programmable controllers";
  p.types = kTypes;
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  p.resyncs = true;
  return p;
}

}  // namespace nw::network
