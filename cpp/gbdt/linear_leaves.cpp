#include "gbdt/linear_leaves.h"

#include <algorithm>
#include <cmath>

#include "core/parallel.h"

namespace cne::gbdt {

namespace {

constexpr int64_t kBlock = 8192;  // rows that one task sums
constexpr int64_t kShiftRows = 256;
constexpr double kIndependent = 1e-10;  // share of a feature's variance that the others leave

/// The numeric features on the way to each leaf, ascending.
std::vector<std::vector<int32_t>> features_of_leaves(const Tree& tree) {
  std::vector<std::vector<int32_t>> out(static_cast<size_t>(tree.leaves()));
  std::vector<std::vector<int32_t>> at(tree.nodes.size());
  for (size_t i = 0; i < tree.nodes.size(); ++i) {
    const TreeNode& node = tree.nodes[i];
    std::vector<int32_t> path = at[i];
    if (node.category_set < 0 && std::find(path.begin(), path.end(), node.feature) == path.end())
      path.insert(std::upper_bound(path.begin(), path.end(), node.feature), node.feature);
    for (const int child : {node.left, node.right}) (child >= 0 ? at[child] : out[~child]) = path;
  }
  return out;
}

/// Sums over rows without missing values: h, g, h x, g x, then h x x^T (lower half).
/// x is taken less a number near its mean, so that the second sums do not cancel.
struct Moments {
  int64_t rows = 0;
  std::vector<double> sums;

  explicit Moments(size_t d) : sums(2 + 2 * d + d * (d + 1) / 2) {}
  void operator+=(const Moments& other) {
    rows += other.rows;
    for (size_t i = 0; i < sums.size(); ++i) sums[i] += other.sums[i];
  }
};

class LeafFit {
 public:
  LeafFit(const LinearInput& input, std::vector<int32_t> features, RowSet rows)
      : input_(input), features_(std::move(features)), rows_(rows) {
    // Near the mean: that of the first rows.
    for (const int32_t feature : features_) {
      double sum = 0;
      int64_t n = 0;
      for (int64_t i = 0; i < std::min(rows.count, kShiftRows); ++i) {
        const double x = input.x.columns[feature][rows.index[i]];
        if (!std::isfinite(x)) continue;
        sum += x;
        ++n;
      }
      const double mean = n > 0 ? sum / static_cast<double>(n) : 0;
      shift_.push_back(std::isfinite(mean) ? mean : 0);
    }
  }

  int64_t blocks() const { return (rows_.count + kBlock - 1) / kBlock; }

  Moments sum(int64_t block) const {
    const size_t d = features_.size();
    Moments out(d);
    std::vector<double> x(d);
    const int64_t end = std::min(rows_.count, (block + 1) * kBlock);
    for (int64_t i = block * kBlock; i < end; ++i) {
      const int32_t row = rows_.index[i];
      bool whole = true;
      for (size_t j = 0; j < d; ++j) {
        x[j] = input_.x.columns[features_[j]][row] - shift_[j];
        whole &= std::isfinite(x[j]);
      }
      if (!whole) continue;
      ++out.rows;
      const double g = input_.gradients[row].gradient * input_.units.gradient;
      const double h = input_.gradients[row].hessian * input_.units.hessian;
      double* to = out.sums.data();
      *to++ += h;
      *to++ += g;
      for (size_t j = 0; j < d; ++j) *to++ += h * x[j];
      for (size_t j = 0; j < d; ++j) *to++ += g * x[j];
      for (size_t j = 0; j < d; ++j)
        for (size_t k = 0; k <= j; ++k) *to++ += h * x[j] * x[k];
    }
    return out;
  }

  /// Appends the constant and the coefficients; false when there is no such function.
  bool solve(const Moments& moments, double* constant, std::vector<double>* coefficients) const {
    const size_t d = features_.size();
    const double h = moments.sums[0];
    if (moments.rows <= static_cast<int64_t>(d) || !(h > 0)) return false;
    const double g = moments.sums[1];
    const double* hx = moments.sums.data() + 2;
    const double* gx = hx + d;
    const double* hxx = gx + d;
    // Centred at the mean, which makes the constant free of the penalty.
    std::vector<double> a(d * d);
    std::vector<double> b(d);
    for (size_t j = 0, at = 0; j < d; ++j) {
      b[j] = -(gx[j] - hx[j] / h * g);
      for (size_t k = 0; k <= j; ++k) a[j * d + k] = hxx[at++] - hx[j] * hx[k] / h;
      a[j * d + j] += input_.lambda;
    }
    cholesky(a, b, d);
    *constant = -g / h;
    for (size_t j = 0; j < d; ++j) *constant -= b[j] * (hx[j] / h + shift_[j]);
    bool good = std::isfinite(*constant);
    for (const double c : b) good &= std::isfinite(c);
    if (good) coefficients->assign(b.begin(), b.end());
    return good;
  }

  const std::vector<int32_t>& features() const { return features_; }

 private:
  /// Solves a x = b in place; a pivot that vanishes takes its feature out.
  static void cholesky(std::vector<double>& a, std::vector<double>& b, size_t d) {
    for (size_t j = 0; j < d; ++j) {
      double pivot = a[j * d + j];
      for (size_t k = 0; k < j; ++k) pivot -= a[j * d + k] * a[j * d + k];
      const double root = pivot > kIndependent * a[j * d + j] ? std::sqrt(pivot) : 0;
      a[j * d + j] = root;
      for (size_t i = j + 1; i < d; ++i) {
        double sum = a[i * d + j];
        for (size_t k = 0; k < j; ++k) sum -= a[i * d + k] * a[j * d + k];
        a[i * d + j] = root > 0 ? sum / root : 0;
      }
    }
    for (size_t j = 0; j < d; ++j) {
      for (size_t k = 0; k < j; ++k) b[j] -= a[j * d + k] * b[k];
      b[j] = a[j * d + j] > 0 ? b[j] / a[j * d + j] : 0;
    }
    for (size_t j = d; j-- > 0;) {
      for (size_t i = j + 1; i < d; ++i) b[j] -= a[i * d + j] * b[i];
      b[j] = a[j * d + j] > 0 ? b[j] / a[j * d + j] : 0;
    }
  }

  const LinearInput& input_;
  std::vector<int32_t> features_;
  RowSet rows_;
  std::vector<double> shift_;
};

/// The moments of every leaf: blocks in parallel, joined in their order.
std::vector<Moments> sum_leaves(const std::vector<LeafFit>& fits) {
  std::vector<std::pair<size_t, int64_t>> tasks;
  std::vector<Moments> parts;
  std::vector<Moments> out;
  for (size_t leaf = 0; leaf < fits.size(); ++leaf) {
    out.emplace_back(fits[leaf].features().size());
    for (int64_t block = 0; block < fits[leaf].blocks(); ++block) {
      tasks.emplace_back(leaf, block);
      parts.emplace_back(0);
    }
  }
  parallel_tasks(static_cast<int64_t>(tasks.size()), [&](int64_t task, int) {
    parts[task] = fits[tasks[task].first].sum(tasks[task].second);
  });
  for (size_t task = 0; task < tasks.size(); ++task) out[tasks[task].first] += parts[task];
  return out;
}

}  // namespace

void fit_linear_leaves(const LinearInput& input, Tree& tree) {
  std::vector<LeafFit> fits;
  const std::vector<std::vector<int32_t>> features = features_of_leaves(tree);
  for (int leaf = 0; leaf < tree.leaves(); ++leaf)
    fits.emplace_back(input, features[leaf], input.rows(leaf));
  const std::vector<Moments> moments = sum_leaves(fits);
  LinearLeaves& linear = tree.linear;
  linear = {};
  linear.begin.push_back(0);
  for (size_t leaf = 0; leaf < fits.size(); ++leaf) {
    double constant = 0;
    std::vector<double> coefficients;
    if (!features[leaf].empty() && fits[leaf].solve(moments[leaf], &constant, &coefficients)) {
      for (size_t j = 0; j < coefficients.size(); ++j) {
        if (coefficients[j] == 0) continue;
        linear.features.push_back(features[leaf][j]);
        linear.coefficients.push_back(coefficients[j] * input.learning_rate);
      }
      linear.constants.push_back(constant * input.learning_rate);
    } else {
      linear.constants.push_back(tree.leaf_values[leaf]);
    }
    linear.begin.push_back(static_cast<int32_t>(linear.features.size()));
  }
}

}  // namespace cne::gbdt
