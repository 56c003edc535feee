// What every format needs: the `unparsed` type, and finding one's types again in a schema. Inner to this folder.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "event/event.h"
#include "event/schema.h"
#include "ingest/logs/formats/format.h"

namespace nw::logs {

// Adds the type `unparsed` of one product.
void declare_unparsed(event::Schema& schema, std::string_view product);

// The type that declare() added under this path and product. It is there: declare() runs on every schema a parser gets.
event::TypeId find_type(const event::Schema& schema, std::string_view path, std::string_view product);

// `base`, or `base:service`, `base:service:category`, so that two sources that the operator named differently do not
// share a type, and with it each other's log source. Of "base.kind" the base: "base:service.kind".
std::string type_path(std::string_view base, const FormatOptions& options);

// Emits the `unparsed` event of a line, when anyone wants it.
class UnparsedEmitter {
 public:
  void subscribe(const event::Schema& schema, const event::Interest& interest, std::string_view product);
  void emit(std::string_view line, LineFault fault, const LineOrigin& origin, event::Event& event,
            event::EventSink& sink) const;

 private:
  event::TypeId type_{};
  event::FieldId reason_ = event::kNoField;
  bool wanted_ = false;
};

}  // namespace nw::logs
