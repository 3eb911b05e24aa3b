// Rows of a table as the parts of records, for clients that send them one at a time.
#include <nanobind/stl/unique_ptr.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "bind/bind_log.h"
#include "core/error.h"
#include "log/row_reader.h"
#include "log/varint.h"

namespace cne::bind {

namespace {

/// A table and what reads its rows.
struct Rows {
  Table table;
  log::RowReader reader;

  Rows(Table with, const log::ProduceOptions& options, int64_t now_ms)
      : table(std::move(with)), reader(table, options, now_ms) {}
};

std::unique_ptr<Rows> make_rows(nb::handle object, std::optional<std::string> key,
                                std::optional<std::string> timestamp,
                                std::optional<std::string> value,
                                std::vector<std::string> json_columns,
                                std::optional<std::string> headers, int64_t now_ms) {
  log::ProduceOptions options;
  options.key = std::move(key);
  options.timestamp = std::move(timestamp);
  options.value = std::move(value);
  options.json_columns = std::move(json_columns);
  options.headers = std::move(headers);
  return std::make_unique<Rows>(to_table(object, "produce"), options, now_ms);
}

nb::object to_bytes(log::Bytes bytes) {
  if (bytes.is_null()) return nb::none();
  return nb::bytes(bytes.data, static_cast<size_t>(bytes.size));
}

/// The headers of a section (RecordEncoder::add), which was made here.
nb::object to_pairs(std::string_view section) {
  const auto* at = reinterpret_cast<const uint8_t*>(section.data());
  const uint8_t* const end = at + section.size();
  int64_t count = 0;
  at = log::get_varint(at, end, &count);
  if (count == 0) return nb::none();
  const auto next = [&] {
    int64_t size = 0;
    at = log::get_varint(at, end, &size);
    log::Bytes out;
    if (size >= 0) out = std::string_view(reinterpret_cast<const char*>(at), size_t(size));
    at += std::max<int64_t>(size, 0);
    return out;
  };
  nb::list out;
  for (int64_t i = 0; i < count; ++i) {
    const log::Bytes key = next();
    const log::Bytes value = next();
    out.append(nb::make_tuple(nb::str(key.data, static_cast<size_t>(key.size)), to_bytes(value)));
  }
  return out;
}

/// (key, value, timestamp in ms, headers or None) of each of some rows.
nb::list take(Rows& rows, int64_t first, int64_t count) {
  nb::list out;
  const int64_t end = std::min(first + count, rows.reader.rows());
  for (int64_t row = first; row < end; ++row)
    out.append(nb::make_tuple(to_bytes(rows.reader.key(row)), to_bytes(rows.reader.value(row)),
                              rows.reader.timestamp_ms(row), to_pairs(rows.reader.headers(row))));
  return out;
}

}  // namespace

void bind_log_rows(nb::module_& m) {
  nb::class_<Rows>(m, "Rows")
      .def("take", &take, nb::arg("first"), nb::arg("count"))
      .def_prop_ro("count", [](const Rows& rows) { return rows.reader.rows(); });
  m.def("rows", &make_rows, nb::arg("table").none(), nb::kw_only(), nb::arg("key").none(),
        nb::arg("timestamp").none(), nb::arg("value").none(), nb::arg("json_columns"),
        nb::arg("headers").none(), nb::arg("now_ms"));
}

}  // namespace cne::bind
