// What the tests of the log reach beside its public face.
#include <nanobind/stl/pair.h>
#include <nanobind/stl/tuple.h>

#include <array>
#include <future>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bind/bind.h"
#include "core/codec.h"
#include "core/error.h"
#include "core/fault.h"
#include "log/topic_store.h"

namespace cne::bind {

namespace {

using log::TopicStore;

FaultPlan::Action parse_action(const std::string& name) {
  if (name == "fail") return FaultPlan::Action::kFail;
  if (name == "tear") return FaultPlan::Action::kTear;
  if (name == "kill") return FaultPlan::Action::kKill;
  if (name == "killtear") return FaultPlan::Action::kKillTear;
  if (name == "full") return FaultPlan::Action::kFull;
  throw ArgumentError(
      message("set_fault_plan: expected \"fail\", \"tear\", \"kill\", \"killtear\" ",
              "or \"full\", got \"", name, "\""));
}

nb::bytes raw_batches(TopicStore& store, const std::string& topic, int32_t partition,
                      int64_t offset, int64_t max_bytes) {
  std::string out;
  for (const log::BatchRun& run :
       store.partition(topic, partition, "read")->read_batches(offset, max_bytes))
    out.append(run.bytes.as<char>(), run.bytes.size());
  return nb::bytes(out.data(), out.size());
}

int64_t append_raw(TopicStore& store, const std::string& topic, int32_t partition,
                   const nb::bytes& batches) {
  std::string copy(batches.c_str(), batches.size());
  const ReleaseInterpreter unlocked;
  return store.partition(topic, partition, "produce")
      ->append(reinterpret_cast<uint8_t*>(copy.data()), copy.size());
}

nb::dict to_dict(const log::AppendOutcome& outcome) {
  nb::list records;
  for (const log::RecordFault& each : outcome.records)
    records.append(nb::make_tuple(each.index, each.why));
  nb::dict out;
  out["fault"] = log::fault_name(outcome.fault);
  out["why"] = outcome.why;
  out["records"] = records;
  out["first"] = outcome.first_offset;
  out["next"] = outcome.next_offset;
  out["append_time_ms"] = outcome.append_time_ms;
  out["start"] = outcome.start_offset;
  out["duplicate"] = outcome.duplicate;
  return out;
}

nb::dict append_foreign(TopicStore& store, const std::string& topic, int32_t partition,
                        const nb::bytes& batches, bool coordinator, bool allow_zstd, bool verify,
                        uint64_t verification) {
  std::string copy(batches.c_str(), batches.size());
  log::ForeignAppend how;
  if (coordinator) how.origin = log::AppendOrigin::kCoordinator;
  how.allow_zstd = allow_zstd;
  how.verify = verify;
  how.verification = verification;
  log::AppendOutcome outcome;
  {
    const ReleaseInterpreter unlocked;
    outcome = store.partition(topic, partition, "produce")
                  ->append_foreign(reinterpret_cast<uint8_t*>(copy.data()), copy.size(), how);
  }
  return to_dict(outcome);
}

nb::dict append_marker(TopicStore& store, const std::string& topic, int32_t partition,
                       int64_t producer_id, int16_t epoch, bool commit, int32_t coordinator_epoch) {
  return to_dict(store.partition(topic, partition, "produce")
                     ->append_marker(producer_id, epoch, commit, coordinator_epoch));
}

/// Waits until everything before `next_offset` is acknowledged, or lost.
bool wait_for(TopicStore& store, const std::string& topic, int32_t partition, int64_t next_offset) {
  std::promise<bool> told;
  store.partition(topic, partition, "produce")->when_acknowledged(next_offset, [&](bool ok) {
    told.set_value(ok);
  });
  return told.get_future().get();
}

/// (id, epoch, last sequence, last timestamp, coordinator epoch, start of its transaction).
std::vector<std::tuple<int64_t, int16_t, int32_t, int64_t, int32_t, int64_t>> producers(
    TopicStore& store, const std::string& topic, int32_t partition) {
  std::vector<std::tuple<int64_t, int16_t, int32_t, int64_t, int32_t, int64_t>> out;
  for (const log::ProducerInfo& each : store.partition(topic, partition, "read")->producers())
    out.emplace_back(each.producer_id, each.epoch, each.last_sequence, each.last_timestamp,
                     each.coordinator_epoch, each.current_txn_start_offset);
  return out;
}

uint64_t start_verification(TopicStore& store, const std::string& topic, int32_t partition,
                            int64_t producer_id, int16_t epoch, int32_t sequence) {
  return store.partition(topic, partition, "produce")
      ->start_verification(producer_id, epoch, sequence);
}

void put_bounds(nb::dict& out, const log::LogBounds& bounds) {
  out["start"] = bounds.start_offset;
  out["high_watermark"] = bounds.high_watermark;
  out["last_stable"] = bounds.last_stable_offset;
}

nb::bytes read_slices(const log::ReadView& view) {
  std::string bytes;
  for (const FileSlice& slice : view.slices) {
    const size_t at = bytes.size();
    bytes.resize(at + slice.size);
    bytes.resize(at + slice.file->read_at(slice.position, bytes.data() + at, slice.size));
  }
  return nb::bytes(bytes.data(), bytes.size());
}

log::ReadView hold_view(TopicStore& store, const std::string& topic, int32_t partition,
                        int64_t offset) {
  return store.partition(topic, partition, "read")->view(offset, 1 << 30, false).value();
}

nb::dict view(TopicStore& store, const std::string& topic, int32_t partition, int64_t offset,
              int64_t max_bytes, bool read_committed) {
  const auto view =
      store.partition(topic, partition, "read")->view(offset, max_bytes, read_committed);
  nb::dict out;
  if (!view) {
    constexpr std::array kKinds = {"out_of_range", "corrupt", "storage", "closed"};
    out["fault"] = kKinds[static_cast<size_t>(view.error().kind)];
    out["why"] = view.error().why;
    put_bounds(out, view.error().bounds);
    return out;
  }
  nb::list aborted;
  for (const log::AbortedTransaction& each : view.value().aborted)
    aborted.append(nb::make_tuple(each.producer_id, each.first_offset));
  out["bytes"] = read_slices(view.value());
  out["slices"] = view.value().slices.size();
  out["aborted"] = aborted;
  put_bounds(out, view.value().bounds);
  return out;
}

std::optional<std::pair<int64_t, int64_t>> find_timestamp(TopicStore& store,
                                                          const std::string& topic,
                                                          int32_t partition, int64_t at) {
  const auto found = store.partition(topic, partition, "read")->find_timestamp(at);
  if (!found) return std::nullopt;
  return std::pair(found->offset, found->timestamp_ms);
}

std::pair<int64_t, int64_t> max_timestamp(TopicStore& store, const std::string& topic,
                                          int32_t partition) {
  const log::OffsetAndTime found = store.partition(topic, partition, "read")->max_timestamp();
  return {found.offset, found.timestamp_ms};
}

}  // namespace

void bind_log_testing(nb::module_ m) {
  m.def(
      "set_fault_plan",
      [](const std::optional<std::string>& action, int64_t at) {
        if (!action) return set_fault_plan(std::nullopt);
        return set_fault_plan(FaultPlan{parse_action(*action), at});
      },
      nb::arg("action").none() = nb::none(), nb::arg("at") = 1);
  m.def("fault_operations", &fault_operations);
  m.def("raw_batches", &raw_batches);
  m.def("append_raw", &append_raw);
  m.def("append_foreign", &append_foreign, nb::arg("store"), nb::arg("topic"), nb::arg("partition"),
        nb::arg("batches"), nb::kw_only(), nb::arg("coordinator") = false,
        nb::arg("allow_zstd") = true, nb::arg("verify") = false, nb::arg("verification") = 0);
  m.def("append_marker", &append_marker, nb::arg("store"), nb::arg("topic"), nb::arg("partition"),
        nb::arg("producer_id"), nb::arg("epoch"), nb::arg("commit"),
        nb::arg("coordinator_epoch") = 0);
  m.def("wait_for", &wait_for, Unlocked());
  m.def("producers", &producers);
  m.def("start_verification", &start_verification);
  m.def(
      "compact",
      [](TopicStore& store, const std::string& topic, int32_t partition, bool now) {
        return store.partition(topic, partition, "compact")->compact(now);
      },
      nb::arg("store"), nb::arg("topic"), nb::arg("partition"), nb::arg("now") = true, Unlocked());
  m.def("troubles", [](TopicStore& store) {
    std::vector<std::tuple<std::string, int32_t, std::string>> out;
    for (const TopicStore::Trouble& each : store.troubles())
      out.emplace_back(each.topic, each.partition, each.what);
    return out;
  });
  m.def("keep_house", &TopicStore::keep_house, Unlocked());
  m.def("view", &view, nb::arg("store"), nb::arg("topic"), nb::arg("partition"), nb::arg("offset"),
        nb::arg("max_bytes") = 1 << 20, nb::arg("read_committed") = false);
  nb::class_<log::ReadView>(m, "ReadView").def("read", &read_slices);
  m.def("hold_view", &hold_view);
  m.def("find_timestamp", &find_timestamp);
  m.def("max_timestamp", &max_timestamp);
  m.def("codecs", &available_codecs);
  nb::class_<ManualClock>(m, "ManualClock")
      .def(nb::init<int64_t>(), nb::arg("now_ms") = 0)
      .def("set_ms", &ManualClock::set_ms)
      .def("advance_ms", &ManualClock::advance_ms)
      .def("now_ms", &ManualClock::now_ms);
}

}  // namespace cne::bind
