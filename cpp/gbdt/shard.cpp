#include "gbdt/shard.h"

#include <cstring>
#include <limits>

#include "core/error.h"

namespace cne::gbdt {

namespace {

static_assert(sizeof(GradientSums) == 3 * sizeof(int64_t));

template <typename T>
std::string bytes_of(const T* values, int64_t count) {
  return {reinterpret_cast<const char*>(values), static_cast<size_t>(count) * sizeof(T)};
}

/// All workers' numbers, one behind the other. `expected` is how many there are, -1: any number.
template <typename T>
std::vector<T> gather(Communicator& group, const T* own, int64_t count, int64_t expected) {
  std::vector<T> out;
  for (const std::string& bytes : group.allgather(bytes_of(own, count))) {
    if (bytes.size() % sizeof(T) != 0)
      throw IoError("train: another worker sent a part of a number");
    const size_t at = out.size();
    out.resize(at + bytes.size() / sizeof(T));
    if (!bytes.empty()) std::memcpy(out.data() + at, bytes.data(), bytes.size());
  }
  if (expected >= 0 && static_cast<int64_t>(out.size()) != expected)
    throw IoError(
        message("train: expected ", expected, " numbers of all workers, got ", out.size()));
  return out;
}

template <typename T>
void share(const Shard& shard, T* values) {
  if (shard.alone()) return;
  const std::vector<T> all = gather(*shard.group, values + shard.begin, shard.rows, shard.total);
  std::copy(all.begin(), all.end(), values);
}

/// (width, rows) of this worker as (width, total).
std::vector<double> gather_outputs(const Shard& shard, const double* own, int width) {
  std::vector<double> out;
  for (int k = 0; k < width; ++k) {
    const std::vector<double> all =
        gather(*shard.group, own + k * shard.rows, shard.rows, shard.total);
    out.insert(out.end(), all.begin(), all.end());
  }
  return out;
}

}  // namespace

Shard join_shards(Communicator* group, int64_t rows) {
  Shard out{group, 0, rows, 0};
  const std::vector<int64_t> all = gather(*group, &rows, 1, group->size());
  for (int r = 0; r < group->size(); ++r) {
    if (all[r] < 0 || all[r] > std::numeric_limits<int32_t>::max() - out.total)
      throw ArgumentError("train: expected fewer than 2^31 rows of all workers together");
    if (r < group->rank()) out.begin += all[r];
    out.total += all[r];
  }
  return out;
}

void add_up(const Shard& shard, GradientSums* sums, size_t count) {
  if (!shard.alone()) shard.group->allreduce(reinterpret_cast<int64_t*>(sums), 3 * count);
}

void share_segments(const Shard& shard, double* values) { share(shard, values); }
void share_segments(const Shard& shard, int32_t* values) { share(shard, values); }

void require_equal(const Shard& shard, const std::string& text, const char* what) {
  if (shard.alone()) return;
  const std::vector<std::string> all = shard.group->allgather(text);
  for (size_t r = 0; r < all.size(); ++r)
    if (all[r] != all[0])
      throw ArgumentError(
          message("train: expected the same ", what, " on all workers, got others on worker ", r));
}

SharedLabels share_labels(const Labels& own, int outputs, const Shard& shard) {
  require_equal(shard,
                message(own.width, own.weight != nullptr, own.upper != nullptr,
                        own.base_margin != nullptr, !own.groups.empty()),
                "labels, weights, base margins and queries");
  SharedLabels out;
  out.view.width = own.width;
  out.view.rows = shard.total;
  const auto read = [&](const double* from, int width, std::vector<double>& to) {
    if (from == nullptr) return static_cast<const double*>(nullptr);
    to = gather_outputs(shard, from, width);
    return static_cast<const double*>(to.data());
  };
  out.view.label = read(own.label, own.width, out.label);
  out.view.weight = read(own.weight, 1, out.weight);
  out.view.upper = read(own.upper, 1, out.upper);
  out.view.base_margin = read(own.base_margin, outputs, out.base_margin);
  if (own.groups.empty()) return out;
  // Queries begin where their worker's rows do.
  std::vector<int64_t> first(own.groups.begin(), own.groups.end() - 1);
  for (int64_t& row : first) row += shard.begin;
  out.view.groups = gather(*shard.group, first.data(), static_cast<int64_t>(first.size()), -1);
  out.view.groups.push_back(shard.total);
  if (!std::is_sorted(out.view.groups.begin(), out.view.groups.end()))
    throw IoError("train: other workers sent queries that overlap");
  return out;
}

}  // namespace cne::gbdt
