// Names of PROFINET's context management (IEC 61158-6-10, section 5.2). Empty where nobody published one.
#pragma once

#include <cstdint>
#include <string_view>

#include "ingest/network/protocols/dce_rpc_message.h"
#include "ingest/network/protocols/ics.h"

namespace nw::network {

// As ICSNPP's parser has them.
std::string_view io_cm_packet_name(DceRpcType type) noexcept;
std::string_view io_cm_operation_name(std::uint16_t operation) noexcept;

std::string_view io_cm_block_name(std::uint16_t type) noexcept;
std::string_view io_cm_relation_name(std::uint16_t kind) noexcept;  // of an AR
std::string_view io_cm_exchange_name(std::uint16_t kind) noexcept;  // of an IOCR
// How a device differs from what is expected: "wrong module", "no submodule", "fault"; else in hexadecimal.
void append_io_cm_module_state(IcsText& out, std::uint16_t state);
void append_io_cm_submodule_state(IcsText& out, std::uint16_t state);
// "PrmEnd", of several bits all of them; those without a name in hexadecimal.
void append_io_cm_command(IcsText& out, std::uint16_t bits);
std::string_view io_cm_index_name(std::uint16_t index) noexcept;

// "IODReadRes: invalid index", "IODConnectRes: CMRPC out of AR resources", "IODConnectRes: faulty ARBlockReq 4".
void append_io_cm_status(IcsText& out, std::uint32_t status);
// Of a fault or a reject (C706, appendix E): "unknown interface", "0x1c010abc".
void append_dce_rpc_status(IcsText& out, std::uint32_t status);
// "Siemens AG", "0x015a".
void append_profinet_vendor(IcsText& out, std::uint16_t vendor);

}  // namespace nw::network
