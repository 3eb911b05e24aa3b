#include <nanobind/stl/pair.h>

#include <string>
#include <utility>
#include <vector>

#include "bind/bind.h"
#include "core/error.h"
#include "core/metrics.h"

namespace cne::bind {

namespace {

/// (name, help, labels, value) tuples, where a value is a number, a Counter or a Histogram.
MetricSample to_sample(nb::handle item) {
  MetricSample out;
  const auto parts = nb::cast<nb::tuple>(item);
  if (parts.size() != 4)
    throw ArgumentError("prometheus_text: expected (name, help, labels, value)");
  out.name = nb::cast<std::string>(parts[0]);
  out.help = nb::cast<std::string>(parts[1]);
  const auto labels = nb::cast<nb::dict>(parts[2]);
  for (const auto& [name, value] : labels)
    out.labels.emplace_back(nb::cast<std::string>(name), nb::cast<std::string>(nb::str(value)));
  if (nb::isinstance<Counter>(parts[3])) {
    out.kind = MetricSample::Kind::kCounter;
    out.value = static_cast<double>(nb::cast<Counter&>(parts[3]).value());
  } else if (nb::isinstance<Histogram>(parts[3])) {
    out.kind = MetricSample::Kind::kHistogram;
    out.histogram = &nb::cast<Histogram&>(parts[3]);
  } else {
    out.value = nb::cast<double>(parts[3]);
  }
  return out;
}

}  // namespace

void bind_metrics(nb::module_& m) {
  nb::class_<Counter>(m, "Counter", "A number that only grows; any thread may add.")
      .def(nb::init<>())
      .def("add", &Counter::add, nb::arg("by") = 1)
      .def_prop_ro("value", &Counter::value);
  nb::class_<Histogram>(m, "Histogram", "Counts in buckets 3 % wide; any thread may record.")
      .def(nb::init<>())
      .def("record", &Histogram::record, nb::arg("value"), nb::arg("times") = 1)
      .def("percentile", &Histogram::percentile, nb::arg("fraction"))
      .def("count_up_to", &Histogram::count_up_to, nb::arg("bound"))
      .def("clear", &Histogram::clear)
      .def_prop_ro("count", &Histogram::count)
      .def_prop_ro("sum", &Histogram::sum)
      .def_prop_ro("max", &Histogram::max)
      .def_prop_ro("mean", &Histogram::mean);
  m.def("prometheus_text", [](const nb::iterable& samples) {
    std::vector<MetricSample> list;
    for (nb::handle sample : samples) list.push_back(to_sample(sample));
    return prometheus_text(list);
  });
}

}  // namespace cne::bind
