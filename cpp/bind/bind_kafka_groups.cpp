#include <nanobind/stl/map.h>
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
#include "kafka/local_member.h"

namespace cne::bind {

namespace {

using kafka::LocalMember;

std::unique_ptr<LocalMember> make_local_member(log::TopicStore& store, const std::string& group,
                                               const std::optional<std::string>& instance_id,
                                               const std::optional<std::string>& assignor,
                                               int64_t max_poll_interval_ms) {
  return std::make_unique<LocalMember>(
      kafka::StoreGroups::of(store, nullptr),
      kafka::LocalMemberOptions{group, instance_id, assignor, max_poll_interval_ms});
}

using Steps = std::tuple<std::vector<LocalMember::Key>, std::vector<LocalMember::Key>, bool>;

/// What to give up, what to take, and whether what is given up is lost already.
std::optional<Steps> poll(LocalMember& member) {
  auto step = member.poll();
  if (!step) return std::nullopt;
  return Steps(std::move(step->give_up), std::move(step->take), step->is_lost);
}

}  // namespace

void bind_kafka_groups(nb::module_& m) {
  m.def("local_member", &make_local_member, nb::arg("store"), nb::kw_only(), nb::arg("group"),
        nb::arg("instance_id").none(), nb::arg("assignor").none(), nb::arg("max_poll_interval_ms"),
        nb::keep_alive<0, 1>(), Unlocked());
  nb::class_<LocalMember>(m, "LocalMember")
      .def("subscribe", &LocalMember::subscribe, nb::arg("topics"), Unlocked())
      .def("poll", &poll, Unlocked())
      .def("gave_up", &LocalMember::gave_up, Unlocked())
      .def("took", &LocalMember::took, Unlocked())
      .def("leave", &LocalMember::leave, Unlocked())
      .def("commit", &LocalMember::commit, nb::arg("offsets"), Unlocked())
      .def("committed", &LocalMember::committed, nb::arg("keys"), nb::arg("stable"), Unlocked());
}

}  // namespace cne::bind
