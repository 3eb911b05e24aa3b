#include "feature/column_builder.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>

#include "core/error.h"

namespace cne::feature {

namespace {

template <typename T>
Buffer own(std::vector<T> values) {
  auto held = std::make_shared<std::vector<T>>(std::move(values));
  return Buffer::wrap(held->data(), held->size() * sizeof(T), held);
}

Buffer larger(const Buffer& old, size_t size) {
  Buffer out = Buffer::zeros(size);
  if (!old.empty()) std::memcpy(out.mutable_data(), old.data(), std::min(size, old.size()));
  return out;
}

}  // namespace

ColumnBuilder::ColumnBuilder(DataType type, int64_t capacity)
    : type_(std::move(type)),
      width_(byte_width(type_.id)),
      capacity_(std::max<int64_t>(capacity, 8)) {
  const size_t bits = (capacity_ + 7) / 8;
  validity_ = Buffer::zeros(bits);
  if (type_.id == DType::kUtf8) {
    offsets_.reserve(capacity_ + 1);
    offsets_.push_back(0);
  } else {
    values_ = Buffer::zeros(width_ == 0 ? bits : capacity_ * width_);
  }
}

void ColumnBuilder::grow() {
  capacity_ *= 2;
  const size_t bits = (capacity_ + 7) / 8;
  validity_ = larger(validity_, bits);
  if (type_.id != DType::kUtf8) values_ = larger(values_, width_ == 0 ? bits : capacity_ * width_);
}

void ColumnBuilder::add_word(uint64_t word) {
  if (length_ == capacity_) grow();
  set_bit(validity_.mutable_data(), length_);
  if (width_ == 0) {
    if (word & 1) set_bit(values_.mutable_data(), length_);
  } else {
    std::memcpy(values_.mutable_data() + length_ * width_, &word, width_);
  }
  ++length_;
}

void ColumnBuilder::add_text(std::string_view text) {
  if (length_ == capacity_) grow();
  if (text.size() > std::numeric_limits<int32_t>::max() - bytes_.size())
    throw ArgumentError("lookup: expected at most 2 GiB of text in one result column");
  set_bit(validity_.mutable_data(), length_++);
  bytes_.insert(bytes_.end(), text.begin(), text.end());
  offsets_.push_back(static_cast<int32_t>(bytes_.size()));
}

void ColumnBuilder::add_null() {
  if (length_ == capacity_) grow();
  if (type_.id == DType::kUtf8) offsets_.push_back(static_cast<int32_t>(bytes_.size()));
  ++length_;
  ++nulls_;
}

void ColumnBuilder::add_from(const Column& column, int64_t i) {
  if (!column.is_valid(i)) return add_null();
  if (type_.id == DType::kUtf8) return add_text(column.strings()[i]);
  if (width_ == 0) return add_word(column.bit(i));
  uint64_t word = 0;
  std::memcpy(&word, column.values_buffer().data() + (column.offset() + i) * width_, width_);
  add_word(word);
}

Column ColumnBuilder::finish() {
  const Buffer validity = nulls_ > 0 ? validity_ : Buffer();
  if (type_.id == DType::kUtf8)
    return Column::strings(type_, length_, own(std::move(offsets_)), own(std::move(bytes_)),
                           validity);
  return Column(type_, length_, values_, validity);
}

}  // namespace cne::feature
