#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "gbdt/foreign.h"

namespace cne::gbdt {

/// Lines `key=value` up to an empty line or the next tree. A view of the text.
class LightgbmBlock {
 public:
  /// Eats the lines from the start of `text`; empty lines before them are passed over.
  LightgbmBlock(std::string_view& text, const ForeignSource& source);

  bool has(std::string_view key) const { return find(key) != nullptr; }
  std::string_view text(std::string_view key) const;
  int64_t integer(std::string_view key, int64_t least, int64_t most) const;
  /// Numbers with blanks between them: `count` of them. Infinity is let through with `infinite`.
  std::vector<double> numbers(std::string_view key, size_t count, bool infinite = false) const;
  std::vector<int64_t> integers(std::string_view key, size_t count, int64_t least,
                                int64_t most) const;

 private:
  const std::string_view* find(std::string_view key) const;
  std::vector<std::pair<std::string_view, std::string_view>> lines_;
  const ForeignSource* source_;
};

/// Cuts the next word off, empty at the end.
std::string_view next_word(std::string_view& text, char separator = ' ');
/// Cuts the next line off, without its end.
std::string_view next_line(std::string_view& text);

}  // namespace cne::gbdt
