#include <nanobind/stl/pair.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/unique_ptr.h>

#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bind/bind.h"
#include "bind/bind_kafka.h"
#include "core/error.h"
#include "kafka/broker.h"

namespace cne::bind {

namespace {

using kafka::Broker;
using kafka::BrokerConfig;

std::unique_ptr<Broker> make_broker(
    log::TopicStore& store, const std::vector<std::pair<std::string, std::string>>& files,
    const std::vector<std::pair<std::string, std::string>>& settings) {
  BrokerConfig config;
  for (const auto& [name, text] : files) config.set_from_text(text, name);
  for (const auto& [name, value] : settings) config.set(name, value);
  const ReleaseInterpreter unlocked;
  try {
    auto broker = std::make_unique<Broker>(store, config);
    broker->start();
    return broker;
  } catch (const ArgumentError& error) {
    throw ArgumentError(config.with_place(error.what()));
  }
}

std::vector<std::tuple<std::string, std::string, int32_t>> endpoints(const Broker& broker) {
  std::vector<std::tuple<std::string, std::string, int32_t>> out;
  for (const auto& each : broker.endpoints()) out.emplace_back(each.name, each.host, each.port);
  return out;
}

std::vector<std::tuple<std::string, std::string, bool, std::string, std::string>> settings(
    const Broker& broker) {
  std::vector<std::tuple<std::string, std::string, bool, std::string, std::string>> out;
  for (const auto& each : broker.config().entries())
    out.emplace_back(each.name, each.value, each.is_default, each.type, each.documentation);
  return out;
}

}  // namespace

void bind_kafka_broker(nb::module_& m) {
  m.def("broker", &make_broker, nb::arg("store"), nb::kw_only(), nb::arg("files"),
        nb::arg("settings"), nb::keep_alive<0, 1>());
  nb::class_<Broker>(m, "Broker")
      .def("stop", &Broker::stop, Unlocked())
      .def("endpoints", &endpoints)
      .def("settings", &settings)
      .def(
          "users", [](Broker& self) { return &self.security().users(); },
          nb::rv_policy::reference_internal)
      .def(
          "acls", [](Broker& self) { return &self.authorizer().store(); },
          nb::rv_policy::reference_internal)
      .def("metrics_text", &Broker::metrics_text, Unlocked())
      .def_prop_ro("cluster_id", &Broker::cluster_id);
}

}  // namespace cne::bind
