#include "feature/online_dump.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "feature/column_builder.h"

namespace cne::feature {

namespace {

/// The rows of a block that is being filled.
class BlockBuilder {
 public:
  BlockBuilder(const ViewSpec& spec, const RowLayout& layout, int64_t capacity)
      : spec_(spec), layout_(layout), capacity_(capacity) {
    start();
  }

  int64_t rows() const { return event_.front().length(); }

  void add(const uint64_t* row) {
    add_key(row + layout_.key_word());
    event_[0].add_word(row[kEventWord]);
    event_[1].add_word(row[kCreatedWord]);
    for (size_t f = 0; f < features_.size(); ++f) {
      const FeatureSlot& slot = layout_.slots()[f];
      const bool valid = (row[slot.valid_word] >> slot.valid_bit) & 1;
      if (!valid)
        features_[f].add_null();
      else if (slot.type == DType::kUtf8)
        features_[f].add_text(block_text(row[slot.word]));
      else
        features_[f].add_word(row[slot.word] >> slot.shift);
    }
  }

  RowBlock finish() {
    RowBlock out;
    out.rows = rows();
    for (ColumnBuilder& key : keys_) out.entities.push_back(key.finish());
    out.event_time = event_[0].finish();
    out.created = event_[1].finish();
    for (ColumnBuilder& feature : features_) out.features.push_back(feature.finish());
    start();
    return out;
  }

 private:
  void start() {
    keys_.clear();
    event_.clear();
    features_.clear();
    for (const DataType& type : spec_.entity_types) keys_.emplace_back(type, capacity_);
    for (int i = 0; i < 2; ++i) event_.emplace_back(DType::kInt64, capacity_);
    for (const Field& field : spec_.features) features_.emplace_back(field.type, capacity_);
  }

  const std::string& block_text(uint64_t address) {
    text_.clear();
    append_text(reinterpret_cast<const uint64_t*>(address), text_);
    return text_;
  }

  void add_key(const uint64_t* words) {
    if (!has_text(spec_.entity_types)) {
      for (size_t c = 0; c < keys_.size(); ++c) keys_[c].add_word(words[c]);
      return;
    }
    std::string_view bytes;
    if (is_long_key(words))
      bytes = block_text(words[0]);
    else
      bytes = {reinterpret_cast<const char*>(words), static_cast<size_t>(words[1] >> 56)};
    if (keys_.size() == 1) return keys_[0].add_text(bytes);
    for (size_t c = 0; c < keys_.size(); ++c) {
      if (spec_.entity_types[c].id == DType::kUtf8) {
        uint32_t size = 0;
        std::memcpy(&size, bytes.data(), 4);
        keys_[c].add_text(bytes.substr(4, size));
        bytes.remove_prefix(4 + size);
        continue;
      }
      uint64_t word = 0;
      std::memcpy(&word, bytes.data(), 8);
      keys_[c].add_word(word);
      bytes.remove_prefix(8);
    }
  }

  const ViewSpec& spec_;
  const RowLayout& layout_;
  int64_t capacity_;
  std::vector<ColumnBuilder> keys_, event_, features_;
  std::string text_;
};

}  // namespace

void dump_online(const ViewSpec& spec, const OnlineStore& store, int64_t block_rows,
                 const std::function<void(const RowBlock&)>& each) {
  BlockBuilder builder(spec, store.layout(), std::min(block_rows, store.size()));
  store.for_each([&](const uint64_t* row) {
    builder.add(row);
    if (builder.rows() == block_rows) each(builder.finish());
  });
  if (builder.rows() > 0) each(builder.finish());
}

}  // namespace cne::feature
