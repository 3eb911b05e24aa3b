#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/column.h"

namespace cne::feature {

/// Collects values one at a time into a column of a feature type: numbers as the low bits of a
/// word, texts as bytes. At most 2 GiB of text.
class ColumnBuilder {
 public:
  ColumnBuilder(DataType type, int64_t capacity);

  void add_word(uint64_t word);
  void add_text(std::string_view text);
  void add_null();
  /// Element i of a column of the same type.
  void add_from(const Column& column, int64_t i);
  int64_t length() const { return length_; }
  Column finish();

 private:
  void grow();

  DataType type_;
  size_t width_;  // bytes; 0 for bool
  int64_t length_ = 0;
  int64_t capacity_;
  int64_t nulls_ = 0;
  Buffer values_;
  Buffer validity_;
  std::vector<int32_t> offsets_;
  std::vector<char> bytes_;
};

}  // namespace cne::feature
