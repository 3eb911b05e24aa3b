#include "tensor/batch_loader.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "core/error.h"
#include "core/fork_guard.h"
#include "core/serial_scope.h"
#include "tensor/concat.h"
#include "tensor/gather.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

/// Blocks that wait to be gathered while another one is read.
constexpr size_t kBlocks = 2;

struct Block {
  std::vector<Array> arrays;
  Array order;
  int64_t rows = 0;
};

/// Rows of a block that belong to one batch, by their places in its order.
struct Segment {
  std::shared_ptr<const Block> block;
  int64_t begin = 0;
  int64_t count = 0;
};

struct Gathered {
  std::vector<Array> arrays;
  std::exception_ptr failure;
};

Array rows_of(const Segment& segment, size_t which) {
  const Block& block = *segment.block;
  const Array& array = block.arrays[which];
  if (!block.order) return slice_axis(array, 0, segment.begin, 1, segment.count);
  const Array numbers = slice_axis(block.order, 0, segment.begin, 1, segment.count);
  return gather(array, std::span(&numbers, 1), take_axes(array.rank(), 0, 1));
}

std::vector<Array> gathered(const std::vector<Segment>& segments) {
  std::vector<Array> out;
  for (size_t i = 0; i < segments[0].block->arrays.size(); ++i) {
    std::vector<Array> parts;
    for (const Segment& each : segments) parts.push_back(rows_of(each, i));
    out.push_back(parts.size() == 1 ? parts[0] : concat(parts, 0));
  }
  return out;
}

int64_t checked_rows(const std::vector<Array>& arrays, const Array& order) {
  if (arrays.empty()) throw ShapeError("batch_loader: expected at least one array, got none");
  for (const Array& each : arrays)
    if (each.rank() == 0 || each.shape()[0] != arrays[0].shape()[0])
      throw ShapeError(message("batch_loader: expected arrays of one number of rows, got ",
                               to_string(arrays[0].type()), " and ", to_string(each.type())));
  if (!order) return arrays[0].shape()[0];
  if (order.element() != Element::kInt32 && order.element() != Element::kInt64)
    throw TypeError(message("batch_loader: expected numbers of rows as int32 or int64, got ",
                            to_string(order.type())));
  if (order.rank() != 1)
    throw ShapeError(
        message("batch_loader: expected an order with one axis, got ", to_string(order.type())));
  return order.size();
}

}  // namespace

struct BatchLoader::State {
  explicit State(const BatchLoaderOptions& given) : options(given) {}

  const BatchLoaderOptions options;
  const uint64_t forks = fork_count();
  std::mutex mutex;
  std::condition_variable moved;  // there are other rows, or room for other batches
  std::condition_variable made;   // there is another batch, or the end
  std::deque<std::shared_ptr<const Block>> blocks;
  int64_t begin = 0;    // rows of the first block that are in batches already
  int64_t waiting = 0;  // rows of all blocks that are in none
  bool is_finished = false;
  bool is_closed = false;
  int64_t started = 0;  // batches that threads have taken
  int64_t given = 0;    // batches that were given out
  std::map<int64_t, Gathered> ready;
  std::vector<std::shared_ptr<const Block>> spent;  // for the caller to let go of
  std::vector<std::thread> threads;

  bool has_batch() const {
    return waiting >= options.rows || (is_finished && waiting > 0 && !options.drop_remainder);
  }
  bool can_start() const { return started - given < options.ahead && has_batch(); }
  bool has_room() const { return blocks.size() < kBlocks || waiting < options.rows; }
  bool is_known() const {
    return is_closed || ready.contains(given) || (is_finished && started == given && !has_batch());
  }

  std::vector<Segment> take_segments() {
    std::vector<Segment> out;
    int64_t left = std::min(options.rows, waiting);
    waiting -= left;
    while (left > 0) {
      const std::shared_ptr<const Block>& block = blocks.front();
      const int64_t count = std::min(left, block->rows - begin);
      out.push_back({block, begin, count});
      left -= count;
      begin += count;
      if (begin < block->rows) continue;
      begin = 0;
      blocks.pop_front();
    }
    return out;
  }

  void run() {
    const SerialScope alone;
    std::unique_lock lock(mutex);
    while (true) {
      moved.wait(lock, [this] { return is_closed || can_start(); });
      if (is_closed) return;
      std::vector<Segment> segments = take_segments();
      const int64_t number = started++;
      moved.notify_all();  // who feeds
      lock.unlock();
      Gathered batch;
      try {
        batch.arrays = gathered(segments);
      } catch (...) {
        batch.failure = std::current_exception();
      }
      lock.lock();
      for (Segment& each : segments)
        if (spent.empty() || spent.back() != each.block) spent.push_back(std::move(each.block));
      segments.clear();
      ready.emplace(number, std::move(batch));
      if (number == given) made.notify_all();
    }
  }
};

BatchLoader::BatchLoader(const BatchLoaderOptions& options) {
  const auto check = [](const char* what, int64_t value) {
    if (value < 1)
      throw ArgumentError(message("batch_loader: expected at least 1 of ", what, ", got ", value));
  };
  check("rows", options.rows);
  check("ahead", options.ahead);
  check("threads", options.threads);
  state_ = std::make_unique<State>(options);
}

BatchLoader::~BatchLoader() { close(); }

BatchLoader::State& BatchLoader::here(const char* function) const {
  if (state_ == nullptr || state_->forks != fork_count())
    throw StateError(message("batch_loader: ", function,
                             ": this pass was begun in another process; begin one here"));
  return *state_;
}

void BatchLoader::feed(std::vector<Array> arrays, const Array& order) {
  State& state = here("feed");
  const int64_t rows = checked_rows(arrays, order);
  auto block = std::make_shared<const Block>(Block{std::move(arrays), order, rows});
  const std::lock_guard lock(state.mutex);
  if (state.is_finished) throw StateError("batch_loader: feed: expected no block after the last");
  if (rows == 0 || state.is_closed) return;
  state.blocks.push_back(std::move(block));
  state.waiting += rows;
  while (static_cast<int>(state.threads.size()) < state.options.threads)
    state.threads.emplace_back([&state] { state.run(); });
  state.moved.notify_all();
}

bool BatchLoader::wait_for_room(int64_t ms) {
  State& state = here("feed");
  std::unique_lock lock(state.mutex);
  return state.moved.wait_for(lock, std::chrono::milliseconds(ms),
                              [&] { return state.is_closed || state.has_room(); });
}

void BatchLoader::finish() {
  State& state = here("finish");
  const std::lock_guard lock(state.mutex);
  state.is_finished = true;
  state.moved.notify_all();
  state.made.notify_all();
}

bool BatchLoader::wait_for_batch(int64_t ms) {
  State& state = here("next");
  std::unique_lock lock(state.mutex);
  return state.made.wait_for(lock, std::chrono::milliseconds(ms), [&] { return state.is_known(); });
}

std::optional<std::vector<Array>> BatchLoader::next() {
  State& state = here("next");
  std::vector<std::shared_ptr<const Block>> spent;  // let go of without the lock
  Gathered batch;
  {
    std::unique_lock lock(state.mutex);
    state.made.wait(lock, [&] { return state.is_known(); });
    spent.swap(state.spent);
    const auto found = state.ready.find(state.given);
    if (state.is_closed || found == state.ready.end()) return std::nullopt;
    batch = std::move(found->second);
    state.ready.erase(found);
    ++state.given;
    if (batch.failure) state.is_closed = true;
    state.moved.notify_all();
  }
  if (batch.failure) std::rethrow_exception(batch.failure);
  return std::move(batch.arrays);
}

bool BatchLoader::is_closed() const {
  State& state = here("feed");
  const std::lock_guard lock(state.mutex);
  return state.is_closed;
}

void BatchLoader::close() {
  if (state_ == nullptr) return;
  if (state_->forks != fork_count()) {  // its mutex may be held, its threads are not here
    static_cast<void>(state_.release());
    return;
  }
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(state_->mutex);
    state_->is_closed = true;
    threads.swap(state_->threads);
    state_->moved.notify_all();
    state_->made.notify_all();
  }
  for (std::thread& each : threads) each.join();
  std::deque<std::shared_ptr<const Block>> blocks;
  std::vector<std::shared_ptr<const Block>> spent;
  std::map<int64_t, Gathered> ready;
  const std::lock_guard lock(state_->mutex);
  blocks.swap(state_->blocks);
  spent.swap(state_->spent);
  ready.swap(state_->ready);
}

}  // namespace cne::tensor
