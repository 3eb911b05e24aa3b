#include "tensor/fused.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <memory>

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
constexpr size_t kSlotBytes = kTile * 16;

struct alignas(64) Slot {
  uint8_t bytes[kSlotBytes];
};

/// How a kernel is run on arrays of these shapes.
class Runner {
 public:
  Runner(const FusedKernel& kernel, std::span<const Array> arrays);
  std::vector<Array> run();

 private:
  struct Work;

  void plan();
  void share_slots();
  bool lives_on(size_t reg) const;
  void fill_uniform(Work& work);
  void start_block(Work& work, int64_t row, int64_t rows);
  void run_rows(int64_t begin, int64_t end);
  void run_split();
  void load(Work& work, const FusedKernel::Input& input, size_t reader);
  void run_phase(Work& work, int phase, int64_t begin, int64_t end);
  void run_step(Work& work, const FusedKernel::Step& step, int64_t count);
  void fold(Work& work, const FusedKernel::Step& step, bool is_first);
  void finish(Work& work, int phase);
  void store_rows(Work& work);

  const FusedKernel& kernel_;
  int64_t rows_;
  int64_t columns_;
  bool is_long_;  // a row is longer than a tile
  int64_t block_rows_;
  std::vector<Array> views_;
  std::vector<TileReader> readers_;
  std::vector<int> first_phase_;  // by register, where it is set
  std::vector<int> last_phase_;   // by register, where it is read last
  std::vector<int> output_of_;    // by register, or -1
  std::vector<int> slot_of_;      // by register, or -1
  size_t slots_ = 0;
  std::vector<Array> outputs_;
};

/// What one thread works with.
struct Runner::Work {
  explicit Work(const Runner& runner);

  std::unique_ptr<Slot[]> slots;
  std::vector<std::vector<uint8_t>> kept;  // rows of registers that live on, of long rows
  std::vector<std::vector<uint8_t>> sums;  // accumulators by step
  std::vector<uint8_t*> at;                // by register, where its elements are now
  int64_t row = 0;                         // the first one of the block
  int64_t rows = 0;
  int64_t column = 0;  // the first one of the piece, of long rows
  int64_t count = 0;   // places of the block or the piece
};

Runner::Work::Work(const Runner& runner)
    : slots(std::make_unique_for_overwrite<Slot[]>(runner.slots_)) {
  const FusedKernel& kernel = runner.kernel_;
  kept.resize(kernel.registers.size());
  sums.resize(kernel.steps.size());
  at.resize(kernel.registers.size());
  for (size_t i = 0; i < kernel.registers.size(); ++i) {
    if (runner.slot_of_[i] >= 0)
      at[i] = slots[static_cast<size_t>(runner.slot_of_[i])].bytes;
    else if (runner.lives_on(i))
      kept[i].resize(static_cast<size_t>(runner.columns_) * size_of(kernel.registers[i].element));
  }
  for (size_t i = 0; i < kernel.steps.size(); ++i)
    if (kernel.steps[i].kind == Kind::kReduce)
      sums[i].resize(static_cast<size_t>(runner.block_rows_) * 16);
}

Runner::Runner(const FusedKernel& kernel, std::span<const Array> arrays)
    : kernel_(kernel), rows_(kernel.rows()), columns_(kernel.columns()) {
  is_long_ = columns_ > kTile;
  block_rows_ = is_long_ ? 1 : std::max<int64_t>(1, kTile / std::max<int64_t>(columns_, 1));
  Dims row_shape;
  for (int axis = 0; axis < kernel.row_axes; ++axis) row_shape.push_back(kernel.shape[axis]);
  for (const FusedKernel::Input& input : kernel.inputs) {
    const Array& array = arrays[static_cast<size_t>(input.array)];
    const bool is_row = kernel.registers[static_cast<size_t>(input.reg)].is_row;
    const Dims& shape = is_row ? row_shape : kernel.shape;
    Dims strides = Dims::filled(shape.size(), 0);
    for (size_t axis = 0; axis < input.axes.size(); ++axis)
      if (input.axes[axis] >= 0)
        strides[input.axes[axis]] = array.strides()[static_cast<int>(axis)];
    views_.push_back(array.view(array.element(), shape, strides, array.offset()));
  }
  readers_.reserve(views_.size());
  for (const Array& view : views_) readers_.emplace_back(view, view.shape());
  plan();
}

void Runner::plan() {
  const size_t count = kernel_.registers.size();
  first_phase_.assign(count, 0);
  last_phase_.assign(count, 0);
  output_of_.assign(count, -1);
  for (const FusedKernel::Step& step : kernel_.steps) {
    first_phase_[static_cast<size_t>(step.out)] = step.phase;
    last_phase_[static_cast<size_t>(step.out)] = step.phase;
    for (const int in : step.in)
      if (in >= 0) last_phase_[static_cast<size_t>(in)] = step.phase;
  }
  for (const FusedKernel::Input& input : kernel_.inputs)  // read anew in every phase
    first_phase_[static_cast<size_t>(input.reg)] = last_phase_[static_cast<size_t>(input.reg)];
  for (const FusedKernel::Output& output : kernel_.outputs) {
    outputs_.push_back(Array::empty(output.type));
    if (!kernel_.registers[static_cast<size_t>(output.reg)].is_row)
      output_of_[static_cast<size_t>(output.reg)] = static_cast<int>(outputs_.size()) - 1;
  }
  share_slots();
}

/// Whether a long row of it is kept for later phases.
bool Runner::lives_on(size_t reg) const {
  return is_long_ && !kernel_.registers[reg].is_row && output_of_[reg] < 0 &&
         last_phase_[reg] > first_phase_[reg];
}

/// Whole registers that are done give their slot to later ones, so that few tiles are in the cache.
/// A step's result never takes that of its inputs.
void Runner::share_slots() {
  const size_t count = kernel_.registers.size();
  slot_of_.assign(count, -1);
  std::vector<size_t> last_read(count, 0);
  for (size_t i = 0; i < kernel_.steps.size(); ++i)
    for (const int in : kernel_.steps[i].in)
      if (in >= 0) last_read[static_cast<size_t>(in)] = i;
  std::vector<uint8_t> is_input(count, 0);
  for (const FusedKernel::Input& input : kernel_.inputs) {
    is_input[static_cast<size_t>(input.reg)] = 1;
    slot_of_[static_cast<size_t>(input.reg)] = static_cast<int>(slots_++);
  }
  std::vector<int> free;
  for (size_t i = 0; i < kernel_.steps.size(); ++i) {
    const FusedKernel::Step& step = kernel_.steps[i];
    const auto out = static_cast<size_t>(step.out);
    const bool is_shared = !kernel_.registers[out].is_row;
    if (output_of_[out] < 0 && !lives_on(out)) {
      if (is_shared && !free.empty()) {
        slot_of_[out] = free.back();
        free.pop_back();
      } else {
        slot_of_[out] = static_cast<int>(slots_++);
      }
    }
    for (int k = 0; k < 3; ++k) {
      const int in = step.in[k];
      if (in < 0 || (k > 0 && in == step.in[0]) || (k > 1 && in == step.in[1])) continue;
      const auto reg = static_cast<size_t>(in);
      if (last_read[reg] == i && slot_of_[reg] >= 0 && is_input[reg] == 0 &&
          !kernel_.registers[reg].is_row)
        free.push_back(slot_of_[reg]);
    }
  }
}

void Runner::load(Work& work, const FusedKernel::Input& input, size_t reader) {
  const auto reg = static_cast<size_t>(input.reg);
  const bool is_row = kernel_.registers[reg].is_row;
  const int64_t position = is_row ? work.row : work.row * columns_ + work.column;
  const int64_t count = is_row ? work.rows : work.count;
  // What is read directly is never written: the pointer is only kept as one to bytes.
  work.at[reg] = static_cast<uint8_t*>(const_cast<void*>(readers_[reader].read(
      position, count, work.slots[static_cast<size_t>(slot_of_[reg])].bytes)));
}

void Runner::run_step(Work& work, const FusedKernel::Step& step, int64_t count) {
  uint8_t* const out = work.at[static_cast<size_t>(step.out)];
  const void* in[3] = {};
  for (int i = 0; i < 3; ++i)
    if (step.in[i] >= 0) in[i] = work.at[static_cast<size_t>(step.in[i])];
  switch (step.kind) {
    case Kind::kOp:
      return run_tile(static_cast<ElementOp>(step.op), step.element, in, out, count);
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

void Runner::fold(Work& work, const FusedKernel::Step& step, bool is_first) {
  const auto op = static_cast<ReduceOp>(step.op);
  const size_t width = size_of(step.element);
  const size_t wide = size_of(accumulator_of(op, step.element));
  const uint8_t* in = work.at[static_cast<size_t>(step.in[0])];
  uint8_t* sum = work.sums[static_cast<size_t>(&step - kernel_.steps.data())].data();
  const int64_t run = work.count / work.rows;
  for (int64_t row = 0; row < work.rows;
       ++row, in += static_cast<size_t>(run) * width, sum += wide) {
    if (is_first) start(op, accumulator_of(op, step.element), sum);
    fold_tile(op, step.element, in, run, is_first, sum);
  }
}

/// The whole steps of a phase over a part of the columns; reductions go into the accumulators.
void Runner::run_phase(Work& work, int phase, int64_t begin, int64_t end) {
  const int64_t piece = is_long_ ? kTile : columns_;
  for (int64_t column = begin; column < end || column == begin; column += piece) {
    work.column = column;
    work.count = is_long_ ? std::min(piece, end - column) : work.rows * columns_;
    for (size_t i = 0; i < kernel_.inputs.size(); ++i) {
      const FusedKernel::Input& input = kernel_.inputs[i];
      const auto reg = static_cast<size_t>(input.reg);
      const bool once = kernel_.registers[reg].is_row || input.is_uniform;
      if (!once && (is_long_ || phase == 0)) load(work, input, i);
    }
    for (size_t reg = 0; reg < kernel_.registers.size(); ++reg) {
      const size_t width = size_of(kernel_.registers[reg].element);
      if (output_of_[reg] >= 0)
        work.at[reg] = outputs_[static_cast<size_t>(output_of_[reg])].mutable_data() +
                       static_cast<size_t>(work.row * columns_ + column) * width;
      else if (!work.kept[reg].empty())
        work.at[reg] = work.kept[reg].data() + static_cast<size_t>(column) * width;
    }
    for (const FusedKernel::Step& step : kernel_.steps) {
      if (step.phase != phase) continue;
      if (step.kind == Kind::kReduce)
        fold(work, step, column == begin);
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
      cast_tile(accumulator_of(op, step.element), work.sums[i].data(),
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
  const int64_t pieces = (columns_ + kGrain - 1) / kGrain;
  for (int64_t row = 0; row < rows_; ++row) {
    std::vector<std::vector<std::vector<uint8_t>>> parts(static_cast<size_t>(pieces));
    parallel_for(pieces, 1, [&](int64_t first, int64_t last) {
      for (int64_t piece = first; piece < last; ++piece) {
        Work work(*this);
        fill_uniform(work);
        start_block(work, row, 1);
        run_phase(work, 0, piece * kGrain, std::min(columns_, (piece + 1) * kGrain));
        parts[static_cast<size_t>(piece)] = std::move(work.sums);
      }
    });
    Work work(*this);
    fill_uniform(work);
    start_block(work, row, 1);
    work.sums = std::move(parts[0]);
    for (size_t piece = 1; piece < parts.size(); ++piece)
      for (size_t i = 0; i < kernel_.steps.size(); ++i)
        if (kernel_.steps[i].kind == Kind::kReduce) {
          const auto op = static_cast<ReduceOp>(kernel_.steps[i].op);
          combine(op, accumulator_of(op, kernel_.steps[i].element), parts[piece][i].data(), 1,
                  work.sums[i].data());
        }
    finish(work, 0);
    store_rows(work);
  }
}

void Runner::run_rows(int64_t begin, int64_t end) {
  Work work(*this);
  fill_uniform(work);
  for (int64_t row = begin; row < end; row += block_rows_) {
    start_block(work, row, std::min(block_rows_, end - row));
    for (int phase = 0; phase < kernel_.phases; ++phase) {
      run_phase(work, phase, 0, columns_);
      finish(work, phase);
    }
    store_rows(work);
  }
}

std::vector<Array> Runner::run() {
  if (rows_ == 0) return std::move(outputs_);
  if (kernel_.phases == 1 && rows_ < 4 && columns_ > 2 * kGrain) {
    run_split();
    return std::move(outputs_);
  }
  const int64_t grain =
      std::max<int64_t>(1, kGrain / std::max<int64_t>(1, block_rows_ * columns_)) * block_rows_;
  in_pieces(rows_, grain, [&](int64_t begin, int64_t end) { run_rows(begin, end); });
  return std::move(outputs_);
}

}  // namespace

int64_t FusedKernel::rows() const {
  int64_t out = 1;
  for (int axis = 0; axis < row_axes; ++axis) out *= shape[axis];
  return out;
}

int64_t FusedKernel::columns() const {
  int64_t out = 1;
  for (int axis = row_axes; axis < shape.size(); ++axis) out *= shape[axis];
  return out;
}

std::vector<Array> run_fused(const FusedKernel& kernel, std::span<const Array> arrays) {
  return Runner(kernel, arrays).run();
}

}  // namespace cne::tensor
