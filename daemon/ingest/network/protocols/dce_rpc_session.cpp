#include "ingest/network/protocols/dce_rpc_session.h"

#include <algorithm>

#include "ingest/network/protocols/text_buffer.h"
#include "ingest/network/protocols/windows_text.h"

namespace nw::network {

namespace {

using event::Value;

enum Field : std::size_t { kRtt, kNamedPipe, kEndpoint, kOperation, kOpnum, kInterface, kFault };
static_assert(kDceRpcFields.size() == kFault + 1);

constexpr std::size_t kContextsMax = 64;  // of an association; Windows binds one to three at a time
constexpr std::size_t kCallsMax = 64;     // open at a time; most clients wait for each
constexpr std::size_t kPipeBytesMax = 256;
// Of a request, response or fault nothing behind it is read: context, operation, or the status.
constexpr std::size_t kHeadBytes = DceRpcHeader::kBytes + 12;

bool carries_call(DceRpcType type) noexcept {
  return type == DceRpcType::request || type == DceRpcType::response || type == DceRpcType::fault;
}

Value keep(EventWriter& out, const TextBuffer& text) { return Value::text(out.event().keep(text.view())); }

}  // namespace

std::size_t DceRpcSession::read(Bytes bytes, bool from_server, Context& context) {
  std::size_t& skipping = skipping_[from_server ? 1 : 0];
  ByteReader reader{bytes};
  for (;;) {
    const std::size_t skipped = std::min(skipping, reader.rest().size());
    reader.bytes(skipped);
    skipping -= skipped;
    if (reader.empty()) break;
    DceRpcHeader header;
    const auto fault = read_dce_rpc_header(reader.rest(), header);
    if (fault == DecodeError::truncated) break;
    if (fault) {
      context.refused(*fault);
      return Analyzer::kGiveUp;
    }
    const std::size_t wanted = carries_call(header.type) ? std::min(header.length, kHeadBytes) : header.length;
    if (reader.rest().size() < wanted) break;
    if (context.wants(types_.call) || context.wants(types_.ntlm)) pdu(reader.rest().first(wanted), header, context);
    reader.bytes(wanted);
    skipping = header.length - wanted;
  }
  return bytes.size() - reader.rest().size();
}

bool DceRpcSession::skip(std::uint64_t bytes, bool from_server) noexcept {
  std::size_t& skipping = skipping_[from_server ? 1 : 0];
  const bool within = bytes <= skipping;
  skipping = within ? skipping - static_cast<std::size_t>(bytes) : 0;
  return within;
}

void DceRpcSession::pdu(Bytes bytes, const DceRpcHeader& header, Context& context) {
  switch (header.type) {
    case DceRpcType::request: return request(bytes, header, context);
    case DceRpcType::response:
    case DceRpcType::fault: return response(bytes, header, context);
    case DceRpcType::bind:
    case DceRpcType::alter_context:
      if (const auto fault = read_dce_rpc_contexts(bytes, header, kContextsMax, contexts_)) context.refused(*fault);
      break;
    case DceRpcType::bind_ack:
      if (const Bytes address = dce_rpc_secondary_address(bytes, header); !address.empty())
        pipe_ = text_of_oem(address, kPipeBytesMax);
      break;
    case DceRpcType::bind_nak:
    case DceRpcType::alter_context_response:
    case DceRpcType::auth3: break;
    default: return;  // keep-alives, cancellations
  }
  if (const auto fault = ntlm_.take(dce_rpc_token(bytes, header))) context.refused(*fault);
  // Nothing answers the client's last message ([MS-RPCE] 3.3.1.5.2.2); whether the server takes it shows later, or not.
  if (ntlm_.authenticated()) tell_ntlm({}, context);
}

// | hint u32 | context u16 | operation u16 |
void DceRpcSession::request(Bytes bytes, const DceRpcHeader& header, Context& context) {
  // A fragment behind the first. Of a call that is not open any is taken: servers do not care for the flag.
  const bool first = (header.flags & DceRpcHeader::kFirstFragment) != 0;
  if (!first && std::ranges::find(calls_, header.call, &Call::id) != calls_.end()) return;
  DceRpcReader reader{bytes, header.little_endian};
  reader.bytes(DceRpcHeader::kBytes);
  reader.u32();
  Call call{context.now(), header.call, 0, false, {}, {}};
  const std::uint16_t id = reader.u16();
  call.operation = reader.u16();
  if (!reader.ok()) return context.refused(DecodeError::bad_value);
  const auto bound = std::ranges::find(contexts_, id, &DceRpcContext::id);
  call.bound = bound != contexts_.end();
  if (call.bound) call.interface = bound->interface;
  open(call, context);
}

// | hint u32 | context u16 | cancels u8 | 0 u8 | status u32, of a fault |
void DceRpcSession::response(Bytes bytes, const DceRpcHeader& header, Context& context) {
  DceRpcReader reader{bytes, header.little_endian};
  reader.bytes(DceRpcHeader::kBytes + 8);
  std::optional<std::uint32_t> status;
  if (header.type == DceRpcType::fault) status = reader.u32();
  if (!reader.ok()) return context.refused(DecodeError::bad_value);
  // Without its request a response says nothing: not even what was called.
  const auto call = std::ranges::find(calls_, header.call, &Call::id);
  if (call != calls_.end()) close(call, true, status, context);
}

void DceRpcSession::datagram(Bytes bytes, Context& context) {
  DceRpcDatagram header;
  if (const auto fault = read_dce_rpc_datagram(bytes, header)) return context.refused(*fault);
  if (header.odd) context.refused(DecodeError::bad_value);
  const auto call = std::ranges::find_if(
      calls_, [&](const Call& c) { return c.id == header.sequence && c.activity == header.activity; });
  // Sent again it is the same call; another operation under its number is another one, and so it is in a later
  // fragment, since some devices do what the last one says.
  const bool known = call != calls_.end();
  const bool same = known && call->operation == header.operation && call->interface == header.interface;
  if (header.in_fragments() && header.fragment != 0 && !known) return;
  if (header.type == DceRpcType::request) {
    if (same) return;
    open({context.now(), header.sequence, header.operation, true, header.interface, header.activity}, context);
  } else if (carries_call(header.type) && known) {
    if (header.in_fragments() && header.fragment != 0) return;
    std::optional<std::uint32_t> status;
    ByteReader body{bytes.subspan(DceRpcDatagram::kBytes)};
    if (header.type == DceRpcType::fault) status = header.little_endian ? body.u32le() : body.u32be();
    close(call, true, status, context);
  }
}

void DceRpcSession::open(const Call& call, Context& context) {
  // Asked again under the number of one that was never answered.
  const auto same =
      std::ranges::find_if(calls_, [&](const Call& c) { return c.id == call.id && c.activity == call.activity; });
  if (same != calls_.end()) close(same, false, {}, context);
  if (calls_.size() == kCallsMax) {
    context.refused(DecodeError::limit);
    close(calls_.begin(), false, {}, context);
  }
  calls_.push_back(call);
}

void DceRpcSession::close(std::vector<Call>::iterator call, bool answered, std::optional<std::uint32_t> fault,
                          Context& context) {
  tell(*call, answered, fault, context);
  calls_.erase(call);
}

void DceRpcSession::tell(const Call& call, bool answered, std::optional<std::uint32_t> fault, Context& context) {
  if (!context.wants(types_.call)) return;
  const DceRpcInterface* known = call.bound ? find_dce_rpc_interface(call.interface) : nullptr;
  EventWriter out = context.begin(types_.call, call.time);
  if (answered) out.set(kRtt, Value::interval(context.now() - call.time));
  if (!pipe_.empty()) out.set(kNamedPipe, Value::text(pipe_));
  TextBuffer text;
  if (call.bound) {
    text.append(to_text(call.interface));
    out.set(kInterface, keep(out, text));
    if (known == nullptr) {
      text.clear();
      text.append("unknown-");
      text.append(to_text(call.interface));
    }
    out.set(kEndpoint, known != nullptr ? Value::text(known->endpoint) : keep(out, text));
  }
  const std::string_view name = known != nullptr ? dce_rpc_operation(*known, call.operation) : std::string_view{};
  text.clear();
  text.append("unknown-");
  text.append_number(call.operation);
  out.set(kOperation, name.empty() ? keep(out, text) : Value::text(name));
  out.set(kOpnum, Value::integer(call.operation));
  if (fault) out.set(kFault, Value::integer(*fault));
  context.emit();
}

void DceRpcSession::tell_ntlm(std::optional<bool> success, Context& context) {
  if (!context.wants(types_.ntlm)) {
    ntlm_ = {};
    return;
  }
  EventWriter out = context.begin(types_.ntlm, context.now());
  ntlm_.write(out, success);
  context.emit();
}

void DceRpcSession::finish(Context& context) {
  for (const Call& call : calls_) tell(call, false, {}, context);
  calls_.clear();
  if (ntlm_.open()) tell_ntlm({}, context);
}

}  // namespace nw::network
