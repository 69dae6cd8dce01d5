# skw_library(NAME hub SOURCES a.cpp ... [USES support ...] [PUBLIC lib ...] [PRIVATE lib ...])
# Makes the static library skw_<NAME>, alias skw::<NAME>, from files of the calling folder.
#   USES     our libraries, which is also the whole list of folders this one may include
#   PUBLIC   libraries whose headers our headers include
#   PRIVATE  libraries that only our sources see
function(skw_library)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;USES;PUBLIC;PRIVATE" ${ARGN})
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "skw_library: what is '${ARG_UNPARSED_ARGUMENTS}'?")
  endif()
  set(target skw_${ARG_NAME})
  add_library(${target} STATIC ${ARG_SOURCES})
  add_library(skw::${ARG_NAME} ALIAS ${target})
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}/core ${PROJECT_SOURCE_DIR}/sdk/include
                                              ${PROJECT_SOURCE_DIR}/sdk)
  list(TRANSFORM ARG_USES PREPEND skw::)
  target_link_libraries(${target} PUBLIC ${ARG_USES} ${ARG_PUBLIC} PRIVATE skw_flags ${ARG_PRIVATE})
endfunction()

# skw_program(NAME skulk-hub SOURCES main.cpp USES localhub): an installed program.
function(skw_program)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;USES;PRIVATE" ${ARGN})
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  list(TRANSFORM ARG_USES PREPEND skw::)
  target_link_libraries(${ARG_NAME} PRIVATE skw_flags ${ARG_USES} ${ARG_PRIVATE})
  install(TARGETS ${ARG_NAME} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()

# skw_unit_test(FOLDER hub SOURCES judge.cpp ... USES hub): one Boost.Test program for one folder of
# core/, run as the ctest test unit_<FOLDER>. A test file includes the header under test first.
function(skw_unit_test)
  cmake_parse_arguments(ARG "" "FOLDER" "SOURCES;USES;PRIVATE;LABELS" ${ARGN})
  set(target unit_${ARG_FOLDER})
  add_executable(${target} ${ARG_SOURCES} ${PROJECT_SOURCE_DIR}/tests/unit/main.cpp)
  list(TRANSFORM ARG_USES PREPEND skw::)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(${target} PRIVATE SKW_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                                               SKW_BUILD_DIR="${PROJECT_BINARY_DIR}")
  target_link_libraries(${target} PRIVATE skw_flags ${ARG_USES} ${ARG_PRIVATE} Boost::unit_test_framework)
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  add_test(NAME ${target} COMMAND ${target} --log_level=error --report_level=short --color_output=no)
  set_tests_properties(${target} PROPERTIES LABELS "unit;${ARG_LABELS}" TIMEOUT 300)
endfunction()
