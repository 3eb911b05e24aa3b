#include "feature/view_history.h"

#include <utility>

#include "feature/history_file.h"

namespace cne::feature {

namespace {

constexpr int64_t kSealRows = 1 << 16;

}  // namespace

void ViewHistory::add_file(HistoryFile file) {
  rows_ += file.rows;
  files_.push_back(std::move(file));
}

void ViewHistory::append(const RowBlock& block) {
  rows_ += block.rows;
  if (block.rows >= kLargeBlock) {
    seal();
    blocks_.push_back(block);
    return;
  }
  if (pending_.empty()) {
    for (const DataType& type : spec_.entity_types) pending_.emplace_back(type, 64);
    pending_.emplace_back(DType::kInt64, 64);
    pending_.emplace_back(DType::kInt64, 64);
    for (const Field& field : spec_.features) pending_.emplace_back(field.type, 64);
  }
  size_t c = 0;
  const auto add = [&](const Column& column) {
    for (int64_t i = 0; i < block.rows; ++i) pending_[c].add_from(column, i);
    ++c;
  };
  for (const Column& column : block.entities) add(column);
  add(block.event_time);
  add(block.created);
  for (const Column& column : block.features) add(column);
  pending_rows_ += block.rows;
  if (pending_rows_ >= kSealRows) seal();
}

void ViewHistory::seal() {
  if (pending_rows_ == 0) return;
  const size_t keys = spec_.entities.size();
  RowBlock block;
  block.rows = std::exchange(pending_rows_, 0);
  for (size_t c = 0; c < pending_.size(); ++c) {
    Column column = pending_[c].finish();
    if (c < keys)
      block.entities.push_back(std::move(column));
    else if (c == keys)
      block.event_time = std::move(column);
    else if (c == keys + 1)
      block.created = std::move(column);
    else
      block.features.push_back(std::move(column));
  }
  pending_.clear();
  // Blocks grow by halves, so that many small ones never pile up.
  while (!blocks_.empty() && blocks_.back().rows <= 2 * block.rows && block.rows < kSealRows) {
    block = concat_blocks({blocks_.back(), block});
    blocks_.pop_back();
  }
  blocks_.push_back(std::move(block));
}

std::vector<RowBlock> ViewHistory::unsaved() {
  seal();
  return blocks_;
}

std::shared_ptr<const HistoryIndex> ViewHistory::index() {
  if (index_ != nullptr && index_->rows() == rows_) return index_;
  std::vector<RowBlock> all;
  for (HistoryFile& file : files_) {
    if (file.blocks.empty()) file.blocks = read_history_file(file.path, view_, spec_, file.rows);
    all.insert(all.end(), file.blocks.begin(), file.blocks.end());
  }
  const std::vector<RowBlock> rest = unsaved();
  all.insert(all.end(), rest.begin(), rest.end());
  index_ = std::make_shared<const HistoryIndex>(spec_, std::move(all));
  return index_;
}

void ViewHistory::saved_as(HistoryFile file) {
  files_.push_back(std::move(file));
  blocks_.clear();
}

}  // namespace cne::feature
