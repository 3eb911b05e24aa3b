#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "feature/column_builder.h"
#include "feature/materialize.h"
#include "feature/point_in_time.h"

namespace cne::feature {

/// Where rows of a view's history rest on disk: a file of blocks that is opened when first asked.
struct HistoryFile {
  std::string path;
  int64_t rows = 0;
  std::vector<RowBlock> blocks;  // once read
};

/// All writes of a view in order: first what rests in files, then blocks in memory, last single
/// rows that wait to become a block. Guarded by the store's lock.
class ViewHistory {
 public:
  /// The spec must be typed and outlive this. The id is the view's in its files.
  ViewHistory(const ViewSpec& spec, uint32_t view) : spec_(spec), view_(view) {}

  void add_file(HistoryFile file);
  /// Appends rows; a large block is kept as it is, so its memory must be nobody else's.
  void append(const RowBlock& block);
  int64_t rows() const { return rows_; }

  /// The index over all rows, built when there are new ones since the last call. Throws
  /// CorruptionError with the file when one cannot be read.
  std::shared_ptr<const HistoryIndex> index();

  /// The rows that rest in no file yet, in order.
  std::vector<RowBlock> unsaved();
  /// Replaces those rows by the file that now holds them.
  void saved_as(HistoryFile file);
  const std::vector<HistoryFile>& files() const { return files_; }

  /// Blocks of at least so many rows are kept as they came.
  static constexpr int64_t kLargeBlock = 1024;

 private:
  void seal();

  const ViewSpec& spec_;
  uint32_t view_;
  std::vector<HistoryFile> files_;
  std::vector<RowBlock> blocks_;
  std::vector<ColumnBuilder> pending_;
  int64_t pending_rows_ = 0;
  int64_t rows_ = 0;
  std::shared_ptr<const HistoryIndex> index_;
};

}  // namespace cne::feature
