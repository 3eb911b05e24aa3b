#include "feature/history_file.h"

#include <algorithm>
#include <optional>

#include "feature/block_codec.h"
#include "feature/byte_io.h"
#include "feature/record_file.h"

namespace cne::feature {

namespace {

constexpr int64_t kBlockRows = 1 << 16;

}  // namespace

void write_history_file(const std::string& path, uint32_t view,
                        const std::vector<RowBlock>& blocks) {
  ByteWriter head;
  head.put(view);
  head.put(uint32_t{0});
  const std::string bytes = head.take();
  RecordWriter out = RecordWriter::create(path);
  for (const RowBlock& block : blocks)
    for (int64_t start = 0; start < block.rows; start += kBlockRows)
      out.append(RecordType::kWrite, bytes,
                 encode_block(block.slice(start, std::min(kBlockRows, block.rows - start))));
  out.finish();
}

std::vector<RowBlock> read_history_file(const std::string& path, uint32_t view,
                                        const ViewSpec& spec, int64_t rows) {
  std::vector<RowBlock> out;
  scan_whole(path, [&](const Record& record) {
    ByteReader in(record.text());
    const auto id = in.get<uint32_t>();
    in.get<uint32_t>();
    std::optional<RowBlock> block;
    if (in.ok() && id == view && record.type == RecordType::kWrite)
      block = decode_block(record.payload.slice(8, record.payload.size() - 8), spec);
    if (!block) throw_corrupt(path, record.offset, "expected rows of the view's history");
    rows -= block->rows;
    out.push_back(std::move(*block));
  });
  if (rows != 0) throw_corrupt(path, 0, "expected as many rows as the snapshot says");
  return out;
}

}  // namespace cne::feature
