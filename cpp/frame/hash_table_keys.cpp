#include <cstring>
#include <limits>
#include <utility>

#include "core/error.h"
#include "frame/dispatch.h"
#include "frame/hash_table.h"

// The keys of a KeyTable as columns again.

namespace cne::frame {

namespace {

/// Builds a text column from pieces that `get(i)` gives; a null data pointer is a null.
template <typename Get>
Column build_text(const DataType& type, int64_t n, const Get& get) {
  int64_t size = 0;
  for (int64_t i = 0; i < n; ++i) size += static_cast<int64_t>(get(i).size());
  DataType out_type = type;
  if (size > std::numeric_limits<int32_t>::max())
    out_type.id = is_string(type.id) ? DType::kLargeUtf8 : DType::kLargeBinary;
  const bool large = is_large(out_type.id);
  Buffer offsets = Buffer::zeros(static_cast<size_t>(n + 1) * (large ? 8 : 4));
  Buffer bytes = Buffer::allocate(static_cast<size_t>(size));
  Buffer validity = Buffer::zeros(static_cast<size_t>(n + 7) / 8);
  int64_t at = 0;
  bool nulls = false;
  for (int64_t i = 0; i < n; ++i) {
    const std::string_view text = get(i);
    if (text.data() != nullptr)
      set_bit(validity.mutable_data(), i);
    else
      nulls = true;
    if (!text.empty()) std::memcpy(bytes.mutable_data() + at, text.data(), text.size());
    at += static_cast<int64_t>(text.size());
    if (large)
      offsets.mutable_as<int64_t>()[i + 1] = at;
    else
      offsets.mutable_as<int32_t>()[i + 1] = static_cast<int32_t>(at);
  }
  return Column::strings(std::move(out_type), n, std::move(offsets), std::move(bytes),
                         nulls ? std::move(validity) : Buffer());
}

/// Builds a fixed-width or bool column: `get(i, word)` returns false for a null.
template <typename Get>
Column build_fixed(const DataType& type, int64_t n, const Get& get) {
  Buffer validity = Buffer::zeros(static_cast<size_t>(n + 7) / 8);
  bool nulls = false;
  const auto each = [&](const auto& put) {
    for (int64_t i = 0; i < n; ++i) {
      uint64_t word = 0;
      if (get(i, word))
        set_bit(validity.mutable_data(), i);
      else
        nulls = true;
      put(i, word);
    }
  };
  Buffer values;
  if (type.id == DType::kBool) {
    values = Buffer::zeros(static_cast<size_t>(n + 7) / 8);
    each([&](int64_t i, uint64_t word) {
      if (word) set_bit(values.mutable_data(), i);
    });
  } else {
    const size_t width = byte_width(type.id);
    values = Buffer::allocate(static_cast<size_t>(n) * width);
    each([&](int64_t i, uint64_t word) {
      std::memcpy(values.mutable_data() + static_cast<size_t>(i) * width, &word, width);
    });
  }
  return Column(type, n, std::move(values), nulls ? std::move(validity) : Buffer());
}

}  // namespace

Column KeyTable::fixed_keys(int64_t begin, int64_t end) const {
  return build_fixed(types_[0], end - begin, [&](int64_t i, uint64_t& word) {
    word = words_[static_cast<size_t>(begin + i)];
    return static_cast<uint32_t>(begin + i) != null_;
  });
}

Column KeyTable::text_keys(int64_t begin, int64_t end) const {
  return build_text(types_[0], end - begin, [&](int64_t i) {
    const auto id = static_cast<uint32_t>(begin + i);
    if (id == null_) return std::string_view();
    const std::string_view text = stored(id);
    return text.data() ? text : std::string_view("");
  });
}

/// `at` holds where the bytes of this key column begin in each key, and is moved behind them.
Column KeyTable::unpack(size_t key, int64_t begin, int64_t end, std::vector<size_t>& at) const {
  const DataType& type = types_[key];
  const int64_t n = end - begin;
  std::vector<const char*> starts(static_cast<size_t>(n));
  std::vector<uint32_t> sizes(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) {
    const char* p = arena_.data() + at[static_cast<size_t>(i)];
    size_t used = 1;
    if (*p != 0) {
      uint32_t size = 8;
      used += 8;
      if (is_binary_like(type.id)) {
        std::memcpy(&size, p + 1, 4);
        used = 5 + size;
        p += 4;
      }
      starts[static_cast<size_t>(i)] = p + 1;
      sizes[static_cast<size_t>(i)] = size;
    }
    at[static_cast<size_t>(i)] += used;
  }
  if (is_binary_like(type.id))
    return build_text(type, n, [&](int64_t i) {
      return std::string_view(starts[static_cast<size_t>(i)], sizes[static_cast<size_t>(i)]);
    });
  return build_fixed(type, n, [&](int64_t i, uint64_t& word) {
    const char* p = starts[static_cast<size_t>(i)];
    if (p != nullptr) std::memcpy(&word, p, 8);
    return p != nullptr;
  });
}

std::vector<Column> KeyTable::keys(int64_t begin, int64_t end) const {
  if (begin < 0 || end < begin || end > count_)
    throw ShapeError(message("KeyTable::keys: expected a range inside ", count_, " keys, got ",
                             begin, " to ", end));
  if (kind_ == Kind::kFixed) return {fixed_keys(begin, end)};
  if (kind_ == Kind::kText) return {text_keys(begin, end)};
  std::vector<size_t> at(static_cast<size_t>(end - begin));
  for (int64_t i = 0; i < end - begin; ++i) {
    const auto id = static_cast<size_t>(begin + i);
    at[static_cast<size_t>(i)] = id ? ends_[id - 1] : 0;
  }
  std::vector<Column> out;
  for (size_t key = 0; key < types_.size(); ++key) out.push_back(unpack(key, begin, end, at));
  return out;
}

}  // namespace cne::frame
