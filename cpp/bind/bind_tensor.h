#pragma once

#include "bind/bind.h"
#include "tensor/value.h"

namespace cne::bind {

/// An element type, as Python has it.
struct DTypeObject {
  tensor::Element element;
};

/// Fills `cnengine._core.tensor`.
void bind_tensor(nb::module_& m);
/// Adds element types to `cnengine._core.tensor`.
void bind_tensor_dtype(nb::module_& m);
/// Adds the class Array, without its operators.
nb::class_<tensor::Value> bind_tensor_array(nb::module_& m);
/// Adds functions of single elements, and operators to the class.
void bind_tensor_elementwise(nb::module_& m, nb::class_<tensor::Value>& array);

/// Adds products of matrices, and their operator to the class.
void bind_tensor_matmul(nb::module_& m, nb::class_<tensor::Value>& array);
/// Adds convolutions.
void bind_tensor_conv(nb::module_& m);
/// Adds what neural networks compute in one go.
void bind_tensor_neural(nb::module_& m);
/// Adds factors of matrices.
void bind_tensor_linalg(nb::module_& m);
/// Adds the GPU source of fused programs, and its compiler.
void bind_tensor_cuda(nb::module_& m);
/// Adds nested containers.
void bind_tensor_tree(nb::module_& m);
/// Adds functions of several operations that run as one.
void bind_tensor_composite(nb::module_& m);
/// Adds choices, loops and programs with derivatives of their own.
void bind_tensor_control(nb::module_& m);
/// Adds what transformations are made of.
void bind_tensor_trace(nb::module_& m);
/// Adds Fourier transforms.
void bind_tensor_fft(nb::module_& m);
/// Adds random numbers.
void bind_tensor_random(nb::module_& m);
/// Adds batches that threads gather ahead.
void bind_tensor_batch_loader(nb::module_& m);
/// Adds groups of processes.
void bind_tensor_parallel(nb::module_& m);
/// Adds elements by index, read and written, and writing to the class.
void bind_tensor_index(nb::module_& m, nb::class_<tensor::Value>& array);
/// Adds what goes along an axis in order: sorting, places, running sums.
void bind_tensor_order(nb::module_& m);
/// Adds sums and the like.
void bind_tensor_reduce(nb::module_& m);
/// Adds other views of the same elements, and indices to the class.
void bind_tensor_view(nb::module_& m, nb::class_<tensor::Value>& array);

/// Values of a sequence of Python. Throws TypeError for others; or None is an absent one.
tensor::Values values_of(nb::handle sequence);
tensor::Values optional_values_of(nb::handle sequence);
/// A list of Python, with None for absent ones.
nb::list list_of(const tensor::Values& values);
/// Axes or a shape. Throws ShapeError naming `function` for more than there may be.
tensor::Dims dims_of(const std::vector<int64_t>& values, const char* function);

/// A Python scalar as an array without axes that goes with `like`: of its type where the standard's
/// table has a place for it there. Scalars of NumPy count as those of Python. Nothing for what is
/// no scalar.
std::optional<tensor::Array> scalar_like(nb::handle object, tensor::Element like);
/// A Python scalar in full: a float64, int64, complex128 or bool. Nothing for what is no scalar.
std::optional<tensor::Array> wide_scalar(nb::handle object);
/// A number of Python that is traced (Value::is_weak), as the type of what it meets if that has a
/// place for it, else itself.
tensor::Value strengthened(const tensor::Value& weak, tensor::Element like);
bool is_numpy_array(nb::handle object);
/// Whether it is an array that has been made (not one of Array.__new__ alone).
inline bool is_value(nb::handle object) {
  return nb::isinstance<tensor::Value>(object) && nb::inst_ready(object);
}
/// A class of a module; kept, since the interpreter may be gone when it would be let go of.
nb::handle class_of(const char* module, const char* name);
/// What `asarray` makes of an object.
tensor::Value array_of(nb::handle object);
/// A Python scalar as an element of a type. Throws TypeError, or Python's OverflowError.
tensor::Array scalar_of(nb::handle object, tensor::Element element);

}  // namespace cne::bind
