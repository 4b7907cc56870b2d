# Compiler and linker flags of every target. clang-19 is the compiler (docs/decisions/0001).
add_library(evently_flags INTERFACE)

target_compile_options(evently_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wswitch-enum -Werror
  -fno-omit-frame-pointer)
target_compile_definitions(evently_flags INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_DISABLE_BOOST_COROUTINE)
target_include_directories(evently_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)

if(EVENTLY_FUZZ)
  target_compile_options(evently_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(EVENTLY_SANITIZE)
  target_compile_options(evently_flags INTERFACE -fsanitize=${EVENTLY_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(evently_flags INTERFACE -fsanitize=${EVENTLY_SANITIZE})
else()
  target_compile_options(evently_flags INTERFACE -fstack-protector-strong -fstack-clash-protection -fcf-protection)
  # Every object of ours has landing pads; the note says so for the whole program.
  target_link_options(evently_flags INTERFACE -Wl,-z,ibt -Wl,-z,shstk)
  target_compile_definitions(evently_flags INTERFACE $<$<CONFIG:Release>:_FORTIFY_SOURCE=3> $<$<CONFIG:Release>:_GLIBCXX_ASSERTIONS>)
endif()
target_link_options(evently_flags INTERFACE -Wl,-z,relro,-z,now)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_program(MOLD mold)
if(MOLD)
  target_link_options(evently_flags INTERFACE -fuse-ld=mold)
endif()

# At most one heavy translation unit (Beast: ~0.5 GB under ASan) at a time.
set_property(GLOBAL PROPERTY JOB_POOLS heavy=1)
