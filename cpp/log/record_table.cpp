#include "log/record_table.h"

#include <utility>
#include <vector>

#include "core/error.h"
#include "log/record_batch.h"
#include "log/record_decoder.h"

namespace cne::log {

void RecordTableBuilder::add(int64_t offset, int64_t timestamp_ms, Bytes key, Bytes value,
                             std::string_view headers) {
  encoder_.add(timestamp_ms, key, value, headers);
  offsets_.append(&offset, sizeof offset);
}

Table RecordTableBuilder::finish() {
  encoder_.finish();
  if (encoder_.batches() > 1)
    throw ArgumentError("records: expected at most 1 GiB of them for one table");
  RecordDecoder decoder;
  if (encoder_.records() > 0) {
    const BatchHeader header = read_header(encoder_.bytes().data());
    const char* wrong = decoder.add(header, encoder_.bytes().data(), 0);
    if (wrong != nullptr) throw ArgumentError(message("records: ", wrong));
  }
  // The decoder has numbered them from 0.
  const Table decoded = decoder.finish();
  std::vector<Column> columns = decoded.columns();
  columns[0] = Column(columns[0].type(), decoded.rows(), offsets_.release());
  encoder_.clear();
  return Table(decoded.names(), std::move(columns));
}

}  // namespace cne::log
