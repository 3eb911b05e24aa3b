#pragma once

#include <bitset>
#include <optional>
#include <string_view>

namespace cne::kafka {

/// The bytes that a part of a regular expression matches.
using RegexSet = std::bitset<256>;

RegexSet regex_range(int from, int to);  // both included
RegexSet regex_one(unsigned char c);
/// Of \w.
RegexSet regex_words();
/// Of \d, \w, \s and their opposites, by the letter.
std::optional<RegexSet> perl_class(char c);
/// Of [:name:] within brackets, or [:^name:].
std::optional<RegexSet> posix_class(std::string_view name);

}  // namespace cne::kafka
