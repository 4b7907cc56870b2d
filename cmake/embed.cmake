# Builds text files into the program.
#   evently_embed(target NAMESPACE evently::migrations HEADER migrations_embedded.hpp FILES a.sql b.sql)
# gives `inline constexpr EmbeddedFile kFiles[] = {{"a.sql", "…"}, …}` in that namespace.
function(evently_embed target)
  cmake_parse_arguments(EMBED "" "NAMESPACE;HEADER" "FILES" ${ARGN})
  set(output ${CMAKE_BINARY_DIR}/embedded/${EMBED_HEADER})
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DNAMESPACE=${EMBED_NAMESPACE}
            "-DFILES=${EMBED_FILES}" -P ${CMAKE_SOURCE_DIR}/cmake/embed_files.cmake
    DEPENDS ${EMBED_FILES} ${CMAKE_SOURCE_DIR}/cmake/embed_files.cmake VERBATIM)
  target_sources(${target} PRIVATE ${output})
  target_include_directories(${target} PRIVATE ${CMAKE_BINARY_DIR}/embedded)
endfunction()
