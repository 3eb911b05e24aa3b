#include "bind/bind_log.h"

#include <nanobind/stl/pair.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/unique_ptr.h>

#include <algorithm>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

#include "bind/bind.h"
#include "core/codec.h"
#include "core/error.h"
#include "log/topic_store.h"

namespace cne::bind {

namespace {

using log::TopicStore;

log::FsyncPolicy parse_fsync(const std::string& name) {
  if (name == "always") return log::FsyncPolicy::kAlways;
  if (name == "interval") return log::FsyncPolicy::kInterval;
  if (name == "none") return log::FsyncPolicy::kNone;
  throw ArgumentError(message(
      "open: expected fsync to be \"always\", \"interval\" or \"none\", got \"", name, "\""));
}

std::unique_ptr<TopicStore> open_store(const std::string& path, const std::string& fsync,
                                       int64_t fsync_interval_ms, bool read_only, bool repair,
                                       const ManualClock* clock) {
  log::LogOptions options;
  options.fsync = parse_fsync(fsync);
  options.fsync_interval_ms = fsync_interval_ms;
  options.read_only = read_only;
  options.repair = repair;
  if (clock != nullptr) options.clock = clock;
  const ReleaseInterpreter unlocked;
  return std::make_unique<TopicStore>(path, options);
}

using Settings = std::vector<std::pair<std::string, std::string>>;
using Ranges = std::vector<std::tuple<int32_t, int64_t, int64_t>>;

Ranges produce(TopicStore& store, const std::string& topic, nb::handle object,
               std::optional<std::string> key, std::optional<std::string> timestamp,
               std::optional<std::string> value, std::vector<std::string> json_columns,
               std::optional<std::string> headers, const std::string& compression) {
  log::ProduceOptions options;
  options.key = std::move(key);
  options.timestamp = std::move(timestamp);
  options.value = std::move(value);
  options.json_columns = std::move(json_columns);
  options.headers = std::move(headers);
  options.compression = parse_codec(compression, "produce");
  const auto needed = [&](std::string_view name) {
    const auto& json = options.json_columns;
    return name == options.key || name == options.timestamp || name == options.value ||
           name == options.headers || std::find(json.begin(), json.end(), name) != json.end();
  };
  const Table table =
      to_table(object, "produce", options.value ? arrow::Choice{{}, needed} : arrow::Choice{});
  const ReleaseInterpreter unlocked;
  Ranges out;
  for (const log::Appended& range : store.produce(topic, table, options))
    out.emplace_back(range.partition, range.first, range.next);
  return out;
}

/// Settings without a value follow the defaults again.
void alter_topic(TopicStore& store, const std::string& topic,
                 const std::vector<std::pair<std::string, std::optional<std::string>>>& settings) {
  store.alter_config(topic, [&](log::TopicConfig& config) {
    for (const auto& [key, value] : settings) {
      if (value)
        log::set_setting(config, key, *value, "alter_topic");
      else
        log::unset_setting(config, key, "alter_topic");
    }
  });
}

/// Name, value, whether it is the topic's own.
std::vector<std::tuple<std::string, std::string, bool>> topic_settings(TopicStore& store,
                                                                       const std::string& topic) {
  const log::TopicConfig config = store.config(topic);
  std::vector<std::tuple<std::string, std::string, bool>> out;
  for (const log::TopicSetting& each : log::topic_settings())
    out.emplace_back(each.name, log::get_setting(config, each.name, "topic_settings"),
                     log::is_set(config, each.name, "topic_settings"));
  return out;
}

std::vector<std::tuple<std::string, uint64_t, uint64_t, std::string>> recovery_notes(
    TopicStore& store) {
  std::vector<std::tuple<std::string, uint64_t, uint64_t, std::string>> out;
  for (const log::RecoveryNote& note : store.recovery_notes())
    out.emplace_back(note.file, note.position, note.bytes_cut, note.what);
  return out;
}

}  // namespace

void bind_log(nb::module_& m) {
  m.def("open", &open_store, nb::arg("path"), nb::kw_only(), nb::arg("fsync"),
        nb::arg("fsync_interval_ms"), nb::arg("read_only"), nb::arg("repair"),
        nb::arg("clock").none(), nb::keep_alive<0, 6>());
  nb::class_<TopicStore>(m, "TopicStore")
      .def(
          "create_topic",
          [](TopicStore& store, const std::string& name, int32_t partitions,
             const Settings& settings, bool exist_ok) {
            log::TopicConfig config;
            config.partitions = partitions;
            for (const auto& [key, value] : settings)
              log::set_setting(config, key, value, "create_topic");
            store.create_topic(name, config, exist_ok);
          },
          Unlocked())
      .def("delete_topic", &TopicStore::delete_topic, Unlocked())
      .def("add_partitions", &TopicStore::add_partitions, Unlocked())
      .def("alter_topic", &alter_topic, Unlocked())
      .def("topic_settings", &topic_settings)
      .def("topic_id",
           [](TopicStore& store, const std::string& name) {
             return log::format_topic_id(store.topic_id(name));
           })
      .def(
          "delete_records",
          [](TopicStore& store, const std::string& topic, int32_t partition, int64_t before) {
            return store.partition(topic, partition, "delete_records")->delete_records(before);
          },
          Unlocked())
      .def("topics", &TopicStore::topics, Unlocked())
      .def("partitions", &TopicStore::partitions)
      .def("produce", &produce, nb::arg("topic"), nb::arg("table").none(), nb::kw_only(),
           nb::arg("key").none(), nb::arg("timestamp").none(), nb::arg("value").none(),
           nb::arg("json_columns"), nb::arg("headers").none(), nb::arg("compression"))
      .def("read", &TopicStore::read, Unlocked())
      .def("start_offset", &TopicStore::start_offset, Unlocked())
      .def("end_offset", &TopicStore::end_offset, Unlocked())
      .def("offset_for_timestamp", &TopicStore::offset_for_timestamp, Unlocked())
      .def("flush", &TopicStore::flush, Unlocked())
      .def("enforce_retention", &TopicStore::enforce_retention, Unlocked())
      .def("recovery_notes", &recovery_notes)
      .def("close", &TopicStore::close, Unlocked())
      .def_prop_ro("path", &TopicStore::path)
      .def_prop_ro("closed", &TopicStore::closed);
  bind_log_sender(m);
  bind_log_consumer(m);
  bind_log_rows(m);
  bind_log_testing(m.def_submodule("testing"));
}

}  // namespace cne::bind
