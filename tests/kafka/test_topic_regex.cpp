#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "kafka/topic_regex.h"

using cne::kafka::TopicRegex;

namespace {

bool matches(const char* expression, const char* name) {
  const auto regex = TopicRegex::compile(expression);
  REQUIRE_MESSAGE(regex, std::string(expression));
  return regex->matches(name);
}

}  // namespace

TEST_CASE("topic regex: matches as a whole") {
  struct Row {
    const char* expression;
    std::vector<const char*> yes;
    std::vector<const char*> no;
  };
  const Row rows[] = {
      {"abc", {"abc"}, {"", "ab", "abcd", "xabc"}},
      {"", {""}, {"a"}},
      {"a.c", {"abc", "a.c"}, {"ac", "abbc"}},
      {"a\\.c", {"a.c"}, {"abc"}},
      {"a|bc|", {"a", "bc", ""}, {"abc", "b"}},
      {"(a|b)*c", {"c", "abbac"}, {"ab", "d"}},
      {"a+b?", {"a", "aab"}, {"", "b", "abb"}},
      {"a{2}", {"aa"}, {"a", "aaa"}},
      {"a{2,}", {"aa", "aaaa"}, {"a"}},
      {"a{1,3}", {"a", "aaa"}, {"", "aaaa"}},
      {"a{0,1}b", {"b", "ab"}, {"aab"}},
      {"a{,2}", {"a{,2}"}, {"a", "aa"}},  // no counted repetition without its first number
      {"x{", {"x{"}, {"x"}},
      {"a*?b+?", {"b", "aabb"}, {"a"}},
      {"[a-c]x[^0-9]", {"axz", "cx."}, {"dxz", "ax5"}},
      {"[]a]", {"]", "a"}, {"[", "b"}},
      {"[^]a]", {"b"}, {"]", "a"}},
      {"[a-]", {"a", "-"}, {"b"}},
      {"[\\w.-]+", {"a_Z.9-"}, {"a b", ""}},
      {"[[:alpha:]]+[[:^alpha:]]", {"ab1"}, {"a", "abc"}},
      {"\\d+\\D\\w\\W\\s", {"12a_. "}, {"a", "12a_.x"}},
      {"^abc$", {"abc"}, {"xabc"}},
      {"^(?:a|b)$|c", {"a", "b", "c"}, {"ab"}},
      {"\\Aab\\z", {"ab"}, {"abc"}},
      {"a\\b.*", {"a.b", "a-", "a"}, {"ab"}},
      {"a\\B.*", {"ab"}, {"a.b", "a"}},
      {"a^b", {}, {"ab", "a^b"}},
      {"(?i)topic-[a-c]", {"TOPIC-B", "topic-a"}, {"topic-d"}},
      {"(?i:A)b", {"ab", "Ab"}, {"aB"}},
      {"(?i)[^a]", {"b"}, {"a", "A"}},
      {"(?i)a(?-i)b", {"Ab", "ab"}, {"aB"}},
      {"(a(?i)b)c", {"aBc"}, {"aBC", "Abc"}},
      {"(?P<name>a)(?<other>b)", {"ab"}, {"a"}},
      {"(?s).", {"\n", "a"}, {""}},
      {".", {"a"}, {"\n"}},
      {"\\Qa.b*\\E+", {"a.b*", "a.b**"}, {"aab"}},
      {"\\x61\\x{62}\\143\\t", {"abc\t"}, {"abc"}},
      {"\\/\\-\\_", {"/-_"}, {}},
      {"(a*)*", {"", "aaa"}, {"b"}},
      {"(a*)+b", {"b", "aab"}, {"aa"}},
      {"(|a)+", {"", "aa"}, {"b"}},
      {"((a{0,3}){0,3}){0,3}",
       {"", "aaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaaaaa"},
       {"aaaaaaaaaaaaaaaaaaaaaaaaaaaa"}},
      {"(orders|payments)-(eu|us)-[0-9]{3}",
       {"orders-eu-001", "payments-us-999"},
       {"orders-eu-01", "refunds-eu-001"}},
  };
  for (const Row& row : rows) {
    for (const char* name : row.yes)
      CHECK_MESSAGE(matches(row.expression, name), std::string(row.expression)
                                                       << " ~ " << std::string(name));
    for (const char* name : row.no)
      CHECK_MESSAGE(!matches(row.expression, name), std::string(row.expression)
                                                        << " ~ " << std::string(name));
  }
}

TEST_CASE("topic regex: what is none, or not of RE2") {
  for (const char* expression : {"(",          ")",      "(a",      "a)",    "[",
                                 "[a",         "[]",     "[^]",     "[b-a]", "[[:nothing:]]",
                                 "*",          "+a",     "?",       "a**",   "a*+",
                                 "a{2}{3}",    "a{3,2}", "a{1001}", "\\",    "\\1",
                                 "\\8",        "(a)\\1", "(?=a)",   "(?!a)", "(?<=a)",
                                 "(?<!a)",     "(?>a)",  "(?",      "(?P<",  "(?P<>a)",
                                 "(?P<a",      "(?x)a",  "\\k",     "\\y",   "\\pL",
                                 "\\p{Greek}", "\\x",    "\\x1",    "\\x{",  "\\x{100}",
                                 "\\C",        "(?P=a)", "\\Z",     "|*"})
    CHECK_MESSAGE(!TopicRegex::compile(expression), std::string(expression));
}

TEST_CASE("topic regex: hostile ones end quickly") {
  // For a matcher that goes back this takes 2^200 steps.
  const std::string name(200, 'a');
  CHECK(!TopicRegex::compile("(a|a)*b")->matches(name));
  CHECK(!TopicRegex::compile("(a*)*(a*)*(a*)*b")->matches(name));
  CHECK(TopicRegex::compile("(a?){200}a{200}")->matches(name));
  // Those that would not fit are refused.
  CHECK(!TopicRegex::compile("((a{1000}){1000}){1000}"));
  CHECK(!TopicRegex::compile("(((((){1000}){1000}){1000}){1000}){1000}"));
  CHECK(!TopicRegex::compile(std::string(5000, 'a')));
  CHECK(!TopicRegex::compile(std::string(3000, '(') + std::string(1000, ')')));
  CHECK(!TopicRegex::compile(std::string(2000, '(') + std::string(2000, ')')));
}
