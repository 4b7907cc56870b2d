#pragma once

#include <filesystem>
#include <string>

#include "base/clock.hpp"

namespace evently::config {

/// Said of a file whose content is not what we write.
inline constexpr char kBadSecret[] = "must hold 64 hexadecimal digits; restore it from your backup";

struct SecretText {
  std::string text;
  std::string fault;  ///< for people, with what to do; empty when the text is good to read
};

/// The file's text. A fault when it is gone, readable by others, or over 16 KiB.
SecretText read_secret_file(const std::filesystem::path& path);

/// Written whole or not at all, 0600, on disk. Of two programs that start together the first one's
/// secret stays. Throws StartRefused.
void make_secret_file(const std::filesystem::path& path, const std::string& text);
/// As make_secret_file, in place of what is there.
void replace_secret_file(const std::filesystem::path& path, const std::string& text);

/// When the file was written last; the epoch when it is not there.
TimePoint changed_at(const std::filesystem::path& path);

}  // namespace evently::config
