#include "ingest/network/protocols/hart_ip_event.h"

#include <algorithm>
#include <array>
#include <utility>

#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kIsOrig,
  kVersion,
  kType,
  kId,
  kStatusCode,
  kSequence,
  kLength,
  kMasterType,
  kCloseTimer,
  kAddressType,
  kExpansion,
  kLayer,
  kFrameType,
  kPollingAddress,
  kUniqueAddress,
  kCommandName,
  kByteCount,
  kCheck,
  kResponseCode,
  kStartRecord,
  kRecords,
  kPowerUp,
  kLastChange,
  kRecordSize,
  kFunction,
  kCommand,
  kResponse,
  kDeviceStatus,
  kExtendedStatus,
  kServerStatus,
  kCheckOk,
  kRtt,
  kIcs,
};

constexpr auto kMessageFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "sent by the client (ours)"},
    {"header_version", "integer", "1 or 2"},
    {"header_message_type_message_type", "text", "Request, Response, Publish or Negative Acknowledgement"},
    {"header_message_id", "text",
     "Session Initiate, Session Close, Keep Alive, Token Passing PDU, Direct PDU or Read Audit Log"},
    {"header_status_code", "text", "Success, All Available Sessions In Use, ..."},
    {"header_sequence_number", "integer", "joins a response to its request; of publications a count"},
    {"header_length", "integer", "octets of the message"},
    {"session_initiate_master_type", "integer", "0 secondary, 1 primary host"},
    {"session_initiate_inactivity_close_timer", "integer", "after how many ms of silence the session ends"},
    {"token_passing_pdu_delimiter_address_type", "text", "Polling Address or Unique Address"},
    {"token_passing_pdu_delimiter_expansion_bytes", "integer", "octets between address and command"},
    {"token_passing_pdu_delimiter_physical_layer_type", "text", "Asynchronous or Synchronous"},
    {"token_passing_pdu_delimiter_frame_type", "text",
     "STX Master to Field, Acknowledgement Field to Master or Back Burst Frame"},
    {"token_passing_pdu_address_v4", "integer", "the octet with the polling address"},
    {"token_passing_pdu_address_v6", "text",
     "the unique address, with the master's and the burst's bit, in hexadecimal"},
    {"token_passing_pdu_command_number", "text", "the command's name: Read Primary Variable, ..."},
    {"token_passing_pdu_byte_count", "integer", "octets of its data"},
    {"token_passing_pdu_check_byte", "integer", "the check at its end"},
    {"token_passing_pdu_contents_response_response_code", "integer", "how it went, by number"},
    {"read_audit_log_start_record", "integer", "first record"},
    {"read_audit_log_number_of_records", "integer", "how many of them"},
    {"read_audit_log_power_up_time", "integer", "when the server came up, as it counts"},
    {"read_audit_log_last_security_change", "integer", "when its security was changed last, as it counts"},
    {"read_audit_log_session_record_size", "integer", "octets of a record"},
    {"function", "text",
     "the command's name, or the message's when it has none; of several direct commands the first that changes "
     "something (ours)"},
    {"command", "integer", "and the command's number (ours)"},
    {"response", "text", "how it went: Success, Busy, Communication Error, ...; of a token-passing PDU (ours)"},
    {"device_status", "list of text", "bits that stand: device_malfunction, configuration_changed, ... (ours)"},
    {"extended_status", "list of text", "of a direct PDU: maintenance_required, failure, ... (ours)"},
    {"server_status", "list of text", "of an audit log: insecure_syslog_connection, ... (ours)"},
    {"check_ok", "boolean", "whether the check at the PDU's end is right (ours)"},
    {"rtt", "interval", "from the request to its response; absent when the request was not seen (ours)"},
}));

enum PartField : std::size_t {
  kPartIsOrig,
  kPartCommandName,
  kPartByteCount,
  kPartResponseCode,
  kPartCommand,
  kPartResponse,
  kPartSequence,
  kPartIcs
};

constexpr auto kPartFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "sent by the client (ours)"},
    {"direct_pdu_command_command_number", "text", "the command's name: Read Primary Variable, ..."},
    {"direct_pdu_command_byte_count", "integer", "octets of its data"},
    {"direct_pdu_contents_response_response_code", "integer", "how it went, by number"},
    {"command", "integer", "the command's number (ours)"},
    {"response", "text", "how it went: Success, Busy, ... (ours)"},
    {"header_sequence_number", "integer", "the message's (ours)"},
}));

enum RecordField : std::size_t {
  kClient4,
  kClient6,
  kClientPort,
  kServerPort,
  kConnected,
  kDisconnected,
  kInsecure,
  kTimeout,
  kAborted,
  kBadInitialization,
  kWrites,
  kStartCount,
  kEndCount,
  kPublished,
  kRequests,
  kResponses,
  kRecordIcs
};

constexpr auto kRecordFields = with_ics(std::to_array<FieldSpec>({
    {"session_log_record_client_i_pv4_address", "address", "who had the session"},
    {"session_log_record_client_i_pv6_address", "address", "the same, of IPv6"},
    {"session_log_record_client_port", "integer", "its port"},
    {"session_log_record_server_port", "integer", "and the server's"},
    {"session_log_record_connect_time", "integer", "when it began, as the server counts"},
    {"session_log_record_disconnect_time", "integer", "when it ended"},
    {"session_log_record_session_status_summary_insecure_session", "boolean", "it was not encrypted"},
    {"session_log_record_session_status_summary_session_timeout", "boolean", "it ended by silence"},
    {"session_log_record_session_status_summary_aborted_session", "boolean", "it was broken off"},
    {"session_log_record_session_status_summary_bad_session_initialization", "boolean", "it did not begin well"},
    {"session_log_record_session_status_summary_writes_occured", "boolean", "something was written"},
    {"session_log_record_start_configuration_change_count", "integer", "changes of the configuration at its beginning"},
    {"session_log_record_end_configuration_change_count", "integer", "and at its end"},
    {"session_log_record_num_publish_pdu", "integer", "publications sent"},
    {"session_log_record_num_request_pdu", "integer", "requests taken"},
    {"session_log_record_num_response_pdu", "integer", "responses sent"},
}));

constexpr std::array<std::string_view, 1> kService{"hart_ip"}, kPartService{"hart_ip_direct_pdu_command"},
    kRecordService{"hart_ip_session_record"};
constexpr std::array<event::TypeSpec, 4> kTypes{
    {{"hart_ip", "normwatch", kService, kIcsCategory, kMessageFields, false},
     {"hart_ip_direct_pdu_command", "normwatch", kPartService, kIcsPartCategory, kPartFields, false},
     {"hart_ip_session_record", "normwatch", kRecordService, kIcsPartCategory, kRecordFields, false},
     kKnownDeviceType}};

constexpr std::string_view kServer = "server";  // a direct PDU is to the one that is spoken to

// Of several commands in one message the one that changes something says what the message does.
bool changes(IcsOperation operation) {
  return operation != IcsOperation::read && operation != IcsOperation::identify && operation != IcsOperation::diagnose;
}

void set_bits(EventWriter& out, std::size_t field, unsigned bits, std::string_view (*name)(unsigned)) {
  if (bits == 0 || !out.wants(field)) return;
  const auto slots = out.event().arena().make<Value>(8);
  std::size_t used = 0;
  for (unsigned bit = 0; bit < slots.size(); ++bit)
    if ((bits >> bit & 1U) != 0 && !name(bit).empty()) slots[used++] = Value::text(name(bit));
  set_list(out, field, slots.first(used));
}

void gather_token_passing(const HartIpMessage& message, bool texts, HartContents& out) {
  HartPdu& pdu = out.pdu;
  out.broken = !read_hart_pdu(message.body, pdu);
  if (pdu.address.empty()) return;
  out.command = pdu.command;
  IcsText device;
  append_hart_device(device, pdu);
  // A response names its points again; only its own data are told of it.
  describe_hart_request(pdu.command, pdu.response ? Bytes{} : pdu.data, device.view(), texts, out.ics);
  if (!pdu.response) return;
  append_hart_refusal(out.reason, *pdu.response);
  if (texts && out.reason.empty()) describe_hart_response(pdu.command, pdu.data, out.value);
}

void gather_direct(const HartIpMessage& message, bool texts, HartContents& out) {
  ByteReader reader{message.body};
  reader.bytes(2);
  const bool from_device = message.type != kHartRequest;
  HartDirect direct;
  while (!reader.empty() && read_hart_direct(reader, from_device, direct)) {
    IcsCommand command;
    describe_hart_request(direct.command, from_device ? Bytes{} : direct.data, kServer, texts, command);
    if (!out.command || (changes(command.operation) && !changes(out.ics.operation))) {
      out.command = direct.command;
      out.ics.operation = command.operation;
    }
    for (const auto& [to, from] :
         {std::pair{&out.ics.target, &command.target}, std::pair{&out.ics.value, &command.value}})
      if (!from->empty()) to->next(), to->append(from->view());
    if (direct.response && out.reason.empty()) append_hart_refusal(out.reason, *direct.response);
    if (texts && direct.response) describe_hart_response(direct.command, direct.data, out.value);
  }
  out.broken = !reader.ok() || !out.command;
}

void set_token_passing(EventWriter& out, const HartPdu& pdu) {
  static constexpr std::array<std::string_view, 2> kLayers{"Asynchronous", "Synchronous"};
  if (pdu.address.empty()) return;
  out.set(kAddressType, Value::text(pdu.unique() ? "Unique Address" : "Polling Address"));
  out.set(kExpansion, Value::integer(pdu.expansion()));
  out.set(kLayer, named(out, pdu.layer() < kLayers.size() ? kLayers[pdu.layer()] : std::string_view{}, pdu.layer()));
  out.set(kFrameType, named(out, hart_frame_name(pdu.frame()), pdu.frame()));
  if (pdu.unique())
    set_hex(out, kUniqueAddress, pdu.address);
  else
    out.set(kPollingAddress, Value::integer(pdu.address.front()));
  out.set(kCommandName, named(out, hart_command_name(pdu.command), pdu.command));
  out.set(kByteCount, Value::integer(pdu.count));
  out.set(kCheck, Value::integer(pdu.check));
  out.set(kCheckOk, Value::boolean(pdu.checked));
  if (pdu.response) {
    out.set(kResponseCode, Value::integer(*pdu.response));
    out.set(kResponse, named(out, hart_response_name(*pdu.response), *pdu.response));
  }
  if (pdu.status) set_bits(out, kDeviceStatus, *pdu.status, hart_device_status_name);
}

void set_session(EventWriter& out, Bytes body) {
  ByteReader reader{body};
  const std::uint8_t master = reader.u8();
  const std::uint32_t timer = reader.u32be();
  if (!reader.ok()) return;
  out.set(kMasterType, Value::integer(master));
  out.set(kCloseTimer, Value::integer(timer));
}

void set_audit_log(EventWriter& out, const HartIpMessage& message) {
  ByteReader reader{message.body};
  const std::uint8_t start = reader.u8(), records = reader.u8();
  if (!reader.ok()) return;
  out.set(kStartRecord, Value::integer(start));
  out.set(kRecords, Value::integer(records));
  if (message.type == kHartRequest) return;
  const std::uint64_t up = reader.u64be(), change = reader.u64be();
  const std::uint16_t status = reader.u16be(), size = reader.u16be();
  if (!reader.ok()) return;
  out.set(kPowerUp, Value::integer(static_cast<std::int64_t>(up)));
  out.set(kLastChange, Value::integer(static_cast<std::int64_t>(change)));
  set_bits(out, kServerStatus, status, hart_server_status_name);
  out.set(kRecordSize, Value::integer(size));
}

void set_body(EventWriter& out, const HartIpMessage& message, const HartContents& contents) {
  switch (message.id) {
    case kHartInitiate: return set_session(out, message.body);
    case kHartTokenPassing: return set_token_passing(out, contents.pdu);
    case kHartAuditLog: return set_audit_log(out, message);
    case kHartDirect: {
      ByteReader reader{message.body};
      set_bits(out, kDeviceStatus, reader.u8(), hart_device_status_name);
      return set_bits(out, kExtendedStatus, reader.u8(), hart_extended_status_name);
    }
    default: return;
  }
}

void set_function(EventWriter& out, std::uint8_t id, const std::optional<std::uint16_t>& command) {
  if (command)
    out.set(kFunction, named(out, hart_command_name(*command), *command));
  else
    out.set(kFunction, named(out, hart_ip_id_name(id), id));
  if (command) out.set(kCommand, Value::integer(*command));
}

void tell_direct(const HartIpMessage& message, Context& context) {
  ByteReader reader{message.body};
  reader.bytes(2);
  const bool from_device = message.type != kHartRequest;
  for (HartDirect direct; !reader.empty() && read_hart_direct(reader, from_device, direct);) {
    EventWriter out = context.begin(kHartDirectCommands, context.now());
    out.set(kPartIsOrig, Value::boolean(!from_device));
    out.set(kPartCommandName, named(out, hart_command_name(direct.command), direct.command));
    out.set(kPartByteCount, Value::integer(direct.count));
    out.set(kPartCommand, Value::integer(direct.command));
    out.set(kPartSequence, Value::integer(message.sequence));
    const bool texts = wants_ics_texts(context, kHartDirectCommands, kPartIcs);
    IcsCommand command;
    describe_hart_request(direct.command, from_device ? Bytes{} : direct.data, kServer, texts, command);
    std::optional<IcsOutcome> outcome;
    IcsText reason;
    if (direct.response) {
      out.set(kPartResponseCode, Value::integer(*direct.response));
      out.set(kPartResponse, named(out, hart_response_name(*direct.response), *direct.response));
      append_hart_refusal(reason, *direct.response);
      outcome = reason.empty() ? IcsOutcome::ok : IcsOutcome::refused;
      if (texts) describe_hart_response(direct.command, direct.data, command.value);
    }
    write_ics(out, kPartIcs, command, outcome, out.event().keep(reason.view()));
    context.emit();
  }
}

void tell_records(const HartIpMessage& message, Context& context) {
  constexpr std::size_t kHead = 20, kRecordBytes = 58;
  ByteReader reader{message.body};
  reader.bytes(kHead);
  const std::size_t size = reader.u16be();
  while (size >= kRecordBytes && reader.rest().size() >= size) {
    ByteReader record = reader.sub(size);
    EventWriter out = context.begin(kHartRecords, context.now());
    for (const auto& [field, width] : {std::pair{kClient4, 4U}, std::pair{kClient6, 16U}}) {
      const Bytes address = record.bytes(width);
      if (std::ranges::any_of(address, [](std::uint8_t octet) { return octet != 0; }))
        out.set(field, Value::address(IpAddress::from_bytes(address)));
    }
    for (const auto field : {kClientPort, kServerPort}) out.set(field, Value::integer(record.u16be()));
    for (const auto field : {kConnected, kDisconnected})
      out.set(field, Value::integer(static_cast<std::int64_t>(record.u64be())));
    const unsigned summary = record.u16be();
    for (std::size_t bit = 0; bit <= kWrites - kInsecure; ++bit)
      out.set(kInsecure + bit, Value::boolean((summary >> bit & 1U) != 0));
    for (const auto field : {kStartCount, kEndCount}) out.set(field, Value::integer(record.u16be()));
    for (const auto field : {kPublished, kRequests, kResponses}) out.set(field, Value::integer(record.u32be()));
    write_ics(out, kRecordIcs, {IcsOperation::diagnose, {}, {}});
    context.emit();
  }
}

}  // namespace

std::span<const event::TypeSpec> hart_ip_types() { return kTypes; }
std::size_t hart_ip_ics() { return kIcs; }

HartContents gather_hart(const HartIpMessage& message, bool texts) {
  HartContents out;
  // Of a refusal the header is all that counts.
  const bool bare = message.type == kHartNak || (message.type == kHartResponse && message.body.empty());
  if (message.type != kHartRequest && message.status != 0 && !is_hart_ip_warning(message.status)) {
    if (const std::string_view name = hart_ip_status_name(message.status); !name.empty()) {
      out.reason.append(name);
    } else {
      out.reason.append("status ");
      out.reason.append_number(message.status);
    }
  } else if (message.type == kHartNak) {
    out.reason.append(hart_ip_type_name(kHartNak));
  }
  const bool refused = !out.reason.empty();
  constexpr std::size_t kSession = 5;
  if (message.id == kHartAuditLog) out.ics.operation = IcsOperation::diagnose;
  if (message.id == kHartInitiate) out.broken = message.body.size() < kSession && !refused;
  if (message.id == kHartAuditLog) out.broken = message.body.size() < 2 && !refused;
  if (bare && refused) return out;
  if (message.id == kHartTokenPassing) gather_token_passing(message, texts, out);
  if (message.id == kHartDirect) gather_direct(message, texts, out);
  return out;
}

void tell_hart_message(const HartIpMessage& message, const HartContents& contents, const IcsCommand& ics,
                       std::optional<IcsOutcome> outcome, const HartRequest* asked, Context& context) {
  EventWriter out = context.begin(kHartMessages, context.now());
  out.set(kIsOrig, Value::boolean(message.type == kHartRequest));
  out.set(kVersion, Value::integer(message.version));
  out.set(kType, named(out, hart_ip_type_name(message.type), message.type));
  out.set(kId, named(out, hart_ip_id_name(message.id), message.id));
  out.set(kStatusCode, named(out, hart_ip_status_name(message.status), message.status));
  out.set(kSequence, Value::integer(message.sequence));
  out.set(kLength, Value::integer(message.length));
  set_body(out, message, contents);
  set_function(out, message.id, contents.command || asked == nullptr ? contents.command : asked->command);
  if (asked != nullptr) out.set(kRtt, Value::interval(context.now() - asked->time));
  write_ics(out, kIcs, ics, outcome, out.event().keep(contents.reason.view()));
  context.emit();
}

void tell_hart_parts(const HartIpMessage& message, Context& context) {
  if (message.id == kHartDirect && context.wants(kHartDirectCommands)) tell_direct(message, context);
  if (message.id == kHartAuditLog && message.type == kHartResponse && context.wants(kHartRecords))
    tell_records(message, context);
}

void tell_hart_unanswered(const HartRequest& request, Context& context) {
  if (!context.wants(kHartMessages)) return;
  EventWriter out = context.begin(kHartMessages, request.time);
  out.set(kIsOrig, Value::boolean(true));
  out.set(kVersion, Value::integer(request.version));
  out.set(kType, Value::text(hart_ip_type_name(kHartRequest)));
  out.set(kId, named(out, hart_ip_id_name(request.id), request.id));
  out.set(kSequence, Value::integer(request.sequence));
  set_function(out, request.id, request.command);
  write_ics(out, kIcs, request.ics, IcsOutcome::no_answer);
  context.emit();
}

}  // namespace nw::network
