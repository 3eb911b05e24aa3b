#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "tensor/array.h"

namespace cne::tensor {

struct BatchLoaderOptions {
  int64_t rows = 1;             // of a batch; the last one may have fewer
  bool drop_remainder = false;  // whether such a last one is left out
  int64_t ahead = 2;            // batches that are ready or being gathered at a time
  int threads = 1;
};

/// Batches of rows, gathered ahead by threads of its own, which never wait for another program's
/// lock (that of Python's interpreter).
///
/// Rows come in blocks: arrays of one first extent, and numbers of rows that tell an order. Batch i
/// has the rows from i * rows on of all blocks, one behind the other in their orders, however many
/// threads there are. One caller feeds, one takes, and both may be the same. What was fed is let go
/// of by who takes or closes, never by a thread of the loader.
///
/// In a forked child, which has none of these threads, `feed` and `next` throw StateError, and
/// memory that the loader holds is never let go of.
class BatchLoader {
 public:
  /// Throws ArgumentError for options below 1.
  explicit BatchLoader(const BatchLoaderOptions& options);
  /// Ends the threads.
  ~BatchLoader();
  BatchLoader(const BatchLoader&) = delete;
  BatchLoader& operator=(const BatchLoader&) = delete;

  /// Adds a block: `order` has row numbers (int32 or int64; without elements of its own, {}: all
  /// rows as they lie, whose batches are views). Throws ShapeError for arrays of several numbers of
  /// rows, TypeError for numbers of another type, StateError after `finish`.
  void feed(std::vector<Array> arrays, const Array& order);
  /// Waits until another block is wanted, but no longer than so many milliseconds; whether one is.
  /// The first one always is, later ones when no two others wait to be gathered.
  bool wait_for_room(int64_t ms);
  /// There are no more blocks.
  void finish();

  /// Waits until the next batch is gathered or there is none, but no longer than so many
  /// milliseconds; whether `next` can tell.
  bool wait_for_batch(int64_t ms);
  /// The next batch, or nothing at the end, after `close` and after an error. Waits for it. Throws
  /// what gathering it threw, ArgumentError for the number of a row that is not there, say.
  std::optional<std::vector<Array>> next();

  /// Ends the threads, once the batch that each is at is gathered. Nothing is given out any more,
  /// no block is wanted.
  void close();
  bool is_closed() const;

 private:
  struct State;
  State& here(const char* function) const;

  std::unique_ptr<State> state_;
};

}  // namespace cne::tensor
