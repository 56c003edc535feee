// Values as MMS carries them (ISO 9506-2, Data), as text.
#pragma once

#include "ingest/network/protocols/ber.h"
#include "ingest/network/protocols/ics.h"

namespace nw::network {

// Structures and arrays in one another.
constexpr unsigned kMmsDepthMax = 16;

// A value, or in its place the name of the error for which there is none. Of a structure or an array "{1;2}".
void append_mms_value(IcsText& out, const BerValue& value, unsigned depth = 0);

}  // namespace nw::network
