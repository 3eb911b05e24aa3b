#include "frame/hash_table.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>

#include "core/error.h"
#include "core/hash.h"
#include "frame/key_encoding.h"

namespace cne::frame {

namespace {

constexpr int64_t kBlock = 128;  // rows whose slots are fetched ahead together
constexpr uint64_t kNullHash = 0x6a09e667f3bcc908ULL;

void check_key(const DataType& type, const char* function) {
  if (is_nested(type.id))
    throw TypeError(message(function, ": a key cannot be of type ", to_string(type)));
}

}  // namespace

KeyTable::KeyTable(std::vector<DataType> types, const char* function) : types_(std::move(types)) {
  for (const DataType& type : types_) check_key(type, function);
  if (types_.size() != 1)
    kind_ = Kind::kPacked;
  else if (is_binary_like(types_[0].id))
    kind_ = Kind::kText;
  clear();
}

void KeyTable::clear() {
  slots_.assign(16, Slot{0, kAbsent});
  mask_ = 15;
  count_ = 0;
  null_ = kAbsent;
  words_.clear();
  arena_.clear();
  ends_.clear();
}

size_t KeyTable::bytes() const {
  return slots_.capacity() * sizeof(Slot) + words_.capacity() * 8 + arena_.capacity() +
         ends_.capacity() * 8;
}

uint32_t KeyTable::next_id() {
  if (count_ >= kAbsent) throw ShapeError("KeyTable: expected fewer than 2^32 - 1 distinct keys");
  return static_cast<uint32_t>(count_++);
}

/// Makes room so that `more` keys leave the table at most half full.
void KeyTable::reserve(int64_t more) {
  const auto needed = static_cast<uint64_t>(count_ + more) * 2;
  if (needed <= slots_.size()) return;
  uint64_t size = slots_.size();
  while (size < needed) size *= 2;
  std::vector<Slot> old(size, Slot{0, kAbsent});
  old.swap(slots_);
  mask_ = size - 1;
  for (const Slot& slot : old) {
    if (slot.id == kAbsent) continue;
    uint64_t at = (kind_ == Kind::kFixed ? hash_u64(slot.word) : slot.word) & mask_;
    while (slots_[at].id != kAbsent) at = (at + 1) & mask_;
    slots_[at] = slot;
  }
}

template <bool kInsert>
uint32_t KeyTable::null_id() {
  if (kInsert && null_ == kAbsent) {
    null_ = next_id();
    if (kind_ == Kind::kFixed)
      words_.push_back(0);
    else
      ends_.push_back(arena_.size());
  }
  return null_;
}

template <bool kInsert>
uint32_t KeyTable::probe_word(uint64_t word, uint64_t hash) {
  for (uint64_t at = hash & mask_;; at = (at + 1) & mask_) {
    Slot& slot = slots_[at];
    if (slot.id == kAbsent) {
      if (!kInsert) return kAbsent;
      slot = {word, next_id()};
      words_.push_back(word);
      return slot.id;
    }
    if (slot.word == word) return slot.id;
  }
}

std::string_view KeyTable::stored(uint32_t id) const {
  const size_t begin = id ? ends_[id - 1] : 0;
  return {arena_.data() + begin, ends_[id] - begin};
}

template <bool kInsert>
uint32_t KeyTable::probe_bytes(std::string_view bytes, uint64_t hash) {
  for (uint64_t at = hash & mask_;; at = (at + 1) & mask_) {
    Slot& slot = slots_[at];
    if (slot.id == kAbsent) {
      if (!kInsert) return kAbsent;
      slot = {hash, next_id()};
      arena_.insert(arena_.end(), bytes.begin(), bytes.end());
      ends_.push_back(arena_.size());
      return slot.id;
    }
    if (slot.word == hash && stored(slot.id) == bytes) return slot.id;
  }
}

template <bool kInsert, typename Reader>
void KeyTable::lookup_fixed(const Column& key, const Reader& read, int64_t begin, int64_t end,
                            uint32_t* out) {
  std::array<uint64_t, kBlock> hashes;
  for (int64_t start = begin; start < end; start += kBlock) {
    const int64_t n = std::min(kBlock, end - start);
    if (kInsert) reserve(n);
    for (int64_t i = 0; i < n; ++i) {
      hashes[i] = hash_u64(key_word(read(start + i)));
      __builtin_prefetch(&slots_[hashes[i] & mask_]);
    }
    if (key.may_have_nulls()) {
      for (int64_t i = 0; i < n; ++i)
        *out++ = key.is_valid(start + i) ? probe_word<kInsert>(key_word(read(start + i)), hashes[i])
                                         : null_id<kInsert>();
    } else {
      for (int64_t i = 0; i < n; ++i)
        *out++ = probe_word<kInsert>(key_word(read(start + i)), hashes[i]);
    }
  }
}

template <bool kInsert>
void KeyTable::lookup_text(const Column& key, int64_t begin, int64_t end, uint32_t* out) {
  const StringView text = key.strings();
  std::array<uint64_t, kBlock> hashes;
  for (int64_t start = begin; start < end; start += kBlock) {
    const int64_t n = std::min(kBlock, end - start);
    if (kInsert) reserve(n);
    for (int64_t i = 0; i < n; ++i) {
      const std::string_view bytes = text[start + i];
      hashes[i] = hash_bytes(bytes.data(), bytes.size());
      __builtin_prefetch(&slots_[hashes[i] & mask_]);
    }
    for (int64_t i = 0; i < n; ++i)
      *out++ = key.is_valid(start + i) ? probe_bytes<kInsert>(text[start + i], hashes[i])
                                       : null_id<kInsert>();
  }
}

template <bool kInsert>
void KeyTable::lookup_packed(const std::vector<Column>& keys, int64_t begin, int64_t end,
                             uint32_t* out) {
  std::array<uint64_t, kBlock> hashes;
  std::array<size_t, kBlock + 1> at;
  std::string bytes;
  for (int64_t start = begin; start < end; start += kBlock) {
    const int64_t n = std::min(kBlock, end - start);
    if (kInsert) reserve(n);
    bytes.clear();
    for (int64_t i = 0; i < n; ++i) {
      at[i] = bytes.size();
      for (const Column& key : keys) append_key(key, start + i, bytes);
      hashes[i] = hash_bytes(bytes.data() + at[i], bytes.size() - at[i]);
      __builtin_prefetch(&slots_[hashes[i] & mask_]);
    }
    at[n] = bytes.size();
    for (int64_t i = 0; i < n; ++i)
      *out++ = probe_bytes<kInsert>({bytes.data() + at[i], at[i + 1] - at[i]}, hashes[i]);
  }
}

template <bool kInsert>
void KeyTable::lookup(const std::vector<Column>& keys, int64_t begin, int64_t end, uint32_t* out) {
  if (kind_ == Kind::kPacked)
    lookup_packed<kInsert>(keys, begin, end, out);
  else if (kind_ == Kind::kText)
    lookup_text<kInsert>(keys[0], begin, end, out);
  else
    visit_reader(keys[0],
                 [&](const auto& read) { lookup_fixed<kInsert>(keys[0], read, begin, end, out); });
}

void KeyTable::ids(const std::vector<Column>& keys, int64_t begin, int64_t end, uint32_t* out) {
  lookup<true>(keys, begin, end, out);
}

void KeyTable::find(const std::vector<Column>& keys, int64_t begin, int64_t end,
                    uint32_t* out) const {
  // Without insertion nothing is written.
  const_cast<KeyTable*>(this)->lookup<false>(keys, begin, end, out);
}

void hash_rows(const std::vector<Column>& keys, int64_t begin, int64_t end, uint64_t* out,
               const char* function) {
  bool first = true;
  for (const Column& key : keys) {
    check_key(key.type(), function);
    const auto mix = [&](const auto& hash_at) {
      for (int64_t i = begin; i < end; ++i) {
        const uint64_t h = key.is_valid(i) ? hash_at(i) : kNullHash;
        out[i - begin] = first ? h : hash_u64(out[i - begin] * 31 + h);
      }
    };
    if (is_binary_like(key.type().id)) {
      const StringView text = key.strings();
      mix([&](int64_t i) { return hash_bytes(text[i].data(), text[i].size()); });
    } else {
      visit_reader(key,
                   [&](auto read) { mix([&](int64_t i) { return hash_u64(key_word(read(i))); }); });
    }
    first = false;
  }
  if (first) std::fill(out, out + (end - begin), 0);
}

}  // namespace cne::frame
