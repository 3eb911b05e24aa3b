#pragma once

#include <cstdint>

#include "tensor/elementwise_op.h"

namespace cne::tensor {

/// Elements that a tile has at most: a few of them stay in the first cache.
inline constexpr int64_t kTile = 1024;

/// Whether an input is an array of as many elements as the tile, or one element for all.
enum class Sides : uint8_t { kArrays, kFirstIsOne, kSecondIsOne };

/// One operation over `n` elements that lie one behind the other; bool results are bytes. `in` has
/// as many as the operation takes; the output may be one of them, unless that is one element. The
/// type is one that it takes, but not float16 or bfloat16, whose tiles are computed as float32.
void run_tile(ElementOp op, Element element, const void* const* in, Sides sides, void* out,
              int64_t n);
inline void run_tile(ElementOp op, Element element, const void* const* in, void* out, int64_t n) {
  run_tile(op, element, in, Sides::kArrays, out, n);
}
/// Whether one element on that side is read as such; where not, run_tile makes a tile of it.
bool takes_one(ElementOp op, Sides sides);

/// run_tile of an operation that is known before its tiles: its loop is looked for once.
class TileRun {
 public:
  TileRun() = default;
  TileRun(ElementOp op, Element element, Sides sides);
  void operator()(const void* const* in, void* out, int64_t n) const {
    const void* const turned[] = {in[1], in[0]};
    run_(op_, element_, is_turned_ ? turned : in, sides_, out, n);
  }

 private:
  using Run = bool (*)(ElementOp, Element, const void* const*, Sides, void*, int64_t);

  Run run_ = nullptr;
  ElementOp op_ = ElementOp::kAdd;
  Element element_ = Element::kFloat32;
  Sides sides_ = Sides::kArrays;
  bool is_turned_ = false;
};

// By kind, which run_tile chooses from. The second input may be one element for operations that are
// commutative, less, less_equal and shifts, either one for subtract and divide; greater and
// greater_equal are not among them.
void run_integer_tile(ElementOp op, Element element, const void* const* in, Sides sides, void* out,
                      int64_t n);
void run_float_tile(ElementOp op, Element element, const void* const* in, Sides sides, void* out,
                    int64_t n);
void run_complex_tile(ElementOp op, Element element, const void* const* in, Sides sides, void* out,
                      int64_t n);

// Families of functions of floats; false for an operation of another family.
bool run_arithmetic_tile(ElementOp op, Element element, const void* const* in, Sides sides,
                         void* out, int64_t n);
bool run_exponential_tile(ElementOp op, Element element, const void* const* in, void* out,
                          int64_t n);
bool run_logarithm_tile(ElementOp op, Element element, const void* const* in, void* out, int64_t n);
bool run_angle_tile(ElementOp op, Element element, const void* const* in, void* out, int64_t n);
bool run_power_tile(ElementOp op, Element element, const void* const* in, void* out, int64_t n);

/// `n` elements as another type. Floats to integers are cut off towards zero, and 0 where that is
/// out of range; complex to real leaves the imaginary part out; what is not zero is true.
void cast_tile(Element from, const void* in, Element to, void* out, int64_t n);

}  // namespace cne::tensor
