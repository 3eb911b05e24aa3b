// How a job takes the records of all its sources in one order.

#include <algorithm>
#include <tuple>
#include <utility>

#include "frame/gather.h"
#include "stream/job.h"

namespace cne::stream {

/// Gives every partition a head, where it has one.
void Job::fill() {
  for (Input& input : inputs_)
    for (size_t p = 0; p < input.readers.size(); ++p) {
      Reader& reader = input.readers[p];
      if (reader.at_head()) continue;
      reader.chunk = input.source->read(static_cast<int>(p), reader.next_offset);
      reader.at = 0;
      reader.next_offset = reader.chunk.next_offset;
    }
}

/// Takes up to `max_batch` records in order; stops early where a partition has to be read on.
int64_t Job::take(int64_t until, int64_t max_batch) {
  int64_t taken = 0;
  while (taken < max_batch) {
    using Place = std::tuple<int64_t, size_t, size_t>;  // head, input, reader
    Place best{kForever, SIZE_MAX, 0}, second = best;
    for (size_t i = 0; i < inputs_.size(); ++i)
      for (size_t p = 0; p < inputs_[i].readers.size(); ++p) {
        if (!inputs_[i].readers[p].at_head()) continue;
        const Place place{inputs_[i].readers[p].head(), i, p};
        if (place < best)
          second = std::exchange(best, place);
        else if (place < second)
          second = place;
      }
    const auto [head, i, p] = best;
    if (i == SIZE_MAX || head > until) break;
    Reader& reader = inputs_[i].readers[p];
    size_t end = reader.at;
    while (end < reader.chunk.arrival_ms.size() && taken < max_batch &&
           reader.chunk.arrival_ms[end] <= until &&
           Place{reader.chunk.arrival_ms[end], i, p} < second) {
      ++end;
      ++taken;
    }
    take_run(inputs_[i], p, end);
    if (!reader.at_head()) break;
  }
  return taken;
}

/// Moves the clock, the watermark and the steps of an input over records of one partition.
void Job::take_run(Input& input, size_t reader_index, size_t end) {
  Reader& reader = input.readers[reader_index];
  const Chunk& chunk = reader.chunk;
  Batch& batch = input.batch;
  input.runs.push_back({reader_index, reader.at, end});
  for (; reader.at < end; ++reader.at) {
    clock_ = std::max(clock_, chunk.arrival_ms[reader.at]);
    while (input.watermark.next_idle() <= clock_) {
      const int64_t due = input.watermark.next_idle();
      input.watermark.on_clock(due);
      batch.steps.push_back({due, input.watermark.value(), -1});
    }
    const int64_t event_ms = chunk.event_ms[reader.at];
    const auto row = static_cast<int32_t>(batch.event_ms.size());
    batch.event_ms.push_back(event_ms);
    if (event_ms == kNoTime) {
      metrics_.bad.add();
      batch.steps.push_back({clock_, input.watermark.value(), -1 - row});
      continue;
    }
    input.watermark.on_record(static_cast<int>(reader_index), event_ms, clock_);
    batch.steps.push_back({clock_, input.watermark.value(), row});
  }
}

Table Job::table_of(const Input& input) const {
  if (input.runs.size() == 1) {
    const Run& run = input.runs[0];
    const Table& table = input.readers[run.reader].chunk.table;
    return table.slice(static_cast<int64_t>(run.begin), static_cast<int64_t>(run.end - run.begin));
  }
  // The rows of each partition lie together; one part for each, then a gather.
  std::vector<int64_t> first(input.readers.size(), -1), shift(input.readers.size());
  std::vector<int64_t> last(input.readers.size());
  for (const Run& run : input.runs) {
    if (first[run.reader] < 0) first[run.reader] = static_cast<int64_t>(run.begin);
    last[run.reader] = static_cast<int64_t>(run.end);
  }
  std::vector<Table> parts;
  int64_t rows = 0;
  for (size_t p = 0; p < first.size(); ++p) {
    if (first[p] < 0) continue;
    shift[p] = rows - first[p];
    parts.push_back(input.readers[p].chunk.table.slice(first[p], last[p] - first[p]));
    rows += last[p] - first[p];
  }
  std::vector<int64_t> order;
  order.reserve(static_cast<size_t>(rows));
  for (const Run& run : input.runs)
    for (size_t row = run.begin; row < run.end; ++row)
      order.push_back(static_cast<int64_t>(row) + shift[run.reader]);
  return frame::gather(concat(parts, "Job"), order.data(), rows);
}

}  // namespace cne::stream
