#include "gbdt/gauss_legendre.h"

#include <map>
#include <mutex>

namespace cne::gbdt {

namespace {

/// Legendre's polynomial of degree n and the one before, at x.
struct Legendre {
  double value = 1;
  double before = 0;

  Legendre(int n, double x) {
    for (int k = 1; k <= n; ++k) {
      const double next = ((2 * k - 1) * x * value - (k - 1) * before) / k;
      before = value;
      value = next;
    }
  }
};

}  // namespace

/// The roots of one degree lie between those of the degree before: halving finds them with the same
/// bits everywhere.
GaussLegendre::GaussLegendre(int count) {
  std::vector<double> roots;
  for (int n = 1; n <= count; ++n) {
    std::vector<double> next;
    for (int i = 0; i < n; ++i) {
      double low = i == 0 ? -1 : roots[i - 1];
      double high = i == n - 1 ? 1 : roots[i];
      const bool rising = (n - i) % 2 == 1;  // through root i
      for (int step = 0; step < 60; ++step) {
        const double middle = 0.5 * (low + high);
        const double value = Legendre(n, middle).value;
        ((value < 0) == rising ? low : high) = middle;
      }
      next.push_back(0.5 * (low + high));
    }
    roots = std::move(next);
  }
  for (const double x : roots) {
    const double slope_part = count * Legendre(count, x).before;  // (1 - x^2) P'(x)
    points.push_back(0.5 * (1 + x));
    weights.push_back((1 - x * x) / (slope_part * slope_part));
  }
}

const GaussLegendre& gauss_legendre(int count) {
  static std::mutex mutex;
  static std::map<int, GaussLegendre> kept;  // whose elements stay where they are
  const std::lock_guard lock(mutex);
  return kept.try_emplace(count, count).first->second;
}

}  // namespace cne::gbdt
