#include "tensor/fused.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "core/parallel.h"
#include "tensor/elementwise_tile.h"
#include "tensor/pieces.h"
#include "tensor/reduce_tile.h"
#include "tensor/select.h"
#include "tensor/tile_reader.h"

namespace cne::tensor {

namespace {

using Kind = FusedKernel::Kind;

/// Places that a thread takes at a time; results of split rows depend on it.
constexpr int64_t kGrain = 32 * kTile;
/// A thread's memory for registers, kept from run to run.
uint8_t* scratch(int64_t bytes) {
  thread_local Buffer memory;
  if (static_cast<int64_t>(memory.size()) < bytes)
    memory = Buffer::allocate(static_cast<size_t>(bytes));
  return memory.mutable_data();
}

/// A kernel that is run on arrays.
class Runner {
 public:
  /// `outputs` are those that have memory already: that of the arrays of the same numbers.
  Runner(const FusedKernel& kernel, const FusedPlan& plan, std::span<const Array> arrays,
         std::vector<Array> outputs, const std::vector<uint8_t>& is_overwritten);
  std::vector<Array> run();

 private:
  struct Work;

  void fill_uniform(Work& work);
  void start_block(Work& work, int64_t row, int64_t rows);
  void run_rows(int64_t begin, int64_t end);
  void run_split();
  void load(Work& work, const FusedKernel::Input& input, size_t reader);
  void run_phase(Work& work, int phase, int64_t begin, int64_t end);
  Sides sides_of(const FusedKernel::Step& step) const;
  void run_op(const Work& work, const FusedKernel::Step& step, const void* const* in, void* out,
              int64_t count) const;
  void run_step(Work& work, const FusedKernel::Step& step, int64_t count);
  void fold(Work& work, size_t step, bool is_first);
  void finish(Work& work, int phase);
  void store_rows(Work& work);

  const FusedKernel& kernel_;
  const FusedPlan& plan_;
  std::vector<Array> views_;
  std::vector<TileReader> readers_;
  std::vector<uint8_t> is_overwritten_;  // by input: an output takes its memory
  std::vector<uint8_t> is_uniform_;      // by register: a tile of one element
  std::vector<Array> outputs_;
};

/// What one thread works with.
struct Runner::Work {
  explicit Work(const Runner& runner);

  uint8_t* memory;
  std::vector<uint8_t*> at;  // by register, where its elements are now
  int64_t row = 0;           // the first one of the block
  int64_t rows = 0;
  int64_t column = 0;  // the first one of the piece, of long rows
  int64_t count = 0;   // places of the block or the piece
};

Runner::Work::Work(const Runner& runner)
    : memory(scratch(runner.plan_.bytes)), at(runner.kernel_.registers.size()) {
  for (size_t i = 0; i < at.size(); ++i)
    if (runner.plan_.places[i] >= 0) at[i] = memory + runner.plan_.places[i];
}

Runner::Runner(const FusedKernel& kernel, const FusedPlan& plan, std::span<const Array> arrays,
               std::vector<Array> outputs, const std::vector<uint8_t>& is_overwritten)
    : kernel_(kernel), plan_(plan), outputs_(std::move(outputs)) {
  Dims row_shape;
  for (int axis = 0; axis < kernel.row_axes; ++axis) row_shape.push_back(kernel.shape[axis]);
  is_uniform_.resize(kernel.registers.size(), 0);
  views_.reserve(kernel.inputs.size());
  readers_.reserve(kernel.inputs.size());
  for (const FusedKernel::Input& input : kernel.inputs) {
    const Array& array = arrays[static_cast<size_t>(input.array)];
    const bool is_row = kernel.registers[static_cast<size_t>(input.reg)].is_row;
    const Dims& shape = is_row ? row_shape : kernel.shape;
    Dims strides = Dims::filled(shape.size(), 0);
    for (size_t axis = 0; axis < input.axes.size(); ++axis)
      if (input.axes[axis] >= 0)
        strides[input.axes[axis]] = array.strides()[static_cast<int>(axis)];
    views_.push_back(array.view(array.element(), shape, strides, array.offset()));
    readers_.emplace_back(views_.back(), shape);
    is_overwritten_.push_back(is_overwritten[static_cast<size_t>(input.array)]);
    is_uniform_[static_cast<size_t>(input.reg)] = input.is_uniform ? 1 : 0;
  }
  for (size_t i = 0; i < kernel_.outputs.size(); ++i)
    if (!outputs_[i]) outputs_[i] = Array::empty(kernel_.outputs[i].type);
}

void Runner::load(Work& work, const FusedKernel::Input& input, size_t reader) {
  const auto reg = static_cast<size_t>(input.reg);
  const bool is_row = kernel_.registers[reg].is_row;
  const int64_t position = is_row ? work.row : work.row * plan_.columns + work.column;
  const int64_t count = is_row ? work.rows : work.count;
  uint8_t* const scratch = work.memory + plan_.places[reg];
  if (is_overwritten_[reader] != 0) {  // steps read it when an output has been written there
    std::memcpy(scratch, readers_[reader].direct(position),
                static_cast<size_t>(count) * size_of(kernel_.registers[reg].element));
    work.at[reg] = scratch;
    return;
  }
  // What is read directly is never written: the pointer is only kept as one to bytes.
  work.at[reg] =
      static_cast<uint8_t*>(const_cast<void*>(readers_[reader].read(position, count, scratch)));
}

/// One element is read as such where there is a loop for it: its tile need not be in the cache.
Sides Runner::sides_of(const FusedKernel::Step& step) const {
  const auto is_one = [&](int reg) {
    return reg >= 0 && is_uniform_[static_cast<size_t>(reg)] != 0;
  };
  if (step.in[1] < 0 || is_one(step.in[0]) == is_one(step.in[1])) return Sides::kArrays;
  const Sides out = is_one(step.in[0]) ? Sides::kFirstIsOne : Sides::kSecondIsOne;
  return takes_one(static_cast<ElementOp>(step.op), out) ? out : Sides::kArrays;
}

/// An operation, of whose inputs one may have an element per row.
void Runner::run_op(const Work& work, const FusedKernel::Step& step, const void* const* in,
                    void* out, int64_t count) const {
  const auto op = static_cast<ElementOp>(step.op);
  const auto is_row = [&](int reg) {
    return reg >= 0 && kernel_.registers[static_cast<size_t>(reg)].is_row;
  };
  const bool by_row = !is_row(step.out) && (is_row(step.in[0]) || is_row(step.in[1]));
  if (!by_row) return run_tile(op, step.element, in, sides_of(step), out, count);
  const int one = is_row(step.in[0]) ? 0 : 1;
  const auto width = static_cast<int64_t>(size_of(step.element));
  const int64_t run = count / work.rows;
  const int64_t out_step = run * static_cast<int64_t>(size_of(result_of(op, step.element)));
  for (int64_t row = 0; row < work.rows; ++row) {
    const void* now[2];
    now[one] = static_cast<const uint8_t*>(in[one]) + row * width;
    now[1 - one] = static_cast<const uint8_t*>(in[1 - one]) + row * run * width;
    run_tile(op, step.element, now, one == 0 ? Sides::kFirstIsOne : Sides::kSecondIsOne,
             static_cast<uint8_t*>(out) + row * out_step, run);
  }
}

void Runner::run_step(Work& work, const FusedKernel::Step& step, int64_t count) {
  uint8_t* const out = work.at[static_cast<size_t>(step.out)];
  const void* in[3] = {};
  for (int i = 0; i < 3; ++i)
    if (step.in[i] >= 0) in[i] = work.at[static_cast<size_t>(step.in[i])];
  switch (step.kind) {
    case Kind::kOp:
      return run_op(work, step, in, out, count);
    case Kind::kCast:
      return cast_tile(step.element, in[0],
                       kernel_.registers[static_cast<size_t>(step.out)].element, out, count);
    case Kind::kSelect:
      return select_tile(size_of(step.element), static_cast<const uint8_t*>(in[0]), in[1], in[2],
                         out, count);
    case Kind::kExpand: {
      const size_t width = size_of(step.element);
      const int64_t run = count / work.rows;
      for (int64_t row = 0; row < work.rows; ++row)
        fill_tile(width, static_cast<const uint8_t*>(in[0]) + static_cast<size_t>(row) * width,
                  out + static_cast<size_t>(row * run) * width, run);
      return;
    }
    case Kind::kReduce:
      assert(false);  // fold
  }
}

void Runner::fold(Work& work, size_t at, bool is_first) {
  const FusedKernel::Step& step = kernel_.steps[at];
  const auto op = static_cast<ReduceOp>(step.op);
  const size_t width = size_of(step.element);
  const Element accumulator = accumulator_of(op, step.element);
  const uint8_t* in = work.at[static_cast<size_t>(step.in[0])];
  uint8_t* sum = work.memory + plan_.sums[at];
  const int64_t run = work.count / work.rows;
  for (int64_t row = 0; row < work.rows; ++row) {
    if (is_first) start(op, accumulator, sum);
    fold_tile(op, step.element, in, run, is_first, sum);
    in += static_cast<size_t>(run) * width;
    sum += size_of(accumulator);
  }
}

/// The whole steps of a phase over a part of the columns; reductions go into the accumulators.
void Runner::run_phase(Work& work, int phase, int64_t begin, int64_t end) {
  const int64_t piece = plan_.is_long ? kTile : plan_.columns;
  for (int64_t column = begin; column < end || column == begin; column += piece) {
    work.column = column;
    work.count = plan_.is_long ? std::min(piece, end - column) : work.rows * plan_.columns;
    for (size_t i = 0; i < kernel_.inputs.size(); ++i) {
      const FusedKernel::Input& input = kernel_.inputs[i];
      const bool once =
          kernel_.registers[static_cast<size_t>(input.reg)].is_row || input.is_uniform;
      if (!once && (plan_.is_long || phase == 0)) load(work, input, i);
    }
    for (size_t reg = 0; reg < kernel_.registers.size(); ++reg) {
      const auto width = static_cast<int64_t>(size_of(kernel_.registers[reg].element));
      if (plan_.output_of[reg] >= 0)
        work.at[reg] = outputs_[static_cast<size_t>(plan_.output_of[reg])].mutable_data() +
                       (work.row * plan_.columns + column) * width;
      else if (plan_.is_kept[reg] != 0)
        work.at[reg] = work.memory + plan_.places[reg] + column * width;
    }
    for (size_t i = 0; i < kernel_.steps.size(); ++i) {
      const FusedKernel::Step& step = kernel_.steps[i];
      if (step.phase != phase) continue;
      if (step.kind == Kind::kReduce)
        fold(work, i, column == begin);
      else if (!kernel_.registers[static_cast<size_t>(step.out)].is_row)
        run_step(work, step, work.count);
    }
  }
}

/// Rows' results of the reductions of a phase, and the steps that need nothing else.
void Runner::finish(Work& work, int phase) {
  for (size_t i = 0; i < kernel_.steps.size(); ++i) {
    const FusedKernel::Step& step = kernel_.steps[i];
    if (step.kind == Kind::kReduce && step.phase == phase) {
      const auto op = static_cast<ReduceOp>(step.op);
      cast_tile(accumulator_of(op, step.element), work.memory + plan_.sums[i],
                kernel_.registers[static_cast<size_t>(step.out)].element,
                work.at[static_cast<size_t>(step.out)], work.rows);
    } else if (kernel_.registers[static_cast<size_t>(step.out)].is_row && step.phase == phase + 1) {
      run_step(work, step, work.rows);
    }
  }
}

void Runner::store_rows(Work& work) {
  for (size_t i = 0; i < outputs_.size(); ++i) {
    const auto reg = static_cast<size_t>(kernel_.outputs[i].reg);
    if (!kernel_.registers[reg].is_row) continue;
    const size_t width = size_of(outputs_[i].element());
    std::memcpy(outputs_[i].mutable_data() + static_cast<size_t>(work.row) * width, work.at[reg],
                static_cast<size_t>(work.rows) * width);
  }
}

void Runner::fill_uniform(Work& work) {
  for (size_t i = 0; i < kernel_.inputs.size(); ++i) {
    const FusedKernel::Input& input = kernel_.inputs[i];
    if (!input.is_uniform) continue;
    const auto reg = static_cast<size_t>(input.reg);
    fill_tile(size_of(kernel_.registers[reg].element), views_[i].data(), work.at[reg], kTile);
  }
}

/// Reads what rows have, and does the steps of rows that wait for no reduction.
void Runner::start_block(Work& work, int64_t row, int64_t rows) {
  work.row = row;
  work.rows = rows;
  for (size_t i = 0; i < kernel_.inputs.size(); ++i) {
    const FusedKernel::Input& input = kernel_.inputs[i];
    if (kernel_.registers[static_cast<size_t>(input.reg)].is_row) load(work, input, i);
  }
  finish(work, -1);
}

/// Few long rows of one phase: threads share each, and put their parts together in order.
void Runner::run_split() {
  const int64_t pieces = (plan_.columns + kGrain - 1) / kGrain;
  const int64_t first_sum =
      *std::find_if(plan_.sums.begin(), plan_.sums.end(), [](int64_t each) { return each >= 0; });
  std::vector<std::vector<uint8_t>> parts(static_cast<size_t>(pieces));
  for (int64_t row = 0; row < plan_.rows; ++row) {
    parallel_for(pieces, 1, [&](int64_t first, int64_t last) {
      for (int64_t piece = first; piece < last; ++piece) {
        Work work(*this);
        fill_uniform(work);
        start_block(work, row, 1);
        run_phase(work, 0, piece * kGrain, std::min(plan_.columns, (piece + 1) * kGrain));
        parts[static_cast<size_t>(piece)].assign(work.memory + first_sum,
                                                 work.memory + plan_.bytes);
      }
    });
    Work work(*this);
    fill_uniform(work);
    start_block(work, row, 1);
    std::copy(parts[0].begin(), parts[0].end(), work.memory + first_sum);
    for (size_t piece = 1; piece < parts.size(); ++piece)
      for (size_t i = 0; i < kernel_.steps.size(); ++i)
        if (kernel_.steps[i].kind == Kind::kReduce) {
          const auto op = static_cast<ReduceOp>(kernel_.steps[i].op);
          combine(op, accumulator_of(op, kernel_.steps[i].element),
                  parts[piece].data() + (plan_.sums[i] - first_sum), 1,
                  work.memory + plan_.sums[i]);
        }
    finish(work, 0);
    store_rows(work);
  }
}

void Runner::run_rows(int64_t begin, int64_t end) {
  Work work(*this);
  fill_uniform(work);
  for (int64_t row = begin; row < end; row += plan_.block_rows) {
    start_block(work, row, std::min(plan_.block_rows, end - row));
    for (int phase = 0; phase < kernel_.phases; ++phase) {
      run_phase(work, phase, 0, plan_.columns);
      finish(work, phase);
    }
    store_rows(work);
  }
}

std::vector<Array> Runner::run() {
  if (plan_.rows == 0) return std::move(outputs_);
  if (kernel_.phases == 1 && plan_.rows < 4 && plan_.columns > 2 * kGrain) {
    run_split();
    return std::move(outputs_);
  }
  const int64_t block = plan_.block_rows;
  const int64_t places = std::max<int64_t>(1, block * plan_.columns);
  in_pieces(plan_.rows, std::max<int64_t>(1, kGrain / places) * block,
            [&](int64_t begin, int64_t end) { run_rows(begin, end); });
  return std::move(outputs_);
}

/// Whether an array is read once and place by place, so that each tile is read before an output of
/// the same places is written. Long rows of several phases are read again in each.
bool is_read_in_order(const FusedKernel& kernel, const FusedPlan& plan, size_t array) {
  if (plan.is_long && kernel.phases > 1) return false;
  int reads = 0;
  for (const FusedKernel::Input& input : kernel.inputs) {
    if (input.array != static_cast<int>(array)) continue;
    if (++reads > 1) return false;
    if (kernel.registers[static_cast<size_t>(input.reg)].is_row || input.is_uniform) return false;
    for (const FusedKernel::Output& output : kernel.outputs)
      if (output.reg == input.reg) return false;
    int last = -1;  // axes of places in order are all there: the sizes are equal
    for (const int axis : input.axes) {
      if (axis < 0) continue;
      if (axis <= last) return false;
      last = axis;
    }
  }
  return reads == 1;
}

}  // namespace

std::vector<Array> run_fused(const FusedKernel& kernel, const FusedPlan& plan,
                             std::span<const Array> arrays) {
  return Runner(kernel, plan, arrays, std::vector<Array>(kernel.outputs.size()),
                std::vector<uint8_t>(arrays.size(), 0))
      .run();
}

std::vector<Array> run_fused(const FusedKernel& kernel, const FusedPlan& plan,
                             std::vector<Array>&& arrays) {
  std::vector<Array> outputs(kernel.outputs.size());
  std::vector<uint8_t> is_overwritten(arrays.size(), 0);
  for (size_t i = 0; i < outputs.size(); ++i) {
    const FusedKernel::Output& output = kernel.outputs[i];
    if (kernel.registers[static_cast<size_t>(output.reg)].is_row) continue;
    if (output.type.size() != plan.rows * plan.columns) continue;
    for (size_t k = 0; k < arrays.size(); ++k) {
      const Array& array = arrays[k];
      if (is_overwritten[k] != 0 || !(array.type() == output.type) || !array.is_contiguous() ||
          !array.is_sole() || !is_read_in_order(kernel, plan, k))
        continue;
      is_overwritten[k] = 1;
      outputs[i] = array;
      break;
    }
  }
  return Runner(kernel, plan, arrays, std::move(outputs), is_overwritten).run();
}

}  // namespace cne::tensor
