// Whether a contact was answered: a blocked attempt counts, an answered one alerts.
#pragma once

#include <span>
#include <string_view>

#include "context/indicators/enricher.h"

namespace nw::context {

// The fields that say it, in the order that answered_of() takes them.
std::span<const std::string_view> answered_signs();

// By what the event has of them: a firewall's or proxy's own word first, then the state of the connection, of a DNS
// look-up its records (a sinkhole's are none), of HTTP the status, of TLS and QUIC whether the server spoke. A file or
// a certificate was there, so it was.
Answered answered_of(const event::Event& event, std::span<const event::FieldId> signs);

}  // namespace nw::context
