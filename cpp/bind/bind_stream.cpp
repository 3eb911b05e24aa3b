#include <string>
#include <vector>

#include "bind/bind.h"
#include "core/error.h"
#include "core/json_reader.h"

namespace cne::bind {

namespace {

nb::tuple read_json(nb::handle texts, nb::handle schema, bool skip_bad, int max_depth) {
  const Table table = to_table(texts, "read_json");
  if (table.width() != 1)
    throw ArgumentError(message("read_json: expected one column, got ", table.width()));
  JsonReader reader(to_schema(schema, "read_json"), skip_bad ? BadRecord::kNull : BadRecord::kFail,
                    "read_json", max_depth);
  JsonRecords out = reader.read(table.column(0));
  return nb::make_tuple(std::move(out.table), std::move(out.bad), out.first_error);
}

}  // namespace

void bind_stream(nb::module_& m) {
  m.def("read_json", read_json, nb::arg("texts"), nb::arg("schema"), nb::arg("skip_bad") = false,
        nb::arg("max_depth") = 64);
}

}  // namespace cne::bind
