// Lines by the site's own patterns (pattern_set.h). They come before the formats that know their own.
#include "ingest/logs/formats/messages.h"
#include "ingest/logs/formats/pattern_set.h"

namespace nw::logs {

namespace {

// Without patterns there is nothing that it could read.
constexpr auto kTypes = std::to_array<event::TypeSpec>({{"patterns", "", {}, {}, {}}});

class NoPatterns final : public MessageReader {
 public:
  LineFault read(const Message& /*message*/, MessageContext& /*out*/) override { return LineFault::bad_header; }
};

class PatternMessages final : public MessageReader {
 public:
  explicit PatternMessages(std::shared_ptr<const PatternSet> patterns) : patterns_{std::move(patterns)} {}

  LineFault read(const Message& message, MessageContext& out) override {
    if (message.text.empty()) return LineFault::empty;
    if (message.text.size() > kLineBytesMax) return LineFault::too_long;
    const std::size_t number = patterns_->match(message.text, message.program, scratch_);
    if (number == PatternSet::kNone) return scratch_.gave_up ? LineFault::too_deep : LineFault::bad_header;
    if (!out.wants(number)) return LineFault::none;
    const Pattern& pattern = patterns_->patterns()[number];
    LogTime time = message.time;
    if (pattern.time)
      if (const std::string_view text = scratch_.groups[pattern.time->group]; !text.empty())
        if (LogTime own; pattern.time->format.read(text, message.origin.receive_time, message.zone, own)) time = own;
    MessageWriter event = out.begin(number, message, time);
    for (std::size_t i = 0; i < pattern.fields.size(); ++i) {
      const std::string_view text = scratch_.groups[pattern.fields[i].group];
      if (text.data() != nullptr && event.wants(i)) event.set(i, PatternSet::value(pattern.fields[i].kind, text));
    }
    out.emit();
    return LineFault::none;
  }

 private:
  std::shared_ptr<const PatternSet> patterns_;
  PatternScratch scratch_;
};

class PatternTypes final : public MessageTypes {
 public:
  explicit PatternTypes(std::shared_ptr<const PatternSet> patterns) : patterns_{std::move(patterns)} {
    const auto all = patterns_->patterns();
    for (const Pattern& pattern : all) {
      std::vector<event::FieldSpec>& fields = fields_.emplace_back();
      for (const Pattern::Field& field : pattern.fields) fields.push_back({field.name, "text", "by a pattern"});
      names_.push_back({pattern.service, pattern.category});
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::span<const std::string_view> names{names_[i]};
      types_.push_back({all[i].path, all[i].product, names.first(all[i].service.empty() ? 0 : 1),
                        names.last(all[i].category.empty() ? 0 : 1), fields_[i]});
    }
  }
  [[nodiscard]] std::span<const event::TypeSpec> types() const noexcept override { return types_; }
  [[nodiscard]] std::unique_ptr<MessageReader> make() const override {
    return std::make_unique<PatternMessages>(patterns_);
  }
  [[nodiscard]] bool first() const noexcept override { return true; }

 private:
  std::shared_ptr<const PatternSet> patterns_;
  std::vector<std::vector<event::FieldSpec>> fields_;
  std::vector<std::array<std::string_view, 2>> names_;
  std::vector<event::TypeSpec> types_;
};

}  // namespace

const MessageFormat& patterns_format() {
  static constexpr MessageFormat kFormat{
      "patterns",
      "lines by the site's own patterns, which the configuration names",
      kTypes,
      {},
      nullptr,
      []() -> std::unique_ptr<MessageReader> { return std::make_unique<NoPatterns>(); },
      Order::alone,
      {},
      {},
      [](const FormatOptions& options) -> std::shared_ptr<const MessageTypes> {
        const bool some = options.patterns != nullptr && !options.patterns->patterns().empty();
        return some ? std::make_shared<const PatternTypes>(options.patterns) : nullptr;
      }};
  return kFormat;
}

}  // namespace nw::logs
