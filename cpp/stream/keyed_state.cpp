#include "stream/keyed_state.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/error.h"
#include "frame/gather.h"

namespace cne::stream {

KeySpace::KeySpace(std::vector<DataType> types, const char* function)
    : table_(types, function), types_(std::move(types)) {}

void KeySpace::ids(const std::vector<Column>& keys, int64_t begin, int64_t end, uint32_t* out) {
  if (types_.empty()) {
    if (table_.size() == 0 && end > begin) {
      uint32_t zero;
      table_.ids({}, 0, 1, &zero);
    }
    std::fill(out, out + (end - begin), 0);
    return;
  }
  table_.ids(keys, begin, end, out);
}

void KeySpace::refresh() {
  if (cached_ == size()) return;
  std::vector<Column> fresh = table_.keys(static_cast<int64_t>(cached_), table_.size());
  if (cached_ == 0)
    columns_ = std::move(fresh);
  else
    for (size_t c = 0; c < columns_.size(); ++c)
      columns_[c] = concat({columns_[c], fresh[c]}, "agg");
  cached_ = size();
}

std::vector<Column> KeySpace::gather(const uint32_t* ids, size_t n) {
  if (types_.empty() || n == 0) {
    std::vector<Column> out;
    for (const DataType& type : types_) out.push_back(Column::nulls(type, 0));
    return out;
  }
  // Reading all keys again pays when there are many to hand out.
  if (cached_ != size() && n * 1000 < size()) {
    if (*std::max_element(ids, ids + n) >= cached_) {
      std::vector<std::vector<Column>> parts(types_.size());
      for (size_t i = 0; i < n; ++i) {
        std::vector<Column> key = table_.keys(ids[i], ids[i] + int64_t{1});
        for (size_t c = 0; c < key.size(); ++c) parts[c].push_back(std::move(key[c]));
      }
      std::vector<Column> out;
      for (const auto& part : parts) out.push_back(concat(part, "agg"));
      return out;
    }
  } else {
    refresh();
  }
  bool all = n == cached_;
  for (size_t i = 0; all && i < n; ++i) all = ids[i] == i;
  if (all) return columns_;
  const std::vector<int64_t> rows(ids, ids + n);
  std::vector<Column> out;
  for (const Column& column : columns_)
    out.push_back(frame::gather(column, rows.data(), static_cast<int64_t>(n)));
  return out;
}

void KeySpace::keep_only(const std::vector<uint32_t>& kept, std::vector<uint32_t>& renumbered) {
  const std::vector<Column> columns = gather(kept.data(), kept.size());
  renumbered.assign(size(), frame::KeyTable::kAbsent);
  table_.clear();
  cached_ = 0;
  columns_.clear();
  std::vector<uint32_t> out(kept.size());
  ids(columns, 0, static_cast<int64_t>(kept.size()), out.data());
  for (size_t i = 0; i < kept.size(); ++i) renumbered[kept[i]] = out[i];
}

std::vector<uint8_t> KeySpace::groups() const {
  std::vector<uint64_t> hashes(size());
  frame::hash_rows(table_.keys(), 0, table_.size(), hashes.data(), "checkpoint");
  std::vector<uint8_t> out(size());
  for (size_t i = 0; i < size(); ++i) out[i] = static_cast<uint8_t>(hashes[i] % kKeyGroups);
  return out;
}

void KeySpace::snapshot(StateWriter& out) const {
  out.put<uint64_t>(size());
  if (types_.empty()) return;
  for (const Column& column : table_.keys()) out.put_column(column);
}

void KeySpace::restore(StateReader& in) {
  const auto count = in.get<uint64_t>();
  std::vector<Column> columns;
  for (const DataType& type : types_) {
    columns.push_back(in.get_column(type));
    if (static_cast<uint64_t>(columns.back().length()) != count)
      in.refuse("number of keys", message(columns.back().length()));
  }
  if (types_.empty() && count > 1) throw CorruptionError("checkpoint: more keys than one");
  std::vector<uint32_t> out(count);
  ids(columns, 0, static_cast<int64_t>(count), out.data());
  if (size() != count) throw CorruptionError("checkpoint: a key comes twice");
}

StateArena& StateArena::operator=(StateArena&& other) noexcept {
  clear();
  layout_ = other.layout_;
  stride_ = other.stride_;
  size_ = std::exchange(other.size_, 0);
  chunks_ = std::move(other.chunks_);
  return *this;
}

uint8_t* StateArena::next() {
  if ((size_ & kMask) == 0 && (size_ >> kShift) == chunks_.size())
    chunks_.push_back(std::unique_ptr<uint8_t[]>(new uint8_t[(kMask + 1) * stride_]));
  return at(size_++);
}

uint8_t* StateArena::add() {
  uint8_t* state = next();
  layout_->init(state);
  return state;
}

uint8_t* StateArena::add_copy(const uint8_t* from) {
  uint8_t* state = next();
  if (layout_->owns_memory()) layout_->init(state);
  copy_state(*layout_, state, from);
  return state;
}

void StateArena::grow(size_t n) {
  while (size_ < n) add();
}

void StateArena::clear() {
  if (layout_ != nullptr && layout_->owns_memory())
    for (size_t i = 0; i < size_; ++i) layout_->destroy(at(i));
  size_ = 0;
}

uint8_t* StatePool::take() {
  if (free_.empty()) return arena_.add();
  uint8_t* state = free_.back();
  free_.pop_back();
  return state;
}

void StatePool::give_back(uint8_t* state) {
  layout_->destroy(state);
  layout_->init(state);
  free_.push_back(state);
}

void PendingUpdates::begin(const frame::AggregateLayout& layout, std::vector<Column> inputs,
                           const std::vector<int64_t>& event_ms, int64_t first_row) {
  layout_ = &layout;
  inputs_ = std::move(inputs);
  event_ms_ = event_ms.data();
  row_ = first_row;
  states_.clear();
}

void PendingUpdates::flush() {
  if (states_.empty()) return;
  const auto n = static_cast<int64_t>(states_.size());
  layout_->update_rows(states_.data(), inputs_, row_, row_ + n, frame::Order{event_ms_});
  row_ += n;
  states_.clear();
}

}  // namespace cne::stream
