// What a decoder remembers, for the next start: templates, and what options data said. Numbers in network order.
//
//   | "nwflows" | version u8 | exporters u32 | exporter ... | checksum u64 over all before |
//   exporter: | address 16 | heard i64 | known u8 | domains u16 | domain ... | templates u32 | template ... |
//   domain:   | protocol u8 | number u64 | rate u32 | boot i64, 0: none | samplers | selectors | interfaces |
//             | applications |, each a count u32 and its entries; names with their length u8
//   template: | domain u16, counted as above | id u16 | options u8 | scope u16 | refreshed i64 | fields u16 |
//             | enterprise u32, id u16, length u16 ... |
#include <iterator>

#include "base/hash.h"
#include "ingest/flows/decoder.h"

namespace nw::flows {

namespace {

constexpr std::string_view kMagic = "nwflows";
constexpr std::uint8_t kVersion = 1;

template <class Number>
void put(Number number, std::string& out) {
  for (std::size_t i = sizeof(Number); i-- > 0;)
    out += static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i) & 0xffU);
}

void put_time(Timestamp time, std::string& out) { put(to_unix_nanoseconds(time), out); }

void put_name(const std::string& name, std::string& out) {
  put(static_cast<std::uint8_t>(name.size()), out);
  out += name;
}

template <class Table, class PutEntry>
void put_table(const Table& table, std::string& out, const PutEntry& put_entry) {
  put(static_cast<std::uint32_t>(table.size()), out);
  for (const auto& [key, value] : table) {
    put(key, out);
    put_entry(value);
  }
}

void put_domain(const DomainState& state, std::string& out) {
  const Domain& domain = state.domain;
  put(state.protocol, out);
  put(state.number, out);
  put(domain.rate, out);
  put_time(domain.boot.value_or(Timestamp{}), out);
  const auto put_rate = [&](std::uint32_t rate) { put(rate, out); };
  put_table(domain.samplers, out, put_rate);
  put_table(domain.selectors, out, put_rate);
  put_table(domain.interfaces, out, [&](const Interface& interface) {
    put(interface.rate, out);
    put_name(interface.name, out);
  });
  put(static_cast<std::uint32_t>(domain.applications.size()), out);
  for (const auto& [id, name] : domain.applications) {
    put_name(id, out);
    put_name(name, out);
  }
}

void put_template(const Template& held, std::uint16_t domain, std::string& out) {
  put(domain, out);
  put(held.id, out);
  put(static_cast<std::uint8_t>(held.layout.options ? 1 : 0), out);
  put(held.layout.scope_fields, out);
  put_time(held.refreshed, out);
  put(static_cast<std::uint16_t>(held.layout.fields.size()), out);
  for (const TemplateField& field : held.layout.fields) {
    put(field.enterprise, out);
    put(field.id, out);
    put(field.length, out);
  }
}

// Both lists from the back: who reads them in puts each in front of those before.
void put_exporter(const Exporter& exporter, std::string& out) {
  for (const std::uint8_t octet : exporter.address.bytes()) put(octet, out);
  put_time(exporter.heard, out);
  put(static_cast<std::uint8_t>(exporter.text.empty() ? 0 : 1), out);
  put(static_cast<std::uint16_t>(exporter.domains.size()), out);
  std::map<const DomainState*, std::uint16_t> numbers;
  for (auto at = exporter.domains.rbegin(); at != exporter.domains.rend(); ++at) {
    numbers.emplace(&*at, static_cast<std::uint16_t>(numbers.size()));
    put_domain(*at, out);
  }
  put(static_cast<std::uint32_t>(exporter.templates.size()), out);
  for (auto at = exporter.templates.rbegin(); at != exporter.templates.rend(); ++at)
    put_template(*at, numbers[at->domain], out);
}

Timestamp time(ByteReader& in) { return from_unix_nanoseconds(static_cast<std::int64_t>(in.u64be())); }
std::string name(ByteReader& in) { return std::string{as_text(in.bytes(in.u8()))}; }

// False when there is not room in the input for so many: nothing is set aside for a count that lies.
template <class ReadEntry>
bool read_table(ByteReader& in, const ReadEntry& read_entry) {
  const std::uint32_t count = in.u32be();
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) read_entry();
  return in.ok();
}

bool read_domain(ByteReader& in, Domain& out) {
  out.rate = in.u32be();
  if (const Timestamp boot = time(in); boot != Timestamp{}) out.boot = boot;
  const auto into = [&](auto& table) {
    return read_table(in, [&] {
      const std::uint64_t key = in.u64be();
      table[key] = in.u32be();
    });
  };
  if (!into(out.samplers) || !into(out.selectors)) return false;
  const bool interfaces = read_table(in, [&] {
    Interface& interface = out.interfaces[in.u32be()];
    interface.rate = in.u32be();
    interface.name = name(in);
  });
  return interfaces && read_table(in, [&] {
           std::string id = name(in);
           out.applications[std::move(id)] = name(in);
         });
}

bool read_template(ByteReader& in, Exporters& exporters, Exporter& exporter, std::span<DomainState* const> domains) {
  const std::uint16_t domain = in.u16be(), id = in.u16be();
  Layout layout;
  layout.options = in.u8() != 0;
  layout.scope_fields = in.u16be();
  const Timestamp refreshed = time(in);
  const std::uint16_t fields = in.u16be();
  if (!in.ok() || domain >= domains.size() || id < 256 || fields == 0 || fields > kFieldsMax ||
      layout.scope_fields > fields)
    return false;
  for (std::uint16_t i = 0; i < fields && in.ok(); ++i) {
    TemplateField& field = layout.fields.emplace_back();
    field.enterprise = in.u32be();
    field.id = in.u16be();
    field.length = in.u16be();
  }
  if (!in.ok()) return false;
  exporters.put(exporter, *domains[domain], id, std::move(layout), refreshed);
  return true;
}

bool read_exporter(ByteReader& in, const Limits& limits, Exporters& exporters) {
  const IpAddress address = IpAddress::from_bytes(in.bytes(16));
  const Timestamp heard = time(in);
  const bool known = in.u8() != 0;
  const std::uint16_t count = in.u16be();
  if (!in.ok() || count > limits.domains) return false;
  Exporter& exporter = exporters.of(known ? std::optional{address} : std::nullopt, heard);
  std::vector<DomainState*> domains;
  for (std::uint16_t i = 0; i < count; ++i) {
    const std::uint8_t protocol = in.u8();
    const std::uint64_t number = in.u64be();
    Domain domain;
    if (!read_domain(in, domain) || protocol >= kProtocols) return false;
    domains.push_back(&exporters.domain(exporter, protocol, number));
    if (!exporters.restore(exporter, *domains.back(), std::move(domain))) return false;
  }
  const std::uint32_t templates = in.u32be();
  if (templates > limits.templates) return false;
  for (std::uint32_t i = 0; i < templates; ++i)
    if (!read_template(in, exporters, exporter, domains)) return false;
  return in.ok();
}

bool read_state(Bytes octets, const Limits& limits, Exporters& exporters) {
  ByteReader in{octets};
  const bool ours = as_text(in.bytes(kMagic.size())) == kMagic && in.u8() == kVersion;
  if (!ours) return false;
  const std::uint32_t count = in.u32be();
  if (!in.ok() || count > limits.exporters) return false;
  for (std::uint32_t i = 0; i < count; ++i)
    if (!read_exporter(in, limits, exporters)) return false;
  return in.ok() && in.empty() && exporters.exporters() == count;
}

}  // namespace

std::string Decoder::state() const {
  std::string out{kMagic};
  put(kVersion, out);
  put(static_cast<std::uint32_t>(exporters_.exporters()), out);
  const auto& all = exporters_.all();
  for (auto at = all.rbegin(); at != all.rend(); ++at) put_exporter(*at, out);
  put(hash64(out), out);
  return out;
}

bool Decoder::restore(std::string_view state) {
  constexpr std::size_t kSum = 8;
  const Bytes octets{reinterpret_cast<const std::uint8_t*>(state.data()), state.size()};
  Exporters read{limits_};
  bool good = state.size() > kSum;
  if (good) {
    ByteReader sum{octets.last(kSum)};
    good = sum.u64be() == hash64(state.substr(0, state.size() - kSum)) &&
           read_state(octets.first(octets.size() - kSum), limits_, read);
  }
  if (!good) {
    ++counters_.states_refused;
    return false;
  }
  read.reset_counters();
  exporters_ = std::move(read);
  return true;
}

}  // namespace nw::flows
