// One association of DCE/RPC, over TCP or a named pipe of SMB: which interface a context stands for, which calls are
// open. Writes `dce_rpc` events, one per call, as in Zeek's dce_rpc.log, and `ntlm` for who authenticates so.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "ingest/network/protocols/dce_rpc_message.h"
#include "ingest/network/protocols/ntlm.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

inline constexpr auto kDceRpcFields = std::to_array<event::FieldSpec>({
    {"rtt", "interval", "from the request to its response; absent when one of them was not seen"},
    {"named_pipe", "text", "port or pipe that the server is behind: 135, \\PIPE\\lsass"},
    {"endpoint", "text", "the interface's name: svcctl, samr, drsuapi, ...; unknown-UUID when it has none"},
    {"operation", "text", "what is called: CreateServiceW, ...; unknown-NN when it has no name"},
    {"opnum", "integer", "its number (ours)"},
    {"interface", "text", "UUID of the interface; absent when the bind was not seen (ours)"},
    {"fault", "integer", "status with which the server refused the call (ours)"},
});
inline constexpr std::array<std::string_view, 1> kDceRpcService{"dce_rpc"};
inline constexpr event::TypeSpec kDceRpcType{"dce_rpc",      "normwatch",   kDceRpcService,
                                             kDceRpcService, kDceRpcFields, false};

// The carrier's TypeSpecs that a session writes events of.
struct DceRpcTypes {
  std::size_t call = 0, ntlm = 0;
};

class DceRpcSession {
 public:
  explicit DceRpcSession(DceRpcTypes types) noexcept : types_{types} {}

  // The bytes of one direction, oldest first. Returns how many are done with; the rest is wanted again with more behind
  // it. Analyzer::kGiveUp when they are no DCE/RPC, which is counted.
  std::size_t read(Bytes bytes, bool from_server, Context& context);
  // `bytes` of a direction are not there: false when a PDU's beginning may be among them.
  bool skip(std::uint64_t bytes, bool from_server) noexcept;
  // A datagram, which stands for itself.
  void datagram(Bytes bytes, Context& context);
  // Calls without a response.
  void finish(Context& context);
  // What the pipe was opened as; a bind ack knows better.
  void name_pipe(std::string_view name) {
    if (pipe_.empty()) pipe_ = name;
  }

 private:
  struct Call {
    Timestamp time;
    std::uint32_t id = 0;
    std::uint16_t operation = 0;
    bool bound = false;
    Uuid interface {};
    Uuid activity{};  // of datagrams
  };

  void pdu(Bytes bytes, const DceRpcHeader& header, Context& context);
  void request(Bytes bytes, const DceRpcHeader& header, Context& context);
  void response(Bytes bytes, const DceRpcHeader& header, Context& context);
  void open(const Call& call, Context& context);
  void close(std::vector<Call>::iterator call, bool answered, std::optional<std::uint32_t> fault, Context& context);
  void tell(const Call& call, bool answered, std::optional<std::uint32_t> fault, Context& context);
  void tell_ntlm(std::optional<bool> success, Context& context);

  DceRpcTypes types_;
  std::string pipe_;
  std::vector<DceRpcContext> contexts_;
  std::vector<Call> calls_;                // oldest first
  std::array<std::size_t, 2> skipping_{};  // by direction: bytes of a stub that nobody reads
  NtlmExchange ntlm_;
};

}  // namespace nw::network
