#include "kafka/topic_regex_sets.h"

#include <cctype>

namespace cne::kafka {

RegexSet regex_range(int from, int to) {
  RegexSet set;
  for (int c = from; c <= to; ++c) set.set(static_cast<size_t>(c));
  return set;
}

RegexSet regex_one(unsigned char c) { return regex_range(c, c); }

namespace {

RegexSet digits() { return regex_range('0', '9'); }
RegexSet spaces() {
  return regex_one('\t') | regex_one('\n') | regex_one('\f') | regex_one('\r') | regex_one(' ');
}

}  // namespace

RegexSet regex_words() {
  return digits() | regex_range('a', 'z') | regex_range('A', 'Z') | regex_one('_');
}

std::optional<RegexSet> perl_class(char c) {
  switch (c) {
    case 'd':
      return digits();
    case 'D':
      return ~digits();
    case 'w':
      return regex_words();
    case 'W':
      return ~regex_words();
    case 's':
      return spaces();
    case 'S':
      return ~spaces();
    default:
      return std::nullopt;
  }
}

std::optional<RegexSet> posix_class(std::string_view name) {
  const bool negated = name.starts_with('^');
  if (negated) name.remove_prefix(1);
  RegexSet set;
  bool known = false;
  const auto is = [&](std::string_view wanted, int (*test)(int)) {
    if (name != wanted) return;
    known = true;
    for (int c = 0; c < 128; ++c)
      if (test(c) != 0) set.set(static_cast<size_t>(c));
  };
  is("alnum", std::isalnum);
  is("alpha", std::isalpha);
  is("blank", std::isblank);
  is("cntrl", std::iscntrl);
  is("digit", std::isdigit);
  is("graph", std::isgraph);
  is("lower", std::islower);
  is("print", std::isprint);
  is("punct", std::ispunct);
  is("space", std::isspace);
  is("upper", std::isupper);
  is("xdigit", std::isxdigit);
  if (name == "ascii") set = regex_range(0, 127), known = true;
  if (name == "word") set = regex_words(), known = true;
  if (!known) return std::nullopt;
  return negated ? ~set : set;
}

}  // namespace cne::kafka
