#include <nanobind/stl/pair.h>

#include <memory>
#include <tuple>
#include <utility>

#include "bind/bind_gbdt.h"
#include "core/error.h"
#include "gbdt/sparse_matrix.h"

namespace cne::bind {

using namespace cne::gbdt;

namespace {

using Dense = nb::ndarray<nb::ro, nb::ndim<2>, nb::device::cpu>;
using Axis = nb::ndarray<nb::ro, nb::ndim<1>, nb::device::cpu>;

/// The number type of an array; bools are bytes that are 0 or 1.
DType number_type(nb::dlpack::dtype given, const char* what, const char* function) {
  const std::pair<nb::dlpack::dtype, DType> known[] = {
      {nb::dtype<double>(), DType::kFloat64},  {nb::dtype<float>(), DType::kFloat32},
      {nb::dtype<int8_t>(), DType::kInt8},     {nb::dtype<int16_t>(), DType::kInt16},
      {nb::dtype<int32_t>(), DType::kInt32},   {nb::dtype<int64_t>(), DType::kInt64},
      {nb::dtype<uint8_t>(), DType::kUInt8},   {nb::dtype<uint16_t>(), DType::kUInt16},
      {nb::dtype<uint32_t>(), DType::kUInt32}, {nb::dtype<uint64_t>(), DType::kUInt64},
      {nb::dtype<bool>(), DType::kUInt8}};
  for (const auto& [dtype, type] : known)
    if (given == dtype) return type;
  throw TypeError(message(function, ": expected ", what,
                          " of float32, float64, bool or integers of 8 to 64 bits"));
}

/// Keeps Python objects alive as long as a Buffer is.
Buffer owner_of(nb::object objects) {
  return Buffer::wrap(
      nullptr, 0, std::shared_ptr<const void>(objects.release().ptr(), [](const void* p) {
        drop_locked([p] { Py_DECREF(static_cast<PyObject*>(const_cast<void*>(p))); });
      }));
}

/// One of the arrays of a sparse matrix; `held` keeps it.
ArrayView read_axis(nb::handle matrix, const char* name, nb::list& held, const char* function) {
  Axis array;
  const nb::object given = nb::getattr(matrix, name, nb::none());
  if (!nb::try_cast(given, array))
    throw TypeError(message(function, ": expected ", name, " of the sparse matrix as an array of ",
                            "numbers with one axis"));
  held.append(nb::cast(array));
  const DType type = number_type(array.dtype(), name, function);
  return {array.data(), type, array.stride(0) * static_cast<int64_t>(array.itemsize()),
          static_cast<int64_t>(array.shape(0))};
}

FeatureMatrix read_sparse(nb::handle matrix, const std::string& format, const char* function) {
  if (format != "csr" && format != "csc")
    throw TypeError(message(function,
                            ": expected a sparse matrix of format \"csr\" or \"csc\", "
                            "got \"",
                            format, "\""));
  SparseArrays arrays;
  std::pair<int64_t, int64_t> shape;
  if (!nb::try_cast(nb::getattr(matrix, "shape", nb::none()), shape))
    throw ShapeError(message(function, ": expected a sparse matrix of rows and columns"));
  std::tie(arrays.rows, arrays.width) = shape;
  nb::list held;
  arrays.values = read_axis(matrix, "data", held, function);
  arrays.indices = read_axis(matrix, "indices", held, function);
  arrays.starts = read_axis(matrix, "indptr", held, function);
  arrays.by_rows = format == "csr";
  arrays.owner = owner_of(held);
  return from_sparse(arrays, function);
}

}  // namespace

FeatureMatrix to_matrix(nb::handle object, const std::vector<Levels>* levels,
                        const char* function) {
  Dense array;
  if (nb::try_cast(object, array)) {
    const DType type = number_type(array.dtype(), "an array", function);
    const auto size = static_cast<int64_t>(array.itemsize());
    FeatureMatrix out = from_dense(array.data(), type, static_cast<int64_t>(array.shape(0)),
                                   static_cast<int64_t>(array.shape(1)), array.stride(0) * size,
                                   array.stride(1) * size);
    out.owners.push_back(owner_of(nb::cast(array)));
    return out;
  }
  std::string format;
  if (nb::hasattr(object, "indptr") && nb::try_cast(object.attr("format"), format))
    return read_sparse(object, format, function);
  return from_table(to_table(object, function), levels, function);
}

void set_names(FeatureMatrix& matrix, const std::vector<std::string>& names, const char* function) {
  if (names.empty()) return;
  if (static_cast<int>(names.size()) != matrix.width())
    throw ShapeError(
        message(function, ": expected ", matrix.width(), " feature_names, got ", names.size()));
  matrix.names = names;
}

}  // namespace cne::bind
