#include <nanobind/stl/tuple.h>

#include <string>
#include <tuple>
#include <vector>

#include "bind/bind_kafka.h"
#include "kafka/recode.h"

namespace cne::bind {

namespace {

std::optional<nb::bytes> recode(int16_t key, int16_t version, bool request, const nb::bytes& body,
                                std::optional<int16_t> to_version) {
  std::string copy(body.c_str(), body.size());
  const auto frame = kafka::recode({key, version, request}, reinterpret_cast<uint8_t*>(copy.data()),
                                   copy.size(), to_version);
  if (!frame) return std::nullopt;
  return nb::bytes(frame->bytes.data(), frame->bytes.size());
}

std::vector<std::tuple<int16_t, std::string, int16_t, int16_t, int16_t>> message_apis() {
  std::vector<std::tuple<int16_t, std::string, int16_t, int16_t, int16_t>> out;
  for (const kafka::Api& api : kafka::message_apis())
    out.emplace_back(api.key, api.name, api.first, api.last, api.flexible);
  return out;
}

}  // namespace

void bind_kafka_recode(nb::module_& m) {
  m.def("recode", &recode, nb::arg("key"), nb::arg("version"), nb::arg("request"), nb::arg("body"),
        nb::arg("to_version") = nb::none());
  m.def("message_apis", &message_apis);
}

}  // namespace cne::bind
