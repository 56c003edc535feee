// What parameters a service of BACnet has, in letters that are made into tables when this is compiled: ANSI/ASHRAE
// 135-2020, clauses 13 to 17 and 21.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace nw::network {

// What a parameter is, as the letter that stands for it in a service's layout.
enum BacnetRole : char {
  kBacnetNotRead = '.',
  kBacnetSource = 'A',  // who acknowledges or commands, a text
  kBacnetData = 'D',    // octets of a file
  kBacnetErrorBracket = 'E',
  kBacnetTimeOfDay = 'H',
  kBacnetMessageText = 'M',
  kBacnetObjectName = 'N',
  kBacnetProcess = 'P',
  kBacnetStart = 'S',  // position in a file, signed
  kBacnetDay = 'T',
  kBacnetValueBracket = 'V',
  kBacnetMaxApdu = 'a',
  kBacnetConfirms = 'b',  // notifications are to be confirmed
  kBacnetCount = 'c',
  kBacnetDevice = 'd',
  kBacnetEndOfFile = 'e',
  kBacnetFromState = 'f',
  kBacnetGroup = 'g',
  kBacnetHighLimit = 'h',
  kBacnetIndex = 'i',
  kBacnetSession = 'j',  // of a virtual terminal
  kBacnetToState = 'k',
  kBacnetLowLimit = 'l',
  kBacnetMinutes = 'm',
  kBacnetServiceNumber = 'n',
  kBacnetObjectRole = 'o',
  kBacnetPropertyRole = 'p',
  kBacnetNotifyType = 'q',
  kBacnetPriority = 'r',
  kBacnetState = 's',
  kBacnetLifetime = 't',
  kBacnetVendor = 'v',
  kBacnetPassword = 'w',
  kBacnetEventType = 'x',
  kBacnetObjectType = 'y',
  kBacnetSegmentation = 'z',
};

// The letters say what each parameter is: tags of an application in their order (again and again), '|', those of a
// context by their number. '.' is what is not read; what a bracket holds has a layout of its own in ( ), unless it is
// 'E' or 'V'. Brackets without their end, and more than the tables have room for, do not compile.
class BacnetLayout {
 public:
  static constexpr std::size_t kLevelsMax = 4;

  struct Item {
    char role = kBacnetNotRead;
    std::uint8_t inside = 0;  // the level of what the bracket holds; 0: it has none
  };
  // What stands in one bracket; level 0 in none.
  struct Level {
    std::uint8_t plain = 0, plain_count = 0, numbered = 0, numbered_count = 0;
  };

  // Not explicit, so that tables have the letters.
  constexpr BacnetLayout(const char* letters) { fill(0, letters); }

  [[nodiscard]] bool empty() const noexcept { return items_count_ == 0; }
  [[nodiscard]] const Level& level(std::size_t at) const noexcept { return levels_[at]; }
  [[nodiscard]] Item numbered(const Level& level, std::uint8_t number) const noexcept {
    return number < level.numbered_count ? items_[std::size_t{level.numbered} + number] : Item{};
  }
  // The next of the application's: `at` counts them.
  [[nodiscard]] Item plain(const Level& level, std::uint8_t& at) const noexcept {
    if (level.plain_count == 0) return {};
    if (at == level.plain_count) at = 0;
    return items_[std::size_t{level.plain} + at++];
  }

 private:
  static constexpr std::size_t kItemsMax = 16;

  // How many letters the first item has: a letter, or all that is in ( ).
  static constexpr std::size_t item_size(std::string_view letters) {
    std::size_t depth = 0, size = 0;
    do {
      if (letters[size] == '(') ++depth;
      if (letters[size] == ')') --depth;
      ++size;
    } while (depth != 0);
    return size;
  }

  // The items of a level stand together; those of its brackets come behind them.
  constexpr void fill(std::uint8_t place, std::string_view letters) {
    Level& level = levels_[place];
    level.plain = level.numbered = items_count_;
    for (std::size_t at = 0; at < letters.size(); at += item_size(letters.substr(at))) {
      if (letters[at] != '|') {
        items_[items_count_++].role = letters[at];
        continue;
      }
      level.plain_count = static_cast<std::uint8_t>(items_count_ - level.plain);
      level.numbered = items_count_;
    }
    level.numbered_count = static_cast<std::uint8_t>(items_count_ - level.numbered);
    std::size_t item = level.plain;
    for (std::size_t at = 0; at < letters.size(); at += item_size(letters.substr(at))) {
      if (letters[at] == '|') continue;
      if (letters[at] == '(') {
        items_[item].inside = levels_count_++;
        fill(items_[item].inside, letters.substr(at + 1, item_size(letters.substr(at)) - 2));
      }
      ++item;
    }
  }

  std::array<Item, kItemsMax> items_{};
  std::array<Level, kLevelsMax> levels_{};
  std::uint8_t items_count_ = 0, levels_count_ = 1;
};

}  // namespace nw::network
