#pragma once

#include <bit>
#include <string_view>
#include <utility>

#include "kafka/wire.h"

namespace cne::kafka {

/// A message as it goes out: bytes, and the parts of files that belong between them.
struct Frame {
  struct Splice {
    size_t at;  // in bytes: the slice goes before the byte there
    FileSlice slice;
  };
  ByteBuffer bytes;
  std::vector<Splice> splices;  // ascending
  size_t file_bytes = 0;

  size_t size() const { return bytes.size() + file_bytes; }
};

/// Writes a message by the `fields` of its struct; see Decoder. Never throws but for memory, so
/// that there always is an answer: a null that the version does not allow is written as the empty
/// value, and a string of more than 32,767 bytes, which no version allows, is cut at the end of a
/// character. What came by the protocol is never so long; a text of an error that quotes it may be.
class Encoder {
 public:
  Encoder(Frame& frame, int16_t version, bool flexible)
      : frame_(frame), version_(version), flexible_(flexible) {}

  int16_t version() const { return version_; }
  bool flexible() const { return flexible_; }

  template <typename T>
  void operator()(const T& value, Versions versions = {}) {
    if (versions.has(version_)) write(value);
  }

  template <typename T>
  void operator()(const std::optional<T>& value, Versions versions, Versions nullable) {
    if (!versions.has(version_)) return;
    if (nullable.has(version_))
      write(value);
    else
      write(value ? *value : T{});
  }

  /// Tags ascend in the order of the calls. Left out when it has the default.
  template <typename T>
  void tagged(uint32_t tag, const T& value, Versions versions = {}, const T& standard = T{}) {
    if (!flexible_ || !versions.has(version_) || value == standard) return;
    Frame inner;
    Encoder encoder(inner, version_, flexible_);
    encoder.write(value);
    put_varint(tags_, tag);
    put_varint(tags_, static_cast<uint32_t>(inner.bytes.size()));
    tags_.append(inner.bytes.data(), inner.bytes.size());
    ++tag_count_;
  }

  /// A whole message. `fields` is the same for both ways and therefore not const.
  template <Structure T>
  void structure(const T& value) {
    ByteBuffer outer = std::exchange(tags_, ByteBuffer());
    const uint32_t outer_count = std::exchange(tag_count_, 0u);
    const_cast<T&>(value).fields(*this);
    if (flexible_) {
      put_varint(frame_.bytes, tag_count_);
      frame_.bytes.append(tags_.data(), tags_.size());
    }
    tags_ = std::move(outer);
    tag_count_ = outer_count;
  }

  /// The first error of the message that is one.
  ErrorCode error() const { return error_; }
  void no_tags() { put_varint(frame_.bytes, 0); }

 private:
  template <typename T>
  void write(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      number(static_cast<int8_t>(value));
    } else if constexpr (std::is_same_v<T, ErrorCode>) {
      if (error_ == ErrorCode::kNone) error_ = value;
      number(static_cast<int16_t>(value));
    } else if constexpr (std::is_same_v<T, double>) {
      number(std::bit_cast<int64_t>(value));
    } else if constexpr (std::is_integral_v<T>) {
      number(value);
    } else if constexpr (std::is_same_v<T, Uuid>) {
      frame_.bytes.append(value.bytes.data(), 16);
    } else if constexpr (std::is_same_v<T, std::string>) {
      const std::string_view text = clip(value);
      string_size(static_cast<int64_t>(text.size()));
      frame_.bytes.append(text);
    } else if constexpr (std::is_same_v<T, Bytes>) {
      array_size(static_cast<int64_t>(value.data.size()));
      frame_.bytes.append(value.data);
    } else if constexpr (std::is_same_v<T, Records>) {
      write_records(value);
    } else if constexpr (IsVector<T>::value) {
      array_size(static_cast<int64_t>(value.size()));
      for (const auto& item : value) write(item);
    } else if constexpr (IsOptional<T>::value) {
      using Inner = typename T::value_type;
      if (value) {
        if constexpr (Structure<Inner>) number(int8_t{1});
        write(*value);
      } else if constexpr (std::is_same_v<Inner, std::string>) {
        string_size(-1);
      } else if constexpr (Structure<Inner>) {
        number(int8_t{-1});
      } else {
        array_size(-1);
      }
    } else {
      structure(value);
    }
  }

  template <typename T>
  void number(T value) {
    uint8_t* to = frame_.bytes.room(sizeof(T));
    const auto bits = static_cast<std::make_unsigned_t<T>>(value);
    for (size_t i = 0; i < sizeof(T); ++i)
      to[i] = static_cast<uint8_t>(static_cast<uint64_t>(bits) >> (8 * (sizeof(T) - 1 - i)));
    frame_.bytes.end_at(to + sizeof(T));
  }

  static std::string_view clip(std::string_view text);
  static void put_varint(ByteBuffer& to, uint32_t value);
  void string_size(int64_t size);
  void array_size(int64_t size);
  void write_records(const Records& records);

  Frame& frame_;
  int16_t version_;
  bool flexible_;
  ErrorCode error_ = ErrorCode::kNone;
  ByteBuffer tags_;  // of the structure that is being written
  uint32_t tag_count_ = 0;
};

}  // namespace cne::kafka
