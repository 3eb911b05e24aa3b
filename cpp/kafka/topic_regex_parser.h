#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace cne::kafka {

/// A part of a regular expression.
struct RegexNode {
  enum class Kind : uint8_t { kEmpty, kSet, kAssert, kSequence, kChoice, kRepeat };
  static constexpr int kNoLimit = -1;
  Kind kind = Kind::kEmpty;
  std::bitset<256> set;
  char assertion = 0;
  int least = 0;  // of a repetition
  int most = 0;
  std::vector<std::unique_ptr<RegexNode>> parts;
};

/// Null when the expression is none of RE2's, as far as topic_regex.h says.
std::unique_ptr<RegexNode> parse_regex(std::string_view expression);

}  // namespace cne::kafka
