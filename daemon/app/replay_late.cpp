#include "app/replay_late.h"

#include "app/correlation_alert.h"
#include "app/frames.h"
#include "detect/correlation/codec.h"
#include "record/for_export.h"

namespace nw::app {

namespace {

class Writer final : public correlation::FiringSink {
 public:
  Writer(const Snapshot& snapshot, const std::vector<std::string>& sources, const LineWriter& write)
      : snapshot_{snapshot}, sources_{sources}, write_{write} {}

  void fired(const correlation::Firing& firing) override {
    if (snapshot_.rules->silent(firing.rule) || snapshot_.rules->info(firing.rule).shadow || !result) return;
    result = write_(record::for_export(firing_alert(firing, snapshot_, sources_)).to_json());
    if (result) ++alerts;
  }

  Result<> result;
  std::uint64_t alerts = 0;

 private:
  const Snapshot& snapshot_;
  const std::vector<std::string>& sources_;
  const LineWriter& write_;
};

}  // namespace

Result<LateSummary> replay_late(const std::string& file, const Snapshot& snapshot,
                                const std::vector<std::string>& sources, correlation::EngineOptions options,
                                const LineWriter& write_alert) {
  const auto bytes = read_whole(file);
  if (!bytes) return bytes.error();
  LateSummary summary;
  options.pending_bytes = bytes->size() * 8 + 1;  // all of it waits: it comes in no order
  correlation::Engine engine{snapshot.rules, options};
  const correlation::Decoder codec{*snapshot.rules};
  read_frames(*bytes, [&](std::string_view body) {
    ++summary.contributions;
    if (auto contribution = codec.decode(body))
      static_cast<void>(engine.add(std::move(*contribution)));
    else
      ++summary.unknown;
  });
  Writer writer{snapshot, sources, write_alert};
  engine.finish(writer);
  summary.alerts = writer.alerts;
  if (!writer.result) return writer.result.error();
  return summary;
}

}  // namespace nw::app
