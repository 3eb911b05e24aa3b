#include "bind/bind_feature_entities.h"

#include <memory>

#include "core/error.h"
#include "feature/column_builder.h"

namespace cne::bind {

namespace {

using feature::ColumnBuilder;
using feature::KeyBatch;

/// The items of a list or tuple, else the object itself as the only one.
struct Items {
  explicit Items(nb::handle object) : single_(object.ptr()) {
    if (PyList_CheckExact(single_) || PyTuple_CheckExact(single_)) {
      data = PySequence_Fast_ITEMS(single_);
      size = PySequence_Fast_GET_SIZE(single_);
    }
  }
  PyObject* operator[](Py_ssize_t i) const { return data != nullptr ? data[i] : single_; }
  PyObject** data = nullptr;
  Py_ssize_t size = 1;

 private:
  PyObject* single_;
};

bool read_ints(const Items& items, bool is_signed, KeyBatch& keys) {
  for (Py_ssize_t i = 0; i < items.size; ++i) {
    PyObject* item = items[i];
    keys.known[i] = 0;
    if (item == Py_None) continue;
    if (!PyLong_CheckExact(item)) return false;
    int overflow = 0;
    const long long value = PyLong_AsLongLongAndOverflow(item, &overflow);
    if (overflow > 0 && !is_signed) return false;  // may fit in uint64
    keys.known[i] = overflow == 0 && (is_signed || value >= 0);
    keys.set_word(i, static_cast<uint64_t>(value));
  }
  return true;
}

bool read_texts(const Items& items, KeyBatch& keys) {
  for (Py_ssize_t i = 0; i < items.size; ++i) {
    PyObject* item = items[i];
    keys.known[i] = 0;
    keys.set_text(i, {});
    if (item == Py_None) continue;
    if (!PyUnicode_CheckExact(item)) return false;
    Py_ssize_t size = 0;
    const char* text = PyUnicode_AsUTF8AndSize(item, &size);
    if (text == nullptr) nb::raise_python_error();
    keys.set_text(i, {text, static_cast<size_t>(size)});
    keys.known[i] = 1;
  }
  return true;
}

/// A list of exact ints (in 64 bits) or of strs, with None; false when it holds anything else.
bool list_column(const Items& items, Column& out) {
  const bool text = items.size > 0 && PyUnicode_CheckExact(items[0]);
  ColumnBuilder builder(text ? DType::kUtf8 : DType::kInt64, items.size);
  for (Py_ssize_t i = 0; i < items.size; ++i) {
    PyObject* item = items[i];
    if (item == Py_None) {
      builder.add_null();
    } else if (text && PyUnicode_CheckExact(item)) {
      Py_ssize_t size = 0;
      const char* bytes = PyUnicode_AsUTF8AndSize(item, &size);
      if (bytes == nullptr) nb::raise_python_error();
      builder.add_text({bytes, static_cast<size_t>(size)});
    } else if (!text && PyLong_CheckExact(item)) {
      int overflow = 0;
      const long long value = PyLong_AsLongLongAndOverflow(item, &overflow);
      if (overflow != 0) return false;
      builder.add_word(static_cast<uint64_t>(value));
    } else {
      return false;
    }
  }
  out = builder.finish();
  return true;
}

DType dtype_of(char format, Py_ssize_t size) {
  const bool is_unsigned =
      format == 'B' || format == 'H' || format == 'I' || format == 'L' || format == 'Q';
  switch (size) {
    case 1:
      return is_unsigned ? DType::kUInt8 : DType::kInt8;
    case 2:
      return is_unsigned ? DType::kUInt16 : DType::kInt16;
    case 4:
      return is_unsigned ? DType::kUInt32 : DType::kInt32;
    default:
      return is_unsigned ? DType::kUInt64 : DType::kInt64;
  }
}

/// A one-dimensional contiguous buffer of integers; false for all else.
bool buffer_column(nb::handle object, Column& out) {
  if (!PyObject_CheckBuffer(object.ptr()) || PyBytes_Check(object.ptr())) return false;
  // A result may hold the buffer longer than this call, and let it go on any thread.
  const auto release = [](Py_buffer* view) {
    drop_locked([view] {
      PyBuffer_Release(view);
      delete view;
    });
  };
  auto raw = std::make_unique<Py_buffer>();
  if (PyObject_GetBuffer(object.ptr(), raw.get(), PyBUF_FORMAT | PyBUF_C_CONTIGUOUS) != 0) {
    PyErr_Clear();
    return false;
  }
  const std::shared_ptr<Py_buffer> view(raw.release(), release);
  const std::string_view format(view->format != nullptr ? view->format : "B");
  if (view->ndim != 1 || format.size() != 1 ||
      std::string_view("bBhHiIlLqQ").find(format[0]) == std::string_view::npos)
    return false;
  const Py_ssize_t length = view->shape[0];
  out =
      Column(dtype_of(format[0], view->itemsize), length, Buffer::wrap(view->buf, view->len, view));
  return true;
}

bool is_scalar(nb::handle object) {
  return PyUnicode_Check(object.ptr()) || PyBytes_Check(object.ptr()) ||
         !nb::hasattr(object, "__len__");
}

Column to_column(nb::handle object, const std::string& name, const char* function) {
  Column out;
  if ((PyList_CheckExact(object.ptr()) || PyTuple_CheckExact(object.ptr())) &&
      list_column(Items(object), out))
    return out;
  if (buffer_column(object, out)) return out;
  try {
    nb::object array = nb::borrow(object);
    if (!nb::hasattr(object, "__arrow_c_array__") && !nb::hasattr(object, "__arrow_c_stream__"))
      array = nb::module_::import_("pyarrow").attr("array")(object);
    return to_table(array, function).column(0);
  } catch (const nb::python_error& error) {
    throw TypeError(message(function, ": expected a list, array or scalar for entity \"", name,
                            "\": ", error.what()));
  }
}

}  // namespace

std::optional<SimpleKeys> find_simple_keys(const BoundPlan& bound, nb::handle entities) {
  if (!bound.entity.is_valid() || !PyDict_CheckExact(entities.ptr())) return std::nullopt;
  const feature::View& view = *bound.plan.parts().front().view;
  if (view.online() == nullptr) return std::nullopt;
  PyObject* value = PyDict_GetItemWithError(entities.ptr(), bound.entity.ptr());
  if (value == nullptr) return std::nullopt;
  const DType type = view.spec().entity_types.front().id;
  if (!is_integer(type) && type != DType::kUtf8) return std::nullopt;
  const bool many = PyList_CheckExact(value) || PyTuple_CheckExact(value);
  if (!many && !PyLong_CheckExact(value) && !PyUnicode_CheckExact(value) && value != Py_None)
    return std::nullopt;
  SimpleKeys out{nb::borrow(value), Items{nb::handle(value)}.size, type};
  // The keys view the strings, and another thread may take them out of the list.
  if (type == DType::kUtf8 && PyList_CheckExact(value) && out.rows >= kUnlockedRows) {
    out.values = nb::steal(PyList_AsTuple(value));
    if (!out.values.is_valid()) nb::raise_python_error();
    out.rows = PyTuple_GET_SIZE(out.values.ptr());
  }
  return out;
}

bool read_simple_keys(const SimpleKeys& simple, KeyBatch& keys) {
  const Items items(simple.values);
  if (items.size != simple.rows) return false;
  if (simple.type == DType::kUtf8) {
    keys.reset(items.size, 2, true);
    return read_texts(items, keys);
  }
  keys.reset(items.size, 1, false);
  return read_ints(items, is_signed_integer(simple.type), keys);
}

Table to_entities(nb::handle entities, const std::vector<std::string>& names,
                  const char* function) {
  if (!PyDict_Check(entities.ptr())) return to_table(entities, function);
  std::vector<nb::object> values;
  int64_t rows = -1;
  for (const std::string& name : names) {
    PyObject* value = PyDict_GetItemString(entities.ptr(), name.c_str());
    if (value == nullptr) {
      std::vector<std::string> given;
      for (nb::handle key : nb::cast<nb::dict>(entities).keys())
        given.push_back(nb::cast<std::string>(nb::str(key)));
      throw NotFoundError(message(function, ": no entity column", describe_unknown(name, given)));
    }
    values.push_back(nb::borrow(value));
    if (is_scalar(values.back())) continue;
    const auto length = static_cast<int64_t>(nb::len(values.back()));
    if (rows >= 0 && length != rows)
      throw ShapeError(message(function, ": expected entity columns of one length, got ", rows,
                               " and ", length, " (\"", name, "\")"));
    rows = length;
  }
  if (rows < 0) rows = 1;
  Table out = Table::with_rows(rows);
  for (size_t c = 0; c < names.size(); ++c) {
    nb::object value = values[c];
    if (is_scalar(value)) {
      nb::list one;
      one.append(value);
      value = nb::steal(PySequence_Repeat(one.ptr(), rows));
    }
    out.add(names[c], to_column(value, names[c], function));
  }
  return out;
}

}  // namespace cne::bind
