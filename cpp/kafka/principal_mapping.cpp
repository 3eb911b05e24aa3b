#include "kafka/principal_mapping.h"

#include <algorithm>
#include <cctype>
#include <regex>
#include <vector>

#include "core/error.h"

namespace cne::kafka {

namespace {

// The library's matcher takes stack for every character.
constexpr size_t kLongestName = 2048;

enum class Case { kKept, kLower, kUpper };

struct Rule {
  bool is_default = false;
  std::regex pattern;
  std::string replacement;
  Case letters = Case::kKept;
};

/// What comes before the next '/' that has no backslash before it; npos-free: false when none.
bool take_until_slash(std::string_view& text, std::string& out) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      if (text[i + 1] != '/') out += text[i];
      out += text[++i];
    } else if (text[i] == '/') {
      text.remove_prefix(i + 1);
      return true;
    } else {
      out += text[i];
    }
  }
  return false;
}

void skip_spaces(std::string_view& text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
}

}  // namespace

struct PrincipalMapping::Rules {
  std::vector<Rule> all;
};

PrincipalMapping::PrincipalMapping(std::string_view rules) {
  constexpr std::string_view kDefault = "DEFAULT";
  constexpr std::string_view kRule = "RULE:";
  auto out = std::make_unique<Rules>();
  std::string_view left = rules;
  const auto refuse = [&] {
    throw ArgumentError(
        message("broker: expected \"ssl.principal.mapping.rules\" to be "
                "RULE:pattern/replacement/[LU] and DEFAULT with ',' between them, got \"",
                rules, "\""));
  };
  for (skip_spaces(left); !left.empty(); skip_spaces(left)) {
    Rule rule;
    if (left.starts_with(kDefault)) {
      left.remove_prefix(kDefault.size());
      rule.is_default = true;
    } else if (left.starts_with(kRule)) {
      left.remove_prefix(kRule.size());
      std::string pattern;
      if (!take_until_slash(left, pattern) || !take_until_slash(left, rule.replacement)) refuse();
      try {
        rule.pattern = std::regex(pattern);
      } catch (const std::regex_error&) {
        refuse();
      }
      if (left.starts_with('L') || left.starts_with('U')) {
        rule.letters = left.front() == 'L' ? Case::kLower : Case::kUpper;
        left.remove_prefix(1);
      }
    } else {
      refuse();
    }
    out->all.push_back(std::move(rule));
    skip_spaces(left);
    if (!left.empty() && left.front() != ',') refuse();
    if (!left.empty()) left.remove_prefix(1);
  }
  rules_ = std::move(out);
}

PrincipalMapping::~PrincipalMapping() = default;

std::string PrincipalMapping::user_of(const std::string& name) const {
  if (name.size() > kLongestName) return name;
  for (const Rule& rule : rules_->all) {
    if (rule.is_default) return name;
    std::smatch match;
    if (!std::regex_match(name, match, rule.pattern)) continue;
    std::string out = match.format(rule.replacement);
    for (char& c : out) {
      const auto byte = static_cast<unsigned char>(c);
      if (rule.letters == Case::kLower) c = static_cast<char>(std::tolower(byte));
      if (rule.letters == Case::kUpper) c = static_cast<char>(std::toupper(byte));
    }
    return out;
  }
  return name;
}

}  // namespace cne::kafka
