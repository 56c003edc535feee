// PROFINET's context management: by these calls over DCE/RPC controllers connect to devices, write their parameters and
// read and write records. Reads the stubs of dce_rpc_stubs.h; what is in them shows profinet_io_cm_message.h.
//
// One `profinet_io_cm` event per request, response, fault and reject; pings and acknowledgements of DCE/RPC are not
// told. Most devices answer from a port of their own, which is another flow: there a response stands for itself, and a
// request that has none is `no answer` only in a flow that has seen some.
#pragma once

#include <array>
#include <memory>

#include "ingest/network/protocols/dce_rpc_stubs.h"
#include "ingest/network/protocols/ics.h"

namespace nw::network {

inline constexpr auto kProfinetIoCmFields = with_ics(std::to_array<event::FieldSpec>({
    {"is_orig", "boolean", "sent by the flow's originator (ours)"},
    {"rpc_version", "integer", "version of DCE/RPC: 4"},
    {"packet_type", "text", "Request, Response, Fault or Reject"},
    {"reserved_for_impl_1", "boolean", "flag 1, bit 0"},
    {"last_fragment", "boolean", "flag 1, bit 1"},
    {"fragment", "boolean", "flag 1, bit 2: the message came in fragments, of which this is the first one's head"},
    {"no_fragment_requested", "boolean", "flag 1, bit 3: fragments need not be acknowledged"},
    {"maybe", "boolean", "flag 1, bit 4: no response is wanted"},
    {"idempotent", "boolean", "flag 1, bit 5: it may be done twice"},
    {"broadcast", "boolean", "flag 1, bit 6"},
    {"reserved_for_impl_2", "boolean", "flag 1, bit 7"},
    {"cancel_was_pending_at_call_end", "boolean", "flag 2, bit 1"},
    {"integer_encoding", "text", "Big Endian or Little Endian"},
    {"character_encoding", "text", "ASCII or EBCDIC"},
    {"floating_point_encoding", "text", "IEEE, VAX, CRAY or IBM"},
    {"serial_high", "integer", "high octet of the fragment's serial number"},
    {"object_uuid", "text", "the object: which device, by instance, device and vendor"},
    {"interface_uuid", "text", "the interface: of a device, a controller, a supervisor or a parameter server"},
    {"activity_uuid", "text", "which calls belong together"},
    {"server_boot_time", "integer", "when the server began, in its own count"},
    {"interface_vers_major", "integer", "high half of the interface's version"},
    {"interface_vers_minor", "integer", "low half of it"},
    {"sequence_num", "integer", "number of the call in its activity; a response repeats its request's"},
    {"operation_num", "text", "Connect, Release, Read, Write, Control or Read Implicit; unknown-NN"},
    {"interface_hint", "integer", "interface hint"},
    {"activity_hint", "integer", "activity hint"},
    {"len_of_body", "integer", "octets behind the head"},
    {"fragment_num", "integer", "number of the fragment"},
    {"auth_protocol", "integer", "0: no authentication"},
    {"serial_low", "integer", "low octet of the fragment's serial number"},
    {"blocks", "list of text", "kinds of blocks: ARBlockReq, IODWriteReqHeader, ...; 0xNNNN (ours)"},
    {"ar_uuid", "text", "the application relation (ours)"},
    {"ar_type", "text", "of a Connect: IOCARSingle, IOSAR, ...; unknown-NN (ours)"},
    {"initiator_station_name", "text", "of a Connect: name of the controller's station (ours)"},
    {"responder_station_name", "text", "of its response: name of the device's station (ours)"},
    {"submodules", "list of text", "that a controller expects: api/slot/subslot module/submodule (ours)"},
    {"differences", "list of text",
     "what the device has instead: api/slot/subslot and wrong module, fault, ... (ours)"},
    {"iocr_types", "list of text", "cyclic data of a Connect: input, output, ... (ours)"},
    {"frame_ids", "list of integer", "their frame ids, as in profinet_rt; 65535: the device chooses (ours)"},
    {"data_lengths", "list of integer", "their octets, in a request (ours)"},
    {"cycles", "list of interval", "how often they are sent, in a request (ours)"},
    {"alarm_endpoint", "integer", "the sender's end of the alarm connection, as in profinet_alarm (ours)"},
    {"api", "integer", "of a record, the first of several: application process (ours)"},
    {"slot", "integer", "slot (ours)"},
    {"subslot", "integer", "subslot (ours)"},
    {"index", "integer", "number of the record (ours)"},
    {"index_name", "text", "what the standard keeps there: MultipleWrite, LogBookData, I&M0, ... (ours)"},
    {"record_length", "integer", "octets of the record, or how many are asked for (ours)"},
    {"control_command", "text", "PrmEnd, ApplicationReady, Release, Done, ... (ours)"},
    {"status", "integer", "of a response: PNIOStatus, of several the first that is not 0; of a fault its own (ours)"},
    {"rtt", "interval", "from the request to its response; absent when the request was not seen in this flow (ours)"},
    {"oddities", "list of text",
     "what is malformed, though devices may take it: head, counts, block, record or fragments (ours)"},
}));
inline constexpr std::array<std::string_view, 1> kProfinetIoCmService{"profinet_io_cm"};
inline constexpr event::TypeSpec kProfinetIoCmType{"profinet_io_cm", "normwatch",         kProfinetIoCmService,
                                                   kIcsCategory,     kProfinetIoCmFields, false};

std::unique_ptr<DceRpcStubReader> make_profinet_io_cm(const DceRpcStubTypes& types);

}  // namespace nw::network
