#include <nanobind/stl/shared_ptr.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bind/bind.h"
#include "bind/bind_feature.h"
#include "core/crc32c.h"
#include "core/error.h"
#include "core/json_reader.h"
#include "frame/expr.h"
#include "log/topic_store.h"
#include "stream/job.h"

namespace cne::bind {

namespace {

using frame::Expr;
using frame::ExprPtr;
using stream::Pipeline;

nb::tuple read_json(nb::handle texts, nb::handle schema, bool skip_bad, int max_depth) {
  const Table table = to_table(texts, "read_json");
  if (table.width() != 1)
    throw ArgumentError(message("read_json: expected one column, got ", table.width()));
  JsonReader reader(to_schema(schema, "read_json"), skip_bad ? BadRecord::kNull : BadRecord::kFail,
                    "read_json", max_depth);
  JsonRecords out = reader.read(table.column(0));
  return nb::make_tuple(std::move(out.table), std::move(out.bad), out.first_error);
}

std::vector<ExprPtr> share_all(const std::vector<Expr>& exprs) {
  std::vector<ExprPtr> out;
  for (const Expr& expr : exprs) out.push_back(std::make_shared<const Expr>(expr));
  return out;
}

stream::Sink to_sink(nb::handle object) {
  stream::Sink out;
  if (nb::isinstance<stream::Collector>(object)) {
    out.collector = nb::cast<std::shared_ptr<stream::Collector>>(object);
    return out;
  }
  if (nb::isinstance<FeatureSink>(object)) {
    // The handle keeps its store alive.
    const auto held = hold(nb::borrow(object));
    const FeatureSink& sink = nb::cast<FeatureSink&>(object);
    out.write = [held, write = sink.write](const Table& table) { write(table); };
    out.flush = [held, sync = sink.sync] { sync(); };
    return out;
  }
  // Not held here, where the garbage collector cannot see it: the Python `Output` holds it, and the
  // `Job` its outputs, so that a function that reaches its own job does not keep both for ever.
  out.write = [object](const Table& table) {
    const HoldInterpreter locked;
    object(table);
  };
  return out;
}

std::vector<stream::Sink> to_sinks(const nb::list& objects) {
  std::vector<stream::Sink> out;
  for (nb::handle object : objects) out.push_back(to_sink(object));
  return out;
}

std::shared_ptr<stream::Source> from_table(nb::handle table, const std::string& event_time,
                                           const std::optional<std::string>& arrival_time,
                                           int64_t bound_ms) {
  return stream::table_source(to_table(table, "from_arrow"), event_time, arrival_time,
                              {bound_ms, stream::kForever});
}

std::shared_ptr<stream::Source> from_topic(nb::handle store, std::string topic, nb::handle schema,
                                           std::optional<std::string> event_time,
                                           std::optional<std::string> key,
                                           std::optional<std::string> timestamp, bool skip_bad,
                                           int64_t bound_ms,
                                           std::optional<int64_t> idle_timeout_ms) {
  stream::TopicOptions options;
  options.topic = std::move(topic);
  if (!schema.is_none()) options.schema = to_schema(schema, "from_topic");
  options.event_time = std::move(event_time);
  options.key = std::move(key);
  options.timestamp = std::move(timestamp);
  if (skip_bad) options.policy = BadRecord::kNull;
  std::unique_ptr<stream::Source> source =
      stream::topic_source(nb::cast<log::TopicStore&>(store), std::move(options),
                           {bound_ms, idle_timeout_ms.value_or(stream::kForever)});
  // The log lives as long as the source that reads it.
  return {source.release(), [held = hold(nb::borrow(store))](stream::Source* s) { delete s; }};
}

stream::WindowSpec to_window(const std::string& kind, int64_t size_ms, int64_t slide_ms,
                             int64_t offset_ms, int64_t lateness_ms, const std::string& emit) {
  stream::WindowSpec out;
  if (kind == "sliding") out = stream::sliding(size_ms, slide_ms, offset_ms);
  if (kind == "session") out = stream::session(size_ms);
  out.lateness_ms = lateness_ms;
  if (emit != "watermark" && emit != "clock")
    throw ArgumentError(message("emit: expected \"watermark\" or \"clock\", got \"", emit, "\""));
  if (emit == "clock") out.emit = stream::WindowSpec::Emit::kClock;
  stream::check_window(out, "window");
  return out;
}

std::shared_ptr<stream::Collector> make_collector(const Pipeline& pipeline) {
  using Kind = stream::Collector::Kind;
  Kind kind = Kind::kRows;
  size_t keys = 0;
  if (pipeline.aggregate) {
    keys = pipeline.aggregate->keys.size();
    const auto window = pipeline.aggregate->window.kind;
    kind = window == stream::WindowSpec::Kind::kNone      ? Kind::kRunning
           : window == stream::WindowSpec::Kind::kSession ? Kind::kSessions
                                                          : Kind::kWindows;
  }
  return std::make_shared<stream::Collector>(stream::output_schema(pipeline), kind, keys);
}

nb::object time_or_none(int64_t ms) {
  if (ms == stream::kNoTime || ms >= stream::kEndOfTime) return nb::none();
  return nb::int_(ms);
}

nb::dict metrics(const stream::Job& job) {
  const stream::JobMetrics& m = job.metrics();
  nb::dict out;
  out["records"] = m.records.value();
  out["bad"] = m.bad.value();
  out["late"] = m.late.value();
  out["dropped"] = m.dropped.value();
  out["emitted"] = m.emitted.value();
  out["checkpoints"] = m.checkpoints.value();
  out["clock_ms"] = time_or_none(m.clock_ms.value());
  out["watermark_ms"] = time_or_none(m.watermark_ms.value());
  nb::dict latency;
  latency["p50"] = m.record_ns.percentile(0.5);
  latency["p99"] = m.record_ns.percentile(0.99);
  latency["p999"] = m.record_ns.percentile(0.999);
  latency["max"] = m.record_ns.max();
  latency["mean"] = m.record_ns.mean();
  out["record_ns"] = latency;
  return out;
}

void bind_pipeline(nb::module_& m) {
  nb::class_<stream::Source>(m, "Source");
  m.def("from_table", from_table, nb::arg("table").none(), nb::arg("event_time"),
        nb::arg("arrival_time").none(), nb::arg("bound_ms"));
  m.def("from_topic", from_topic, nb::arg("store"), nb::arg("topic"), nb::kw_only(),
        nb::arg("schema").none(), nb::arg("event_time").none(), nb::arg("key").none(),
        nb::arg("timestamp").none(), nb::arg("skip_bad"), nb::arg("bound_ms"),
        nb::arg("idle_timeout_ms").none());
  nb::class_<stream::WindowSpec>(m, "Window");
  m.def("window", to_window);
  nb::class_<Pipeline>(m, "Pipeline")
      .def("filter",
           [](const Pipeline& self, const Expr& condition) {
             return stream::filter(self, std::make_shared<const Expr>(condition));
           })
      .def(
          "select",
          [](const Pipeline& self, std::vector<std::string> names, const std::vector<Expr>& exprs) {
            return stream::select(self, std::move(names), share_all(exprs));
          })
      .def(
          "with_columns",
          [](const Pipeline& self, std::vector<std::string> names, const std::vector<Expr>& exprs) {
            return stream::with_columns(self, std::move(names), share_all(exprs));
          })
      .def("agg",
           [](const Pipeline& self, std::vector<std::string> keys, const stream::WindowSpec& window,
              std::vector<frame::Aggregate> aggregates) {
             return stream::aggregate(self, {window, std::move(keys), std::move(aggregates)});
           })
      .def_prop_ro("schema",
                   [](const Pipeline& self) {
                     nb::dict out;
                     for (const Field& field : stream::output_schema(self))
                       out[field.name.c_str()] = to_string(field.type);
                     return out;
                   })
      .def_prop_ro("input_schema", [](const Pipeline& self) {
        nb::dict out;
        for (const Field& field : self.schema) out[field.name.c_str()] = to_string(field.type);
        return out;
      });
  m.def("pipeline",
        [](std::shared_ptr<stream::Source> source) { return stream::from(std::move(source)); });
}

}  // namespace

void bind_stream(nb::module_& m) {
  m.def("read_json", read_json, nb::arg("texts"), nb::arg("schema"), nb::arg("skip_bad") = false,
        nb::arg("max_depth") = 64);
  bind_pipeline(m);
  nb::class_<stream::Collector>(m, "Collector")
      .def("all", &stream::Collector::all, Unlocked())
      .def("last", &stream::Collector::last, Unlocked());
  m.def("collector", make_collector);
  m.def("late_collector", [](const Pipeline& pipeline) {
    return std::make_shared<stream::Collector>(pipeline.schema, stream::Collector::Kind::kRows, 0);
  });
  m.def_submodule("testing").def(
      "crc32c", [](const nb::bytes& bytes) { return crc32c(bytes.c_str(), bytes.size()); });
  nb::class_<stream::BranchSpec>(m, "Branch");
  m.def("branch", [](const Pipeline& pipeline, const nb::list& sinks, const nb::list& late) {
    return stream::BranchSpec{pipeline, to_sinks(sinks), to_sinks(late)};
  });
  nb::class_<stream::Job>(m, "Job")
      .def(
          "__init__",
          [](stream::Job* self, std::vector<stream::BranchSpec> branches, std::string checkpoint,
             int64_t every_records, int64_t every_ms) {
            const ReleaseInterpreter unlocked;
            new (self)
                stream::Job(std::move(branches), {std::move(checkpoint), every_records, every_ms});
          },
          nb::arg("branches"), nb::arg("checkpoint"), nb::arg("every_records"), nb::arg("every_ms"))
      .def("run", &stream::Job::run, nb::arg("until").none(), nb::arg("max_batch"), Unlocked())
      .def("advance", &stream::Job::advance, Unlocked())
      .def("finish", &stream::Job::finish, Unlocked())
      .def("checkpoint", &stream::Job::checkpoint, Unlocked())
      .def("close", &stream::Job::close, Unlocked())
      .def("metrics", metrics)
      .def_prop_ro(
          "latency",
          [](const stream::Job& self) -> const Histogram& { return self.metrics().record_ns; },
          nb::rv_policy::reference_internal);
}

}  // namespace cne::bind
