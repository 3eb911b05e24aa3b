#include "bind/bind_feature_matrix.h"

#include <string_view>

#include "core/clock.h"
#include "core/error.h"

namespace cne::bind {

namespace {

/// Calls numpy.empty((rows, width)).
nb::object new_array(int64_t rows, int64_t width) {
  // Kept for the life of the process: NumPy cannot be unloaded.
  static PyObject* empty = nb::object(nb::module_::import_("numpy").attr("empty")).release().ptr();
  const nb::object shape = nb::steal(PyTuple_New(2));
  PyTuple_SET_ITEM(shape.ptr(), 0, PyLong_FromLongLong(rows));
  PyTuple_SET_ITEM(shape.ptr(), 1, PyLong_FromLongLong(width));
  PyObject* arguments[] = {shape.ptr()};
  nb::object out = nb::steal(PyObject_Vectorcall(empty, arguments, 1, nullptr));
  if (!out.is_valid()) nb::raise_python_error();
  return out;
}

/// Where the elements of an array begin that numpy.empty made. NumPy's ABI has kept that address
/// right behind the object's head (PyArray_DATA reads it there); it is checked once.
double* array_data(PyObject* array) {
  const auto behind_head = [](PyObject* object) {
    return *reinterpret_cast<double**>(reinterpret_cast<char*>(object) + sizeof(PyObject));
  };
  static const bool known = [&] {
    const nb::object probe = new_array(1, 1);
    Py_buffer view;
    if (PyObject_GetBuffer(probe.ptr(), &view, PyBUF_SIMPLE) != 0) nb::raise_python_error();
    const bool same = view.buf == behind_head(probe.ptr());
    PyBuffer_Release(&view);
    return same;
  }();
  if (known) return behind_head(array);
  Py_buffer view;
  if (PyObject_GetBuffer(array, &view, PyBUF_WRITABLE) != 0) nb::raise_python_error();
  PyBuffer_Release(&view);  // the array owns its memory and cannot be resized while it is unshared
  return static_cast<double*>(view.buf);
}

/// The float64 matrix to fill: the caller's, whose buffer is held, or a fresh NumPy array.
class Matrix {
 public:
  Matrix(nb::handle out, int64_t rows, int64_t width) {
    if (out.is_none()) {
      array_ = new_array(rows, width);
      data_ = array_data(array_.ptr());
      return;
    }
    array_ = nb::borrow(out);
    if (PyObject_GetBuffer(array_.ptr(), &view_,
                           PyBUF_WRITABLE | PyBUF_FORMAT | PyBUF_C_CONTIGUOUS) != 0) {
      PyErr_Clear();
      throw TypeError("lookup_matrix: expected a writable C-contiguous float64 array as out");
    }
    data_ = static_cast<double*>(view_.buf);
    const bool fits = std::string_view(view_.format) == "d" && view_.ndim == 2 &&
                      view_.shape[0] == rows && view_.shape[1] == width;
    if (fits) return;
    PyBuffer_Release(&view_);
    throw ShapeError(
        message("lookup_matrix: expected out as float64 of shape (", rows, ", ", width, ")"));
  }
  Matrix(const Matrix&) = delete;
  Matrix& operator=(const Matrix&) = delete;
  ~Matrix() {
    if (view_.obj != nullptr) PyBuffer_Release(&view_);
  }

  double* data() { return data_; }
  nb::object array() const { return array_; }

 private:
  nb::object array_;
  Py_buffer view_{};
  double* data_ = nullptr;
};

/// Fills the matrix from keys read without Arrow; false when they are not of such a form.
bool fill_simple(const BoundPlan& bound, nb::handle entities, int64_t at, nb::handle out,
                 nb::object& filled) {
  thread_local feature::KeyBatch keys;
  const std::optional<SimpleKeys> simple = find_simple_keys(bound, entities);
  if (!simple) return false;
  // Before the keys are read: making an array may run other Python code, which may change a list
  // or use `keys`.
  Matrix matrix(out, simple->rows, bound.plan.width());
  if (!read_simple_keys(*simple, keys)) return false;
  if (keys.rows < kUnlockedRows) {
    bound.plan.matrix(keys, at, matrix.data());
  } else {
    // The lock may pass to a thread that uses its own `keys`; this thread's stay.
    const ReleaseInterpreter unlocked;
    bound.plan.matrix(keys, at, matrix.data());
  }
  filled = matrix.array();
  return true;
}

}  // namespace

int64_t now_or(std::optional<int64_t> at_ns) {
  return at_ns ? *at_ns : system_clock().now_ms() * 1'000'000;
}

nb::object matrix_of(const BoundPlan& bound, nb::handle entities, std::optional<int64_t> at_ns,
                     nb::handle out) {
  const int64_t at = now_or(at_ns);
  nb::object filled;
  if (fill_simple(bound, entities, at, out, filled)) return filled;
  const Table table = to_entities(entities, bound.plan.entities(), "lookup_matrix");
  Matrix matrix(out, table.rows(), bound.plan.width());
  {
    const ReleaseInterpreter unlocked;
    bound.plan.matrix(table, at, matrix.data());
  }
  return matrix.array();
}

}  // namespace cne::bind
