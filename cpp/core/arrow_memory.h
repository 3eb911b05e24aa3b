#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <string_view>

#include "core/arrow.h"

// What the files that read Arrow arrays share. The C data interface gives no sizes of buffers: what
// an array says of itself (lengths, offsets, indexes) is checked here before it is followed.

namespace cne::arrow {

/// The released array's memory, kept alive by every buffer that views it.
struct ImportedArray {
  ArrowArray array;
  ~ImportedArray() {
    if (array.release != nullptr) array.release(&array);
  }
};
using Owner = std::shared_ptr<const ImportedArray>;

/// One column while it is read.
struct Source {
  const ArrowSchema& schema;
  const ArrowArray& array;
  const Owner& owner;
  const char* function;

  std::string_view format() const { return schema.format; }
  /// Elements up to the last that the array uses.
  int64_t end() const { return array.offset + array.length; }
  Source child(int64_t i) const {
    return {*schema.children[i], *array.children[i], owner, function};
  }
  template <typename T>
  const T* values(int64_t buffer) const {
    return static_cast<const T*>(array.buffers[buffer]) + array.offset;
  }
};

[[noreturn]] void throw_malformed(const Source& source, const char* what);
/// Buffer `i`; zeros where the producer gave none.
Buffer view_buffer(const Source& source, int64_t i, size_t size);
Buffer view_validity(const Source& source);
/// Throws unless the `length() + 1` offsets of buffer 1 start at 0 or above, never fall, and end at
/// `limit` or below. A missing buffer holds zeros.
template <typename Offset>
void check_offsets(const Source& source, int64_t limit = std::numeric_limits<Offset>::max());
/// Throws unless the array has the buffers and the children that its type asks for.
void check_shape(const Source& source, DType type);

/// Any column; `function` names the caller in errors.
Column import_owned(const Source& source);
/// A column of a type whose layout differs from ours, copied into ours; nothing for the others.
std::optional<Column> convert_foreign(const Source& source);
/// Replaces the codes of a dictionary column by the values they stand for.
Column decode_dictionary(const Source& source, const Column& codes, const Column& dictionary);

}  // namespace cne::arrow
