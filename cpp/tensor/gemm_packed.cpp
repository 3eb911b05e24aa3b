#include "tensor/gemm_packed.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "core/parallel.h"

namespace cne::tensor {

namespace {

/// Multiplications below which a second thread does not pay.
constexpr int64_t kSerial = int64_t{1} << 20;
/// Bytes of panels of b that stay in the second cache while panels of a pass by.
constexpr int64_t kGroupBytes = 384 << 10;
/// Panels of a that pass by a group of b at least, if there are as many, and that a task packs.
constexpr int64_t kFewPanels = 8;
/// Extents of the operand that is packed for all tasks, and its bytes: they stay in the last cache.
constexpr int64_t kBlock = 2048;
constexpr int64_t kSharedBytes = 6 << 20;
/// A matrix a of at most this many bytes is read as it lies: it stays in the first cache.
constexpr int64_t kDirectA = 16 << 10;
/// So is b where it is small, and read a few times only.
constexpr int64_t kDirectB = 256 << 10;
/// Parts of the depth are multiples of it.
constexpr int64_t kStep = 16;

int64_t pieces(int64_t extent, int64_t piece) { return (extent + piece - 1) / piece; }

/// Until others, who run already, have counted up to `wanted`.
void wait_for(const std::atomic<int64_t>& count, int64_t wanted) {
  while (count.load(std::memory_order_acquire) < wanted) std::this_thread::yield();
}

/// What is multiplied, and how.
struct Plan {
  const GemmKernel& kernel;
  bool is_direct_a;  // is read as it lies
  bool is_direct_b;
  bool is_serial;
  /// Who runs a task has rows of a (or else columns of b) of its own, which it packs where it finds
  /// them again soon; the other operand is packed once for all.
  bool owns_rows;
};

/// Panels of a or b where a tile reads them, packed or not, and the part of the matrix they are.
struct Panels {
  const uint8_t* data;
  int64_t panel_bytes;
  int64_t row;    // elements, of a alone
  int64_t depth;  // elements
};

/// A block of c and a part of the depth, or several, which are added up one after the other. First
/// come the tasks that pack the shared operand, then those that multiply, who wait for the former.
class Product {
 public:
  Product(const Plan& plan, const MatrixView& a, const MatrixView& b, int64_t depth, bool adds,
          uint8_t* c, int64_t c_row)
      : plan_(plan), k_(plan.kernel), a_(a), b_(b), adds_(adds), c_(c), c_row_(c_row) {
    depth_ = depth;
    rounds_ = pieces(a.columns, depth);
    down_ = pieces(a.rows, k_.rows);
    across_ = pieces(b.columns, k_.columns);
    const bool is_direct = plan.owns_rows ? plan.is_direct_b : plan.is_direct_a;
    const int64_t panels = plan.owns_rows ? across_ : down_;
    round_bytes_ = panels * (plan.owns_rows ? k_.b_bytes(depth) : k_.a_bytes(depth));
    at_a_time_ = plan.is_serial ? panels : plan.owns_rows ? kFewPanels / 2 : kFewPanels;
    packs_ = is_direct ? 0 : pieces(panels, at_a_time_);
    thread_local Buffer held;
    if (packs_ > 0) shared_ = kept_scratch(held, rounds_ * round_bytes_);
    share_out();
  }

  void run() {
    std::vector<std::atomic<int64_t>> packed(static_cast<size_t>(rounds_));
    const int64_t before = rounds_ * packs_;
    const auto task = [&](int64_t number, int) {
      if (number < before) {
        const int64_t round = number / packs_;
        pack_shared(round, number % packs_ * at_a_time_);
        packed[static_cast<size_t>(round)].fetch_add(1, std::memory_order_release);
        return;
      }
      for (int64_t round = 0; round < rounds_; ++round) {
        wait_for(packed[static_cast<size_t>(round)], packs_);
        multiply(round, starts_[static_cast<size_t>(number - before)],
                 starts_[static_cast<size_t>(number - before) + 1]);
      }
    };
    const int64_t tasks = before + static_cast<int64_t>(starts_.size()) - 1;
    if (!plan_.is_serial) return parallel_tasks(tasks, task);
    for (int64_t number = 0; number < tasks; ++number) task(number, 0);
  }

 private:
  /// The panels of each task: fewer towards the end, so that no thread waits long for the last one.
  void share_out() {
    const int64_t count = plan_.owns_rows ? down_ : across_;
    const int64_t fit = std::max<int64_t>(kGroupBytes / k_.b_bytes(depth_), 1);
    const int64_t most = plan_.owns_rows ? kFewPanels : fit;
    const int64_t least = plan_.owns_rows ? 2 : 1;
    const int64_t shares = plan_.is_serial ? 1 : int64_t{4} * num_threads();
    starts_.push_back(0);
    while (starts_.back() < count) {
      const int64_t left = count - starts_.back();
      const int64_t next = std::clamp(pieces(left, shares), least, most);
      starts_.push_back(starts_.back() + std::min(next, left));
    }
  }

  int64_t depth_of(int64_t round) const { return std::min(depth_, a_.columns - round * depth_); }
  MatrixView part_of_a(int64_t round, int64_t first, int64_t last) const {
    const int64_t row = first * k_.rows;
    return block_of(a_, k_.a_width, row, round * depth_, std::min(last * k_.rows, a_.rows) - row,
                    depth_of(round));
  }
  /// Transposed.
  MatrixView part_of_b(int64_t round, int64_t first, int64_t last) const {
    const int64_t column = first * k_.columns;
    return transposed(block_of(b_, k_.b_width, round * depth_, column, depth_of(round),
                               std::min(last * k_.columns, b_.columns) - column));
  }

  /// Panels from `first` on, of those that all tasks read.
  void pack_shared(int64_t round, int64_t first) const {
    uint8_t* const to = shared_ + round * round_bytes_;
    const int64_t depth = depth_of(round);
    if (plan_.owns_rows)
      k_.pack_b(part_of_b(round, first, std::min(first + at_a_time_, across_)),
                to + first * k_.b_bytes(depth), k_.b_bytes(depth));
    else
      k_.pack_a(part_of_a(round, first, std::min(first + at_a_time_, down_)),
                to + first * k_.a_bytes(depth), k_.a_bytes(depth));
  }

  /// Those of a that begin with `first`.
  Panels panels_of_a(int64_t round, int64_t first, int64_t last) const {
    const MatrixView part = part_of_a(round, first, last);
    if (plan_.is_direct_a)
      return {part.data, k_.rows * part.row * static_cast<int64_t>(k_.a_width), part.row,
              part.column};
    const int64_t bytes = k_.a_bytes(depth_of(round));
    if (!plan_.owns_rows)
      return {shared_ + round * round_bytes_ + first * bytes, bytes, 1, k_.rows};
    thread_local Buffer held;
    uint8_t* const to = kept_scratch(held, (last - first) * bytes);
    k_.pack_a(part, to, bytes);
    return {to, bytes, 1, k_.rows};
  }
  Panels panels_of_b(int64_t round, int64_t first, int64_t last) const {
    const MatrixView part = part_of_b(round, first, last);
    if (plan_.is_direct_b)
      return {part.data, k_.columns * part.row * static_cast<int64_t>(k_.b_width), 1, part.column};
    const int64_t bytes = k_.b_bytes(depth_of(round));
    if (plan_.owns_rows)
      return {shared_ + round * round_bytes_ + first * bytes, bytes, 1, k_.columns};
    thread_local Buffer held;
    uint8_t* const to = kept_scratch(held, (last - first) * bytes);
    k_.pack_b(part, to, bytes);
    return {to, bytes, 1, k_.columns};
  }

  /// The panels of a task: rows of it, or columns.
  void multiply(int64_t round, int64_t first, int64_t last) const {
    const int64_t top = plan_.owns_rows ? first : 0;
    const int64_t bottom = plan_.owns_rows ? last : down_;
    const Panels a = panels_of_a(round, top, bottom);
    if (!plan_.owns_rows)
      return run_tiles(round, a, panels_of_b(round, first, last), top, bottom, first, last);
    const int64_t fit = std::max<int64_t>(kGroupBytes / k_.b_bytes(depth_), 1);
    const int64_t group = pieces(across_, pieces(across_, fit));
    for (int64_t j = 0; j < across_; j += group) {
      const int64_t end = std::min(j + group, across_);
      run_tiles(round, a, panels_of_b(round, j, end), top, bottom, j, end);
    }
  }

  /// Panels top to bottom of a by `first` to `last` of b.
  void run_tiles(int64_t round, const Panels& a, const Panels& b, int64_t top, int64_t bottom,
                 int64_t first, int64_t last) const {
    const auto run = plan_.is_direct_a ? k_.direct_tile : k_.packed_tile;
    GemmTile tile{};
    tile.depth = depth_of(round);
    tile.adds = adds_ || round != 0;
    tile.c_row = c_row_;
    tile.a_row = a.row;
    tile.a_depth = a.depth;
    tile.b_depth = b.depth;
    // Each tile fetches its share of what is read next: the next panel of a, or group of b.
    const int64_t bytes = plan_.owns_rows ? (last - first) * b.panel_bytes : a.panel_bytes;
    const int64_t tiles = plan_.owns_rows ? (last - first) * (bottom - top) : last - first;
    tile.fetch_step = pieces(2 * bytes, tile.depth * tiles);
    const int64_t share = tile.fetch_step * (tile.depth / 2);
    const uint8_t* const next = b.data + (last - first) * b.panel_bytes;
    for (int64_t i = top; i < bottom; ++i) {
      tile.a = a.data + (i - top) * a.panel_bytes;
      tile.rows = std::min(k_.rows, a_.rows - i * k_.rows);
      for (int64_t j = first; j < last; ++j) {
        tile.b = b.data + (j - first) * b.panel_bytes;
        tile.fetch = plan_.owns_rows ? next + ((i - top) * (last - first) + j - first) * share
                                     : tile.a + a.panel_bytes + (j - first) * share;
        tile.columns = std::min(k_.columns, b_.columns - j * k_.columns);
        tile.c = c_ + (i * k_.rows * c_row_ + j * k_.columns) * static_cast<int64_t>(k_.c_width);
        run(tile);
      }
    }
  }

  const Plan& plan_;
  const GemmKernel& k_;
  MatrixView a_;
  MatrixView b_;
  bool adds_;
  uint8_t* c_;
  int64_t c_row_;
  int64_t depth_;  // of a round
  int64_t rounds_;
  int64_t down_;         // panels of a
  int64_t across_;       // panels of b
  int64_t round_bytes_;  // of the shared operand
  int64_t at_a_time_;    // panels of it that a task packs
  int64_t packs_;        // tasks of a round for that
  uint8_t* shared_ = nullptr;
  std::vector<int64_t> starts_;  // the first panel of each task, and the end
};

bool fits(const MatrixView& m, size_t width, int64_t bytes) {
  return m.rows * m.columns * static_cast<int64_t>(width) <= bytes;
}

}  // namespace

int64_t depth_of_sums(const GemmKernel& kernel, int64_t columns) {
  return pieces(pieces(columns, pieces(columns, kernel.depth)), kStep) * kStep;
}

uint8_t* kept_scratch(Buffer& held, int64_t bytes) {
  if (held.size() < static_cast<size_t>(bytes))
    held = Buffer::allocate(static_cast<size_t>(bytes + bytes / 4));
  return held.mutable_data();
}

void gemm_packed(const GemmKernel& kernel, const MatrixView& a, const MatrixView& b, bool adds,
                 uint8_t* c, int64_t c_row) {
  const bool is_direct = kernel.direct_tile != nullptr;
  const Plan plan{kernel, is_direct && fits(a, kernel.a_width, kDirectA),
                  is_direct && (b.column == 1 || b.columns == 1) &&
                      (a.rows <= kernel.rows ||
                       (a.rows <= kFewPanels * kernel.rows && fits(b, kernel.b_width, kDirectB))),
                  a.rows * b.columns < kSerial / a.columns, a.rows >= b.columns};
  const int64_t depth = depth_of_sums(kernel, a.columns);
  const int64_t shared = plan.owns_rows ? b.columns : a.rows;
  const int64_t rounds = kSharedBytes / (std::min(shared, kBlock) * depth * 4);
  const int64_t most = std::max<int64_t>(rounds, 1) * depth;
  for (int64_t i = 0; i < shared; i += kBlock) {
    const int64_t count = std::min(kBlock, shared - i);
    const int64_t row = plan.owns_rows ? 0 : i;
    const int64_t column = plan.owns_rows ? i : 0;
    const int64_t rows = plan.owns_rows ? a.rows : count;
    const int64_t columns = plan.owns_rows ? count : b.columns;
    for (int64_t at = 0; at < a.columns; at += most) {
      const int64_t part = std::min(most, a.columns - at);
      Product(plan, block_of(a, kernel.a_width, row, at, rows, part),
              block_of(b, kernel.b_width, at, column, part, columns), depth, adds || at != 0,
              c + (row * c_row + column) * static_cast<int64_t>(kernel.c_width), c_row)
          .run();
    }
  }
}

}  // namespace cne::tensor
