#pragma once

#include <cstdint>
#include <vector>

#include "gbdt/bin_matrix.h"
#include "gbdt/feature_matrix.h"
#include "gbdt/model.h"

namespace cne::gbdt {

/// How rows are binned; as in TrainOptions.
struct BinOptions {
  int max_bins = 255;
  int64_t subsample_for_bin = 200000;
  uint64_t seed = 0;
};

/// What rows are, besides their values.
struct InputFeatures {
  std::vector<FeatureInfo> infos;     // names, texts, which are categorical
  std::vector<uint8_t> fits_float32;  // by feature: whether float32 holds its values

  int width() const { return static_cast<int>(infos.size()); }
};
InputFeatures describe(const FeatureMatrix& x, const std::vector<uint8_t>& categorical);

/// What the trees of a model add up to for binned rows: what the bins alone do not tell of trees
/// that were grown on others.
struct StartScores {
  uint64_t model = 0;          // which model it is; 0: none
  std::vector<double> scores;  // output-major, base scores first; empty where bins tell them
};

/// Rows in bins, with all that training needs to know of them: binned once, trained on often.
/// Immutable once it is made; safe to share between threads.
struct Binned {
  BinMatrix matrix;
  InputFeatures features;  // with the categories that have bins
  int max_bins = 255;
  StartScores start;

  int64_t rows() const { return matrix.rows(); }
  size_t bytes() const;
};

/// The numbers of the rows whose weight is above 0; all where `weight` is null.
std::vector<int32_t> counted_rows(const double* weight, int64_t rows);

/// Bins the rows of x. Rows of weight 0 are binned, too, but do not count: `weight` may be null.
/// `categorical` is 1 for each feature that holds categories. Training on the result gives the bits
/// of training on x with the same options, also going on from `start` (may be null), whose
/// categories get bins. Throws ArgumentError and ShapeError naming `function` for options and
/// models that do not fit.
Binned bin_rows(const FeatureMatrix& x, const std::vector<uint8_t>& categorical,
                const double* weight, const BinOptions& options, const Model* start,
                const char* function);

/// bin_rows without checks and without the scores of `start`, for rows that stay at hand.
Binned bin_checked_rows(const FeatureMatrix& x, const std::vector<uint8_t>& categorical,
                        const double* weight, const BinOptions& options, const Model* start,
                        const char* function);

/// Some rows, in the bins of the whole; a row may come again. Throws ArgumentError for numbers out
/// of range.
Binned subset(const Binned& whole, const std::vector<int64_t>& rows);

/// Throws ArgumentError naming `function` for options, weights (may be null) or a model to go on
/// from (may be null) that rows cannot be binned with.
void check_binning(const InputFeatures& features, int64_t rows, const double* weight,
                   const BinOptions& options, const Model* start, const char* function);

/// Gives the categorical features the categories that have bins.
void set_categories(Binned& binned);

/// Tells models apart, in StartScores.
uint64_t identity_of(const Model& model);

/// Whether the bins tell the leaf of each row: thresholds lie between bins, leaves are constants.
bool tells_scores(const BinMatrix& bins, const Model& model);

/// The base scores of `start` and its trees, in their order, for the rows of x (output-major);
/// `bins` are those of the rows of x.
std::vector<double> scores_of_start(const FeatureMatrix& x, const BinMatrix& bins,
                                    const std::vector<FeatureInfo>& features, const Model& start);

}  // namespace cne::gbdt
