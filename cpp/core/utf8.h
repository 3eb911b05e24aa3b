#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace cne {

/// Whether the bytes are well-formed UTF-8: shortest forms, no surrogates, up to U+10FFFF
/// (The Unicode Standard, table 3-7).
inline bool is_utf8(std::string_view text) {
  const auto* p = reinterpret_cast<const uint8_t*>(text.data());
  const uint8_t* const end = p + text.size();
  while (p < end) {
    uint64_t word;
    if (end - p >= 8 && (std::memcpy(&word, p, 8), (word & 0x8080808080808080) == 0)) {
      p += 8;
      continue;
    }
    const uint8_t lead = *p++;
    if (lead < 0x80) continue;
    int more = 0;
    uint8_t low = 0x80;
    uint8_t high = 0xbf;
    if (lead >= 0xc2 && lead <= 0xdf) {
      more = 1;
    } else if (lead >= 0xe0 && lead <= 0xef) {
      more = 2;
      if (lead == 0xe0) low = 0xa0;
      if (lead == 0xed) high = 0x9f;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
      more = 3;
      if (lead == 0xf0) low = 0x90;
      if (lead == 0xf4) high = 0x8f;
    } else {
      return false;
    }
    for (; more > 0; --more, low = 0x80, high = 0xbf)
      if (p == end || *p < low || *p++ > high) return false;
  }
  return true;
}

/// The beginning of a text for a message: at most `most` bytes, cut between characters. Bytes that
/// are no text are shown as question marks.
inline std::string excerpt(std::string_view text, size_t most) {
  if (text.size() > most) {
    while (most > 0 && (static_cast<uint8_t>(text[most]) & 0xc0) == 0x80) --most;
    text = text.substr(0, most);
  }
  std::string out(text);
  if (is_utf8(text)) return out;
  for (char& c : out)
    if (c < ' ' || c > '~') c = '?';
  return out;
}

}  // namespace cne
