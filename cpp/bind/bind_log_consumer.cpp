#include <nanobind/stl/pair.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/unique_ptr.h>

#include <array>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

#include "bind/bind_log.h"
#include "bind/wait_in_slices.h"
#include "core/error.h"
#include "log/consumer.h"
#include "log/record_columns.h"
#include "log/record_table.h"

namespace cne::bind {

namespace {

using log::Consumed;
using log::Consumer;
using log::RecordPart;

std::unique_ptr<Consumer> make_consumer(log::TopicStore& store, const std::string& reset,
                                        bool read_committed) {
  using Reset = log::ConsumerOptions::Reset;
  log::ConsumerOptions options;
  options.read_committed = read_committed;
  options.reset = reset == "latest" ? Reset::kLatest
                  : reset == "none" ? Reset::kNone
                                    : Reset::kEarliest;
  return std::make_unique<Consumer>(store, options);
}

/// Topic, partition, offset.
using Starts = std::vector<std::tuple<std::string, int32_t, std::optional<int64_t>>>;

std::vector<Consumer::Start> starts_of(const Starts& starts) {
  std::vector<Consumer::Start> out;
  for (const auto& [topic, partition, offset] : starts) out.push_back({{topic, partition}, offset});
  return out;
}

nb::object checked(PyObject* made) {
  if (made == nullptr) throw nb::python_error();
  return nb::steal(made);
}

nb::object bytes_at(const Column& column, const StringView& strings, int64_t row) {
  if (!column.is_valid(row)) return nb::none();
  const std::string_view bytes = strings[row];
  return checked(PyBytes_FromStringAndSize(bytes.data(), static_cast<Py_ssize_t>(bytes.size())));
}

nb::object headers_at(const Column& headers, int64_t row) {
  const int32_t* offsets = headers.list_offsets();
  const Column& entries = headers.children()[0];
  const Column& keys = entries.children()[0];
  const Column& values = entries.children()[1];
  nb::object out = checked(PyTuple_New(offsets[row + 1] - offsets[row]));
  for (int64_t i = offsets[row]; i < offsets[row + 1]; ++i) {
    const int64_t at = entries.offset() + i;
    const std::string_view key = keys.strings()[at];
    const nb::object pair =
        nb::make_tuple(nb::str(key.data(), key.size()), bytes_at(values, values.strings(), at));
    PyTuple_SET_ITEM(out.ptr(), i - offsets[row], nb::object(pair).release().ptr());
  }
  return out;
}

/// Objects of a named tuple of topic, partition, offset, timestamp (ms), key, value, headers.
nb::list to_records(const std::vector<const Consumed*>& chunks, nb::handle record_type) {
  auto* const type = reinterpret_cast<PyTypeObject*>(record_type.ptr());
  if (!PyType_IsSubtype(type, &PyTuple_Type))
    throw TypeError("records: expected a named tuple as the type of records");
  const nb::object no_headers = checked(PyTuple_New(0));
  nb::list out;
  for (const Consumed* chunk : chunks) {
    const Table& table = chunk->records;
    const nb::object topic = nb::str(chunk->topic.data(), chunk->topic.size());
    const nb::object partition = nb::int_(chunk->partition);
    const auto* offsets = table.column(0).values<int64_t>();
    const auto* timestamps = table.column(1).values<int64_t>();
    const StringView keys = table.column(2).strings();
    const StringView values = table.column(3).strings();
    const int32_t* header_offsets = table.column(4).list_offsets();
    for (int64_t row = 0; row < table.rows(); ++row) {
      std::array<nb::object, 7> parts = {
          topic,
          partition,
          checked(PyLong_FromLongLong(offsets[row])),
          checked(PyLong_FromLongLong(timestamps[row])),
          bytes_at(table.column(2), keys, row),
          bytes_at(table.column(3), values, row),
          header_offsets[row] == header_offsets[row + 1] ? no_headers
                                                         : headers_at(table.column(4), row),
      };
      // As tuple.__new__ makes an object of a derived type, without a tuple in between.
      const nb::object record = checked(type->tp_alloc(type, parts.size()));
      for (size_t i = 0; i < parts.size(); ++i)
        PyTuple_SET_ITEM(record.ptr(), static_cast<Py_ssize_t>(i), parts[i].release().ptr());
      out.append(record);
    }
  }
  return out;
}

RecordPart parse_part(const std::string& name) {
  constexpr std::array kNames = {"topic", "partition", "offset", "timestamp",
                                 "key",   "value",     "headers"};
  for (size_t i = 0; i < kNames.size(); ++i)
    if (name == kNames[i]) return static_cast<RecordPart>(i);
  throw ArgumentError(message("poll_arrow: expected columns of topic, partition, offset, ",
                              "timestamp, key, value and headers, got \"", name, "\""));
}

/// The table, how many values could not be read, and why the first of them could not.
nb::tuple to_record_table(const std::vector<const Consumed*>& chunks,
                          const std::vector<std::pair<std::string, std::string>>& parts,
                          nb::handle schema, bool bad_is_null) {
  log::RecordColumns columns;
  for (const auto& [part, name] : parts) columns.parts.push_back({parse_part(part), name});
  if (!schema.is_none()) columns.fields = to_schema(schema, "poll_arrow");
  if (bad_is_null) columns.policy = BadRecord::kNull;
  log::RecordTables out;
  {
    const ReleaseInterpreter unlocked;
    std::vector<Consumed> records;
    for (const Consumed* chunk : chunks) records.push_back(*chunk);
    out = log::to_tables(records, columns, "poll_arrow");
  }
  return nb::make_tuple(Chunks{std::move(out.schema), std::move(out.tables)}, out.bad,
                        out.first_error);
}

/// Records that came by another way: a list each of offsets, timestamps, keys, values and headers.
Consumed from_lists(const std::string& topic, int32_t partition, const nb::list& offsets,
                    const nb::list& timestamps, const nb::list& keys, const nb::list& values,
                    const nb::list& headers) {
  log::RecordTableBuilder builder;
  ByteBuffer section;
  for (size_t i = 0; i < nb::len(offsets); ++i) {
    const BytesArgument key(keys[i], "a key");
    const BytesArgument value(values[i], "a value");
    section.clear();
    if (!headers[i].is_none()) put_headers(headers[i], section);
    builder.add(nb::cast<int64_t>(offsets[i]), nb::cast<int64_t>(timestamps[i]), key.get(),
                value.get(), section.empty() ? log::RecordEncoder::no_headers() : section.view());
  }
  return {topic, partition, builder.finish()};
}

}  // namespace

void bind_log_consumer(nb::module_& m) {
  nb::class_<Consumed>(m, "Consumed")
      .def_ro("topic", &Consumed::topic)
      .def_ro("partition", &Consumed::partition)
      .def_prop_ro("rows", [](const Consumed& self) { return self.records.rows(); })
      .def_prop_ro("first_offset", [](const Consumed& self) {
        return self.records.column(0).values<int64_t>()[0];
      });
  m.def("records", &to_records);
  m.def("record_table", &to_record_table, nb::arg("chunks"), nb::arg("parts"),
        nb::arg("schema").none(), nb::arg("bad_is_null"));
  m.def("consumed", &from_lists);
  m.def("consumer", &make_consumer, nb::arg("store"), nb::kw_only(), nb::arg("reset"),
        nb::arg("read_committed"), nb::keep_alive<0, 1>());
  nb::class_<Consumer>(m, "Consumer")
      .def(
          "assign", [](Consumer& self, const Starts& starts) { self.assign(starts_of(starts)); },
          Unlocked())
      .def(
          "add", [](Consumer& self, const Starts& starts) { self.add(starts_of(starts)); },
          Unlocked())
      .def("drop_deleted", &Consumer::drop_deleted, Unlocked())
      .def("remove", &Consumer::remove, nb::arg("partitions"), Unlocked())
      .def("assignment", &Consumer::assignment, Unlocked())
      .def(
          "seek",
          [](Consumer& self, const std::string& topic, int32_t partition, int64_t offset) {
            self.seek({topic, partition}, offset);
          },
          Unlocked())
      .def(
          "position",
          [](Consumer& self, const std::string& topic, int32_t partition) {
            return self.position({topic, partition});
          },
          Unlocked())
      .def("pause", &Consumer::pause, nb::arg("partitions"), nb::arg("paused"), Unlocked())
      .def("paused", &Consumer::paused, Unlocked())
      .def(
          "wait",
          [](Consumer& self, std::optional<double> timeout) {
            bool found = false;
            wait_in_slices(timeout,
                           [&](int64_t ms) { return (found = self.wait(ms)) || self.closed(); });
            return found;
          },
          nb::arg("timeout").none())
      .def("take", &Consumer::take, nb::arg("max_rows"), nb::arg("one_topic"), Unlocked())
      .def("close", &Consumer::close, Unlocked())
      .def_prop_ro("closed", &Consumer::closed);
}

}  // namespace cne::bind
