# Writes a header holding FILES byte for byte; see embed.cmake. Bytes go in as hex escapes: any
# content, any size, no delimiter to clash with.
set(escape "\\\\x[0-9a-f][0-9a-f]")
set(text "#pragma once\n#include <string_view>\n")
# Longer than what every compiler must take; ours and g++ take it.
string(APPEND text "#pragma GCC diagnostic push\n#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n")
string(APPEND text "namespace ${NAMESPACE} {\n")
string(APPEND text "struct EmbeddedFile { std::string_view name; std::string_view content; };\n")
string(APPEND text "inline constexpr EmbeddedFile kFiles[] = {\n")
foreach(file ${FILES})
  get_filename_component(name ${file} NAME)
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${hex}")
  # Lines of up to 8 bytes.
  string(REGEX REPLACE "(${escape}(${escape})?(${escape})?(${escape})?(${escape})?(${escape})?(${escape})?(${escape})?)"
         "\"\\1\"\n" lines "${bytes}")
  string(LENGTH "${hex}" hex_length)
  math(EXPR length "${hex_length} / 2")
  string(APPEND text "{\"${name}\", std::string_view(\"\"\n${lines}, ${length})},\n")
endforeach()
string(APPEND text "};\n}\n#pragma GCC diagnostic pop\n")
file(WRITE ${OUTPUT} "${text}")
