#include "tensor/fused.h"

#include <algorithm>
#include <cstring>

#include "core/parallel.h"
#include "tensor/elementwise_tile.h"
#include "tensor/fused_runner.h"
#include "tensor/pieces.h"
#include "tensor/reduce_tile.h"
#include "tensor/select.h"
#include "tensor/tile_reader.h"

namespace cne::tensor {

namespace {

/// Places that a thread takes at a time; results of split rows depend on it.
constexpr int64_t kGrain = 32 * kTile;
/// A thread's memory for registers, kept from run to run.
uint8_t* scratch(int64_t bytes) {
  thread_local Buffer memory;
  if (static_cast<int64_t>(memory.size()) < bytes)
    memory = Buffer::allocate(static_cast<size_t>(bytes));
  return memory.mutable_data();
}

}  // namespace

FusedRunner::Work::Work(const FusedRunner& runner) : Work(runner, scratch(runner.plan_.bytes)) {}

FusedRunner::Work::Work(const FusedRunner& runner, uint8_t* bytes)
    : memory(bytes), at(runner.kernel_.registers.size()) {
  for (size_t i = 0; i < at.size(); ++i)
    if (runner.plan_.places[i] >= 0) at[i] = memory + runner.plan_.places[i];
}

FusedRunner::FusedRunner(const FusedKernel& kernel, const FusedPlan& plan,
                         std::span<const Array> arrays, std::vector<Array> outputs,
                         const std::vector<uint8_t>& is_overwritten)
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

void FusedRunner::load(Work& work, const FusedKernel::Input& input, size_t reader) {
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

/// With inputs that have an element per row.
void FusedRunner::run_rows_of(const Work& work, const FusedAction& action, const void* const* in,
                              void* out) {
  const int64_t run = work.run;
  const int64_t out_step = run * static_cast<int64_t>(size_of(action.result));
  const void* now[4];
  for (int64_t row = 0; row < work.rows; ++row) {
    for (int i = 0; i < 4; ++i)
      now[i] = static_cast<const uint8_t*>(in[i]) +
               row * action.steps[i] * (action.lies_in_rows[i] ? run : 1);
    run_tiles(action, now, static_cast<uint8_t*>(out) + row * out_step, run);
  }
}

void FusedRunner::run_action(Work& work, const FusedAction& action, int64_t count) {
  uint8_t* const out = work.at[static_cast<size_t>(action.out)];
  const void* in[4] = {};
  for (int i = 0; i < 4; ++i)
    if (action.in[i] >= 0) in[i] = work.at[static_cast<size_t>(action.in[i])];
  switch (action.kind) {
    case FusedAction::Kind::kOp:
    case FusedAction::Kind::kPair:
    case FusedAction::Kind::kChoice:
      return action.by_row && work.rows > 1 ? run_rows_of(work, action, in, out)
                                            : run_tiles(action, in, out, count);
    case FusedAction::Kind::kCast:
      return cast_tile(action.element, in[0], action.result, out, count);
    case FusedAction::Kind::kSelect:
      return select_tile(size_of(action.element), static_cast<const uint8_t*>(in[0]), in[1], in[2],
                         out, count);
    case FusedAction::Kind::kExpand: {
      const size_t width = size_of(action.element);
      const int64_t run = work.run;
      for (int64_t row = 0; row < work.rows; ++row)
        fill_tile(width, static_cast<const uint8_t*>(in[0]) + static_cast<size_t>(row) * width,
                  out + static_cast<size_t>(row * run) * width, run);
      return;
    }
    case FusedAction::Kind::kFold:
    case FusedAction::Kind::kFoldProduct:
      return fold(work, action, work.is_first);
  }
}

void FusedRunner::fold(Work& work, const FusedAction& action, bool is_first) {
  const auto width = static_cast<int64_t>(size_of(action.element));
  const auto sum_width = static_cast<int64_t>(size_of(action.accumulator));
  const uint8_t* const in = work.at[static_cast<size_t>(action.in[0])];
  uint8_t* const sums = work.memory + action.sum;
  const int64_t run = work.run;
  for (int64_t row = 0; row < work.rows; ++row) {
    uint8_t* const sum = sums + row * sum_width;
    if (is_first) start(action.op, action.accumulator, sum);
    const int64_t at = row * run * width;
    if (action.kind == FusedAction::Kind::kFoldProduct)
      fold_products(action.element, in + at, work.at[static_cast<size_t>(action.in[1])] + at, run,
                    reinterpret_cast<double*>(sum));
    else
      fold_tile(action.op, action.element, in + at, run, is_first, sum);
  }
}

/// Has registers of places lie where those of the block or the piece are.
void FusedRunner::load_all(Work& work, int phase) {
  for (const int i : plan_.phases[static_cast<size_t>(phase)].inputs)
    load(work, kernel_.inputs[static_cast<size_t>(i)], static_cast<size_t>(i));
  for (const FusedPlan::Moving& each : plan_.moving) {
    if (!plan_.is_long && phase > 0) break;  // a block stays where it is
    const auto reg = static_cast<size_t>(each.reg);
    work.at[reg] = each.output >= 0 ? outputs_[static_cast<size_t>(each.output)].mutable_data() +
                                          (work.row * plan_.columns + work.column) * each.width
                                    : work.memory + plan_.places[reg] + work.column * each.width;
  }
}

/// What is done for places of a phase over a part of the columns; reductions go into the
/// accumulators.
void FusedRunner::run_phase(Work& work, int phase, int64_t begin, int64_t end) {
  const FusedPlan::Phase& now = plan_.phases[static_cast<size_t>(phase)];
  const int64_t piece = plan_.is_long ? kTile : plan_.columns;
  for (int64_t column = begin; column < end || column == begin; column += piece) {
    work.column = column;
    work.is_first = column == begin;
    work.count = plan_.is_long ? std::min(piece, end - column) : work.rows * plan_.columns;
    work.run = plan_.is_long ? work.count : plan_.columns;
    load_all(work, phase);
    for (const FusedAction& action : now.actions) run_action(work, action, work.count);
  }
}

/// Rows' results of the reductions of a phase, and what needs nothing else.
void FusedRunner::finish(Work& work, int phase) {
  if (phase >= 0)
    for (const FusedAction& action : plan_.phases[static_cast<size_t>(phase)].actions)
      if (action.sum >= 0)
        cast_tile(action.accumulator, work.memory + action.sum, action.result,
                  work.at[static_cast<size_t>(action.out)], work.rows);
  for (const FusedAction& action : plan_.phases[static_cast<size_t>(phase + 1)].of_rows)
    run_action(work, action, work.rows);
}

void FusedRunner::store_rows(Work& work) {
  for (const int output : plan_.row_outputs) {
    const auto i = static_cast<size_t>(output);
    const auto reg = static_cast<size_t>(kernel_.outputs[i].reg);
    const size_t width = size_of(outputs_[i].element());
    std::memcpy(outputs_[i].mutable_data() + static_cast<size_t>(work.row) * width, work.at[reg],
                static_cast<size_t>(work.rows) * width);
  }
}

void FusedRunner::fill_uniform(Work& work, size_t input) const {
  const auto reg = static_cast<size_t>(kernel_.inputs[input].reg);
  fill_tile(size_of(kernel_.registers[reg].element), views_[input].data(), work.at[reg],
            std::min(kTile, plan_.rows * plan_.columns));
}

void FusedRunner::fill_uniform(Work& work) const {
  for (size_t i = 0; i < kernel_.inputs.size(); ++i)
    if (kernel_.inputs[i].is_uniform) fill_uniform(work, i);
}

/// Reads what rows have, and does the steps of rows that wait for no reduction.
void FusedRunner::start_block(Work& work, int64_t row, int64_t rows) {
  work.row = row;
  work.rows = rows;
  for (const int i : plan_.row_inputs)
    load(work, kernel_.inputs[static_cast<size_t>(i)], static_cast<size_t>(i));
  finish(work, -1);
}

/// Few long rows of one phase: threads share each, and put their parts together in order.
void FusedRunner::run_split() {
  const int64_t pieces = (plan_.columns + kGrain - 1) / kGrain;
  std::vector<std::vector<uint8_t>> parts(static_cast<size_t>(pieces));
  for (int64_t row = 0; row < plan_.rows; ++row) {
    parallel_for(pieces, 1, [&](int64_t first, int64_t last) {
      for (int64_t piece = first; piece < last; ++piece) {
        Work work(*this);
        fill_uniform(work);
        start_block(work, row, 1);
        run_phase(work, 0, piece * kGrain, std::min(plan_.columns, (piece + 1) * kGrain));
        parts[static_cast<size_t>(piece)].assign(work.memory + plan_.first_sum,
                                                 work.memory + plan_.bytes);
      }
    });
    Work work(*this);
    fill_uniform(work);
    start_block(work, row, 1);
    std::copy(parts[0].begin(), parts[0].end(), work.memory + plan_.first_sum);
    for (size_t piece = 1; piece < parts.size(); ++piece)
      for (const FusedAction& action : plan_.phases[0].actions)
        if (action.sum >= 0)
          combine(action.op, action.accumulator,
                  parts[piece].data() + (action.sum - plan_.first_sum), 1,
                  work.memory + action.sum);
    finish(work, 0);
    store_rows(work);
  }
}

void FusedRunner::run_rows(int64_t begin, int64_t end) {
  Work work(*this);
  fill_uniform(work);
  run_blocks(work, begin, end);
}

void FusedRunner::run_blocks(Work& work, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; row += plan_.block_rows) {
    start_block(work, row, std::min(plan_.block_rows, end - row));
    for (int phase = 0; phase < kernel_.phases; ++phase) {
      run_phase(work, phase, 0, plan_.columns);
      finish(work, phase);
    }
    store_rows(work);
  }
}

std::vector<Array> FusedRunner::run() {
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

namespace {

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
  return FusedRunner(kernel, plan, arrays, std::vector<Array>(kernel.outputs.size()),
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
  return FusedRunner(kernel, plan, arrays, std::move(outputs), is_overwritten).run();
}

}  // namespace cne::tensor
