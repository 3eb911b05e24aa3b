#pragma once

#include <algorithm>

#include "kafka/wire.h"

namespace cne::kafka {

/// Adds up the fewest bytes that the fields of a structure take on the wire: every string and array
/// empty or null, no tagged field. Runs the same `fields` as Decoder and Encoder.
class MinimumSize {
 public:
  MinimumSize(int16_t version, bool flexible) : version_(version), flexible_(flexible) {}
  int16_t version() const { return version_; }
  bool flexible() const { return flexible_; }

  template <typename T>
  void operator()(T&, Versions versions = {}, Versions = {}) {
    if (versions.has(version_)) size_ += of<T>();
  }
  template <typename T>
  void tagged(uint32_t, T&, Versions = {}, const T& = T{}) {}

  /// Never 0, as what costs nothing could come in any number.
  template <typename T>
  size_t of() const {
    if constexpr (std::is_same_v<T, Uuid>) {
      return sizeof(T);
    } else if constexpr (std::is_same_v<T, std::string> ||
                         std::is_same_v<T, std::optional<std::string>>) {
      return flexible_ ? 1 : 2;
    } else if constexpr (IsOptional<T>::value) {
      return Structure<typename T::value_type> || flexible_ ? 1 : 4;
    } else if constexpr (std::is_same_v<T, Bytes> || std::is_same_v<T, Records> ||
                         IsVector<T>::value) {
      return flexible_ ? 1 : 4;
    } else if constexpr (Structure<T>) {
      MinimumSize inner(version_, flexible_);
      T().fields(inner);
      return std::max(inner.size_ + (flexible_ ? 1 : 0), size_t{1});
    } else {
      return sizeof(T);
    }
  }

 private:
  int16_t version_;
  bool flexible_;
  size_t size_ = 0;
};

/// The fewest bytes that a T takes.
template <typename T>
size_t minimum_size(int16_t version, bool flexible) {
  return MinimumSize(version, flexible).of<T>();
}

}  // namespace cne::kafka
