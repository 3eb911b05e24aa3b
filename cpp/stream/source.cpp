#include "stream/source.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "stream/description.h"
#include "stream/window_math.h"

namespace cne::stream {

namespace {

constexpr int64_t kReadRows = 65536;

class TableSource : public Source {
 public:
  TableSource(Table table, std::string event_time, std::optional<std::string> arrival_time,
              const SourceTiming& timing)
      : Source(timing.bound_ms, timing.idle_timeout_ms, "from_arrow"),
        table_(std::move(table)),
        event_time_(std::move(event_time)),
        arrival_time_(std::move(arrival_time)) {
    schema_ = table_.schema();
    event_ms_ = read_times(event_time_);
    if (arrival_time_) {
      arrival_ms_ = read_times(*arrival_time_);
      return;
    }
    arrival_ms_ = event_ms_;
    for (size_t i = 1; i < arrival_ms_.size(); ++i)
      arrival_ms_[i] = std::max(arrival_ms_[i], arrival_ms_[i - 1]);
  }

  int partitions() const override { return 1; }
  int64_t start_offset(int) override { return 0; }
  int64_t end_offset(int) override { return table_.rows(); }
  Chunk read(int, int64_t offset) override {
    Chunk out;
    const int64_t n = std::clamp<int64_t>(table_.rows() - offset, 0, kReadRows);
    out.next_offset = offset + n;
    if (n == 0) return out;
    out.table = table_.slice(offset, n);
    out.arrival_ms.assign(arrival_ms_.begin() + offset, arrival_ms_.begin() + offset + n);
    out.event_ms.assign(event_ms_.begin() + offset, event_ms_.begin() + offset + n);
    out.offsets.resize(static_cast<size_t>(n));
    for (int64_t i = 0; i < n; ++i) out.offsets[static_cast<size_t>(i)] = offset + i;
    return out;
  }
  std::string describe() const override {
    return message("table, event time ", quoted(event_time_), ", arrival time ",
                   arrival_time_ ? quoted(*arrival_time_) : "none", ", ", describe_timing(),
                   ", columns ", stream::describe(schema_));
  }

 private:
  std::vector<int64_t> read_times(const std::string& name) {
    std::vector<int64_t> out = to_epoch_ms(table_.at(name, "from_arrow"), "from_arrow", name);
    const auto bad = std::find(out.begin(), out.end(), kNoTime);
    if (bad != out.end())
      throw ArgumentError(message("from_arrow: column \"", name,
                                  "\": expected a time in every row, got none in row ",
                                  static_cast<int64_t>(bad - out.begin())));
    return out;
  }

  Table table_;
  std::string event_time_;
  std::optional<std::string> arrival_time_;
  std::vector<int64_t> event_ms_;
  std::vector<int64_t> arrival_ms_;
};

}  // namespace

Source::Source(int64_t bound_ms, int64_t idle_timeout_ms, const char* function)
    : bound_ms_(bound_ms), idle_timeout_ms_(idle_timeout_ms) {
  if (bound_ms < 0 || bound_ms > kFarthest)
    throw ArgumentError(
        message(function, ": expected a watermark of 0 ms to 35,000 years, got ", bound_ms));
  if (idle_timeout_ms <= 0 || (idle_timeout_ms > kFarthest && idle_timeout_ms != kForever))
    throw ArgumentError(message(
        function, ": expected an idle timeout of 1 ms to 35,000 years, got ", idle_timeout_ms));
}

std::string Source::describe_timing() const {
  return message("watermark ", bound_ms_, " ms, idle timeout ",
                 idle_timeout_ms_ == kForever ? "none" : message(idle_timeout_ms_, " ms"));
}

std::unique_ptr<Source> table_source(Table table, const std::string& event_time,
                                     const std::optional<std::string>& arrival_time,
                                     const SourceTiming& timing) {
  return std::make_unique<TableSource>(std::move(table), event_time, arrival_time, timing);
}

std::vector<int64_t> to_epoch_ms(const Column& column, const char* function,
                                 const std::string& name) {
  const DataType& type = column.type();
  std::vector<int64_t> out(static_cast<size_t>(column.length()));
  const auto convert = [&](auto read, int64_t times, int64_t divided) {
    const int64_t limit = kFarthest * divided / times;
    for (int64_t i = 0; i < column.length(); ++i) {
      const auto ticks = static_cast<int64_t>(read(i));
      out[static_cast<size_t>(i)] = !column.is_valid(i) || ticks > limit || ticks < -limit
                                        ? kNoTime
                                        : floor_div(ticks * times, divided);
    }
  };
  const auto wide = [&](int64_t i) { return column.values<int64_t>()[i]; };
  if (type.id == DType::kDate) {
    convert([&](int64_t i) { return column.values<int32_t>()[i]; }, 86'400'000, 1);
  } else if (type.id == DType::kInt64) {
    convert(wide, 1, 1);
  } else if (type.id == DType::kTimestamp) {
    const int64_t per_second = ticks_per_second(type.unit);
    // 2^50 ms in ns does not fit into 64 bits, and need not.
    if (per_second == 1'000'000'000)
      for (int64_t i = 0; i < column.length(); ++i)
        out[static_cast<size_t>(i)] = column.is_valid(i) ? floor_div(wide(i), 1'000'000) : kNoTime;
    else if (per_second >= 1000)
      convert(wide, 1, per_second / 1000);
    else
      convert(wide, 1000, 1);
  } else {
    throw TypeError(message(function, ": column \"", name,
                            "\": expected timestamps, dates or int64 milliseconds, got ",
                            to_string(type)));
  }
  return out;
}

}  // namespace cne::stream
