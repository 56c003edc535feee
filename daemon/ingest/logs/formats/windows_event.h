// One Windows event as XML (the schema http://schemas.microsoft.com/win/2004/08/events/event), taken apart: its fields
// by the names that the field mapping has for the same event in evtx_dump's JSON, so that both are one to rules.
//
//   <Event> <System> <Provider Name="..."/> <EventID>1</EventID> ... <Channel>...</Channel> ... </System>
//           <EventData> <Data Name="Image">...</Data> ... </EventData>  or  <UserData> <ANY> <A>...</A> </ANY>
//           </UserData> <RenderingInfo Culture="..."> <Message>...</Message> ... </RenderingInfo> </Event>
//
// Elements that stand in Event itself and hold text are fields too: NXLog writes events so.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/arena.h"
#include "event/value.h"
#include "ingest/logs/formats/log_time.h"
#include "ingest/logs/formats/mapping.h"
#include "ingest/logs/formats/message.h"
#include "ingest/logs/formats/xml_reader.h"

namespace nw::logs {

class WindowsEvent {
 public:
  static constexpr std::size_t kFieldsMax = 1024;  // values, those of lists included
  static constexpr std::size_t kNamesBytesMax = std::size_t{1} << 20;

  explicit WindowsEvent(std::shared_ptr<const Mapping> mapping);  // may be null

  // Where the next event begins in `text`, or npos.
  static std::size_t find(std::string_view text) noexcept;

  // Reads the event at the front of `text` and consumes it, or what there is of it. `close`: it is whole; `cut`,
  // `malformed`, `too_deep`: the fields up to there are in it. Views `text` and its own memory until the next read().
  XmlReader::Token read(std::string_view& text);

  struct Field {
    OpenName name;
    std::uint32_t first = 0, count = 1;  // of its values, chained
    std::uint8_t rank = 0;               // of the names of one field the lowest that is there gives the value
  };
  [[nodiscard]] const std::vector<Field>& fields() const noexcept { return fields_; }
  event::Value value(const Field& field);
  // What System says, whatever EventData has under the same name; "" when it does not. The first two decide the type.
  enum class Known : std::uint8_t { first, second, computer };
  std::string_view known(Known which) { return decoded(known_[static_cast<std::size_t>(which)].part); }
  // The name of a field without its spaces, where the mapping wants them gone; else the name.
  OpenName squeezed(const OpenName& name);
  // False when no place of the time holds one that can be read.
  bool time(std::chrono::minutes zone, LogTime& out);

 private:
  // What is below an element of EventData or UserData is named from there on.
  enum class Place : std::uint8_t { event, event_data, user_data, named, other };
  struct Level {
    std::size_t path = 0, from = 0;  // the sizes to go back to
    std::string_view name;           // Data's own
    Place place = Place::other;
    bool attributes = false, children = false;
  };
  struct Part {
    std::string_view raw;
    std::uint32_t next = 0;  // of a list: the next value
    bool decoded = false;    // no reference in it is one
    bool number = false;     // a whole number in decimal is one
  };
  // What the mapping says of a path.
  struct Spelling {
    std::string_view name;  // of the field
    std::uint8_t rank = 0, time = kNone, known = kNone;
  };
  struct KnownPart {
    Part part;
    std::uint8_t rank = 0;
  };
  static constexpr std::uint8_t kNone = 0xff;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return hash64(text); }
  };
  enum class Repeat : std::uint8_t { replace, list };

  void clear();
  void open(const XmlReader& xml);
  void attributes(const XmlReader& xml, Level& level);
  void text(const XmlReader& xml);
  void close();
  void leaf(const Level& level);
  void add_path(std::string_view path, Part part);
  void add(const OpenName& name, Part part, Repeat repeat, std::uint8_t rank);
  std::uint16_t& slot(const OpenName& name);
  std::string_view decoded(Part part);
  [[nodiscard]] std::string_view relative() const;

  std::shared_ptr<const Mapping> mapping_;
  std::unordered_map<std::string, Spelling, Hash, std::equal_to<>> spellings_;  // by path
  std::vector<Field> fields_;
  std::vector<Part> parts_;
  std::array<std::uint16_t, 2 * kFieldsMax> slots_{};  // open addressing: the field + 1
  std::vector<Part> time_parts_;
  std::array<Level, XmlReader::kDepthMax> levels_{};
  std::size_t depth_ = 0;
  std::string path_, name_;
  std::size_t path_from_ = 0;  // where the name of a field begins in it
  Part leaf_;
  std::string leaf_text_;  // of a leaf that is in pieces
  bool pieces_ = false;
  std::array<KnownPart, 3> known_;
  Arena arena_{2 * kNamesBytesMax};
  bool over_ = false;
};

}  // namespace nw::logs
