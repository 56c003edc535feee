// An open vulnerability, as an event: rules decide which is an alert, and a site's filters which is none.
#pragma once

#include <memory>

#include "base/time.h"
#include "context/vulnerabilities/exposure.h"
#include "event/event.h"
#include "event/schema.h"

namespace nw::vulnerabilities {

// Product normwatch, service exposure.
const event::TypeSpec& exposure_type();
void declare(event::Schema& schema);
// Makes `event` of it, as from `source`; `exposure` is borrowed for as long as the event is used. The type must be
// declared. About a host it has id.resp_h; about an asset as a whole, `host` is the asset's id.
void fill(const Exposure& exposure, Timestamp now, const event::Schema& schema, event::SourceId source,
          event::Event& event);

}  // namespace nw::vulnerabilities
