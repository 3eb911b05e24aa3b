#include "log/record_fetch.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "core/error.h"
#include "core/parallel.h"
#include "log/batch_cursor.h"
#include "log/producer_state.h"
#include "log/record_decoder.h"

namespace cne::log {

namespace {

constexpr char kFunction[] = "poll";
/// Batches of about so many bytes are decoded by one thread, into one table.
constexpr size_t kPieceBytes = 256 << 10;

/// A batch in memory, and where it was read.
struct Item {
  BatchHeader header;
  const uint8_t* bytes;
  const File* file;
  uint64_t position;

  [[noreturn]] void fail(const char* why) const {
    throw_corrupt_file(kFunction, file->path(), position, why);
  }
};

struct Piece {
  size_t begin = 0;
  size_t end = 0;
  std::vector<Table> tables;
};

/// Knows, as it sees the batches in their order, which of them belong to transactions that were
/// given up.
class AbortFilter {
 public:
  explicit AbortFilter(std::vector<AbortedTransaction> aborted) : aborted_(std::move(aborted)) {
    std::sort(aborted_.begin(), aborted_.end(),
              [](const auto& a, const auto& b) { return a.first_offset < b.first_offset; });
  }

  bool is_aborted(const Item& item) {
    const BatchHeader& header = item.header;
    for (; next_ < aborted_.size() && aborted_[next_].first_offset < header.next_offset(); ++next_)
      open_.insert(aborted_[next_].producer_id);
    if (!header.transactional()) return false;
    if (header.control()) {
      const auto marker = read_marker(header, item.bytes);
      if (marker && !marker->commit) open_.erase(header.producer_id);
      return false;
    }
    return open_.contains(header.producer_id);
  }

 private:
  std::vector<AbortedTransaction> aborted_;
  size_t next_ = 0;
  std::unordered_set<int64_t> open_;
};

Buffer read_slice(const FileSlice& slice) {
  Buffer out = Buffer::allocate(slice.size);
  const size_t got = slice.file->read_at(slice.position, out.mutable_data(), slice.size);
  if (got != slice.size)
    throw_corrupt_file(kFunction, slice.file->path(), slice.position + got,
                       "the file ends inside a batch");
  return out;
}

/// The batches of a slice, by their headers.
void list_batches(const FileSlice& slice, const Buffer& bytes, std::vector<Item>& out) {
  for (size_t at = 0; at < bytes.size();) {
    Item item{{}, bytes.data() + at, slice.file.get(), slice.position + at};
    if (bytes.size() - at < kBatchHeaderSize) item.fail("the file ends inside a batch");
    item.header = read_header(item.bytes);
    if (!can_be(item.header) || item.header.size() > bytes.size() - at)
      item.fail("there is no batch where one should be");
    if (!out.empty() && item.header.base_offset < out.back().header.next_offset())
      item.fail("the base offset does not follow the batch before");
    out.push_back(item);
    at += item.header.size();
  }
}

std::vector<Piece> cut(const std::vector<Item>& items) {
  std::vector<Piece> out;
  size_t size = kPieceBytes;
  for (size_t i = 0; i < items.size(); ++i) {
    if (size >= kPieceBytes) {
      out.push_back({i, i, {}});
      size = 0;
    }
    out.back().end = i + 1;
    size += items[i].header.size();
  }
  return out;
}

void decode(const std::vector<Item>& items, Piece& piece, int64_t offset) {
  RecordDecoder decoder;
  size_t records = 0;
  size_t size = 0;
  for (size_t i = piece.begin; i < piece.end; ++i) {
    records += std::min(static_cast<size_t>(items[i].header.records), items[i].header.size() / 7);
    size += items[i].header.size();
  }
  decoder.reserve(records, size);
  const auto finish = [&] {
    if (decoder.records() > 0) piece.tables.push_back(decoder.finish());
    decoder = RecordDecoder();
  };
  for (size_t i = piece.begin; i < piece.end; ++i) {
    const Item& item = items[i];
    const auto checked = check_batch(item.bytes, item.header.size());
    if (!checked) item.fail(describe(checked.error()));
    if (!decoder.has_room()) finish();
    const char* wrong = nullptr;
    try {
      wrong = decoder.add(item.header, item.bytes, offset);
    } catch (const CorruptionError& error) {
      item.fail(error.what());
    }
    if (wrong != nullptr) item.fail(wrong);
  }
  finish();
}

}  // namespace

Result<RecordFetch, ReadFault> fetch_records(PartitionLog& partition, int64_t offset,
                                             int64_t max_bytes, bool read_committed) {
  RecordFetch out;
  out.next_offset = offset;
  while (out.parts.empty()) {
    auto view = partition.view(out.next_offset, max_bytes, read_committed);
    if (!view) {
      const ReadFault& fault = view.error();
      if (fault.kind == ReadFault::Kind::kCorrupt) throw CorruptionError(fault.why);
      if (fault.kind == ReadFault::Kind::kStorage) throw IoError(fault.why);
      return fault;
    }
    if (view->slices.empty()) return out;
    std::vector<Buffer> buffers;
    std::vector<Item> items;
    for (const FileSlice& slice : view->slices) {
      buffers.push_back(read_slice(slice));
      list_batches(slice, buffers.back(), items);
    }
    out.next_offset = items.back().header.next_offset();
    if (read_committed) {
      AbortFilter filter(std::move(view->aborted));
      std::erase_if(items, [&](const Item& item) { return filter.is_aborted(item); });
    }
    std::vector<Piece> pieces = cut(items);
    parallel_tasks(static_cast<int64_t>(pieces.size()), [&](int64_t task, int) {
      decode(items, pieces[static_cast<size_t>(task)], offset);
    });
    for (Piece& piece : pieces)
      std::move(piece.tables.begin(), piece.tables.end(), std::back_inserter(out.parts));
  }
  return out;
}

}  // namespace cne::log
