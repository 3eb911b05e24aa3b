#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <vector>

#include "bind/interpreter_lock.h"
#include "core/arrow.h"
#include "core/table.h"

namespace cne::bind {

namespace nb = nanobind;

/// Lets other Python threads run while a bound function computes.
using Unlocked = nb::call_guard<ReleaseInterpreter>;

/// Tables of one schema, handed out as batches of one stream.
struct Chunks {
  Schema schema;
  std::vector<Table> tables;
};

/// Reads any object with `__arrow_c_stream__` or `__arrow_c_array__` (pyarrow, polars, pandas,
/// duckdb) as batches, without copying; a bound Table is taken as it is. Of tables from outside
/// only the chosen columns are read; the index of a pandas frame is a column where it has a name.
/// Needs the interpreter lock.
std::vector<Table> to_batches(nb::handle object, const char* function,
                              const arrow::Choice& choice = {});
/// The same as one table; copies only when there is more than one batch.
Table to_table(nb::handle object, const char* function, const arrow::Choice& choice = {});
/// Reads an object with `__arrow_c_schema__`, or a mapping of names to type names
/// ({"x": "float64"}), or a sequence of such pairs.
Schema to_schema(nb::handle object, const char* function);

// One function a subsystem: fills `cnengine._core.<name>`.
void bind_core(nb::module_& module);
void bind_log(nb::module_& module);
void bind_log_testing(nb::module_ module);
void bind_metrics(nb::module_& module);
void bind_frame(nb::module_& module);
void bind_stream(nb::module_& module);
void bind_feature(nb::module_& module);
void bind_gbdt(nb::module_& module);
void bind_kafka(nb::module_& module);

}  // namespace cne::bind
