#include "context/registry/import_nis2.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "context/registry/import_csv.h"
#include "context/taxonomy/match.h"

namespace nw::context {

namespace {

enum Column : std::size_t { name, address, email, phone, ip_ranges, sector, subsector, member_states, kColumns };

struct ColumnNames {
  Column column;
  std::array<std::string_view, 8> names;  // the first is the one that we ask for
};
constexpr auto kColumnNames = std::to_array<ColumnNames>({
    {name, {"name", "entity", "entity_name", "name_of_entity", "legal_name", "operator", "company", "organisation"}},
    {address, {"address", "postal_address", "registered_address", "street_address"}},
    {email, {"email", "e_mail", "mail", "email_address", "e_mail_address", "contact_email"}},
    {phone, {"phone", "telephone", "tel", "phone_number", "telephone_number", "contact_phone"}},
    {ip_ranges, {"ip_ranges", "ip_range", "ip", "ips", "ip_addresses", "ip_address", "networks", "public_ip_ranges"}},
    {sector, {"sector", "nis2_sector", "sector_name"}},
    {subsector, {"subsector", "sub_sector", "type", "type_of_entity", "entity_type", "subsector_name"}},
    {member_states,
     {"member_states", "member_state", "member_states_served", "ms", "states", "countries", "countries_served"}},
});

// "E-mail address" is "e_mail_address".
std::string header_word(std::string_view text) {
  std::string out;
  for (const char c : to_ascii_lower(trim(text))) {
    const bool word = ascii_digit(c) || (c >= 'a' && c <= 'z');
    if (word)
      out += c;
    else if (!out.empty() && out.back() != '_')
      out += '_';
  }
  if (out.ends_with('_')) out.pop_back();
  return out;
}

std::string quoted(std::string_view text) { return '\'' + printable(text, 64) + '\''; }

class Importer {
 public:
  Importer(const taxonomy::Sectors& sectors, std::uint64_t seed) : sectors_{sectors}, ids_{seed} {}

  Result<Imported> run(const CsvFile& file) {
    if (file.rows.empty()) return Error{Errc::malformed, "line 1: the file is empty; its first line names the columns"};
    if (const auto header = read_header(file.rows.front()); !header) return header.error();
    for (std::size_t i = 1; i < file.rows.size(); ++i) {
      row_ = &file.rows[i];
      ++out_.records;
      if (!read_record()) ++out_.left_out;
    }
    out_.assets = assets_.size();
    for (const ImportAsset& asset : assets_) out_.networks += asset.networks.size();
    out_.yaml = import_yaml(
        {"Imported from a list of entities (NIS2, Article 3(4)). Before use: assess each class, choose the sector "
         "where",
         "several fit, add functions, zones, hosts, their roles and writers. The ids are new: import a list once."},
        assets_, ids_);
    return std::move(out_);
  }

 private:
  void note(std::string text) { out_.notes.push_back({"line " + std::to_string(row_->line), std::move(text)}); }

  Result<> read_header(const CsvRow& header) {
    row_ = &header;
    at_.fill(header.fields.size());
    for (std::size_t i = 0; i < header.fields.size(); ++i) {
      const std::string word = header_word(header.fields[i]);
      const auto known = std::ranges::find_if(kColumnNames, [&word](const ColumnNames& names) {
        return !word.empty() && std::ranges::find(names.names, word) != names.names.end();
      });
      if (known == kColumnNames.end()) {
        note("column " + quoted(header.fields[i]) + " is not used");
      } else if (at_[known->column] != header.fields.size()) {
        return Error{Errc::malformed, "line " + std::to_string(header.line) + ": two columns are the " +
                                          quoted(known->names[0]) + ": take one out"};
      } else {
        at_[known->column] = i;
      }
    }
    for (const ColumnNames& names : kColumnNames) {
      const bool needed = names.column == name || names.column == ip_ranges || names.column == sector;
      if (needed && at_[names.column] == header.fields.size())
        return Error{Errc::malformed, "line " + std::to_string(header.line) + ": no column is called '" +
                                          std::string{names.names[0]} +
                                          "'; the first line must name the columns name, ip_ranges and sector"};
    }
    columns_ = header.fields.size();
    return {};
  }

  // Empty when there is no such column.
  [[nodiscard]] std::string_view field(Column column) const {
    return at_[column] < row_->fields.size() ? trim(row_->fields[at_[column]]) : std::string_view{};
  }

  bool read_record() {
    if (row_->fields.size() != columns_) {
      note("left out: it has " + std::to_string(row_->fields.size()) + " fields, the first line " +
           std::to_string(columns_));
      return false;
    }
    ImportAsset asset;
    asset.name = shown_name(field(name));
    if (asset.name.size() < field(name).size()) note("the name is cut to what the register shows");
    if (asset.name.empty()) {
      note("left out: it has no name");
      return false;
    }
    if (!read_sector(asset)) return false;
    read_ranges(asset);
    if (asset.networks.empty()) {
      note("left out: " + quoted(asset.name) + " has no address that can be used: nothing could be known as its own");
      return false;
    }
    const auto [known, fresh] = operators_.try_emplace(to_ascii_lower(asset.name));
    if (fresh) known->second = "op-" + ids_.next();
    asset.operator_id = known->second;
    asset.comments.push_back("line " + std::to_string(row_->line) + " of the list");
    comment(asset, "address", field(address));
    comment(asset, "e-mail", field(email));
    comment(asset, "phone", field(phone));
    comment(asset, "Member States served", field(member_states));
    assets_.push_back(std::move(asset));
    return true;
  }

  static void comment(ImportAsset& asset, std::string_view key, std::string_view value) {
    if (!value.empty()) asset.comments.push_back(std::string{key} + ": " + std::string{value});
  }

  bool read_sector(ImportAsset& asset) {
    const taxonomy::SectorMatch match = match_sector(sectors_, "nis2", field(sector), field(subsector));
    if (match.sectors.empty()) {
      std::vector<std::string_view> known;
      if (const taxonomy::SectorColumn* column = sectors_.column("nis2"))
        for (const auto& value : column->values) known.push_back(value.id);
      note("left out: no sector is called " + quoted(field(sector)) + did_you_mean(field(sector), known) +
           "; write one of NIS2's, or of ours such as water.supply");
      return false;
    }
    asset.sector = match.sectors.front()->id;
    if (match.by_sector_only)
      note("no subsector of " + quoted(field(sector)) + " is called " + quoted(field(subsector)) +
           ": taken by its sector");
    if (match.sectors.size() > 1) {
      asset.sector_comment = "assess: it may be";
      for (const taxonomy::Sector* one : match.sectors)
        asset.sector_comment += (one == match.sectors.front() ? " " : ", ") + one->id;
    }
    return true;
  }

  void read_ranges(ImportAsset& asset) {
    // "a - b" and a dash of a word processor are the same range.
    std::string text{field(ip_ranges)};
    for (const std::string_view dash : {"\xE2\x80\x93", "\xE2\x80\x94"})
      for (std::size_t at = 0; (at = text.find(dash, at)) != std::string::npos;) text.replace(at, dash.size(), "-");
    std::string packed;
    for (const char c : text) {
      const bool space = ascii_space(c);
      if (c == '-')
        while (packed.ends_with(' ')) packed.pop_back();
      if (space && packed.ends_with('-')) continue;
      packed += space || c == ';' || c == ',' ? ' ' : c;
    }
    for (const std::string_view word : split(packed, ' '))
      if (!word.empty()) read_range(word, asset);
  }

  void read_range(std::string_view word, ImportAsset& asset) {
    if (const std::size_t dash = word.find('-'); dash != std::string_view::npos) {
      IpAddress first, last;
      const bool both =
          IpAddress::parse_into(word.substr(0, dash), first) && IpAddress::parse_into(word.substr(dash + 1), last);
      const auto prefixes = both ? prefixes_between(first, last) : std::vector<IpPrefix>{};
      if (prefixes.empty()) return note(quoted(word) + " is no range of addresses: not used");
      for (const IpPrefix& prefix : prefixes) claim(word, prefix, asset);
      return;
    }
    const auto prefix = IpPrefix::parse(word);
    if (!prefix) return note(quoted(word) + " is no network: not used; write for example 192.0.2.0/24");
    IpAddress written;
    if (IpAddress::parse_into(word.substr(0, word.find('/')), written) && written != prefix->address())
      note(quoted(word) + " has bits set beyond its length: read as " + prefix->to_string());
    claim(word, *prefix, asset);
  }

  void claim(std::string_view word, const IpPrefix& prefix, ImportAsset& asset) {
    if (const std::string why = unfit(prefix); !why.empty()) return note(quoted(word) + " is not used: " + why);
    const auto [taken, fresh] = claimed_.try_emplace(prefix, row_->line);
    if (!fresh)
      return note(prefix.to_string() + " is not used: line " + std::to_string(taken->second) + " has it already");
    asset.networks.push_back(prefix);
  }

  const taxonomy::Sectors& sectors_;
  OpaqueIds ids_;
  Imported out_;
  std::vector<ImportAsset> assets_;
  const CsvRow* row_ = nullptr;
  std::size_t columns_ = 0;
  std::array<std::size_t, kColumns> at_{};
  std::map<std::string, std::string> operators_;  // by name
  std::map<IpPrefix, std::size_t> claimed_;       // to the line
};

}  // namespace

Result<Imported> import_nis2(std::string_view text, const taxonomy::Sectors& sectors, std::uint64_t seed) {
  const auto file = read_csv(text);
  if (!file) return file.error();
  return Importer{sectors, seed}.run(*file);
}

}  // namespace nw::context
