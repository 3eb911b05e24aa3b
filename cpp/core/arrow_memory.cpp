#include "core/arrow_memory.h"

#include "core/error.h"

namespace cne::arrow {

namespace {

/// How many buffers the type has at least.
int64_t buffers_of(const Source& source, DType type) {
  const std::string_view format = source.format();
  if (format == "n") return 0;
  if (type == DType::kStruct) return 1;
  return is_binary_like(type) ? 3 : 2;
}

}  // namespace

void throw_malformed(const Source& source, const char* what) {
  throw ArgumentError(message(source.function, ": the Arrow data of column \"",
                              source.schema.name ? source.schema.name : "",
                              "\" is malformed: ", what));
}

Buffer view_buffer(const Source& source, int64_t i, size_t size) {
  const void* data = source.array.buffers[i];
  if (data == nullptr) return Buffer::zeros(size);
  return Buffer::wrap(data, size, source.owner);
}

Buffer view_validity(const Source& source) {
  const ArrowArray& array = source.array;
  if (array.n_buffers < 1 || array.null_count == 0) return Buffer();
  if (array.buffers[0] == nullptr) {
    if (array.null_count > 0) throw_malformed(source, "it counts nulls but has no validity bitmap");
    return Buffer();
  }
  return Buffer::wrap(array.buffers[0], static_cast<size_t>((source.end() + 7) / 8), source.owner);
}

template <typename Offset>
void check_offsets(const Source& source, int64_t limit) {
  if (source.array.buffers[1] == nullptr) return;
  const auto* offsets = source.values<Offset>(1);
  const int64_t rows = source.array.length;
  bool falls = false;
  for (int64_t i = 0; i < rows; ++i) falls |= offsets[i] > offsets[i + 1];
  if (offsets[0] < 0) throw_malformed(source, "an offset is negative");
  if (falls) throw_malformed(source, "offsets fall");
  if (offsets[rows] > limit) throw_malformed(source, "an offset is past the end of its items");
}
template void check_offsets<int32_t>(const Source&, int64_t);
template void check_offsets<int64_t>(const Source&, int64_t);

void check_shape(const Source& source, DType type) {
  const ArrowArray& array = source.array;
  // Bits and bytes of this many elements are still numbers.
  constexpr int64_t kMaxElements = std::numeric_limits<int64_t>::max() / 32;
  if (array.length < 0 || array.offset < 0) throw_malformed(source, "negative length");
  if (array.length > kMaxElements || array.offset > kMaxElements)
    throw_malformed(source, "a length that no memory holds");
  const int64_t buffers = buffers_of(source, type);
  if (array.n_buffers < buffers || (buffers > 0 && array.buffers == nullptr))
    throw_malformed(source, "too few buffers");
  if (!is_nested(type)) return;
  if (array.n_children != source.schema.n_children)
    throw_malformed(source, "children differ from the schema's");
  if (array.n_children > 0 && array.children == nullptr) throw_malformed(source, "no children");
  for (int64_t c = 0; type == DType::kStruct && c < array.n_children; ++c)
    if (array.children[c]->length < source.end())
      throw_malformed(source, "a field is shorter than the struct");
}

}  // namespace cne::arrow
