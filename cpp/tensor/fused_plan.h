#pragma once

#include <cstdint>
#include <vector>

#include "tensor/elementwise_tile.h"
#include "tensor/fused.h"
#include "tensor/tile_pair.h"

namespace cne::tensor {

/// One step of a kernel as tiles run it, or two that are one loop: what can be known of it before
/// there is an array.
struct FusedAction {
  enum class Kind : uint8_t {
    kOp,
    kPair,    // two operations of arithmetic: in[0] with in[1], and that with in[2]
    kChoice,  // a comparison of in[0] with in[1], and a choice of in[2] or in[3]
    kCast,
    kSelect,
    kExpand,
    kFold,         // a reduction of in[0]
    kFoldProduct,  // the sum of in[0] * in[1]
  };
  Kind kind;
  Element element;  // of what is read last: of both choices
  Element result;
  int in[4] = {-1, -1, -1, -1};
  int out = -1;
  int phase = 0;
  bool is_row = false;  // the result has an element per row
  bool by_row = false;  // an input has one beside a whole result
  /// Of inputs beside rows: bytes from one row to the next, or the width of elements that lie so.
  int64_t steps[4] = {};
  bool lies_in_rows[4] = {};
  ReduceOp op = ReduceOp::kSum;
  Element accumulator = Element::kFloat64;
  int64_t sum = -1;  // where the accumulators lie
  TileRun run;
  TilePair pair;
  TileChoice choice;
};
/// The steps in an order in which they may run, those of arithmetic two by two where nobody else
/// reads what the first one gives.
std::vector<FusedAction> actions_of(const FusedKernel& kernel);

/// Where the registers of a kernel lie while it runs, and what is done in its phases.
struct FusedPlan {
  explicit FusedPlan(const FusedKernel& kernel);
  FusedPlan() = default;

  struct Phase {
    std::vector<int> inputs;           // that are read for each piece
    std::vector<FusedAction> actions;  // of places, and reductions
    std::vector<FusedAction> of_rows;  // that need nothing but reductions of earlier phases
  };
  struct Moving {
    int reg;
    int64_t width;
    int output;  // that it is, or -1: a row that is kept
  };

  int64_t rows = 0;
  int64_t columns = 0;
  bool is_long = false;    // a row is longer than a tile
  int64_t block_rows = 1;  // that are gone through at once
  // By register, in bytes of a thread's memory, or -1: outputs lie in their arrays. Registers whose
  // rows are kept for a later phase move along with the piece of the row.
  std::vector<int64_t> places;
  std::vector<Moving> moving;
  std::vector<int> row_inputs;   // that have an element per row
  std::vector<int> row_outputs;  // the same
  std::vector<Phase> phases;     // one more than the kernel's: rows after the last reductions
  int64_t first_sum = 0;         // accumulators lie from here on
  int64_t bytes = 0;
};

}  // namespace cne::tensor
