#include "frame/as_of_join.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "core/parallel.h"
#include "frame/hash_table.h"
#include "frame/sort.h"

namespace cne::frame {

namespace {

constexpr int64_t kPiece = 1 << 15;

/// The right rows of every key, ordered by time: key k has [starts[k], starts[k + 1]).
template <typename T>
struct Timeline {
  std::vector<int64_t> starts;
  std::vector<T> times;
  std::vector<int64_t> rows;
};

bool any_null(const std::vector<Column>& columns, int64_t row) {
  for (const Column& column : columns)
    if (!column.is_valid(row)) return true;
  return false;
}

/// Whether a row can meet another.
template <typename T>
std::vector<uint8_t> usable_rows(const std::vector<Column>& by, const Column& on) {
  std::vector<uint8_t> out(static_cast<size_t>(on.length()));
  const T* times = on.values<T>();
  parallel_for(on.length(), kPiece, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      bool usable = on.is_valid(i) && !any_null(by, i);
      if constexpr (std::is_floating_point_v<T>) usable = usable && !std::isnan(times[i]);
      out[static_cast<size_t>(i)] = usable;
    }
  });
  return out;
}

template <typename T>
Timeline<T> make_timeline(const std::vector<Column>& by, const Column& on, KeyTable& keys,
                          const char* function) {
  const int64_t n = on.length();
  const T* times = on.values<T>();
  const std::vector<uint8_t> usable = usable_rows<T>(by, on);
  std::vector<uint32_t> ids(static_cast<size_t>(n), 0);
  if (!by.empty()) keys.ids(by, 0, n, ids.data());
  const int64_t count = by.empty() ? 1 : keys.size();

  bool sorted = true;
  for (int64_t i = 1; i < n && sorted; ++i) sorted = times[i - 1] <= times[i];
  std::vector<int64_t> order;
  if (!sorted) order = sort_rows({{on}}, n, function);

  Timeline<T> out;
  out.starts.assign(static_cast<size_t>(count) + 1, 0);
  for (int64_t i = 0; i < n; ++i)
    if (usable[static_cast<size_t>(i)]) ++out.starts[ids[static_cast<size_t>(i)] + size_t{1}];
  for (size_t k = 1; k < out.starts.size(); ++k) out.starts[k] += out.starts[k - 1];
  out.times.resize(static_cast<size_t>(out.starts.back()));
  out.rows.resize(out.times.size());
  std::vector<int64_t> next(out.starts.begin(), out.starts.end() - 1);
  for (int64_t i = 0; i < n; ++i) {
    const int64_t row = sorted ? i : order[static_cast<size_t>(i)];
    if (!usable[static_cast<size_t>(row)]) continue;
    const auto at = static_cast<size_t>(next[ids[static_cast<size_t>(row)]]++);
    out.times[at] = times[row];
    out.rows[at] = row;
  }
  return out;
}

/// The distance from a to b >= a, which integers may need 64 bits without sign for.
template <typename T>
auto distance(T a, T b) {
  if constexpr (std::is_floating_point_v<T>)
    return b - a;
  else
    return static_cast<uint64_t>(b) - static_cast<uint64_t>(a);
}

bool is_within(double apart, const AsOfTolerance& tolerance) { return apart <= tolerance.real; }
bool is_within(uint64_t apart, const AsOfTolerance& tolerance) {
  return tolerance.whole && apart <= *tolerance.whole;
}

/// Searches the run of one key.
template <typename T>
struct Finder {
  const Timeline<T>& timeline;
  const AsOfOptions& options;

  /// The first place in [begin, end) whose time is > t, or >= t when `equal`.
  const T* bound(const T* begin, const T* end, T t, bool equal) const {
    return equal ? std::lower_bound(begin, end, t) : std::upper_bound(begin, end, t);
  }

  int64_t find(uint32_t key, T t) const {
    const T* times = timeline.times.data();
    const T* begin = times + timeline.starts[key];
    const T* end = times + timeline.starts[size_t{key} + 1];
    const T* before = nullptr;
    const T* after = nullptr;
    if (options.strategy != AsOfStrategy::kForward) {
      const T* at = bound(begin, end, t, !options.allow_exact);
      if (at != begin) before = at - 1;
    }
    if (options.strategy != AsOfStrategy::kBackward) {
      const T* at = bound(begin, end, t, options.allow_exact);
      if (at != end) after = at;
    }
    if (before && after) {
      if (distance(*before, t) <= distance(t, *after))
        after = nullptr;
      else
        before = nullptr;
    }
    const T* match = before ? before : after;
    if (match == nullptr) return -1;
    const auto apart = before ? distance(*match, t) : distance(t, *match);
    if (!is_within(apart, options.tolerance)) return -1;
    return timeline.rows[static_cast<size_t>(match - times)];
  }
};

template <typename T>
std::vector<int64_t> join(const std::vector<Column>& left_by, const Column& left_on,
                          const std::vector<Column>& right_by, const Column& right_on,
                          const AsOfOptions& options, const char* function) {
  std::vector<DataType> types;
  for (const Column& column : right_by) types.push_back(column.type());
  KeyTable keys(types, function);
  const Timeline<T> timeline = make_timeline<T>(right_by, right_on, keys, function);
  const Finder<T> finder{timeline, options};
  const std::vector<uint8_t> usable = usable_rows<T>(left_by, left_on);
  const T* times = left_on.values<T>();
  std::vector<int64_t> out(static_cast<size_t>(left_on.length()), -1);
  parallel_for(left_on.length(), kPiece, [&](int64_t begin, int64_t end) {
    std::vector<uint32_t> ids(static_cast<size_t>(end - begin), 0);
    if (!left_by.empty()) keys.find(left_by, begin, end, ids.data());
    for (int64_t i = begin; i < end; ++i) {
      const uint32_t id = ids[static_cast<size_t>(i - begin)];
      if (usable[static_cast<size_t>(i)] && id != KeyTable::kAbsent)
        out[static_cast<size_t>(i)] = finder.find(id, times[i]);
    }
  });
  return out;
}

}  // namespace

std::vector<int64_t> as_of_rows(const std::vector<Column>& left_by, const Column& left_on,
                                const std::vector<Column>& right_by, const Column& right_on,
                                const AsOfOptions& options, const char* function) {
  if (is_floating(left_on.type().id))
    return join<double>(left_by, left_on, right_by, right_on, options, function);
  if (left_on.type().id == DType::kUInt64)
    return join<uint64_t>(left_by, left_on, right_by, right_on, options, function);
  return join<int64_t>(left_by, left_on, right_by, right_on, options, function);
}

}  // namespace cne::frame
