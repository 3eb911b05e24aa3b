#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "frame/expr.h"

namespace cne::frame {

/// Nulls are skipped by all of them.
///
///   count     int64: rows, or elements of a column that are not null; 0 when there are none
///   sum       int64 of signed integers and bools, uint64 of unsigned ones, float64 of floats, a
///             duration of durations. Integers are added in 128 bits, so only a result that does
///             not fit is an error (ArgumentError at finish). NaN stays NaN.
///   mean      float64 (a duration of durations, to the nearest tick); exact sum of integers
///   min, max  the column's type; NaN is passed over unless there is nothing else
///   first, last  by `Order`; equal orders: the earlier update is first, the later one last
///   variance, stddev  float64, of a sample (n - 1); null for fewer than two values
///
/// All but count are null when there is nothing to aggregate, as in SQL and Arrow.
enum class AggregateKind : uint8_t {
  kCount,
  kSum,
  kMean,
  kMin,
  kMax,
  kFirst,
  kLast,
  kStddev,
  kVariance,
};

struct Aggregate {
  AggregateKind kind = AggregateKind::kCount;
  ExprPtr input;     // null: count of rows
  std::string name;  // of the result's column
};

/// The kind of "count", "sum", ... Throws ArgumentError.
AggregateKind parse_aggregate(const std::string& name);
std::string to_string(AggregateKind kind);
std::string to_string(const Aggregate& aggregate);

/// What first and last go by: the event time of a row in streams, its number in frames.
struct Order {
  const int64_t* values = nullptr;  // by row of the batch; without, `base` + row
  int64_t base = 0;
  int64_t at(int64_t row) const { return values ? values[row] : base + row; }
};

/// A list of aggregates bound to the types that they read: how their states lie in memory, and all
/// that can be done to them. The only implementation of aggregates in the engine.
///
/// A state is `state_bytes()` bytes at an address divisible by 8, in memory of the caller. It may
/// be moved by copying its bytes and forgetting the old ones. Where `owns_memory()` (min, max,
/// first, last of text) each state must be destroyed once and may not be duplicated by copying
/// bytes; otherwise destroy does nothing. Aggregates that need the same sums share them.
///
/// Updates of one state are applied in row order, so one call over many rows gives the same bits
/// as one call a row. Immutable: any number of threads may use one layout on different states.
class AggregateLayout {
 public:
  AggregateLayout() = default;
  /// Throws NotFoundError or TypeError naming `function`, ArgumentError for a repeated name.
  AggregateLayout(std::vector<Aggregate> aggregates, const Schema& schema, const char* function);

  const std::vector<Aggregate>& aggregates() const { return aggregates_; }
  /// Name and type of each result.
  const Schema& schema() const { return schema_; }
  size_t state_bytes() const { return state_bytes_; }
  bool owns_memory() const { return owns_memory_; }

  void init(uint8_t* state) const;
  void destroy(uint8_t* state) const;

  /// The columns that the updates read: the distinct input expressions evaluated over a batch.
  std::vector<Column> inputs(const Table& batch) const;

  /// Adds row i of the inputs to `states[i - begin]`, for i in [begin, end); a null pointer leaves
  /// its row out. The same state may come many times.
  void update_rows(uint8_t* const* states, const std::vector<Column>& inputs, int64_t begin,
                   int64_t end, const Order& order) const;
  /// Adds one row.
  void update_row(uint8_t* state, const std::vector<Column>& inputs, int64_t row,
                  const Order& order) const;
  /// Adds rows [begin, end) to one state.
  void update_run(uint8_t* state, const std::vector<Column>& inputs, int64_t begin, int64_t end,
                  const Order& order) const;

  /// Adds the rows that `from` has seen to `into`, as if they came after its own. Associative, up
  /// to the rounding of floats. Variances by Chan, Golub and LeVeque 1979.
  void merge(uint8_t* into, const uint8_t* from) const;

  /// The results of `n` states, a column for each aggregate.
  std::vector<Column> finish(const uint8_t* const* states, int64_t n) const;

  /// Appends the state's bytes, little-endian: the parts in order, of text `u8 present, i64 order,
  /// u32 size, bytes`.
  void serialize(const uint8_t* state, std::string& out) const;
  /// Reads them into an initialised state; returns the first byte not read. Throws CorruptionError
  /// when they end early, or are no state that a run over 2^60 rows could give.
  const uint8_t* deserialize(uint8_t* state, const uint8_t* begin, const uint8_t* end) const;

  /// What a state is made of. Several aggregates may read one part.
  enum class Part : uint8_t {
    kRows,     // int64 count
    kValid,    // int64 count
    kSum,      // 128-bit sum, count
    kFloat,    // float64 sum, count
    kMoments,  // count, mean, sum of squared differences
    kMin,
    kMax,
    kFirst,
    kLast,
  };
  struct Slot {
    Part part;
    int input;  // -1: none
    DataType type;
    size_t offset;
    /// min, max, first, last of text or bytes.
    bool owns_text() const { return part >= Part::kMin && is_binary_like(type.id); }
  };

 private:
  size_t add_slot(Part part, int input, DataType type);
  static void merge_slot(const Slot& slot, uint8_t* into, const uint8_t* from);

  std::vector<Aggregate> aggregates_;
  std::vector<ExprPtr> inputs_;
  std::vector<Slot> slots_;
  std::vector<size_t> slot_of_;  // by aggregate
  Schema schema_;
  size_t state_bytes_ = 0;
  bool owns_memory_ = false;
};

}  // namespace cne::frame
