#include "tensor/gemm_skinny.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "core/parallel.h"
#include "tensor/gemm_float.h"
#include "tensor/gemm_packed.h"
#include "tensor/gemm_skinny_tiles.h"

namespace cne::tensor {

namespace {

/// Rows of a at most, where the rows of b lie in order and where its columns do, and columns of b
/// at least: a sum is a chain of additions, of which several have to go on at a time.
constexpr int64_t kMostRows = 16;
constexpr int64_t kMostTurnedRows = 8;
constexpr int64_t kFewColumns = 32;

#ifdef CNE_AVX512

using namespace skinny;

/// Rows of b that are read side by side.
constexpr int64_t kStreams = 16;
/// Elements of b for a thread.
constexpr int64_t kGrain = int64_t{1} << 15;

int64_t pieces(int64_t extent, int64_t piece) { return (extent + piece - 1) / piece; }

template <typename T>
T* scratch(Buffer& held, int64_t count) {
  return reinterpret_cast<T*>(kept_scratch(held, count * static_cast<int64_t>(sizeof(T))));
}

/// Columns of c are shared out among threads.
template <typename T>
class Skinny {
 public:
  Skinny(const MatrixView& a, const MatrixView& b, bool adds, T* c, int64_t c_row)
      : a_(a), b_(b), adds_(adds), c_(c), c_row_(c_row) {
    constexpr Element kElement = std::is_same_v<T, float> ? Element::kFloat32 : Element::kFloat64;
    depth_ = depth_of_sums(*float_kernel(kElement), a.columns);
    rows_ = pieces(a.rows, pieces(a.rows, kRows));
    vectors_ = kVectors[static_cast<size_t>(rows_)];
    pack_a();
    is_turned_ = b.column != 1;
  }

  void run() const {
    const int64_t strips = pieces(b_.columns, kLanes<T>);
    const int64_t tasks =
        std::clamp<int64_t>(b_.columns * b_.rows / kGrain, 1, int64_t{2} * num_threads());
    const int64_t each = pieces(strips, tasks) * kLanes<T>;
    const int64_t count = pieces(b_.columns, each);
    const auto task = [&](int64_t number, int) {
      run_columns(number * each, std::min((number + 1) * each, b_.columns));
    };
    if (count == 1) return task(0, 0);
    parallel_tasks(count, task);
  }

 private:
  void run_columns(int64_t first, int64_t last) const {
    thread_local Buffer held;
    const int64_t width = pieces(last - first, kLanes<T>) * kLanes<T>;
    T* const apart = scratch<T>(held, a_.rows * width);
    for (int64_t k = 0; k < a_.columns; k += depth_) {
      const int64_t end = std::min(k + depth_, a_.columns);
      const bool is_apart = adds_ || k != 0;
      T* const sums = is_apart ? apart : c_ + first;
      const int64_t row = is_apart ? width : c_row_;
      if (is_turned_)
        run_turned(k, end, first, last, sums, row);
      else
        run_rows(k, end, first, last, sums, row);
      if (is_apart)
        for (int64_t i = 0; i < a_.rows; ++i)
          for (int64_t j = 0; j < last - first; ++j)
            c_[i * c_row_ + first + j] += sums[i * row + j];
    }
  }

  /// A few rows of b at a time, so that the processor foresees what is read.
  void run_rows(int64_t begin, int64_t end, int64_t first, int64_t last, T* sums,
                int64_t row) const {
    const T* b = reinterpret_cast<const T*>(b_.data);
    for (int64_t k = begin; k < end; k += kStreams)
      for (int64_t j = first; j < last;) {
        const int64_t columns = strip(last - j);
        run_tiles(k, std::min(kStreams, end - k), k == begin, b + k * b_.row + j, b_.row, columns,
                  sums + j - first, row);
        j += columns;
      }
  }

  void run_turned(int64_t begin, int64_t end, int64_t first, int64_t last, T* sums,
                  int64_t row) const {
    static_assert(kMostTurnedRows <= kRows);  // more tiles would turn b anew
    static constexpr auto kTiles = turned_tiles<T>(std::make_integer_sequence<int, kRows>());
    for (int64_t j = first; j < last; j += kLanes<T>) {
      const int64_t columns = std::min(last - j, kLanes<T>);
      Tile<T> tile = tile_of(end - begin, true, columns, row);
      tile.a = a_at(0, begin);
      tile.b = reinterpret_cast<const T*>(b_.data) + j * b_.column + begin;
      tile.b_row = b_.column;
      tile.sums = sums + j - first;
      kTiles[static_cast<size_t>(rows_ - 1)][columns == kLanes<T>](tile, columns);
    }
  }

  /// Columns of the next tile: whole vectors, or what is left of one.
  int64_t strip(int64_t left) const {
    if (left < kLanes<T>) return left;
    return std::min(left / kLanes<T>, vectors_) * kLanes<T>;
  }

  /// The rows of a tile, from `i` on.
  int64_t rows_at(int64_t i) const { return std::min(rows_, a_.rows - i); }
  const T* a_at(int64_t i, int64_t k) const { return packed_ + i * a_.columns + k * rows_at(i); }
  /// The rows of each tile side by side.
  void pack_a() {
    packed_ = reinterpret_cast<const T*>(a_.data);
    if (a_.rows == 1 && a_.column == 1) return;
    thread_local Buffer held;
    T* to = scratch<T>(held, a_.rows * a_.columns);
    packed_ = to;
    for (int64_t i = 0; i < a_.rows; i += rows_) {
      const T* from = reinterpret_cast<const T*>(a_.data) + i * a_.row;
      for (int64_t k = 0; k < a_.columns; ++k, from += a_.column)
        for (int64_t r = 0; r < rows_at(i); ++r) *to++ = from[r * a_.row];
    }
  }
  Tile<T> tile_of(int64_t depth, bool begins, int64_t columns, int64_t sums_row) const {
    Tile<T> tile{};
    tile.depth = depth;
    tile.sums_row = sums_row;
    tile.begins = begins;
    tile.mask = mask_of(columns);
    return tile;
  }
  /// Of the columns of a vector, if there are so few.
  static typename GemmVector<T>::Mask mask_of(int64_t columns) {
    return static_cast<typename GemmVector<T>::Mask>((uint32_t{1} << columns) - 1);
  }

  void run_tiles(int64_t k, int64_t depth, bool begins, const T* b, int64_t b_row, int64_t columns,
                 T* sums, int64_t sums_row) const {
    static constexpr auto kTiles = all_tiles<T>(std::make_integer_sequence<int, kRows>());
    Tile<T> tile = tile_of(depth, begins, columns % kLanes<T>, sums_row);
    tile.b = b;
    tile.b_row = b_row;
    for (int64_t i = 0; i < a_.rows; i += rows_) {
      tile.a = a_at(i, k);
      tile.sums = sums + i * sums_row;
      kTiles[static_cast<size_t>(rows_at(i) - 1)][static_cast<size_t>(columns / kLanes<T>)](tile);
    }
  }

  MatrixView a_;
  MatrixView b_;
  bool adds_;
  T* c_;
  int64_t c_row_;
  int64_t depth_;    // of a sum that is added to others
  int64_t rows_;     // of a tile
  int64_t vectors_;  // of a tile
  const T* packed_;
  bool is_turned_;  // the columns of b lie in order, not its rows
};

template <typename T>
void run(const MatrixView& a, const MatrixView& b, bool adds, uint8_t* c, int64_t c_row) {
  Skinny<T>(a, b, adds, reinterpret_cast<T*>(c), c_row).run();
}

#endif

}  // namespace

bool is_skinny(Element element, const MatrixView& a, const MatrixView& b, int64_t c_row) {
#ifdef CNE_AVX512
  if ((element != Element::kFloat32 && element != Element::kFloat64) ||
      float_kernel(element) == nullptr)
    return false;
  if (b.columns == 1 && c_row == 1) return (a.row == 1 || a.column == 1) && a.rows >= kFewColumns;
  const int64_t most = b.column == 1 ? kMostRows : b.row == 1 ? kMostTurnedRows : 0;
  return a.rows <= most && b.columns >= kFewColumns;
#else
  return false;
#endif
}

void gemm_skinny(Element element, const MatrixView& a, const MatrixView& b, bool adds, uint8_t* c,
                 int64_t c_row) {
#ifdef CNE_AVX512
  if (b.columns == 1) return gemm_skinny(element, transposed(b), transposed(a), adds, c, a.rows);
  if (element == Element::kFloat32)
    run<float>(a, b, adds, c, c_row);
  else
    run<double>(a, b, adds, c, c_row);
#endif
}

}  // namespace cne::tensor
