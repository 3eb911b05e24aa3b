#include "tensor/cuda_scatter.h"

#include "tensor/cuda_gather.h"
#include "tensor/cuda_order.h"
#include "tensor/fused_writer.h"
#include "tensor/transfer.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

/// How the axes of updates run: with the indices, by an axis of these, or as rows that go to one
/// place.
struct UpdateAxes {
  Dims index_shape;
  Dims index_targets;  // strides of the target along them
  Dims index_updates;
  Dims row_shape;
  Dims row_targets;
  Dims row_updates;
};

UpdateAxes axes_of(const Array& target, const Array& updates, const Dims& index_shape,
                   const IndexAxes& axes) {
  UpdateAxes out;
  out.index_shape = index_shape;
  out.index_targets = out.index_updates = Dims::filled(index_shape.size(), 0);
  for (int axis = 0; axis < updates.rank(); ++axis) {
    const auto to = static_cast<int>(axes.operand[axis]);
    const auto index = static_cast<int>(axes.indices[axis]);
    const int64_t stride = to < 0 ? 0 : target.strides()[to];
    if (index >= 0) {
      out.index_targets[index] = stride;
      out.index_updates[index] = updates.strides()[axis];
    } else {
      out.row_shape.push_back(updates.shape()[axis]);
      out.row_targets.push_back(stride);
      out.row_updates.push_back(updates.strides()[axis]);
    }
  }
  return out;
}

/// The place of the target for each index, -1 for one that leads nowhere.
Array target_places(const Array& target, std::span<const Array> indices, const IndexAxes& axes,
                    const UpdateAxes& of, IndexMode mode) {
  const Dims& shape = of.index_shape;
  const Array out = Array::empty({Element::kInt64, {product(shape)}, target.device()});
  PlaceKernel kernel("scatter_places", target.device(), out.size());
  const std::string to = kernel.output(out);
  write_places(kernel, target, indices, axes.indexed, shape, Dims::range(0, shape.size()), mode);
  kernel.line(to, "[at] = is_there ? place + ", offset_text(shape, of.index_targets, "at"),
              " : -1;");
  kernel.run();
  return out;
}

const char* join_of(ScatterOp op) {
  switch (op) {
    case ScatterOp::kMultiply:
      return "Prod";
    case ScatterOp::kMax:
      return "Max";
    case ScatterOp::kMin:
      return "Min";
    default:
      return "Sum";
  }
}

const char* type_of(ScatterOp op, Element element) {
  return op == ScatterOp::kSet ? bytes_text(element) : cpp_name(element);
}

/// Whether integers are put together by instructions of the memory.
bool is_atomic(ScatterOp op, Element element) {
  const ElementKind kind = kind_of(element);
  return op != ScatterOp::kSet && size_of(element) >= 4 &&
         (kind == ElementKind::kSigned || kind == ElementKind::kUnsigned);
}

/// Each update by itself; those that share a place by atomics.
void scatter_at_once(ScatterOp op, Array& target, std::span<const Array> indices,
                     const Array& source, const IndexAxes& axes, IndexMode mode, bool unique) {
  const Dims& shape = source.shape();
  const char* const type = type_of(op, target.element());
  PlaceKernel kernel("scatter_each", target.device(), source.size());
  const std::string from = kernel.input(source, type);
  const std::string to = kernel.output(target, type);
  write_places(kernel, target, indices, axes.indexed, shape, axes.indices, mode);
  kernel.line("if (!is_there) continue;");
  kernel.line(type, "& element = ", to, "[place + ",
              offset_text(shape, strides_along(target, axes.operand), "at"), "];");
  kernel.line("const ", type, " update = ", from, "[", offset_text(shape, source.strides(), "at"),
              "];");
  if (op == ScatterOp::kSet)
    kernel.line("element = update;");
  else if (unique)
    kernel.line("element = cast_to<", type, ">(", join_of(op),
                "::join(load(element), load(update)));");
  else
    kernel.line("join_at_once<", join_of(op), ">(element, update);");
  kernel.run();
}

/// All updates of a place by one thread, in their order.
void scatter_in_order(ScatterOp op, Array& target, std::span<const Array> indices,
                      const Array& source, const IndexAxes& axes, IndexMode mode) {
  const UpdateAxes of =
      axes_of(target, source, indices.empty() ? Dims{} : indices[0].shape(), axes);
  Ordered places{target_places(target, indices, axes, of, mode), Array()};
  const int64_t count = places.values.size();
  const int64_t row = product(of.row_shape);
  places = sort_on_cuda(places.values, 0, false);
  const bool is_set = op == ScatterOp::kSet;
  const char* const type = type_of(op, target.element());

  PlaceKernel kernel("scatter_rows", target.device(), count * row);
  const std::string sorted = kernel.input(places.values);
  const std::string numbers = kernel.input(places.places);
  const std::string from = kernel.input(source, type);
  const std::string to = kernel.output(target, type);
  kernel.line("const Place first = at / ", row, ";");
  kernel.line("const Place column = at % ", row, ";");
  kernel.line("const int64_t place = ", sorted, "[first];");
  // The first update of a place does all of them.
  kernel.line("if (place < 0 || (first > 0 && ", sorted, "[first - 1] == place)) continue;");
  kernel.line(type, "& element = ", to, "[place + ",
              offset_text(of.row_shape, of.row_targets, "column"), "];");
  const std::string update =
      message(from, "[", offset_text(of.index_shape, of.index_updates, "number"), " + ",
              offset_text(of.row_shape, of.row_updates, "column"), "]");
  kernel.line("Place i = first;");
  if (is_set) {
    kernel.line("while (i + 1 < ", count, " && ", sorted, "[i + 1] == place) ++i;");
    kernel.line("const Place number = ", numbers, "[i];");
    kernel.line("element = ", update, ";");
  } else {
    kernel.line("auto total = load(element);");
    kernel.line("for (; i < ", count, " && ", sorted, "[i] == place; ++i) {");
    kernel.line("  const Place number = ", numbers, "[i];");
    kernel.line("  total = ", join_of(op), "::join(total, load(", update, "));");
    kernel.line("}");
    kernel.line("element = cast_to<", type, ">(total);");
  }
  kernel.run();
}

}  // namespace

void scatter_on_cuda(ScatterOp op, Array& target, std::span<const Array> indices,
                     const Array& updates, const IndexAxes& axes, IndexMode mode, bool unique) {
  if (updates.size() == 0) return;
  const Array source = to_device(updates, target.device());
  unique = unique || indices.empty() || indices[0].size() == 1;
  if (unique || is_atomic(op, target.element()))
    scatter_at_once(op, target, indices, source, axes, mode, unique);
  else
    scatter_in_order(op, target, indices, source, axes, mode);
}

}  // namespace cne::tensor
