#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cne::kafka {

/// A regular expression of RE2's syntax (https://github.com/google/re2/wiki/Syntax) that names of
/// topics match as a whole.
///
/// It is run as an automaton of all its states at once, in time of the name's length times the
/// expression's, whatever the expression: it comes from clients. Names are ASCII, so it works on
/// bytes; bytes of other characters match one by one. Left out: Unicode classes (\p).
class TopicRegex {
 public:
  /// Nothing when the expression is none, uses what RE2 has not (references back, looking around)
  /// or becomes too large.
  static std::optional<TopicRegex> compile(std::string_view expression);
  bool matches(std::string_view name) const;

 private:
  struct Step {
    enum class Kind : uint8_t {
      kBytes,  // one of a set, then `next`
      kSplit,  // `next` and `other`
      kAssert,
      kMatch,
    };
    Kind kind = Kind::kMatch;
    char assertion = 0;  // as it is written: ^ $ b B A z, and the multiline ones as < and >
    uint32_t set = 0;
    uint32_t next = 0;
    uint32_t other = 0;
  };
  friend class RegexCompiler;

  void follow(uint32_t step, std::string_view name, size_t at, std::vector<uint32_t>& states,
              std::vector<uint32_t>& seen, uint32_t mark) const;

  std::vector<Step> steps_;
  std::vector<std::bitset<256>> sets_;
  uint32_t start_ = 0;
};

}  // namespace cne::kafka
