// What people do with the record, noted in the ledger: the control socket's route.
#include "app/daemon.h"
#include "app/operator_desk.h"
#include "base/clock.h"
#include "base/log.h"
#include "record/entry.h"

namespace nw::app {

void Daemon::add_operator_route(std::vector<console::Route>& routes) {
  using Done = std::function<void(console::HttpResponse)>;
  routes.push_back({"POST", "/operator", [this](const console::HttpRequest& request, const Done& done) {
                      auto body = operator_body(request.body, request.peer_uid, [this](std::string_view text) {
                        return guard_->door().text(text, wall_now());
                      });
                      if (!body) return done({400, "text/plain; charset=utf-8", body.error().what});
                      log_info("operator", "somebody exported or accepted evidence; the ledger has it");
                      recorder_->note(std::string{record::kEntryOperator}, std::move(*body));
                      done({200, "text/plain; charset=utf-8", "noted in the ledger\n"});
                    }});
}

}  // namespace nw::app
