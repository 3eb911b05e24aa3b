#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "gbdt/foreign.h"

namespace cne::gbdt {

/// The bytes of a FlatBuffers document (little-endian; https://flatbuffers.dev/internals). Every
/// access is checked, and elements are paid for: offsets may name the same bytes again and again,
/// so that a small file could become a large one. What is broken throws CorruptionError.
struct FlatBuffer {
  std::string_view bytes;
  const ForeignSource& source;
  size_t left;  // elements that may still be read

  template <typename T>
  T at(size_t place) const {
    if (place > bytes.size() || bytes.size() - place < sizeof(T)) broken();
    T out;
    std::memcpy(&out, bytes.data() + place, sizeof(T));
    return out;
  }
  /// Where the offset at `place` points.
  size_t follow(size_t place) const { return place + at<uint32_t>(place); }
  void spend(size_t elements) {
    if (elements > left) source.broken("its parts are used too often");
    left -= elements;
  }
  [[noreturn]] void broken() const { source.broken("an offset is out of range"); }
};

/// Elements that follow each other.
template <typename T>
struct FlatVector {
  const char* data = nullptr;
  size_t size = 0;

  T operator[](size_t i) const {
    T out;
    std::memcpy(&out, data + i * sizeof(T), sizeof(T));
    return out;
  }
};

/// A table: fields by number, each there or not. A view of the buffer.
class FlatTable {
 public:
  FlatTable(FlatBuffer& buffer, size_t place) : buffer_(&buffer), place_(place) {
    const auto back = buffer.at<int32_t>(place);
    const int64_t fields = static_cast<int64_t>(place) - back;
    if (fields < 0) buffer.broken();
    fields_ = static_cast<size_t>(fields);
    count_ = (buffer.at<uint16_t>(fields_) - 4) / 2;
  }
  static FlatTable root(FlatBuffer& buffer) { return {buffer, buffer.follow(0)}; }

  bool has(int field) const { return place_of(field) != 0; }

  template <typename T>
  T number(int field, T fallback) const {
    const size_t place = place_of(field);
    return place == 0 ? fallback : buffer_->at<T>(place);
  }
  /// A table that has to be there.
  FlatTable table(int field) const {
    const size_t place = place_of(field);
    if (place == 0) buffer_->source.broken("a part is not there");
    buffer_->spend(1);
    return {*buffer_, buffer_->follow(place)};
  }
  /// Empty where there is none.
  template <typename T>
  FlatVector<T> vector(int field) const {
    const size_t place = place_of(field);
    return place == 0 ? FlatVector<T>{} : vector_at<T>(buffer_->follow(place));
  }
  std::string text(int field) const {
    const FlatVector<char> letters = vector<char>(field);
    return {letters.data, letters.size};
  }
  std::vector<FlatTable> tables(int field) const {
    std::vector<FlatTable> out;
    each_offset(field, [&](size_t place) {
      buffer_->spend(kTablePrice);
      out.emplace_back(*buffer_, place);
    });
    return out;
  }
  std::vector<std::string> texts(int field) const {
    std::vector<std::string> out;
    each_offset(field, [&](size_t place) {
      const FlatVector<char> letters = vector_at<char>(place);
      out.emplace_back(letters.data, letters.size);
    });
    return out;
  }

 private:
  static constexpr size_t kTablePrice = 64;  // in elements: tables of a list are not that short

  /// 0 when the field is not there.
  size_t place_of(int field) const {
    if (field >= count_) return 0;
    const auto offset = buffer_->at<uint16_t>(fields_ + 4 + 2 * static_cast<size_t>(field));
    return offset == 0 ? 0 : place_ + offset;
  }
  template <typename T>
  FlatVector<T> vector_at(size_t place) const {
    const auto size = buffer_->at<uint32_t>(place);
    if ((buffer_->bytes.size() - place - 4) / sizeof(T) < size) buffer_->broken();
    buffer_->spend(size + size_t{1});
    return {buffer_->bytes.data() + place + 4, size};
  }
  template <typename Take>
  void each_offset(int field, const Take& take) const {
    const size_t place = place_of(field);
    if (place == 0) return;
    const size_t first = buffer_->follow(place);
    const size_t size = vector_at<uint32_t>(first).size;
    for (size_t i = 0; i < size; ++i) take(buffer_->follow(first + 4 + 4 * i));
  }

  FlatBuffer* buffer_;
  size_t place_;
  size_t fields_ = 0;
  int count_ = 0;
};

}  // namespace cne::gbdt
