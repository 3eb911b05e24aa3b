#include "feature/row_layout.h"

namespace cne::feature {

RowLayout::RowLayout(const Schema& features, uint32_t key_words) : key_words_(key_words) {
  const auto count = static_cast<uint32_t>(features.size());
  slots_.resize(count);
  uint32_t word = 3;
  for (uint32_t f = 0; f < count; ++f) {
    FeatureSlot& slot = slots_[f];
    slot.type = features[f].type.id;
    slot.valid_word = f < 32 ? 0 : word + (f - 32) / 64;
    slot.valid_bit = f < 32 ? 32 + f : (f - 32) % 64;
    if (slot.type == DType::kUtf8) texts_.push_back(f);
  }
  if (count > 32) word += (count - 32 + 63) / 64;
  uint32_t bit = 0;
  for (const size_t width : {8, 4, 2, 1})
    for (FeatureSlot& slot : slots_) {
      const size_t own = slot.type == DType::kUtf8   ? 8
                         : slot.type == DType::kBool ? 1
                                                     : byte_width(slot.type);
      if (own != width) continue;
      slot.word = word + bit / 64;
      slot.shift = bit % 64;
      bit += static_cast<uint32_t>(width) * 8;
    }
  key_word_ = word + (bit + 63) / 64;
}

}  // namespace cne::feature
