#include "gbdt/leaf_iterations.h"

#include <algorithm>
#include <cmath>

#include "core/parallel.h"
#include "core/simd.h"

namespace cne::gbdt {

namespace kernels {

constexpr int kSums = 8;

/// Adds numbers in eight sums side by side, so that their order does not depend on the processor.
CNE_MULTIVERSION void add_derivatives(const double* gradient, const double* hessian, int64_t n,
                                      double* gradients, double* hessians) {
  int64_t i = 0;
  for (; i + kSums <= n; i += kSums)
    for (int lane = 0; lane < kSums; ++lane) {
      gradients[lane] += gradient[i + lane];
      hessians[lane] += hessian[i + lane];
    }
  for (; i < n; ++i) {
    gradients[0] += gradient[i];
    hessians[0] += hessian[i];
  }
}

CNE_MULTIVERSION void move_scores(const double* score, double value, int64_t n, double* out) {
  for (int64_t i = 0; i < n; ++i) out[i] = score[i] + value;
}

}  // namespace kernels

namespace {

constexpr int64_t kPiece = 8192;  // rows of a task
constexpr int64_t kBlock = 1024;  // rows whose derivatives stay in the first-level cache

double fold(const double* lanes) {
  double out = 0;
  for (int lane = 0; lane < kernels::kSums; ++lane) out += lanes[lane];
  return out;
}

/// The search for the value of one leaf: Newton's method while it stays between the values whose
/// derivatives have different signs, else the secant through them. Where the loss is nearly flat
/// (a rare class, far from its scores) a step of Newton's alone can go anywhere.
class LeafSearch {
 public:
  double value() const { return value_; }

  /// Goes on from the derivatives at value().
  void step(double gradient, double hessian, double most) {
    if (gradient < 0)
      low_ = {value_, gradient};
    else if (gradient > 0)
      high_ = {value_, gradient};
    else
      return;
    double next = hessian > 0 ? value_ - gradient / hessian : value_;
    const bool bounded = std::isfinite(low_.value) && std::isfinite(high_.value);
    if (bounded && !(next > low_.value && next < high_.value))
      next = low_.value +
             (high_.value - low_.value) * (low_.gradient / (low_.gradient - high_.gradient));
    if (std::isfinite(next)) value_ = std::clamp(next, -most, most);
  }

 private:
  struct Point {
    double value;
    double gradient;
  };
  double value_ = 0;
  Point low_{-INFINITY, 0};
  Point high_{INFINITY, 0};
};

}  // namespace

struct LeafIterations::Piece {
  size_t leaf;
  const int32_t* rows;
  int64_t begin;  // among the rows of all leaves
  int64_t count;
  double gradient = 0;
  double hessian = 0;
};

LeafIterations::LeafIterations(const Labels& labels, const TrainOptions& options)
    : labels_(labels), options_(options) {
  const auto rows = static_cast<size_t>(labels.rows);
  for (std::vector<double>* column : {&label_, &weight_, &score_, &moved_}) column->resize(rows);
  sorted_.rows = labels.rows;
  sorted_.label = label_.data();
  sorted_.weight = weight_.data();
  loss_ = make_loss(options.objective, sorted_, options.custom, options.seed);
}

void LeafIterations::gather(const Piece& piece, const double* scores,
                            const std::vector<float>& weights) {
  for (int64_t i = 0; i < piece.count; ++i) {
    const int32_t row = piece.rows[i];
    const int64_t to = piece.begin + i;
    label_[to] = labels_.label[row];
    score_[to] = scores[row];
    weight_[to] = labels_.weight_of(row) * (weights.empty() ? 1.0 : weights[row]);
  }
}

/// The derivatives of a piece with `value` added to its scores.
void LeafIterations::sum(Piece& piece, double value) {
  double gradient[kBlock];
  double hessian[kBlock];
  double gradients[kernels::kSums] = {};
  double hessians[kernels::kSums] = {};
  for (int64_t at = 0; at < piece.count; at += kBlock) {
    const int64_t begin = piece.begin + at;
    const int64_t n = std::min(kBlock, piece.count - at);
    kernels::move_scores(score_.data() + begin, value, n, moved_.data() + begin);
    loss_->derivatives(moved_.data(), 0, begin, begin + n, gradient, hessian);
    kernels::add_derivatives(gradient, hessian, n, gradients, hessians);
  }
  piece.gradient = fold(gradients);
  piece.hessian = fold(hessians);
}

std::vector<double> LeafIterations::values(const std::vector<RowSet>& leaves, const double* scores,
                                           const std::vector<float>& weights) {
  std::vector<Piece> pieces;
  int64_t begin = 0;
  for (size_t leaf = 0; leaf < leaves.size(); ++leaf)
    for (int64_t at = 0; at < leaves[leaf].count; at += kPiece) {
      const int64_t count = std::min(kPiece, leaves[leaf].count - at);
      pieces.push_back({leaf, leaves[leaf].index + at, begin, count});
      begin += count;
    }
  const auto for_pieces = [&](const auto& body) {
    parallel_tasks(std::ssize(pieces), [&](int64_t task, int) { body(pieces[task]); });
  };
  for_pieces([&](const Piece& piece) { gather(piece, scores, weights); });
  std::vector<LeafSearch> searches(leaves.size());
  const double most = options_.grow.max_delta_step > 0 ? options_.grow.max_delta_step : INFINITY;
  for (int step = 0; step < options_.leaf_iterations; ++step) {
    for_pieces([&](Piece& piece) { sum(piece, searches[piece.leaf].value()); });
    std::vector<double> gradients(leaves.size());
    std::vector<double> hessians(leaves.size(), options_.grow.lambda_l2);
    for (const Piece& piece : pieces) {
      gradients[piece.leaf] += piece.gradient;
      hessians[piece.leaf] += piece.hessian;
    }
    for (size_t leaf = 0; leaf < leaves.size(); ++leaf)
      searches[leaf].step(gradients[leaf], hessians[leaf], most);
  }
  std::vector<double> out;
  for (const LeafSearch& search : searches) out.push_back(search.value());
  return out;
}

}  // namespace cne::gbdt
