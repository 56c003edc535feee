// Sigma's semantics, a row per decided point; the numbers name the sections of the specification reading that the
// README of detect/sigma summarises.
#include <gtest/gtest.h>

#include "harness.h"

namespace nw::sigma {
namespace {

struct ItemCase {
  const char* name;
  const char* item;
  const char* event;
  bool want;
};

void run(std::span<const ItemCase> cases) {
  for (const ItemCase& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(fires(item_text(c.item), c.event), c.want) << c.item << "   on   " << c.event;
  }
}

TEST(SigmaMatch, Escapes) {
  static constexpr ItemCase kCases[] = {
      {"plain backslashes", R"(f: 'C:\Win\x')", R"({f: 'C:\Win\x'})", true},
      {"two backslashes are one", R"(f: 'C:\\Win')", R"({f: 'C:\Win'})", true},
      {"two backslashes are not two", R"(f: 'C:\\Win')", R"({f: 'C:\\Win'})", false},
      {"backslash and wildcard", R"(f: 'C:\\*')", R"({f: 'C:\anything'})", true},
      {"backslash and wildcard need the backslash", R"(f: 'C:\\*')", R"({f: 'C:anything'})", false},
      {"literal star", R"(f: 'C:\*')", R"({f: 'C:*'})", true},
      {"literal star is no wildcard", R"(f: 'C:\*')", R"({f: 'C:x'})", false},
      {"backslash, literal star", R"(f: 'C:\\\*')", R"({f: 'C:\*'})", true},
      {"backslash, literal star, no wildcard", R"(f: 'C:\\\*')", R"({f: 'C:\x'})", false},
      {"four backslashes are two", R"(f: '\\\\srv')", R"({f: '\\srv'})", true},
      {"two at the front are one", R"(f: '\\srv')", R"({f: '\srv'})", true},
      {"two at the front are not two", R"(f: '\\srv')", R"({f: '\\srv'})", false},
      {"lone backslash at the end", R"(f: 'dir\')", R"({f: 'dir\'})", true},
      {"literal question mark", R"(f: 'a\?')", R"({f: 'a?'})", true},
      {"literal question mark is no wildcard", R"(f: 'a\?')", R"({f: 'ab'})", false},
      {"backslash before another letter stays", R"(f: 'a\nb')", R"({f: 'a\nb'})", true},
  };
  run(kCases);
}

TEST(SigmaMatch, Wildcards) {
  static constexpr ItemCase kCases[] = {
      {"star over a line end", R"(f: 'ab*yz')", R"({f: "ab\r\nyz"})", true},
      {"star over nothing", R"(f: 'ab*yz')", R"({f: 'abyz'})", true},
      {"whole value, not a part", R"(f: 'ab*yz')", R"({f: 'abyz!'})", false},
      {"question mark is one", R"(f: 'a?c')", R"({f: 'abc'})", true},
      {"question mark is not none", R"(f: 'a?c')", R"({f: 'ac'})", false},
      {"question mark is not two", R"(f: 'a?c')", R"({f: 'abbc'})", false},
      {"question mark is a code point", R"(f: 'a?c')", R"({f: 'aßc'})", true},
      {"question mark is a far code point", R"(f: 'a?c')", R"({f: "a\U0001F600c"})", true},
      {"question mark at the end", R"(f: '*c?')", R"({f: 'abcß'})", true},
      {"question mark over a line end", R"(f: 'a?c')", R"({f: "a\nc"})", true},
      {"several stars", R"(f: 'a*b*c')", R"({f: 'a-b-b-c'})", true},
      {"several stars, wrong order", R"(f: 'a*b*c')", R"({f: 'a-c-b'})", false},
      {"the end is not counted twice", R"(f: 'ab*ab')", R"({f: 'ab'})", false},
      {"the last piece may come again", R"(f: '*ab')", R"({f: 'abab'})", true},
      {"backing up inside a piece", R"(f: '*a?b*')", R"({f: 'aaab'})", true},
      {"star: present", R"(f: '*')", R"({f: 'x'})", true},
      {"star: empty text is present", R"(f: '*')", R"({f: ''})", true},
      {"star: a number", R"(f: '*')", R"({f: 7})", true},
      {"star: absent", R"(f: '*')", R"({g: 'x'})", false},
      {"star: null", R"(f: '*')", R"({f: null})", false},
      {"contains star: absent", R"(f|contains: '*')", R"({g: 'x'})", false},
      {"contains star: present", R"(f|contains: '*')", R"({f: ''})", true},
      {"startswith with an inner wildcard", R"(f|startswith: 'a?c')", R"({f: 'abcd'})", true},
      {"contains with an inner wildcard", R"(f|contains: 'a*c')", R"({f: '.a--c.'})", true},
      {"endswith with an inner wildcard", R"(f|endswith: 'a?c')", R"({f: 'xabc'})", true},
      {"endswith goes to the end", R"(f|endswith: 'abc')", R"({f: 'abcd'})", false},
      {"startswith goes to the start", R"(f|startswith: 'abc')", R"({f: 'xabc'})", false},
      {"contains with its own stars", R"(f|contains: '*b*')", R"({f: 'abc'})", true},
      {"startswith an escaped star", R"(f|startswith: '\*')", R"({f: '*x'})", true},
      {"contains trailing backslash", R"(f|contains: '\Temp\')", R"({f: 'C:\Temp\x'})", true},
  };
  run(kCases);
}

TEST(SigmaMatch, Case) {
  static constexpr ItemCase kCases[] = {
      {"text", R"(f: 'CMD.exe')", R"({f: 'cmd.EXE'})", true},
      {"contains", R"(f|contains: 'MD.e')", R"({f: 'cmd.EXE'})", true},
      {"umlaut", R"(f: 'Ä')", R"({f: 'ä'})", true},
      {"Greek with final sigma", R"(f: 'ΟΔΟΣ')", R"({f: 'οδος'})", true},
      {"Cyrillic", R"(f|contains: 'ПРИВЕТ')", R"({f: 'ну, привет!'})", true},
      {"Kelvin sign is k", R"(f: 'kelvin')",
       "{f: '\xe2\x84\xaa"
       "elvin'}",
       true},
      {"folding that lengthens",
       "f: '\xc8\xba"
       "x'",
       "{f: '\xe2\xb1\xa5X'}", true},
      {"sharp s is not ss", R"(f: 'ß')", R"({f: 'ss'})", false},
      {"cased", R"(f|cased: 'CMD')", R"({f: 'cmd'})", false},
      {"cased, same", R"(f|cased: 'CMD')", R"({f: 'CMD'})", true},
      {"contains and cased", R"(f|contains|cased: 'MD')", R"({f: 'cmd'})", false},
      {"cased and contains", R"(f|cased|contains: 'MD')", R"({f: 'CMD'})", true},
      {"field names are case-sensitive", R"(F: 'x')", R"({f: 'x'})", false},
      {"re is case-sensitive", R"(f|re: 'CMD')", R"({f: 'cmd'})", false},
      {"re with i", R"(f|re|i: 'CMD')", R"({f: 'cmd'})", true},
      {"re with its own flag", R"(f|re: '(?i)CMD')", R"({f: 'cmd'})", true},
      {"re with i, above ASCII", R"(f|re|i: 'Ä')", R"({f: 'ä'})", true},
  };
  run(kCases);
}

TEST(SigmaMatch, Types) {
  static constexpr ItemCase kCases[] = {
      {"text rule, number event", R"(f: '4625')", R"({f: 4625})", true},
      {"number rule, text event", R"(f: 4625)", R"({f: '4625'})", true},
      {"number rule, number event", R"(f: 4625)", R"({f: 4625})", true},
      {"number rule, other number", R"(f: 4625)", R"({f: 4624})", false},
      {"4625.0 is 4625", R"(f: 4625.0)", R"({f: 4625})", true},
      {"4625.0 is 4625 as text", R"(f: 4625.0)", R"({f: '4625'})", true},
      {"event 4625.0 is 4625", R"(f: 4625)", R"({f: 4625.0})", true},
      {"real", R"(f: 0.5)", R"({f: 0.5})", true},
      {"hexadecimal is a number in the rule", R"(f: 0x10)", R"({f: 16})", true},
      {"hexadecimal text is no number", R"(f: '0x10')", R"({f: 16})", false},
      {"text 0x10 is not 16", R"(f: 16)", R"({f: '0x10'})", false},
      {"text 016 is not 16", R"(f: 16)", R"({f: '016'})", false},
      {"true and true", R"(f: true)", R"({f: true})", true},
      {"true and text", R"(f: true)", R"({f: 'true'})", true},
      {"true and capital text", R"(f: true)", R"({f: 'True'})", true},
      {"true and 1", R"(f: true)", R"({f: 1})", false},
      {"true and false", R"(f: true)", R"({f: false})", false},
      {"text true and boolean", R"(f: 'true')", R"({f: true})", true},
      {"1 and true", R"(f: 1)", R"({f: true})", false},
      {"contains on a number", R"(f|contains: '62')", R"({f: 4625})", true},
      {"startswith on a number", R"(f|startswith: 46)", R"({f: 4625})", true},
      {"re on a number", R"(f|re: '^46\d+$')", R"({f: 4625})", true},
      {"number in a big integer, exactly", R"(f: 9007199254740993)", R"({f: 9007199254740992})", false},
      {"address by text", R"(f: '10.0.0.1')", R"({f: 'ip 10.0.0.1'})", true},
      {"address by another spelling", R"(f: '2001:DB8:0::1')", R"({f: 'ip 2001:db8::1'})", true},
      {"address by part", R"(f|startswith: '10.0.')", R"({f: 'ip 10.0.0.1'})", true},
  };
  run(kCases);
}

TEST(SigmaMatch, EmptyAndNull) {
  static constexpr ItemCase kCases[] = {
      {"empty text, empty", R"(f: '')", R"({f: ''})", true},
      {"empty text, absent", R"(f: '')", R"({g: 1})", false},
      {"empty text, null", R"(f: '')", R"({f: null})", false},
      {"empty text, text", R"(f: '')", R"({f: 'x'})", false},
      {"null, absent", R"(f: null)", R"({g: 1})", true},
      {"null, null", R"(f: null)", R"({f: null})", true},
      {"null, empty text", R"(f: null)", R"({f: ''})", false},
      {"null without a word", R"(f:)", R"({g: 1})", true},
      {"null in a list", R"(f: [null, 'a'])", R"({g: 1})", true},
      {"null in a list, the other value", R"(f: [null, 'a'])", R"({f: 'a'})", true},
      {"quoted null is text", R"(f: 'null')", R"({g: 1})", false},
      {"exists, present", R"(f|exists: true)", R"({f: 'x'})", true},
      {"exists, empty", R"(f|exists: true)", R"({f: ''})", true},
      {"exists, null", R"(f|exists: true)", R"({f: null})", true},
      {"exists, absent", R"(f|exists: true)", R"({g: 1})", false},
      {"not exists, absent", R"(f|exists: false)", R"({g: 1})", true},
      {"not exists, null", R"(f|exists: false)", R"({f: null})", false},
  };
  run(kCases);
}

TEST(SigmaMatch, Lists) {
  static constexpr ItemCase kCases[] = {
      {"or", R"(f: ['a', 'b'])", R"({f: 'b'})", true},
      {"or, none", R"(f: ['a', 'b'])", R"({f: 'c'})", false},
      {"each element has its type", R"(f: ['a', 7])", R"({f: '7'})", true},
      {"all", R"(f|contains|all: ['a', 'b'])", R"({f: 'xbxa'})", true},
      {"all, one missing", R"(f|contains|all: ['a', 'b'])", R"({f: 'xa'})", false},
      {"all first", R"(f|all|contains: ['a', 'b'])", R"({f: 'xa'})", false},
      {"event list: any element", R"(f: 'b')", R"({f: ['a', 'b']})", true},
      {"event list: none", R"(f: 'c')", R"({f: ['a', 'b']})", false},
      {"event list: each needle its element", R"(f|contains|all: ['a', 'b'])", R"({f: ['xa', 'bx']})", true},
      {"event list: nested", R"(f: 'b')", R"({f: ['a', ['b']]})", true},
      {"event list: empty", R"(f: '*')", R"({f: []})", false},
      {"event list: cidr", R"(f|cidr: '10.0.0.0/8')", R"({f: ['x', 'ip 10.1.1.1']})", true},
      {"event list: gt", R"(f|gt: 5)", R"({f: [1, 9]})", true},
      {"event list: null among values", R"(f: 'b')", R"({f: [null, 'b']})", true},
      {"event list: neq means no element", R"(f|neq: 'b')", R"({f: ['a', 'b']})", false},
  };
  run(kCases);
}

TEST(SigmaMatch, Numbers) {
  static constexpr ItemCase kCases[] = {
      {"gt", R"(f|gt: 5)", R"({f: 6})", true},
      {"gt, equal", R"(f|gt: 5)", R"({f: 5})", false},
      {"gte, equal", R"(f|gte: 5)", R"({f: 5})", true},
      {"lt", R"(f|lt: 5)", R"({f: 4})", true},
      {"lt, equal", R"(f|lt: 5)", R"({f: 5})", false},
      {"lte, equal", R"(f|lte: 5)", R"({f: 5})", true},
      {"numeric text", R"(f|gt: 5)", R"({f: '6'})", true},
      {"real text", R"(f|gt: 5)", R"({f: '5.5'})", true},
      {"other text", R"(f|gt: 5)", R"({f: 'six'})", false},
      {"number with something after", R"(f|gt: 5)", R"({f: '6 s'})", false},
      {"real rule", R"(f|lt: 0.5)", R"({f: 0.25})", true},
      {"negative", R"(f|lt: -1)", R"({f: -2})", true},
      {"absent", R"(f|lt: 5)", R"({g: 1})", false},
      {"null", R"(f|lt: 5)", R"({f: null})", false},
      {"boolean", R"(f|gte: 0)", R"({f: true})", false},
      {"infinity", R"(f|gt: 5)", R"({f: 'inf'})", false},
  };
  run(kCases);
}

TEST(SigmaMatch, Networks) {
  static constexpr ItemCase kCases[] = {
      {"v4 text", R"(f|cidr: '10.0.0.0/8')", R"({f: '10.200.1.1'})", true},
      {"v4 value", R"(f|cidr: '10.0.0.0/8')", R"({f: 'ip 10.200.1.1'})", true},
      {"v4 outside", R"(f|cidr: '10.0.0.0/8')", R"({f: 'ip 11.0.0.1'})", false},
      {"v6", R"(f|cidr: '2001:db8::/32')", R"({f: '2001:0DB8:0:0::1'})", true},
      {"v6 outside", R"(f|cidr: '2001:db8::/32')", R"({f: '2001:db9::1'})", false},
      {"mapped", R"(f|cidr: '10.0.0.0/8')", R"({f: '::ffff:10.0.0.1'})", true},
      {"host bits are masked", R"(f|cidr: '10.1.2.3/8')", R"({f: '10.9.9.9'})", true},
      {"a lone address", R"(f|cidr: '10.1.2.3')", R"({f: '10.1.2.3'})", true},
      {"no address", R"(f|cidr: '10.0.0.0/8')", R"({f: '10.0.0'})", false},
      {"or", R"(f|cidr: ['10.0.0.0/8', '192.168.0.0/16'])", R"({f: '192.168.1.1'})", true},
      {"everything v4 is not v6", R"(f|cidr: '0.0.0.0/0')", R"({f: '2001:db8::1'})", false},
  };
  run(kCases);
}

TEST(SigmaMatch, Regex) {
  static constexpr ItemCase kCases[] = {
      {"search", R"(f|re: 'b+')", R"({f: 'abbc'})", true},
      {"anchors", R"(f|re: '^b+$')", R"({f: 'abbc'})", false},
      {"classes", R"(f|re: '\d{3}\s\w\b')", R"({f: 'x 123 y'})", true},
      {"dollar before the last line end", R"(f|re: 'a$')", R"({f: "a\n"})", true},
      {"dot stops at a line end", R"(f|re: 'a.b')", R"({f: "a\nb"})", false},
      {"s", R"(f|re|s: 'a.b')", R"({f: "a\nb"})", true},
      {"caret without m", R"(f|re: '^b')", R"({f: "a\nb"})", false},
      {"m", R"(f|re|m: '^b')", R"({f: "a\nb"})", true},
      {"i and m and s", R"(f|re|i|m|s: '^B.C')", R"({f: "a\nb\nc"})", true},
      {"look-ahead", R"(f|re: 'a(?!b)')", R"({f: 'ac'})", true},
      {"no sigma escapes", R"(f|re: 'a\*')", R"({f: 'a*'})", true},
      {"dot is a code point", R"(f|re: '^.$')", R"({f: 'ß'})", true},
      {"all", R"(f|re|all: ['a', 'b'])", R"({f: 'ba'})", true},
      {"all, one missing", R"(f|re|all: ['a', 'b'])", R"({f: 'aa'})", false},
      {"absent", R"(f|re: '.*')", R"({g: 1})", false},
      {"null", R"(f|re: '.*')", R"({f: null})", false},
      {"neq", R"(f|re|neq: 'a')", R"({f: 'b'})", true},
  };
  run(kCases);
}

TEST(SigmaMatch, Neq) {
  static constexpr ItemCase kCases[] = {
      {"other", R"(f|neq: 'a')", R"({f: 'b'})", true},
      {"same", R"(f|neq: 'a')", R"({f: 'A'})", false},
      {"absent", R"(f|neq: 'a')", R"({g: 1})", false},
      {"null", R"(f|neq: 'a')", R"({f: null})", false},
      {"none of a list", R"(f|neq: ['a', 'b'])", R"({f: 'c'})", true},
      {"one of a list", R"(f|neq: ['a', 'b'])", R"({f: 'b'})", false},
      {"contains", R"(f|contains|neq: 'a')", R"({f: 'bab'})", false},
      {"not all", R"(f|contains|all|neq: ['a', 'b'])", R"({f: 'a'})", true},
      {"all", R"(f|contains|all|neq: ['a', 'b'])", R"({f: 'ab'})", false},
      {"number", R"(f|neq: 5)", R"({f: 6})", true},
      {"null value: present", R"(f|neq: null)", R"({f: 'x'})", true},
      {"fieldref, other", R"(f|fieldref|neq: g)", R"({f: 'a', g: 'b'})", true},
      {"fieldref, same", R"(f|fieldref|neq: g)", R"({f: 'a', g: 'A'})", false},
  };
  run(kCases);
}

TEST(SigmaMatch, FieldReference) {
  static constexpr ItemCase kCases[] = {
      {"same", R"(f|fieldref: g)", R"({f: 'a', g: 'A'})", true},
      {"other", R"(f|fieldref: g)", R"({f: 'a', g: 'b'})", false},
      {"number and text", R"(f|fieldref: g)", R"({f: 5, g: '5'})", true},
      {"left absent", R"(f|fieldref: g)", R"({g: 'b'})", false},
      {"right absent", R"(f|fieldref: g)", R"({f: 'b'})", false},
      {"both absent", R"(f|fieldref: g)", R"({h: 'b'})", false},
      {"startswith", R"(f|fieldref|startswith: g)", R"({f: 'abc', g: 'AB'})", true},
      {"endswith", R"(f|endswith|fieldref: g)", R"({f: 'abc', g: 'bc'})", true},
      {"contains", R"(f|fieldref|contains: g)", R"({f: 'abc', g: 'x'})", false},
      {"cased", R"(f|fieldref|cased: g)", R"({f: 'a', g: 'A'})", false},
      {"an element of each", R"(f|fieldref: g)", R"({f: ['a', 'b'], g: ['c', 'b']})", true},
      {"wildcards in the event are text", R"(f|fieldref: g)", R"({f: 'abc', g: 'a*'})", false},
  };
  run(kCases);
}

TEST(SigmaMatch, Windash) {
  static constexpr ItemCase kCases[] = {
      {"as written", R"(f|windash|contains: ' -enc ')", R"({f: 'x -enc y'})", true},
      {"slash", R"(f|windash|contains: ' -enc ')", R"({f: 'x /enc y'})", true},
      {"en dash", R"(f|windash|contains: ' -enc ')", R"({f: 'x –enc y'})", true},
      {"em dash", R"(f|contains|windash: ' -enc ')", R"({f: 'x —enc y'})", true},
      {"horizontal bar", R"(f|contains|windash: ' -enc ')", R"({f: 'x ―enc y'})", true},
      {"another sign", R"(f|contains|windash: ' -enc ')", R"({f: 'x +enc y'})", false},
      {"slash in the rule", R"(f|windash|contains: ' /enc ')", R"({f: 'x -enc y'})", true},
      {"a dash inside a word stays", R"(f|windash|contains: ' -a-b ')", R"({f: 'x /a/b y'})", false},
      {"the dash before the word varies", R"(f|windash|contains: ' -a-b ')", R"({f: 'x /a-b y'})", true},
      {"each place on its own", R"(f|windash|contains: ' -a -b ')", R"({f: 'x /a -b y'})", true},
      {"at the start of the value", R"(f|windash: '-enc')", R"({f: '/ENC'})", true},
      {"a dash before no word stays", R"(f|windash|contains: ' - x')", R"({f: ' / x'})", false},
      {"all: each needle in any variant", R"(f|windash|contains|all: [' -a ', ' -b '])", R"({f: ' /a  –b '})", true},
      {"all: one missing", R"(f|windash|contains|all: [' -a ', ' -b '])", R"({f: ' /a  /c '})", false},
  };
  run(kCases);
}

TEST(SigmaMatch, Encodings) {
  static constexpr ItemCase kCases[] = {
      // "foobar foobar test!" is 19 bytes; with 0, 1 and 2 bytes before and some after.
      {"base64", R"(f|base64: 'foobar')", R"({f: 'Zm9vYmFy'})", true},
      {"base64, insensitive", R"(f|base64: 'foobar')", R"({f: 'zM9VymfY'})", true},
      {"base64 of an escaped star", R"(f|base64: 'a\*')", R"({f: 'YSo='})", true},
      {"offset 0", R"(f|base64offset|contains: 'foobar foobar test!')", R"({f: 'Zm9vYmFyIGZvb2JhciB0ZXN0IVhZWg=='})",
       true},
      {"offset 1", R"(f|base64offset|contains: 'foobar foobar test!')", R"({f: 'WGZvb2JhciBmb29iYXIgdGVzdCFYWVo='})",
       true},
      {"offset 2", R"(f|base64offset|contains: 'foobar foobar test!')", R"({f: 'WFhmb29iYXIgZm9vYmFyIHRlc3QhWFla'})",
       true},
      {"another text", R"(f|base64offset|contains: 'foobar foobar test!')",
       R"({f: 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo='})", false},
      {"offset counts bytes", R"(f|base64offset|contains: 'äöü')", R"({f: 'WMOkw7bDvFg='})", true},
      {"wide", R"(f|wide|base64: 'ab')", R"({f: 'YQBiAA=='})", true},
      {"utf16le", R"(f|utf16le|base64: 'ab')", R"({f: 'YQBiAA=='})", true},
      {"utf16be", R"(f|utf16be|base64: 'ab')", R"({f: 'AGEAYg=='})", true},
      {"utf16 has a mark", R"(f|utf16|base64: 'ab')", R"({f: '//5hAGIA'})", true},
      {"wide above ASCII", R"(f|wide|base64: 'ä')", R"({f: '5AA='})", true},
      {"wide in two units", "f|wide|base64: \"\\U0001F600\"", R"({f: 'PdgB3g=='})", false},
      {"wide in two units, right", "f|wide|base64: \"\\U0001F600\"", R"({f: 'PdgA3g=='})", true},
      {"all keeps the offsets as alternatives", R"(f|base64offset|contains|all: ['foobar', 'foobar!'])",
       R"({f: 'Zm9vYmFyIWZvb2Jhcg=='})", true},
      {"neq of every offset", R"(f|base64offset|contains|neq: 'foobar')", R"({f: 'Zm9vYmFy'})", false},
  };
  run(kCases);
}

TEST(SigmaMatch, Maps) {
  static constexpr struct {
    const char* name;
    const char* detection;
    const char* event;
    bool want;
  } kCases[] = {
      {"and", "  s:\n    f: a\n    g: b\n  condition: s", "{f: a, g: b}", true},
      {"and, one missing", "  s:\n    f: a\n    g: b\n  condition: s", "{f: a}", false},
      {"list of maps", "  s:\n    - f: a\n    - g: b\n  condition: s", "{g: b}", true},
      {"list of maps, none", "  s:\n    - f: a\n    - g: b\n  condition: s", "{g: a, f: b}", false},
      {"nested list", "  s:\n    - - f: a\n      - g: b\n    - h: c\n  condition: s", "{g: b}", true},
      {"text among maps is a keyword", "  s:\n    - f: a\n    - evil\n  condition: s", "{g: 'so evil'}", true},
      {"maps among text keep their fields", "  s:\n    - f: a\n    - evil\n  condition: s", "{f: b}", false},
      {"one field, two modifiers", "  s:\n    f|startswith: a\n    f|endswith: b\n  condition: s", "{f: a-b}", true},
      {"quoted key", "  s:\n    'f|contains': a\n  condition: s", "{f: xax}", true},
      {"dotted field", "  s:\n    id.orig_h: a\n  condition: s", "{id.orig_h: a}", true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(fires(rule_text(c.detection), c.event), c.want);
  }
}

TEST(SigmaMatch, Keywords) {
  static constexpr struct {
    const char* name;
    const char* keywords;
    const char* event;
    const char* raw;
    bool want;
  } kCases[] = {
      {"in a value", "['evil']", "{f: 'so EVIL it is'}", "", true},
      {"in the raw line", "['evil']", "{}", "Nov 1 host evil[3]", true},
      {"nowhere", "['evil']", "{f: good}", "good", false},
      {"not in keys", "['evil']", "{evil: good}", "", false},
      {"or", "['evil', 'bad']", "{f: bad}", "", true},
      {"a number in a number", "[4625]", "{f: 4625}", "", true},
      {"a text in a number", "['4625']", "{f: 4625}", "", true},
      {"not in booleans", "['true']", "{f: true}", "", false},
      {"wildcard inside", "['e*l']", "{f: 'x e--l x'}", "", true},
      {"a single text", "'evil'", "{f: 'evil'}", "", true},
      {"in a list", "['evil']", "{f: [a, [evil]]}", "", true},
      {"an address", "['10.0.0.1']", "{f: 'ip 10.0.0.1'}", "", true},
      {"all over two fields", "{'|all': ['a1', 'b2']}", "{f: a1, g: b2}", "", true},
      {"all, one missing", "{'|all': ['a1', 'b2']}", "{f: a1, g: b3}", "", false},
      {"re", "{'|re': ['e.il']}", "{f: 'an evil'}", "", true},
      {"contains and all", "{'|contains|all': ['a1', 'b2']}", "{f: 'b2a1'}", "", true},
      {"windash", "{'|windash': [' -enc']}", "{f: 'x /enc'}", "", true},
      {"not in what the daemon adds", "['evil']", "{uid: evil, source: evil, community_id: evil}", "", false},
      {"null holds nothing", "['*']", "{f: null}", "", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(fires(rule_text("  keywords: " + std::string{c.keywords} + "\n  condition: keywords"), c.event, c.raw),
              c.want);
  }
}

TEST(SigmaMatch, Conditions) {
  // Each identifier holds when the event's field of that name is 1.
  static constexpr struct {
    const char* name;
    const char* condition;
    const char* event;
    bool want;
  } kCases[] = {
      {"and before or", "a1 or a2 and b1", "{a1: 1}", true},
      {"and before or, right", "a1 and a2 or b1", "{b1: 1}", true},
      {"parentheses", "(a1 or a2) and b1", "{a1: 1}", false},
      {"not before and", "not a1 and a2", "{a2: 1}", true},
      {"not over parentheses", "not (a1 and a2)", "{a1: 1, a2: 1}", false},
      {"not not", "not not a1", "{a1: 1}", true},
      {"only negations", "not a1 and not a2", "{}", true},
      {"1 of", "1 of a*", "{a2: 1}", true},
      {"1 of, none", "1 of a*", "{b1: 1}", false},
      {"any of", "any of a*", "{a2: 1}", true},
      {"all of", "all of a*", "{a1: 1, a2: 1}", true},
      {"all of, one missing", "all of a*", "{a1: 1}", false},
      {"2 of", "2 of them", "{a1: 1, b1: 1}", true},
      {"2 of, one", "2 of them", "{a1: 1}", false},
      {"1 of them leaves _ out", "1 of them", "{_h: 1}", false},
      {"all of them leaves _ out", "all of them", "{a1: 1, a2: 1, b1: 1}", true},
      {"a pattern leaves _ out", "a1 or 1 of *h", "{_h: 1}", false},
      {"a pattern with _ takes it", "1 of _*", "{_h: 1}", true},
      {"_ by name", "_h", "{_h: 1}", true},
      {"pattern in the middle", "1 of *1", "{b1: 1}", true},
      {"pattern without a star", "1 of a1", "{a1: 1}", true},
      {"empty selector is dropped", "a1 and not 1 of filter_*", "{a1: 1}", true},
      {"empty selector is dropped from or", "a1 or 1 of filter_*", "{b1: 1}", false},
      {"upper case", "a1 AND NOT a2", "{a1: 1}", true},
      {"list is or", "[a1 and a2, b1]", "{b1: 1}", true},
      {"list, none", "[a1 and a2, b1]", "{a1: 1}", false},
      {"not before of", "not 1 of a* and b1", "{b1: 1}", true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const std::string detection = "  a1: {a1: 1}\n  a2: {a2: 1}\n  b1: {b1: 1}\n  _h: {_h: 1}\n  condition: ";
    EXPECT_EQ(fires(rule_text(detection + c.condition), c.event), c.want);
  }
}

TEST(SigmaMatch, BytesThatAreNoText) {
  Bench bench;
  const auto rules = bench.compile(item_text("f: 'a?c'") + "---\n" + [] {
    std::string other = item_text("f|re: 'c$'");
    other.replace(other.find(kId), kId.size(), "11111111-2222-4333-8444-555555555556");
    return other;
  }());
  ASSERT_NE(rules, nullptr) << bench.diagnostics.to_string();
  Matcher matcher{rules};
  static constexpr struct {
    const char* name;
    std::string_view value;
    std::size_t hits;
  } kCases[] = {
      {"one bad byte is one character",
       "a\xff"
       "c",
       2},
      {"a cut sequence",
       "a\xe2\x82"
       "c",
       1},
      {"an overlong form",
       "a\xc0\x80"
       "c",
       1},
      {"a surrogate",
       "a\xed\xa0\x80"
       "c",
       1},
      {"zero bytes", std::string_view{"a\0c", 3}, 2},
      {"only bad bytes", "\xff\xfe\xfd", 0},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    event::Event event;
    bench.fill(event, "{}");
    event.set(bench.schema.add_field("f"), event::Value::text(c.value));
    EXPECT_EQ(matcher.match(event).size(), c.hits);
  }
}

}  // namespace
}  // namespace nw::sigma
