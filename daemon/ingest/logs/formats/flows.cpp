// Flow records, each datagram a line: ingest/flows reads them. What is no good is told as `unparsed`, with the first
// octets in hexadecimal.
#include "ingest/flows/decoder.h"
#include "ingest/logs/formats/shared.h"
#include "ingest/logs/formats/table.h"

namespace nw::logs {

namespace {

constexpr std::size_t kShownMax = 64;  // octets of a datagram that could not be read

std::string product_of(const FormatOptions& options) {
  return options.product.empty() ? std::string{flows::flow_type().product} : options.product;
}

event::TypeId declared(const event::Schema& schema, const event::TypeSpec& spec, const FormatOptions& options) {
  return find_type(schema, type_path(spec.path, options), product_of(options));
}

class FlowParser final : public LineParser {
 public:
  FlowParser(std::shared_ptr<const event::Schema> schema, std::shared_ptr<const event::Interest> interest,
             const FormatOptions& options)
      : options_{options} {
    subscribe(std::move(schema), std::move(interest));
  }

  LineFault line(std::string_view line, const LineOrigin& origin, event::EventSink& sink) override {
    LineFault fault = LineFault::none;
    if (line.empty()) {
      fault = LineFault::empty;
    } else if (line.size() > kLineBytesMax) {
      fault = LineFault::too_long;
    } else {
      const Bytes octets{reinterpret_cast<const std::uint8_t*>(line.data()), line.size()};
      const flows::Decoder::Outcome outcome =
          decoder_.datagram(octets, {origin.source, origin.ordinal, origin.receive_time, origin.peer}, sink);
      if (outcome.fault != flows::Fault::none) fault = LineFault::bad_flow;
      // Templates, options data, records that wait for their template.
      if (fault == LineFault::none && outcome.told == 0 && outcome.unwanted == 0) ++joined_;
    }
    if (fault != LineFault::none) unparsed_.emit(shown(line), fault, origin, event_, sink);
    return fault;
  }

  void flush(Timestamp now, bool end, event::EventSink& /*sink*/) override { decoder_.flush(now, end); }
  [[nodiscard]] std::uint64_t joined() const noexcept override { return joined_; }
  [[nodiscard]] std::string state() const override { return decoder_.state(); }
  bool restore(std::string_view state) override { return decoder_.restore(state); }

  bool flow_counters(flows::Counters& out) const override {
    out = decoder_.counters();
    return true;
  }

  void subscribe(std::shared_ptr<const event::Schema> schema,
                 std::shared_ptr<const event::Interest> interest) override {
    unparsed_.subscribe(*schema, *interest, product_of(options_));
    const event::TypeId flow = declared(*schema, flows::flow_type(), options_);
    const event::TypeId counters = declared(*schema, flows::counter_type(), options_);
    decoder_.subscribe(std::move(schema), std::move(interest), flow, counters);
  }

 private:
  // Valid until the next call.
  std::string_view shown(std::string_view octets) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    shown_.clear();
    for (const char octet : octets.substr(0, kShownMax)) {
      const auto value = static_cast<unsigned char>(octet);
      shown_ += kDigits[value >> 4U];
      shown_ += kDigits[value & 15U];
    }
    return shown_;
  }

  FormatOptions options_;
  flows::Decoder decoder_;
  UnparsedEmitter unparsed_;
  event::Event event_;  // unparsed ones
  std::string shown_;
  std::uint64_t joined_ = 0;
};

void declare(event::Schema& schema, const event::TypeSpec& spec, const FormatOptions& options) {
  std::vector<std::string_view> services{spec.services.begin(), spec.services.end()};
  if (!options.service.empty()) services.push_back(options.service);
  std::vector<std::string_view> categories{spec.categories.begin(), spec.categories.end()};
  if (!options.category.empty()) categories.push_back(options.category);
  const std::string path = type_path(spec.path, options), product = product_of(options);
  schema.add_type({path, product, services, categories, spec.fields, spec.open, spec.structured, spec.open_below});
}

}  // namespace

void declare_flows(event::Schema& schema, const FormatOptions& options) {
  declare(schema, flows::flow_type(), options);
  declare(schema, flows::counter_type(), options);
  declare_unparsed(schema, product_of(options));
}

std::unique_ptr<LineParser> make_flows(std::shared_ptr<const event::Schema> schema,
                                       std::shared_ptr<const event::Interest> interest, const FormatOptions& options) {
  return std::make_unique<FlowParser>(std::move(schema), std::move(interest), options);
}

}  // namespace nw::logs
