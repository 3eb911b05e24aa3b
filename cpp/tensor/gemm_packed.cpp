#include "tensor/gemm_packed.h"

#include <algorithm>

#include "core/buffer.h"
#include "core/parallel.h"

namespace cne::tensor {

namespace {

/// Multiplications below which a second thread does not pay.
constexpr int64_t kSerial = int64_t{1} << 20;
/// Extents of c that are computed with one packing of a.
constexpr int64_t kBlock = 2048;
/// Bytes of panels of b that stay in the second cache while panels of a pass by.
constexpr int64_t kGroupBytes = 384 << 10;
/// Panels of a that share a packed group of b at least, and that are packed at a time.
constexpr int64_t kFewPanels = 8;
/// A matrix a of at most this many bytes is read as it lies: it stays in the first cache.
constexpr int64_t kDirectA = 16 << 10;
/// So is b where it is small, and read a few times only.
constexpr int64_t kDirectB = 256 << 10;
/// Parts of the depth are multiples of it.
constexpr int64_t kStep = 16;

int64_t pieces(int64_t extent, int64_t piece) { return (extent + piece - 1) / piece; }

/// Memory of the calling thread that is kept from one product to the next.
uint8_t* scratch(Buffer& held, int64_t bytes) {
  if (held.size() < static_cast<size_t>(bytes))
    held = Buffer::allocate(static_cast<size_t>(bytes + bytes / 4));
  return held.mutable_data();
}

/// A block of c and a part of the depth.
struct Round {
  const GemmKernel& kernel;
  MatrixView a;
  MatrixView b;
  bool adds;
  uint8_t* c;
  int64_t c_row;

  int64_t down() const { return pieces(a.rows, kernel.rows); }
  int64_t across() const { return pieces(b.columns, kernel.columns); }
  int64_t depth() const { return a.columns; }
};

/// Panels of a or b where a tile reads them, packed or not.
struct Panels {
  const uint8_t* data;
  int64_t panel_bytes;
  int64_t row;    // elements, of a alone
  int64_t depth;  // elements
};

Panels as_they_lie(const MatrixView& rows, int64_t panel, size_t width) {
  return {rows.data, panel * rows.row * static_cast<int64_t>(width), rows.row, rows.column};
}

void pack_a(const Round& r, int64_t panel, int64_t end, const Panels& panels, uint8_t* to) {
  const int64_t row = panel * r.kernel.rows;
  const int64_t rows = std::min(end * r.kernel.rows, r.a.rows) - row;
  r.kernel.pack_a(block_of(r.a, r.kernel.a_width, row, 0, rows, r.depth()),
                  to + panel * panels.panel_bytes, panels.panel_bytes);
}

Panels panels_of_a(const Round& r, bool is_direct, bool is_serial) {
  if (is_direct) return as_they_lie(r.a, r.kernel.rows, r.kernel.a_width);
  thread_local Buffer held;
  const int64_t bytes = r.kernel.a_bytes(r.depth());
  uint8_t* to = scratch(held, r.down() * bytes);
  const Panels out{to, bytes, 1, r.kernel.rows};
  parallel_for(r.down(), is_serial ? r.down() : kFewPanels,
               [&](int64_t begin, int64_t end) { pack_a(r, begin, end, out, to); });
  return out;
}

/// Those from `first` on.
Panels panels_of_b(const Round& r, bool is_direct, int64_t first, int64_t last) {
  const GemmKernel& k = r.kernel;
  const int64_t column = first * k.columns;
  const int64_t columns = std::min(last * k.columns, r.b.columns) - column;
  const MatrixView part = transposed(block_of(r.b, k.b_width, 0, column, r.depth(), columns));
  if (is_direct) return as_they_lie(part, k.columns, k.b_width);
  thread_local Buffer held;
  const int64_t bytes = k.b_bytes(r.depth());
  uint8_t* to = scratch(held, (last - first) * bytes);
  k.pack_b(part, to, bytes);
  return {to, bytes, 1, k.columns};
}

/// Columns of tiles, from top to bottom.
void run_tiles(const Round& r, const Panels& a, const Panels& b, int64_t first, int64_t last,
               int64_t top, int64_t bottom) {
  const GemmKernel& k = r.kernel;
  const auto run = a.row == 1 && a.depth == k.rows ? k.packed_tile : k.direct_tile;
  GemmTile tile{};
  tile.depth = r.depth();
  tile.adds = r.adds;
  tile.c_row = r.c_row;
  tile.a_row = a.row;
  tile.a_depth = a.depth;
  tile.b_depth = b.depth;
  // Each tile fetches its share of the panel of a that comes next.
  tile.fetch_step = pieces(2 * a.panel_bytes, tile.depth * (last - first));
  for (int64_t i = top; i < bottom; ++i) {
    tile.a = a.data + i * a.panel_bytes;
    tile.rows = std::min(k.rows, r.a.rows - i * k.rows);
    for (int64_t j = first; j < last; ++j) {
      tile.b = b.data + (j - first) * b.panel_bytes;
      tile.fetch = tile.a + a.panel_bytes + (j - first) * tile.fetch_step * (tile.depth / 2);
      tile.columns = std::min(k.columns, r.b.columns - j * k.columns);
      tile.c = r.c + (i * k.rows * r.c_row + j * k.columns) * static_cast<int64_t>(k.c_width);
      run(tile);
    }
  }
}

void run_round(const Round& r, bool is_direct_a, bool is_direct_b, bool is_serial) {
  const Panels a = panels_of_a(r, is_direct_a, is_serial);
  // Groups of columns, and parts of the rows if these are few: a few pieces for each thread.
  const int64_t wanted = is_serial ? 1 : int64_t{4} * num_threads();
  const int64_t most = std::max<int64_t>(kGroupBytes / r.kernel.b_bytes(r.depth()), 1);
  const int64_t group = std::clamp<int64_t>(r.across() / wanted, 1, most);
  const int64_t groups = pieces(r.across(), group);
  const int64_t rows = std::max(pieces(r.down(), pieces(wanted, groups)), kFewPanels);
  const int64_t tasks = groups * pieces(r.down(), rows);
  parallel_for(tasks, is_serial ? tasks : 1, [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; ++task) {
      const int64_t first = task % groups * group;
      const int64_t last = std::min(first + group, r.across());
      const int64_t top = task / groups * rows;
      const Panels b = panels_of_b(r, is_direct_b, first, last);
      run_tiles(r, a, b, first, last, top, std::min(top + rows, r.down()));
    }
  });
}

bool fits(const MatrixView& m, size_t width, int64_t bytes) {
  return m.rows * m.columns * static_cast<int64_t>(width) <= bytes;
}

}  // namespace

void gemm_packed(const GemmKernel& kernel, const MatrixView& a, const MatrixView& b, bool adds,
                 uint8_t* c, int64_t c_row) {
  const bool is_serial = a.rows * b.columns < kSerial / a.columns;
  const bool is_direct = kernel.direct_tile != nullptr;
  const bool is_direct_a = is_direct && fits(a, kernel.a_width, kDirectA);
  const bool is_direct_b = is_direct && (b.column == 1 || b.columns == 1) &&
                           (a.rows <= kernel.rows || (a.rows <= kFewPanels * kernel.rows &&
                                                      fits(b, kernel.b_width, kDirectB)));
  const int64_t parts = pieces(a.columns, kernel.depth);
  const int64_t most = pieces(pieces(a.columns, parts), kStep) * kStep;
  for (int64_t i = 0; i < a.rows; i += kBlock) {
    const int64_t rows = std::min(kBlock, a.rows - i);
    for (int64_t j = 0; j < b.columns; j += kBlock) {
      const int64_t columns = std::min(kBlock, b.columns - j);
      for (int64_t at = 0; at < a.columns; at += most) {
        const int64_t depth = std::min(most, a.columns - at);
        const Round round{kernel,
                          block_of(a, kernel.a_width, i, at, rows, depth),
                          block_of(b, kernel.b_width, at, j, depth, columns),
                          adds || at != 0,
                          c + (i * c_row + j) * static_cast<int64_t>(kernel.c_width),
                          c_row};
        run_round(round, is_direct_a, is_direct_b, is_serial);
      }
    }
  }
}

}  // namespace cne::tensor
