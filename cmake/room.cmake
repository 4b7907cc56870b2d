# A room is a folder of src/ that becomes one static library and links only the rooms it declares.
#   evently_room(bookings DEPENDS base http postgres LIBRARIES Boost::json)
# Sources are the folder's *.cpp. Tests are tests/<folder>/**_{test,pgtest,httptest}.cpp; the suffix
# becomes the ctest label (unit, pg, http): it says what the test needs.
function(evently_room name)
  cmake_parse_arguments(ROOM "" "" "DEPENDS;LIBRARIES;EXCLUDE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  foreach(excluded ${ROOM_EXCLUDE})
    list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/${excluded})
  endforeach()
  add_library(evently_${name} STATIC ${sources})
  target_link_libraries(evently_${name} PUBLIC evently_flags ${ROOM_LIBRARIES})
  foreach(dependency ${ROOM_DEPENDS})
    target_link_libraries(evently_${name} PUBLIC evently_${dependency})
  endforeach()
  if(NOT name STREQUAL "base")
    target_precompile_headers(evently_${name} REUSE_FROM evently_base)
  endif()
endfunction()
