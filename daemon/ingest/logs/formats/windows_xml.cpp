// Windows events as XML: what Windows Event Collector, NXLog, Winlogbeat (include_xml), wevtutil and PowerShell's
// ToXml() hand on. One event is one message, mostly; one whose values hold line ends comes in several, and is put
// together.
#include "base/text.h"
#include "ingest/logs/formats/mapped_types.h"
#include "ingest/logs/formats/messages.h"
#include "ingest/logs/formats/windows_event.h"

namespace nw::logs {

namespace {

constexpr std::string_view kMapping = "windows", kProduct = "windows";
constexpr std::string_view kEventEnd = "</Event>", kEventsEnd = "</Events>";
constexpr std::size_t kBytesMax = 256 * 1024;  // of one event
constexpr std::chrono::seconds kHeldMax{5};
constexpr std::size_t kFrontBytes = 512;  // in which an event's namespace must stand to be recognised

// Without the mapping there is one type, without a service.
constexpr auto kTypes = std::to_array<event::TypeSpec>({{"windows", kProduct, {}, {}, {}, true, true}});

LineFault fault_of(XmlReader::Token token) {
  return token == XmlReader::Token::too_deep ? LineFault::too_deep : LineFault::bad_header;
}

// What viewers and files put around events: the XML declaration, <Events>.
bool wraps(std::string_view text) {
  return text.starts_with("<?xml") || text.starts_with("<Events") || text.starts_with(kEventsEnd);
}

std::string_view front(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return trim(text);
}

// Whether the last event in `text` is closed.
bool ends(std::string_view text) {
  text = trim(text);
  if (text.ends_with(kEventEnd) || text.ends_with(kEventsEnd)) return true;
  const std::size_t end = text.rfind(kEventEnd);
  return end != std::string_view::npos && WindowsEvent::find(text.substr(end + kEventEnd.size())) == text.npos;
}

class WindowsReader final : public MessageReader {
 public:
  explicit WindowsReader(std::shared_ptr<const Mapping> mapping) : mapping_{std::move(mapping)}, event_{mapping_} {
    if (mapping_ != nullptr) choice_ = MappedChoice{*mapping_};
  }

  LineFault read(const Message& message, MessageContext& out) override {
    const std::string_view text = front(message.text);
    const std::size_t begins = WindowsEvent::find(text);
    if (holding_ && begins == std::string_view::npos) return more(message.text, out);
    if (holding_) cut(out);
    if (text.empty()) return LineFault::empty;
    if (text.size() > kBytesMax) return LineFault::too_long;
    if (begins == std::string_view::npos) return wraps(text) ? LineFault::none : LineFault::bad_header;
    if (!ends(text)) return hold(message);
    return whole(message, text.substr(begins), out);
  }

  void flush(Timestamp now, bool end, MessageContext& out) override {
    if (holding_ && (end || now - held_.origin.receive_time >= kHeldMax)) cut(out);
  }

 private:
  LineFault hold(const Message& message) {
    held_ = message;
    host_.assign(message.host);
    lines_.assign(message.text);
    // The rest of the envelope lives no longer than the message.
    held_.host = host_;
    held_.program = held_.pid = held_.msgid = held_.structured_data = {};
    holding_ = true;
    return LineFault::none;
  }

  LineFault more(std::string_view text, MessageContext& out) {
    if (lines_.size() + 1 + text.size() > kBytesMax) {
      cut(out);
      return LineFault::too_long;
    }
    lines_ += '\n';
    lines_ += text;
    if (!ends(text)) return LineFault::none;
    holding_ = false;
    held_.line = held_.text = lines_;
    return whole(held_, held_.text.substr(WindowsEvent::find(held_.text)), out);
  }

  // The end of what is held is lost. What it says up to there is told, and marked.
  void cut(MessageContext& out) {
    holding_ = false;
    held_.line = held_.text = lines_;
    std::string_view text = held_.text.substr(WindowsEvent::find(held_.text));
    (void)event_.read(text);
    tell(held_, true, out);
  }

  // `text`: from the first event on. Mostly there is one; of several all are read before the first is told.
  LineFault whole(const Message& message, std::string_view text, MessageContext& out) {
    std::string_view rest = text;
    if (const auto token = event_.read(rest); token != XmlReader::Token::close) return fault_of(token);
    if (WindowsEvent::find(rest) == std::string_view::npos) {
      tell(message, false, out);
      return LineFault::none;
    }
    for (std::size_t at = 0; (at = WindowsEvent::find(rest)) != std::string_view::npos;) {
      rest.remove_prefix(at);
      if (const auto token = event_.read(rest); token != XmlReader::Token::close) return fault_of(token);
    }
    for (std::size_t at = 0; (at = WindowsEvent::find(text)) != std::string_view::npos;) {
      text.remove_prefix(at);
      (void)event_.read(text);
      tell(message, false, out);
    }
    return LineFault::none;
  }

  void tell(const Message& message, bool truncated, MessageContext& out) {
    using Known = WindowsEvent::Known;
    const std::size_t type = choice_.of(event_.known(Known::first), [this] { return event_.known(Known::second); });
    if (!out.wants(type)) return;
    LogTime time = message.time;
    (void)event_.time(message.zone, time);
    MessageWriter to = out.begin(type, message, time);
    if (const std::string_view computer = event_.known(Known::computer); !computer.empty())
      to.event().set(event::common(event::Common::host), event::Value::text(computer));
    for (const WindowsEvent::Field& field : event_.fields()) {
      // Windows' own names begin with a capital.
      if (const bool small = !field.name.name.empty() && field.name.name.front() >= 'a'; small) {
        if (const event::FieldId common = common_field(field.name.name); common != event::kNoField) {
          to.event().set(common, event_.value(field));
          continue;
        }
      }
      const OpenName name = to.names(field.name) ? field.name : event_.squeezed(field.name);
      if (to.wants_named(name)) to.set(name, event_.value(field));
    }
    if (truncated) to.set("truncated", event::Value::boolean(true));
    out.emit();
  }

  std::shared_ptr<const Mapping> mapping_;
  MappedChoice choice_;
  WindowsEvent event_;
  Message held_;  // the first line's envelope
  std::string lines_, host_;
  bool holding_ = false;
};

class WindowsTypes final : public MessageTypes {
 public:
  explicit WindowsTypes(std::shared_ptr<const Mapping> mapping) : specs_{std::move(mapping), kProduct} {}
  [[nodiscard]] std::span<const event::TypeSpec> types() const noexcept override { return specs_.types(); }
  [[nodiscard]] std::unique_ptr<MessageReader> make() const override {
    return std::make_unique<WindowsReader>(specs_.mapping());
  }

 private:
  MappedSpecs specs_;
};

bool recognise(const Message& message) noexcept {
  const std::string_view text = message.text.substr(0, kFrontBytes);
  const std::size_t first = text.find('<');
  return first != std::string_view::npos && first <= 3 && WindowsEvent::find(text) != std::string_view::npos &&
         text.find("schemas.microsoft.com/win/2004/08/events/event") != std::string_view::npos;
}

}  // namespace

const MessageFormat& windows_xml_format() {
  static constexpr MessageFormat kFormat{
      "windows_xml",
      "Windows events as XML",
      kTypes,
      {},
      recognise,
      []() -> std::unique_ptr<MessageReader> { return std::make_unique<WindowsReader>(nullptr); },
      Order::joined,
      "<Event",
      {},
      [](const FormatOptions& options) -> std::shared_ptr<const MessageTypes> {
        const auto found = find_mapping(options, kMapping);
        return found == nullptr ? nullptr : std::make_shared<const WindowsTypes>(found);
      }};
  return kFormat;
}

}  // namespace nw::logs
