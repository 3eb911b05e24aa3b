#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "core/error.h"
#include "frame/aggregate.h"
#include "frame/aggregate_state.h"
#include "frame/dispatch.h"

namespace cne::frame {

namespace {

using Part = AggregateLayout::Part;
using Slot = AggregateLayout::Slot;

/// The n states of one slot.
struct States {
  const uint8_t* const* states;
  int64_t n;
  size_t offset;
  template <typename State>
  const State& at(int64_t i) const {
    return *reinterpret_cast<const State*>(states[i] + offset);
  }
};

/// Fills a column of T: `get(i, value)` returns false for a null.
template <typename T, typename Get>
Column fill(const DataType& type, int64_t n, const Get& get) {
  Buffer values = Buffer::allocate(static_cast<size_t>(n) * sizeof(T));
  Buffer validity = Buffer::zeros(static_cast<size_t>(n + 7) / 8);
  T* out = values.mutable_as<T>();
  int64_t valid = 0;
  for (int64_t i = 0; i < n; ++i) {
    T value{};
    if (get(i, value)) {
      set_bit(validity.mutable_data(), i);
      ++valid;
    }
    out[i] = value;
  }
  return Column(type, n, std::move(values), valid == n ? Buffer() : std::move(validity));
}

template <typename T>
Column finish_sum(const DataType& type, const std::string& what, const States& s) {
  return fill<T>(type, s.n, [&](int64_t i, T& out) {
    const auto& sum = s.at<state::Sum>(i);
    const state::Int128 value = sum.get();
    if (value > std::numeric_limits<T>::max() || value < std::numeric_limits<T>::min())
      throw ArgumentError(message(what, ": the sum does not fit into ", to_string(type),
                                  "; cast the column to float64 first"));
    out = static_cast<T>(value);
    return sum.count > 0;
  });
}

Column finish_mean(const DataType& type, const Slot& slot, const States& s) {
  if (slot.part == Part::kFloat)
    return fill<double>(type, s.n, [&](int64_t i, double& out) {
      const auto& sum = s.at<state::FloatSum>(i);
      if (sum.count > 0) out = sum.sum / static_cast<double>(sum.count);
      return sum.count > 0;
    });
  if (type.id == DType::kDuration)
    return fill<int64_t>(type, s.n, [&](int64_t i, int64_t& out) {
      const auto& sum = s.at<state::Sum>(i);
      if (sum.count == 0) return false;
      const state::Int128 half = sum.get() < 0 ? -(sum.count / 2) : sum.count / 2;
      out = static_cast<int64_t>((sum.get() + half) / sum.count);
      return true;
    });
  return fill<double>(type, s.n, [&](int64_t i, double& out) {
    const auto& sum = s.at<state::Sum>(i);
    if (sum.count > 0) out = static_cast<double>(sum.get()) / static_cast<double>(sum.count);
    return sum.count > 0;
  });
}

Column finish_variance(bool root, const States& s) {
  return fill<double>(DType::kFloat64, s.n, [&](int64_t i, double& out) {
    const auto& moments = s.at<state::Moments>(i);
    if (moments.count < 2) return false;
    out = moments.squares / static_cast<double>(moments.count - 1);
    if (root) out = std::sqrt(out);
    return true;
  });
}

template <typename Offset>
Column finish_text(const DataType& type, const States& s) {
  Buffer offsets = Buffer::allocate(static_cast<size_t>(s.n + 1) * sizeof(Offset));
  Buffer validity = Buffer::zeros(static_cast<size_t>(s.n + 7) / 8);
  int64_t size = 0;
  auto* ends = offsets.mutable_as<Offset>();
  ends[0] = 0;
  for (int64_t i = 0; i < s.n; ++i) {
    const auto& text = s.at<state::Text>(i);
    if (text.data) {
      set_bit(validity.mutable_data(), i);
      size += text.size;
    }
    ends[i + 1] = static_cast<Offset>(size);
  }
  if (size > std::numeric_limits<Offset>::max()) {
    DataType large = type;
    large.id = is_string(type.id) ? DType::kLargeUtf8 : DType::kLargeBinary;
    return finish_text<int64_t>(large, s);
  }
  Buffer bytes = Buffer::allocate(static_cast<size_t>(size));
  for (int64_t i = 0; i < s.n; ++i) {
    const auto& text = s.at<state::Text>(i);
    if (text.data) std::memcpy(bytes.mutable_data() + ends[i], text.data, text.size);
  }
  return Column::strings(type, s.n, std::move(offsets), std::move(bytes), std::move(validity));
}

/// min, max, first, last: `State` is Extreme or Edge.
template <typename State>
Column finish_value(const DataType& type, const States& s) {
  if (is_binary_like(type.id))
    return is_large(type.id) ? finish_text<int64_t>(type, s) : finish_text<int32_t>(type, s);
  if (type.id != DType::kBool)
    return visit_fixed(type.id, [&](auto tag) {
      using T = decltype(tag);
      return fill<T>(type, s.n, [&](int64_t i, T& out) {
        out = state::from_bits<T>(s.at<State>(i).bits);
        return s.at<State>(i).present != 0;
      });
    });
  Buffer bits = Buffer::zeros(static_cast<size_t>(s.n + 7) / 8);
  Buffer validity = Buffer::zeros(static_cast<size_t>(s.n + 7) / 8);
  for (int64_t i = 0; i < s.n; ++i) {
    if (s.at<State>(i).bits) set_bit(bits.mutable_data(), i);
    if (s.at<State>(i).present) set_bit(validity.mutable_data(), i);
  }
  return Column(type, s.n, std::move(bits), std::move(validity));
}

Column finish_count(const States& s) {
  return fill<int64_t>(DType::kInt64, s.n, [&](int64_t i, int64_t& out) {
    out = s.at<state::Count>(i).count;
    return true;
  });
}

}  // namespace

std::vector<Column> AggregateLayout::finish(const uint8_t* const* states, int64_t n) const {
  std::vector<Column> out;
  for (size_t a = 0; a < aggregates_.size(); ++a) {
    const Slot& slot = slots_[slot_of_[a]];
    const DataType& type = schema_[a].type;
    const States s{states, n, slot.offset};
    switch (aggregates_[a].kind) {
      case AggregateKind::kCount:
        out.push_back(finish_count(s));
        break;
      case AggregateKind::kSum:
        if (slot.part == Part::kFloat)
          out.push_back(fill<double>(type, n, [&](int64_t i, double& value) {
            value = s.at<state::FloatSum>(i).sum;
            return s.at<state::FloatSum>(i).count > 0;
          }));
        else if (type.id == DType::kUInt64)
          out.push_back(finish_sum<uint64_t>(type, to_string(aggregates_[a]), s));
        else
          out.push_back(finish_sum<int64_t>(type, to_string(aggregates_[a]), s));
        break;
      case AggregateKind::kMean:
        out.push_back(finish_mean(type, slot, s));
        break;
      case AggregateKind::kStddev:
      case AggregateKind::kVariance:
        out.push_back(finish_variance(aggregates_[a].kind == AggregateKind::kStddev, s));
        break;
      case AggregateKind::kMin:
      case AggregateKind::kMax:
        out.push_back(finish_value<state::Extreme>(type, s));
        break;
      default:
        out.push_back(finish_value<state::Edge>(type, s));
        break;
    }
  }
  return out;
}

}  // namespace cne::frame
