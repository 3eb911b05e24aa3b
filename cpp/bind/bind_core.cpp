#include <memory>
#include <utility>

#include "bind/bind.h"
#include "core/arrow.h"
#include "core/error.h"
#include "core/parallel.h"

namespace cne::bind {

namespace {

template <typename T>
T* capsule_pointer(const nb::object& capsule, const char* name, const char* function) {
  void* pointer = PyCapsule_GetPointer(capsule.ptr(), name);
  if (pointer == nullptr) {
    PyErr_Clear();
    throw TypeError(message(function, ": expected a PyCapsule \"", name, "\""));
  }
  return static_cast<T*>(pointer);
}

/// A capsule that owns an Arrow struct and releases it when nobody has taken it.
template <typename T>
nb::object make_capsule(std::unique_ptr<T> value, const char* name) {
  nb::object out = nb::steal(PyCapsule_New(value.get(), name, [](PyObject* self) {
    auto* held = static_cast<T*>(PyCapsule_GetPointer(self, PyCapsule_GetName(self)));
    if (held->release != nullptr) held->release(held);
    delete held;
  }));
  if (!out.is_valid()) nb::raise_python_error();
  value.release();
  return out;
}

std::string python_type(nb::handle object) {
  return nb::cast<std::string>(nb::str(nb::type_name(object.type())));
}

nb::object export_chunks(const Chunks& chunks, nb::handle) {
  auto stream = std::make_unique<ArrowArrayStream>();
  arrow::export_stream(chunks.schema, chunks.tables, stream.get());
  return make_capsule(std::move(stream), "arrow_array_stream");
}

nb::object export_table_stream(const Table& table, nb::handle requested) {
  return export_chunks({table.schema(), {table}}, requested);
}

/// pandas hands an index without a name out as a column "__index_level_0__": the places of rows in
/// the frame that these were taken from, no data.
arrow::Choice without_row_numbers(nb::handle object, arrow::Choice choice) {
  if (!nb::hasattr(object, "iloc") || !nb::hasattr(object, "columns")) return choice;
  choice.take = [columns = nb::object(object.attr("columns"))](std::string_view name) {
    return !name.starts_with("__index_level_") ||
           nb::cast<bool>(columns.attr("__contains__")(nb::str(name.data(), name.size())));
  };
  return choice;
}

}  // namespace

std::vector<Table> to_batches(nb::handle object, const char* function, const arrow::Choice& asked) {
  if (nb::isinstance<Table>(object)) return {nb::cast<Table>(object)};
  const arrow::Choice choice = without_row_numbers(object, asked);
  if (nb::hasattr(object, "__arrow_c_stream__")) {
    const nb::object capsule = object.attr("__arrow_c_stream__")();
    return arrow::import_stream(
        capsule_pointer<ArrowArrayStream>(capsule, "arrow_array_stream", function), function,
        choice);
  }
  if (nb::hasattr(object, "__arrow_c_array__")) {
    const auto pair = nb::cast<nb::tuple>(object.attr("__arrow_c_array__")());
    const nb::object schema_capsule = pair[0];
    const nb::object array_capsule = pair[1];
    auto* schema = capsule_pointer<ArrowSchema>(schema_capsule, "arrow_schema", function);
    auto* array = capsule_pointer<ArrowArray>(array_capsule, "arrow_array", function);
    if (std::string_view(schema->format) == "+s")
      return {arrow::import_table(*schema, array, function, choice)};
    const Field field = arrow::import_field(*schema, function);
    return {Table({field.name}, {arrow::import_column(*schema, array, function)})};
  }
  throw TypeError(message(function,
                          ": expected a table that speaks the Arrow PyCapsule protocol (pyarrow, "
                          "polars, pandas, duckdb), got ",
                          python_type(object)));
}

Table to_table(nb::handle object, const char* function, const arrow::Choice& choice) {
  return concat(to_batches(object, function, choice), function);
}

Schema to_schema(nb::handle object, const char* function) {
  if (nb::hasattr(object, "__arrow_c_schema__")) {
    const nb::object capsule = object.attr("__arrow_c_schema__")();
    const auto* schema = capsule_pointer<ArrowSchema>(capsule, "arrow_schema", function);
    return arrow::import_field(*schema, function).type.children;
  }
  nb::object pairs = nb::borrow(object);
  if (nb::hasattr(object, "items")) pairs = object.attr("items")();
  Schema out;
  try {
    for (nb::handle pair : nb::iter(pairs)) {
      const nb::object name = nb::borrow<nb::object>(pair)[0];
      const nb::object type = nb::borrow<nb::object>(pair)[1];
      Field field;
      field.name = nb::cast<std::string>(name);
      // A pyarrow type prints as one of our names.
      field.type = parse_type(nb::cast<std::string>(nb::str(type)), function);
      out.push_back(std::move(field));
    }
  } catch (const nb::python_error&) {
    throw TypeError(message(function,
                            ": expected a schema as {\"column\": \"type\"} or a "
                            "pyarrow.Schema, got ",
                            python_type(object)));
  } catch (const nb::cast_error&) {
    throw TypeError(message(function,
                            ": expected a schema as {\"column\": \"type\"} or a "
                            "pyarrow.Schema, got ",
                            python_type(object)));
  }
  return out;
}

void bind_core(nb::module_& m) {
  nb::class_<Table>(m, "Table", "Columns in native memory; `__arrow_c_stream__` hands them out.")
      .def("__arrow_c_stream__", export_table_stream,
           nb::arg("requested_schema").none() = nb::none())
      .def("__len__", &Table::rows)
      .def_prop_ro("names", &Table::names)
      .def_prop_ro("rows", &Table::rows);
  nb::class_<Chunks>(m, "Chunks", "Tables of one schema; `__arrow_c_stream__` hands them out.")
      .def("__arrow_c_stream__", export_chunks, nb::arg("requested_schema").none() = nb::none());
  m.def(
      "table", [](nb::handle object) { return to_table(object, "from_arrow"); },
      nb::arg("object").none());
  m.def(
      "batches", [](nb::handle object) { return to_batches(object, "from_arrow"); },
      nb::arg("object").none());
  m.def("concat", [](const std::vector<Table>& parts) {
    if (parts.empty()) throw ArgumentError("concat: expected at least one table, got none");
    return concat(parts, "concat");
  });
  m.def("num_threads", &num_threads);
  m.def("set_num_threads", &set_num_threads);
  m.def("with_cuda", [] { return kWithCuda; });
  m.def("gpu_count", [] {
    if constexpr (kWithCuda)
      return gpu::device_count();
    else
      return 0;
  });
}

}  // namespace cne::bind
