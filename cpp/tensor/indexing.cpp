#include "tensor/indexing.h"

#include "core/error.h"

namespace cne::tensor {

namespace {

/// Whether `all`, but for what is -1, are the axes of `rank`, each once.
bool is_each_once(const Dims& some, const Dims& others, int rank) {
  Dims seen = Dims::filled(rank, 0);
  int count = 0;
  for (const Dims* dims : {&some, &others})
    for (const int64_t axis : *dims) {
      if (axis == -1) continue;
      if (axis < 0 || axis >= rank || seen[static_cast<int>(axis)] != 0) return false;
      seen[static_cast<int>(axis)] = 1;
      ++count;
    }
  return count == rank;
}

void check_indices(std::span<const Type> indices, const char* function) {
  for (const Type& each : indices) {
    if ((each.element != Element::kInt32 && each.element != Element::kInt64) ||
        each.element != indices[0].element)
      throw TypeError(
          message(function, ": expected indices of int32 or int64, got ", to_string(each)));
    if (!(each.shape == indices[0].shape))
      throw ShapeError(message(function, ": expected indices of one shape, got ",
                               to_string(indices[0].shape), " and ", to_string(each.shape)));
  }
}

}  // namespace

IndexAxes take_axes(int rank, int axis, int index_rank) {
  IndexAxes out{{axis}, {}, {}};
  for (int each = 0; each < rank; ++each) {
    for (int i = 0; each == axis && i < index_rank; ++i) {
      out.operand.push_back(-1);
      out.indices.push_back(i);
    }
    if (each == axis) continue;
    out.operand.push_back(each);
    out.indices.push_back(-1);
  }
  return out;
}

IndexAxes along_axes(int rank, int axis) {
  IndexAxes out{{axis}, Dims::range(0, rank), Dims::range(0, rank)};
  out.operand[axis] = -1;
  return out;
}

IndexAxes with_batch(const IndexAxes& axes, bool operand, bool indices) {
  IndexAxes out{{}, {operand ? 0 : -1}, {indices ? 0 : -1}};
  const auto moved = [](int64_t axis, bool by) { return axis < 0 || !by ? axis : axis + 1; };
  for (const int64_t axis : axes.indexed) out.indexed.push_back(moved(axis, operand));
  for (const int64_t axis : axes.operand) out.operand.push_back(moved(axis, operand));
  for (const int64_t axis : axes.indices) out.indices.push_back(moved(axis, indices));
  return out;
}

std::vector<Type> types_of(std::span<const Array> arrays) {
  std::vector<Type> out;
  for (const Array& each : arrays) out.push_back(each.type());
  return out;
}

std::vector<Type> types_of(ValueSpan values) {
  std::vector<Type> out;
  for (const Value& each : values) out.push_back(each.type());
  return out;
}

Dims indexed_shape(const Dims& operand, std::span<const Type> indices, const IndexAxes& axes,
                   const char* function) {
  check_indices(indices, function);
  const Dims index_shape = indices.empty() ? Dims{} : indices[0].shape;
  const int rank = axes.operand.size();
  if (static_cast<size_t>(axes.indexed.size()) != indices.size() || axes.indices.size() != rank ||
      !is_each_once(axes.operand, axes.indexed, operand.size()) ||
      !is_each_once(axes.indices, {}, index_shape.size()) || axes.indexed.contains(-1))
    throw ArgumentError(message(function, ": axes do not fit ", indices.size(),
                                " arrays of indices ", to_string(index_shape), " and an array of ",
                                to_string(operand)));
  Dims out;
  for (int axis = 0; axis < rank; ++axis) {
    const auto from = static_cast<int>(axes.operand[axis]);
    const auto index = static_cast<int>(axes.indices[axis]);
    if (from < 0 && index < 0)
      throw ArgumentError(message(function, ": axis ", axis, " of the result runs along nothing"));
    if (from >= 0 && index >= 0 && operand[from] != index_shape[index])
      throw ShapeError(message(function, ": expected the indices ", to_string(index_shape),
                               " to have the extent ", operand[from], " along axis ", index));
    out.push_back(from >= 0 ? operand[from] : index_shape[index]);
  }
  return out;
}

}  // namespace cne::tensor
