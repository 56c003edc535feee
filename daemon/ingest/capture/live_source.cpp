// Live capture. libpcap uses a memory-mapped TPACKET_V3 ring as long as immediate mode is off; workers of one interface
// share its packets by PACKET_FANOUT.
//
// Fan-out is by the outermost IP addresses alone (fan_out.h), as network::flow_hash() has it for files. The kernel's
// own hash would look at ports, which the fragments and the two directions of a tunnel do not share; ROLLOVER would
// move packets of a flow to whoever has room. Nor is the kernel to put fragments together, as PACKET_FANOUT_FLAG_DEFRAG
// has it: incomplete ones would vanish, uncounted.
#include <array>
#include <cerrno>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <system_error>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "ingest/capture/fan_out.h"
#include "ingest/capture/pcap_support.h"

namespace nw::capture {

namespace {

constexpr int kRetireMilliseconds = 100;  // a ring block that does not fill is handed over after this

std::vector<std::string> interface_names() {
  std::vector<std::string> names;
  struct if_nameindex* const all = ::if_nameindex();
  if (all == nullptr) return names;
  for (const struct if_nameindex* each = all; each->if_index != 0; ++each) names.emplace_back(each->if_name);
  ::if_freenameindex(all);
  return names;
}

Error no_such_interface(const std::string& name) {
  std::string text = "no network interface '" + printable(name) + "'";
  const auto names = interface_names();
  const std::vector<std::string_view> views{names.begin(), names.end()};
  text += did_you_mean(name, views) + "; there are:";
  constexpr std::size_t kNamesShown = 24;
  for (std::size_t i = 0; i < names.size() && i < kNamesShown; ++i) text += (i == 0 ? " " : ", ") + names[i];
  if (names.size() > kNamesShown) text += ", ...";
  return {Errc::not_found, text};
}

Error activation_error(const std::string& name, int status, std::string_view from_pcap) {
  switch (status) {
    case PCAP_ERROR_NO_SUCH_DEVICE: return no_such_interface(name);
    case PCAP_ERROR_PERM_DENIED:
    case PCAP_ERROR_PROMISC_PERM_DENIED:
      return {Errc::no_permission,
              "not permitted to capture on '" + name +
                  "': this needs CAP_NET_RAW; use the systemd unit, which grants it, or `setcap cap_net_raw+ep` on the "
                  "program, or run as root for a try"};
    case PCAP_ERROR_IFACE_NOT_UP:
      return {Errc::unavailable, "interface '" + name + "' is down; `ip link set " + name + " up` brings it up"};
    default: return {Errc::io, "cannot capture on '" + name + "': " + printable(from_pcap)};
  }
}

class LiveSource final : public PacketSource {
 public:
  LiveSource(std::string name, PcapHandle handle, Timestamp since)
      : name_{std::move(name)}, handle_{std::move(handle)}, since_{since} {
    link_type_ = ::pcap_datalink(handle_.get());
    descriptor_ = ::pcap_get_selectable_fd(handle_.get());
  }

  Result<std::size_t> read(std::size_t most, FunctionRef<void(const Packet&)> take) override {
    Batch batch{*this, take, 0};
    const int wanted = static_cast<int>(std::min<std::size_t>(most, 1U << 20));
    if (wanted == 0) return std::size_t{0};  // to libpcap it would mean: no limit
    const int result = ::pcap_dispatch(handle_.get(), wanted, on_packet, reinterpret_cast<u_char*>(&batch));
    if (result < 0)
      return Error{Errc::io, "capture on '" + name_ + "' ended: " + printable(::pcap_geterr(handle_.get()))};
    return batch.count;
  }
  [[nodiscard]] bool at_end() const noexcept override { return false; }
  [[nodiscard]] int descriptor() const noexcept override { return descriptor_; }

  // libpcap's own counts are 32 bits wide and wrap.
  [[nodiscard]] CaptureCounters counters() override {
    pcap_stat now{};
    if (::pcap_stats(handle_.get(), &now) == 0) {
      counters_.kernel_dropped += static_cast<std::uint32_t>(now.ps_drop - seen_.ps_drop);
      counters_.interface_dropped += static_cast<std::uint32_t>(now.ps_ifdrop - seen_.ps_ifdrop);
      seen_ = now;
    }
    return counters_;
  }

 private:
  struct Batch {
    LiveSource& self;
    FunctionRef<void(const Packet&)> take;
    std::size_t count;
  };

  static void on_packet(u_char* user, const pcap_pkthdr* header, const u_char* data) {
    Batch& batch = *reinterpret_cast<Batch*>(user);
    const Packet packet = to_packet(*header, data, batch.self.link_type_);
    if (packet.time < batch.self.since_) return;
    batch.self.since_ = Timestamp{Nanoseconds::min()};  // the ring is in order; the clock may be set back later
    ++batch.count;
    ++batch.self.counters_.packets;
    batch.self.counters_.cut += header->caplen < header->len ? 1U : 0U;
    batch.take(packet);
  }

  std::string name_;
  PcapHandle handle_;
  // A handle gets every packet until it has joined the fan-out group; those the others had too, and they are left out.
  Timestamp since_;
  int link_type_ = 0;
  int descriptor_ = -1;
  CaptureCounters counters_;
  pcap_stat seen_{};
};

Result<> set_filter(pcap_t* handle, const LiveOptions& options) {
  if (options.filter.empty()) return {};
  bpf_program program{};
  if (::pcap_compile(handle, &program, options.filter.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
    return Error{Errc::invalid_argument, "capture filter '" + printable(options.filter) + "' for '" +
                                             options.interface + "': " + printable(::pcap_geterr(handle)) +
                                             "; the syntax is in pcap-filter(7)"};
  const int set = ::pcap_setfilter(handle, &program);
  ::pcap_freecode(&program);
  if (set == 0) return {};
  return Error{Errc::io,
               "cannot set the capture filter on '" + options.interface + "': " + printable(::pcap_geterr(handle))};
}

Result<> join_fanout(pcap_t* handle, const LiveOptions& options) {
  const auto value = static_cast<std::uint32_t>(options.fanout_group) | static_cast<std::uint32_t>(PACKET_FANOUT_CBPF)
                                                                            << 16;
  auto program = fan_out_program();
  const sock_fprog data{static_cast<unsigned short>(program.size()), program.data()};
  const int socket = ::pcap_fileno(handle);
  if (::setsockopt(socket, SOL_PACKET, PACKET_FANOUT, &value, sizeof value) == 0 &&
      ::setsockopt(socket, SOL_PACKET, PACKET_FANOUT_DATA, &data, sizeof data) == 0) {
    return {};
  }
  const int error = errno;
  return Error{error == EINVAL ? Errc::in_use : Errc::io,
               "cannot join fan-out group " + std::to_string(options.fanout_group) + " on '" + options.interface +
                   "': " + std::generic_category().message(error) +
                   (error == EINVAL ? "; another program uses that number, choose another" : "")};
}

// All before activation; none of these can fail on a handle that is not active yet.
void configure(pcap_t* handle, const LiveOptions& options) {
  const auto to_int = [](std::uint32_t value) { return static_cast<int>(std::min<std::uint32_t>(value, INT32_MAX)); };
  (void)::pcap_set_snaplen(handle, to_int(options.snaplen_bytes));
  (void)::pcap_set_promisc(handle, options.promiscuous ? 1 : 0);
  (void)::pcap_set_timeout(handle, kRetireMilliseconds);
  (void)::pcap_set_buffer_size(handle, to_int(options.buffer_bytes));
  (void)::pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO);
}

}  // namespace

Result<std::unique_ptr<PacketSource>> open_live(const LiveOptions& options) {
  std::array<char, PCAP_ERRBUF_SIZE> reason{};
  PcapHandle handle{::pcap_create(options.interface.c_str(), reason.data())};
  if (handle == nullptr)
    return Error{Errc::io, "cannot capture on '" + options.interface + "': " + printable(reason.data())};
  configure(handle.get(), options);
  const int status = ::pcap_activate(handle.get());
  if (status < 0) return activation_error(options.interface, status, ::pcap_geterr(handle.get()));
  if (status > 0)
    log_warning("capture_limited", "the interface is captured, but not as asked",
                {{"interface", options.interface}, {"reason", printable(::pcap_statustostr(status))}});
  if (::pcap_setnonblock(handle.get(), 1, reason.data()) != 0)
    return Error{Errc::io, "cannot capture on '" + options.interface + "': " + printable(reason.data())};
  if (const auto set = set_filter(handle.get(), options); !set) return set.error();
  Timestamp since{Nanoseconds::min()};
  if (options.fanout_group != 0) {
    if (const auto joined = join_fanout(handle.get(), options); !joined) return joined.error();
    since = wall_now();
  }
  return std::unique_ptr<PacketSource>{std::make_unique<LiveSource>(options.interface, std::move(handle), since)};
}

Result<> check_filter(const std::string& filter) {
  const PcapHandle handle{::pcap_open_dead(DLT_EN10MB, 65'535)};
  bpf_program program{};
  if (::pcap_compile(handle.get(), &program, filter.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
    return Error{Errc::invalid_argument,
                 "filter '" + filter + "': " + ::pcap_geterr(handle.get()) + "; see pcap-filter(7)"};
  ::pcap_freecode(&program);
  return {};
}

}  // namespace nw::capture
