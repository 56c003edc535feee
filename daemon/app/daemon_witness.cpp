// Witnesses and stamps in the running daemon: what they get of the ledger's tree, and their routes.
#include <algorithm>
#include <boost/json/object.hpp>

#include "app/daemon.h"
#include "base/log.h"

namespace nw::app {

namespace {

AttestedTree attested(Notary& notary, const std::filesystem::path& ledger) {
  record::Tree& tree = notary.tree();
  AttestedTree out;
  out.head = [&tree] { return tree.checkpoint(); };
  out.proof = [ledger](std::uint64_t old_size, std::uint64_t size) -> Result<merkle::Proof> {
    const auto reader = record::TreeReader::open(ledger);
    if (!reader) return reader.error();
    return reader->consistency(old_size, size);
  };
  out.add = [&tree](std::uint64_t size, const std::vector<merkle::NoteSignature>& signatures) {
    return tree.add_signatures(size, signatures);
  };
  out.keep = [&tree](const merkle::Note& head) { return tree.keep(head); };
  out.shown = [&notary](const merkle::Note& head, std::string_view who) { notary.shown(head, who); };
  return out;
}

}  // namespace

Result<> Daemon::open_attestation() {
  Attestation::Parts parts;
  parts.ledger_key = &guard_->keys().ledger();
  parts.witness_key = &guard_->keys().witness();
  parts.ledger = config_.state_directory + "/ledger";
  parts.tree = attested(*notary_, parts.ledger);
  parts.witness_state = config_.state_directory + "/witness";
  parts.http_listen = config_.http_listen;
  parts.note = [this](std::string type, std::string body) { recorder_->note(std::move(type), std::move(body)); };
  parts.tell = [this](OwnEvent event) { workers_.front()->tell(std::move(event)); };
  auto opened = Attestation::open(config_.record, config_.file, std::move(parts));
  if (!opened) return Error{opened.error().code, "witnesses and stamps: " + opened.error().what};
  attestation_ = std::move(*opened);
  return {};
}

void Daemon::add_witness_routes(std::vector<console::Route>& routes, bool control) {
  if (!attestation_) return;
  using Done = std::function<void(console::HttpResponse)>;
  if (!control) {
    for (console::Route& route : attestation_->routes(io_.get_executor())) routes.push_back(std::move(route));
  } else if (attestation_->stamps() != nullptr) {
    routes.push_back({"POST", "/stamp", [this](const console::HttpRequest&, const Done& done) {
                        attestation_->stamps()->stamp_now();
                        done({202, "text/plain; charset=utf-8", "the present head is sent to be stamped\n"});
                      }});
  }
}

}  // namespace nw::app
