#pragma once

#include <string>
#include <vector>

namespace evently::testing {

struct JsonCase {
  std::string name;
  std::string text;
  std::string code = "";     ///< of the one detail; empty: the text is accepted
  std::string pointer = "";  ///< of the one detail
};

inline std::string repeated(const std::string& part, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += part;
  return text;
}

/// Valid by RFC 8259 and by our profile (RFC 7493).
inline std::vector<JsonCase> accepted_texts() {
  std::vector<JsonCase> cases{
      {"array of nothing", "[]"},
      {"object of nothing", "{}"},
      {"empty string", R"("")"},
      {"lonely true", "true"},
      {"lonely false", "false"},
      {"lonely null", "null"},
      {"lonely integer", "42"},
      {"lonely negative number", "-0.1"},
      {"lonely string", R"("asd")"},
      {"space before", " []"},
      {"space after", "[] "},
      {"newline after", "[\"a\"]\n"},
      {"white space everywhere", "\t\r\n { \"a\" \n:\r[ 1 ,\t2 ] } \n"},
      {"array with several nulls", "[1,null,null,null,2]"},
      {"arrays with spaces", "[[]   ]"},
      {"mixed array", R"([null,1,"1",{}])"},
      {"array of an empty string", R"([""])"},
      {"minus zero", "[-0]"},
      {"zero", "[0]"},
      {"zero with exponent", "[0e1]"},
      {"zero with signed exponent", "[0e+1]"},
      {"fraction", "[123.456789]"},
      {"long fraction", "[0." + repeated("1", 60) + "]"},
      {"tiny number", "[-0." + repeated("0", 60) + "1]"},
      {"real exponent", "[123e45]"},
      {"real capital exponent", "[1E22]"},
      {"real negative exponent", "[1E-2]"},
      {"real positive exponent", "[1E+2]"},
      {"fraction and exponent", "[123.456e78]"},
      {"greatest int64", "[9223372036854775807]"},
      {"least int64", "[-9223372036854775808]"},
      {"underflow is zero", "[1e-400]"},
      {"object with one member", R"({"asd":"sdf"})"},
      {"object with an empty name", R"({"":0})"},
      {"names that differ in case", R"({"a":1,"A":2})"},
      {"names that look alike", "{\"\xc3\xa9\":1,\"e\xcc\x81\":2}"},
      {"one name in two objects", R"([{"a":1},{"a":2}])"},
      {"one name in nested objects", R"({"a":{"a":{"a":1}}})"},
      {"name again after a nested object", R"({"a":{"b":1},"b":2})"},
      {"object with newlines", "{\n\"a\": \"b\"\n}"},
      {"escaped name", R"({"foo\nbar": 42})"},
      {"all simple escapes", R"(["\"\\\/\b\f\n\r\t"])"},
      {"backslash and u", R"(["\\u0000"])"},
      {"comments within a string", R"(["a/*b*/c/*d//e"])"},
      {"escaped capital hex", R"(["\u00E9"])"},
      {"escaped control character", R"(["\u0012"])"},
      {"escaped noncharacter", R"(["\uFFFF"])"},
      {"escaped surrogate pair", R"(["\uD801\udc37"])"},
      {"two escaped surrogate pairs", R"(["\ud83d\ude39\ud83d\udc8d"])"},
      {"escaped U+10FFFF", R"(["\uDBFF\uDFFF"])"},
      {"escaped U+2028", R"(["\u2028"])"},
      {"escaped byte order mark", R"(["\uFEFF"])"},
      {"DEL",
       "[\"a\x7f"
       "a\"]"},
      {"two-byte character", "[\"\xc3\xa9\"]"},
      {"three-byte character", "[\"\xe2\x82\xac\"]"},
      {"four-byte character", "[\"\xf0\x9f\x98\x80\"]"},
      {"U+10FFFF", "[\"\xf4\x8f\xbf\xbf\"]"},
      {"U+D7FF", "[\"\xed\x9f\xbf\"]"},
      {"noncharacter U+FFFF", "[\"\xef\xbf\xbf\"]"},
      {"separators U+2028 and U+2029", "[\"\xe2\x80\xa8\xe2\x80\xa9\"]"},
      {"string of 60,000 bytes", "[\"" + repeated("x", 60'000) + "\"]"},
      {"array of 10,000 numbers", "[" + repeated("1,", 9'999) + "1]"},
      {"32 levels of arrays", repeated("[", 32) + repeated("]", 32)},
      {"32 levels of objects", repeated("{\"a\":", 31) + "{}" + repeated("}", 31)},
  };
  for (char c = ' '; c < 0x7f; ++c) {  // each printable character stands for itself
    if (c == '"' || c == '\\') continue;
    cases.push_back({std::string("character ") + c, std::string("[\"") + c + "\"]"});
  }
  return cases;
}

/// Not JSON at all.
inline std::vector<JsonCase> malformed_texts() {
  std::vector<JsonCase> cases;
  for (const char* text : {
           // nothing, or no value
           "",
           " ",
           "\n",
           ",",
           ":",
           "a",
           "'",
           "\"",
           "[",
           "]",
           "{",
           "}",
           "*",
           "#",
           "/",
           "?",
           "-",
           "+",
           "\\",
           "^",
           "<.>",
           "<null>",
           "NaN",
           "Infinity",
           "nul",
           "tru",
           "fals",
           "nulL",
           "True",
           "TRUE",
           "undefined",
           "å",
           // arrays
           "[",
           "[1",
           "[1,",
           "[1,]",
           "[,1]",
           "[1,,2]",
           "[,]",
           "[1 true]",
           "[1:2]",
           "[\"a\",,]",
           "[\"\",",
           "[\"x\"",
           "[3[4]]",
           "[*]",
           "[1,\n1\n,1",
           "[[1]",
           "[\"a\" \"b\"]",
           "x[]",
           "[]x",
           "[]]",
           "[][]",
           "[1}",
           "[}",
           "[{]",
           "[\"\": 1]",
           "[   ",
           "[\"a\n\"",
           "[\\f]",
           "[\v]",
           // objects
           "{\"a\"",
           "{\"a\":",
           "{\"a\":1",
           "{\"a\" 1}",
           "{\"a\",1}",
           "{\"a\"::1}",
           "{\"a\":1,}",
           "{,}",
           "{\"a\":1,,\"b\":2}",
           "{a:1}",
           "{'a':1}",
           "{1:1}",
           "{null:1}",
           "{\"a\":}",
           "{:1}",
           "{}}",
           "{}#",
           "{\"a\":1 \"b\":2}",
           "{\"a\":1}/**/",
           "{\"a\":1}//",
           "{\"a\":/*c*/1}",
           "{\"a\":1,\"b\"}",
           "{{}}",
           "{\"a\":true} x",
           "{\"a\":1}{\"b\":2}",
           "{}[]",
           "{[1]:2}",
           "{\"a\": a}",
           "{\"a\":\"a\" 1}",
           // numbers
           "[-]",
           "[+1]",
           "[--1]",
           "[-a]",
           "[- 1]",
           "[01]",
           "[-01]",
           "[00]",
           "[.1]",
           "[-.1]",
           "[1.]",
           "[-1.]",
           "[1.e1]",
           "[0e]",
           "[0e+]",
           "[0E]",
           "[1e]",
           "[1e+]",
           "[1eE2]",
           "[1e1.5]",
           "[1.2.3]",
           "[1 000]",
           "[0x10]",
           "[1_000]",
           "[NaN]",
           "[-NaN]",
           "[Infinity]",
           "[-Infinity]",
           "[Inf]",
           "[1a]",
           "[1+2]",
           "[2.e-3]",
           "[-2.]",
           "[0.e1]",
           "[1,5.]",
           "[\xef\xbc\x91]",
           "0x1",
           "1 2",
           "1,",
           "-foo",
           "1e1e1",
           "[-1x]",
           // strings
           "[\"",
           "[\"a]",
           "[a\"]",
           "['a']",
           "[\"\\\"]",
           "[\"\\a\"]",
           "[\"\\x00\"]",
           "[\"\\u\"]",
           "[\"\\u1\"]",
           "[\"\\u12\"]",
           "[\"\\u123\"]",
           "[\"\\u123g\"]",
           "[\"\\U0041\"]",
           "[\"\\u 041\"]",
           "[\"\\'\"]",
           "[\"\\0\"]",
           "[\"\\\n\"]",
           "\"a",
           "a\"",
           "\"\"x",
           "[\"a\\",
           "[\"\\u00A\"]",
           "[\"\\",
           "[\"\\\\\\\"]",
           "[\\n]",
           "[\"\\\t\"]",
           "[\"\xe2\x80\x9c]",
           "[“a”]",
           // literals
           "[nul]",
           "[tru]",
           "[fals]",
           "[truee]",
           "[nulll]",
           "[True]",
           "[TRUE]",
           "truefalse",
           "true,",
           "nullx",
           // white space JSON does not know
           "[\f]",
           "\v[]",
           "[\xc2\xa0]",
           "[\xe2\x81\xa0]",
           "\xe3\x80\x80[]",
       }) {
    cases.push_back({text, text, "invalid_json"});
  }
  for (char c = 1; c < 0x20; ++c) {
    cases.push_back(
        {"control character " + std::to_string(c), std::string("[\"") + c + "\"]", "invalid_json"});
  }
  cases.push_back({"NUL in a string", std::string("[\"a\0b\"]", 7), "invalid_json"});
  cases.push_back({"NUL outside", std::string("[]\0", 3), "invalid_json"});
  cases.push_back({"NUL alone", std::string("\0", 1), "invalid_json"});
  cases.push_back({"form feed between", "{\f\"a\":1}", "invalid_json"});
  return cases;
}

/// Bytes that are not UTF-8, escapes that are not characters.
inline std::vector<JsonCase> broken_characters() {
  std::vector<JsonCase> cases{
      {"byte order mark", "\xef\xbb\xbf{}", "invalid_json"},
      {"byte order mark alone", "\xef\xbb\xbf", "invalid_json"},
      {"UTF-16 little endian", std::string("\xff\xfe[\0]\0", 6), "invalid_json"},
      {"UTF-16 big endian", std::string("\0[\0]", 4), "invalid_json"},
      {"bytes outside a string", "[\xff]", "invalid_json"},
      {"bytes in a name", "{\"\xff\":1}", "invalid_json"},
      {"bytes after the end", "[]\xe5", "invalid_json"},
  };
  for (const char* bytes : {
           "\x80",
           "\xbf",
           "\xc0\xaf",
           "\xc1\xbf",
           "\xc3",
           "\xc3\x28",
           "\xe5",
           "\xe0\x80\xaf",
           "\xe0\x9f\xbf",
           "\xe2\x82",
           "\xe2\x28\xa1",
           "\xed\xa0\x80",
           "\xed\xbf\xbf",
           "\xed\xa0\x80\xed\xb0\x80",
           "\xf0\x80\x80\xaf",
           "\xf0\x8f\xbf\xbf",
           "\xf0\x9f\x98",
           "\xf4\x90\x80\x80",
           "\xf5\x80\x80\x80",
           "\xf8\x88\x80\x80\x80",
           "\xfc\x83\xbf\xbf\xbf\xbf",
           "\xfe",
           "\xff",
           "a\x80z",
       }) {
    cases.push_back({"bytes in a string", std::string("[\"") + bytes + "\"]", "invalid_json"});
  }
  for (const char* escapes : {
           R"(\ud800)",
           R"(\uD800\uD800)",
           R"(\ud800a)",
           R"(\ud800\n)",
           R"(\ud800\u0041)",
           R"(\uDC00)",
           R"(\udfff)",
           R"(\udc00\ud800)",
           R"(\uDd1ea)",
           R"(\ud83d\ude39\ud83d)",
           R"(\uD800\u)",
           R"(\uD800\u1)",
           R"(\uD800\)",
           R"(\uD834\uDd)",
       }) {
    cases.push_back({escapes, std::string("[\"") + escapes + "\"]", "invalid_json"});
    cases.push_back({escapes, std::string("{\"") + escapes + "\":1}", "invalid_json"});
  }
  return cases;
}

/// What RFC 8259 leaves to the implementation: our one answer each.
inline std::vector<JsonCase> profile_texts() {
  return {
      {"duplicate member", R"({"a":1,"a":2})", "duplicate_member", "/a"},
      {"duplicate with the same value", R"({"a":1,"a":1})", "duplicate_member", "/a"},
      {"duplicate written otherwise", R"({"a":1,"\u0061":2})", "duplicate_member", "/a"},
      {"duplicate far away", R"({"a":1,"b":{"a":2},"c":[],"a":3})", "duplicate_member", "/a"},
      {"duplicate deep inside", R"({"x":[0,{"y":{"a":1,"a":2}}]})", "duplicate_member", "/x/1/y/a"},
      {"duplicate empty name", R"({"":1,"":2})", "duplicate_member", "/"},
      {"pointer escapes", R"({"a/b":{"m~n":1,"m~n":2}})", "duplicate_member", "/a~1b/m~0n"},
      {"escaped NUL in a string", R"({"a":"x\u0000y"})", "invalid_text", "/a"},
      {"escaped NUL in an array", R"(["a","\u0000"])", "invalid_text", "/1"},
      {"escaped NUL in a name", R"({"b":{"a\u0000":1}})", "invalid_text", "/b"},
      {"escaped NUL alone", R"("\u0000")", "invalid_text", ""},
      {"one above int64", R"({"n":9223372036854775808})", "out_of_range", "/n"},
      {"greatest uint64", "[18446744073709551615]", "out_of_range", "/0"},
      {"above uint64", "[1,18446744073709551616]", "out_of_range", "/1"},
      {"one below int64", "[-9223372036854775809]", "out_of_range", "/0"},
      {"hundred digits", "[1" + repeated("0", 99) + "]", "out_of_range", "/0"},
      {"huge exponent", "[1e400]", "out_of_range", "/0"},
      {"huge negative", "[-1e400]", "out_of_range", "/0"},
      {"very huge exponent", "[0.4e" + repeated("9", 40) + "]", "out_of_range", "/0"},
      {"very huge exponent deep inside", R"({"a":[0,-1E+9999999999]})", "out_of_range", "/a/1"},
      {"double overflow", "[1.8e308]", "out_of_range", "/0"},
      {"33 arrays", repeated("[", 33) + repeated("]", 33), "too_deep", ""},
      {"33 objects", repeated("{\"a\":", 32) + "{}" + repeated("}", 32), "too_deep", ""},
      {"100,000 opening arrays", repeated("[", 100'000), "too_deep", ""},
      {"50,000 opening objects", repeated("[{\"\":", 50'000), "too_deep", ""},
  };
}

}  // namespace evently::testing
