// What a PDU of MMS does to the device, in the vocabulary of ics.h; of IEC 61850-8-1's objects the names say it.
//
// target | domain/item, of a list of names its domain; of a report RPT/ and the report's id
// value  | what is written or was read; of a control ctlVal alone
#pragma once

#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/mms_pdu.h"

namespace nw::network {

// `application`: what is spoken, as far as it is known. `texts`: whether target and value are wanted.
void describe_mms(const MmsPdu& pdu, MmsApplication application, bool texts, IcsCommand& command);

struct MmsEnding {
  IcsOutcome outcome = IcsOutcome::ok;
  std::string_view reason{};  // static
};
// Of an answer. The first error among its values is the reason and enough to refuse it, but what was written in part
// was done: a name that nobody has must not make a command look refused.
// `commanded`: its request was a control; a selection that is read is refused by an empty text (IEC 61850-8-1, 20.3).
MmsEnding mms_ending(const MmsPdu& answer, bool commanded);

// A value of an answer, or what stands in its place.
void append_mms_result(IcsText& out, const BerValue& value, bool success);

}  // namespace nw::network
