#pragma once

#include <limits>
#include <string>

#include "core/column.h"
#include "frame/expr.h"
#include "frame/operand.h"

namespace cne::frame {

/// A text column whose element i is what `append(i, bytes)` adds to the end of `bytes`; it is
/// called for valid elements only. Large when the text needs it, or the type says so.
template <typename Append>
Column build_strings(DataType type, int64_t n, Buffer validity, const Append& append) {
  std::string bytes;
  Buffer ends = Buffer::allocate(static_cast<size_t>(n + 1) * 8);
  auto* at = ends.mutable_as<int64_t>();
  at[0] = 0;
  for (int64_t i = 0; i < n; ++i) {
    if (!validity || get_bit(validity.data(), i)) append(i, bytes);
    at[i + 1] = static_cast<int64_t>(bytes.size());
  }
  if (at[n] > std::numeric_limits<int32_t>::max())
    type.id = is_string(type.id) ? DType::kLargeUtf8 : DType::kLargeBinary;
  if (!is_large(type.id)) {
    Buffer small = Buffer::allocate(static_cast<size_t>(n + 1) * 4);
    for (int64_t i = 0; i <= n; ++i) small.mutable_as<int32_t>()[i] = static_cast<int32_t>(at[i]);
    ends = std::move(small);
  }
  Buffer data = Buffer::allocate(bytes.size());
  if (!bytes.empty()) std::memcpy(data.mutable_data(), bytes.data(), bytes.size());
  return Column::strings(std::move(type), n, std::move(ends), std::move(data), std::move(validity));
}

/// The same texts with the offsets that `type` has.
Column copy_strings(const Column& input, const DataType& type);

/// The number of code points (int64); bytes of a binary column.
Column text_length(const Column& input);
/// ASCII letters and those of Latin-1, Greek and Cyrillic in lower (upper) case; others stay.
Column change_case(const Column& input, bool upper);
/// Whether each text starts with, ends with or contains the other; null where a side is null.
Column match(ExprOp op, const Operand& text, const Operand& pattern, int64_t n);
/// The texts one after the other; null where a side is null.
Column concat_text(const Operand& a, const Operand& b, int64_t n);

}  // namespace cne::frame
