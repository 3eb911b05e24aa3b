#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tensor/fused.h"
#include "tensor/fused_plan.h"
#include "tensor/tile_reader.h"

namespace cne::tensor {

/// A kernel that is run on arrays.
class FusedRunner {
 public:
  /// `outputs` are those that have memory already: that of the arrays of the same numbers.
  FusedRunner(const FusedKernel& kernel, const FusedPlan& plan, std::span<const Array> arrays,
              std::vector<Array> outputs, const std::vector<uint8_t>& is_overwritten);
  std::vector<Array> run();

  struct Work;
  void fill_uniform(Work& work) const;
  void fill_uniform(Work& work, size_t input) const;
  void run_blocks(Work& work, int64_t begin, int64_t end);
  /// All places as one block that stays where it is, and then its steps.
  bool is_one_block() const { return !plan_.is_long && plan_.rows <= plan_.block_rows; }
  void bind(Work& work);
  void run_bound(Work& work, std::span<const size_t> gathered);
  /// Whether an input of one element is read where it lies.
  bool is_one_place() const { return plan_.rows * plan_.columns == 1; }
  bool is_direct(size_t input) const { return readers_[input].is_direct(); }

 private:
  void start_block(Work& work, int64_t row, int64_t rows);
  void run_rows(int64_t begin, int64_t end);
  void run_split();
  void load(Work& work, const FusedKernel::Input& input, size_t reader);
  void load_all(Work& work, int phase);
  void run_phase(Work& work, int phase, int64_t begin, int64_t end);
  static void run_rows_of(const Work& work, const FusedAction& action, const void* const* in,
                          void* out);
  static void run_tiles(const FusedAction& action, const void* const* in, void* out, int64_t count);
  void run_action(Work& work, const FusedAction& action, int64_t count);
  void fold(Work& work, const FusedAction& action, bool is_first);
  void finish(Work& work, int phase);
  void store_rows(Work& work);

  /// A step of one block that stays where it is.
  struct Bound {
    enum class Kind : uint8_t { kTile, kSum, kOther };
    const FusedAction* action;
    const void* in[4];
    void* out;
    int64_t count;
    Kind kind;
  };
  void add_bound(const Work& work, const FusedAction& action, int64_t count);

  const FusedKernel& kernel_;
  const FusedPlan& plan_;
  std::vector<Bound> bound_;
  std::vector<Array> views_;
  std::vector<TileReader> readers_;
  std::vector<uint8_t> is_overwritten_;  // by input: an output takes its memory
  std::vector<uint8_t> is_uniform_;      // by register: a tile of one element
  std::vector<Array> outputs_;
};

/// What one thread works with.
struct FusedRunner::Work {
  explicit Work(const FusedRunner& runner);
  Work(const FusedRunner& runner, uint8_t* bytes);

  uint8_t* memory;
  std::vector<uint8_t*> at;  // by register, where its elements are now
  int64_t row = 0;           // the first one of the block
  int64_t rows = 0;
  int64_t column = 0;     // the first one of the piece, of long rows
  int64_t count = 0;      // places of the block or the piece
  int64_t run = 0;        // of those that are of one row
  bool is_first = false;  // it is the first one that accumulators get
};

inline void FusedRunner::run_tiles(const FusedAction& action, const void* const* in, void* out,
                                   int64_t count) {
  if (action.kind == FusedAction::Kind::kOp)
    action.run(in, out, count);
  else if (action.kind == FusedAction::Kind::kPair)
    action.pair(in, out, count);
  else
    action.choice(in, out, count);
}

}  // namespace cne::tensor
