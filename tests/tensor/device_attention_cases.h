#pragma once

// Attention in float64 by its formula, and inputs of it, for the tests of kernels of a device.

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "tensor/device_attention_gradient.h"
#include "tensor/element_dispatch.h"

namespace cne::tensor {

struct AttentionCase {
  int64_t batch = 1, heads = 1, groups = 1;
  int queries = 1, keys = 1, depth = 64, width = 64;
  bool is_causal = false;
  bool has_mask = false;
  int gap = 0;  // elements between rows that belong to nobody
};

template <typename T>
inline constexpr Element kElementOf = std::is_same_v<T, float>  ? Element::kFloat32
                                      : std::is_same_v<T, Half> ? Element::kFloat16
                                                                : Element::kBFloat16;

/// (batch, heads, rows, columns), laid out as (batch, rows, heads, columns), at a multiple of 16.
template <typename T>
struct HeadsArray {
  HeadsArray(int64_t batch, int64_t heads, int64_t rows, int64_t columns, int gap)
      : batch(batch), heads(heads), rows(rows), columns(columns), pitch(columns + gap) {
    room.resize(static_cast<size_t>(batch * heads * rows * pitch) + 16 / sizeof(T) * 2);
  }
  T* data() {
    auto* const at = reinterpret_cast<uint8_t*>(room.data());
    return reinterpret_cast<T*>(at + (16 - reinterpret_cast<uintptr_t>(at) % 16) % 16);
  }
  Heads<void> view() { return {data(), rows * heads * pitch, pitch, heads * pitch}; }
  Heads<const void> const_view() {
    const Heads<void> own = view();
    return {own.data, own.batch, own.head, own.row};
  }
  T& at(int64_t b, int64_t h, int64_t r, int64_t c) {
    return data()[((b * rows + r) * heads + h) * pitch + c];
  }
  double get(int64_t b, int64_t h, int64_t r, int64_t c) { return to_float(at(b, h, r, c)); }
  template <typename F>
  void each(const F& f) {
    for (int64_t b = 0; b < batch; ++b)
      for (int64_t h = 0; h < heads; ++h)
        for (int64_t r = 0; r < rows; ++r)
          for (int64_t c = 0; c < columns; ++c) f(b, h, r, c);
  }
  void fill(std::mt19937& random) {
    std::normal_distribution<float> normal;
    each([&](auto... place) { at(place...) = from_float<T>(normal(random)); });
  }

  int64_t batch, heads, rows, columns, pitch;
  std::vector<T> room;
};

/// Inputs, and weights and sums by the formula.
template <typename T>
struct AttentionData {
  explicit AttentionData(const AttentionCase& of, std::mt19937& random)
      : is(of),
        query(of.batch, of.heads, of.queries, of.depth, of.gap),
        key(of.batch, of.groups, of.keys, of.depth, of.gap),
        value(of.batch, of.groups, of.keys, of.width, of.gap),
        mask(static_cast<size_t>(of.batch * of.queries * of.keys)) {
    query.fill(random);
    key.fill(random);
    value.fill(random);
    for (uint8_t& each : mask) each = random() % 4 != 0 ? 1 : 0;
  }

  AttentionInputs inputs() {
    AttentionInputs out{};
    out.batch = is.batch;
    out.heads = is.heads;
    out.groups = is.groups;
    out.queries = is.queries;
    out.keys = is.keys;
    out.depth = is.depth;
    out.width = is.width;
    out.scale = scale();
    out.is_causal = is.is_causal;
    out.query = query.const_view();
    out.key = key.const_view();
    out.value = value.const_view();
    if (is.has_mask) out.mask = {mask.data(), int64_t{is.queries} * is.keys, 0, is.keys, 1};
    return out;
  }
  float scale() const { return 1 / std::sqrt(static_cast<float>(std::max(is.depth, 1))); }
  int64_t group(int64_t head) const { return head / (is.heads / is.groups); }

  bool sees(int64_t b, int64_t q, int64_t k) const {
    return !(is.is_causal && k > q + is.keys - is.queries) &&
           !(is.has_mask && mask[static_cast<size_t>((b * is.queries + q) * is.keys + k)] == 0);
  }
  /// The weights of a query, and the logarithm of their sum.
  std::vector<double> weights(int64_t b, int64_t h, int64_t q, double& log_sum) {
    std::vector<double> out(static_cast<size_t>(is.keys), 0.0);
    double sum = 0;
    for (int64_t k = 0; k < is.keys; ++k) {
      if (!sees(b, q, k)) continue;
      double dot = 0;
      for (int64_t c = 0; c < is.depth; ++c)
        dot += query.get(b, h, q, c) * key.get(b, group(h), k, c);
      sum += out[static_cast<size_t>(k)] = std::exp(dot * scale());
    }
    log_sum = sum == 0 ? std::numeric_limits<double>::infinity() : std::log(sum);
    for (double& each : out) each = sum == 0 ? 0 : each / sum;
    return out;
  }

  AttentionCase is;
  HeadsArray<T> query, key, value;
  std::vector<uint8_t> mask;
};

/// Derivatives by query, key and value, in float64.
struct AttentionSlopes {
  HeadsArray<double> query, key, value;
};
template <typename T>
AttentionSlopes attention_slopes(AttentionData<T>& data, HeadsArray<T>& cotangent) {
  const AttentionCase& is = data.is;
  AttentionSlopes out{{is.batch, is.heads, is.queries, is.depth, 0},
                      {is.batch, is.groups, is.keys, is.depth, 0},
                      {is.batch, is.groups, is.keys, is.width, 0}};
  for (int64_t b = 0; b < is.batch; ++b)
    for (int64_t h = 0; h < is.heads; ++h)
      for (int64_t q = 0; q < is.queries; ++q) {
        const int64_t g = data.group(h);
        double log_sum = 0;
        const std::vector<double> weights = data.weights(b, h, q, log_sum);
        std::vector<double> slopes(weights.size(), 0.0);
        double share = 0;
        for (size_t k = 0; k < weights.size(); ++k) {
          for (int64_t c = 0; c < is.width; ++c) {
            const double given = cotangent.get(b, h, q, c);
            const auto row = static_cast<int64_t>(k);
            slopes[k] += given * data.value.get(b, g, row, c);
            out.value.at(b, g, row, c) += given * weights[k];
          }
          share += weights[k] * slopes[k];
        }
        for (size_t k = 0; k < weights.size(); ++k) {
          const double slope = weights[k] * (slopes[k] - share) * data.scale();
          for (int64_t c = 0; c < is.depth; ++c) {
            const auto row = static_cast<int64_t>(k);
            out.query.at(b, h, q, c) += slope * data.key.get(b, g, row, c);
            out.key.at(b, g, row, c) += slope * data.query.get(b, h, q, c);
          }
        }
      }
  return out;
}

/// Those of kernels that run on the CPU, and the largest errors of them. Room begins as 77.
struct AttentionErrors {
  double query = 0, key = 0, value = 0;
};
template <typename T>
AttentionErrors attention_errors(const AttentionCase& is, std::mt19937& random) {
  AttentionData<T> data(is, random);
  HeadsArray<T> out(is.batch, is.heads, is.queries, is.width, is.gap);
  HeadsArray<T> cotangent(is.batch, is.heads, is.queries, is.width, is.gap);
  cotangent.fill(random);
  HeadsArray<T> got[3] = {{is.batch, is.heads, is.queries, is.depth, is.gap},
                          {is.batch, is.groups, is.keys, is.depth, is.gap},
                          {is.batch, is.groups, is.keys, is.width, is.gap}};
  for (HeadsArray<T>& each : got) std::fill(each.room.begin(), each.room.end(), from_float<T>(77));
  std::vector<float> logs(static_cast<size_t>(is.batch * is.heads * is.queries));
  std::vector<float> shares(logs.size());
  const Device device;
  device_attention(device, kElementOf<T>, data.inputs(), out.view(), logs.data());
  device_attention_gradient(
      device, kElementOf<T>,
      {data.inputs(), out.const_view(), cotangent.const_view(), logs.data(), shares.data()},
      got[0].view(), got[1].view(), got[2].view());
  AttentionSlopes want = attention_slopes(data, cotangent);
  AttentionErrors errors;
  const auto compare = [](HeadsArray<T>& mine, HeadsArray<double>& exact, double& worst) {
    exact.each([&](auto... place) {
      const double error = std::abs(mine.get(place...) - exact.at(place...));
      worst = std::isnan(error) ? 1e9 : std::max(worst, error);
    });
  };
  compare(got[0], want.query, errors.query);
  compare(got[1], want.key, errors.key);
  compare(got[2], want.value, errors.value);
  return errors;
}

/// Shapes at the edges of tiles, and none.
inline std::vector<AttentionCase> attention_cases() {
  return {
      {.batch = 0},
      {.queries = 0, .keys = 5},
      {.queries = 5, .keys = 0},
      {.queries = 1, .keys = 1},
      {.queries = 1, .keys = 300, .is_causal = true},
      {.heads = 2, .queries = 63, .keys = 65, .depth = 16, .width = 8},
      {.batch = 2, .heads = 4, .groups = 2, .queries = 70, .keys = 70, .is_causal = true},
      {.queries = 130, .keys = 50, .depth = 80, .width = 80, .is_causal = true},
      {.heads = 3, .queries = 50, .keys = 130, .depth = 96, .width = 96, .is_causal = true},
      {.heads = 2, .queries = 33, .keys = 97, .depth = 128, .width = 128, .has_mask = true},
      {.queries = 65, .keys = 49, .depth = 128, .width = 64, .is_causal = true, .has_mask = true},
      {.heads = 2, .queries = 40, .keys = 70, .depth = 256, .width = 256, .is_causal = true},
      {.heads = 2, .queries = 20, .keys = 37, .depth = 33, .width = 5, .gap = 3},
      {.batch = 2, .heads = 8, .groups = 1, .queries = 17, .keys = 40, .gap = 8},
  };
}

}  // namespace cne::tensor
