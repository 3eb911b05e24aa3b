#include "gbdt/split_noise.h"

#include <algorithm>

#include "core/parallel.h"
#include "gbdt/objective_math.h"

namespace cne::gbdt {

namespace {

constexpr int64_t kGrain = 65536;

}  // namespace

double sum_of_squares(const Gradient* gradients, const GradientUnits& units,
                      const std::vector<int32_t>& rows) {
  const auto n = std::ssize(rows);
  std::vector<double> pieces(static_cast<size_t>((n + kGrain - 1) / kGrain));
  parallel_tasks(std::ssize(pieces), [&](int64_t piece, int) {
    double sum = 0;
    for (int64_t i = piece * kGrain; i < std::min(n, (piece + 1) * kGrain); ++i) {
      const auto g = static_cast<double>(gradients[rows[i]].gradient);
      sum += g * g;
    }
    pieces[piece] = sum;
  });
  double out = 0;
  for (const double piece : pieces) out += piece;
  return out * units.gradient * units.gradient;
}

SplitNoise split_noise(double strength, double squares, double hessians, int64_t rows,
                       double length) {
  if (!(squares > 0 && hessians > 0)) return {};
  const double left = static_cast<double>(rows) * exp_exact(-length);
  return {strength * std::sqrt(squares / hessians) * left / (1 + left)};
}

}  // namespace cne::gbdt
