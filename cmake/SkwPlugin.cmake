# skw_builtin_plugin(NAME mtp ID skw.mtp SOURCES ... [USES safetensors ...])
# Makes one shipped artifact plugin: a module that exports its entry function and nothing else, beside
# its manifest skw-plugin.json, which is written from skw-plugin.json.in once the library is linked
# (it holds the library's size and SHA-256), in lib/skulk-weights/plugins/<ID>/ of build and install tree.
function(skw_builtin_plugin)
  cmake_parse_arguments(ARG "" "NAME;ID" "SOURCES;USES;PRIVATE" ${ARGN})
  set(target skw_plugin_${ARG_NAME})
  set(folder ${PROJECT_BINARY_DIR}/${SKW_PLUGIN_DIR}/${ARG_ID})
  add_library(${target} MODULE ${ARG_SOURCES})
  list(TRANSFORM ARG_USES PREPEND skw::)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/plugins ${PROJECT_SOURCE_DIR}/sdk
                                               ${PROJECT_SOURCE_DIR}/sdk/include)
  target_compile_definitions(${target} PRIVATE SKW_PLUGIN_VERSION="${PROJECT_VERSION}"
                                               SKW_PLUGIN_ID="${ARG_ID}")
  set(script ${PROJECT_SOURCE_DIR}/sdk/cmake/one-symbol.map)
  target_link_libraries(${target} PRIVATE skw_flags ${ARG_USES} ${ARG_PRIVATE})
  target_link_options(${target} PRIVATE -Wl,--version-script=${script})
  # Nothing may take the symbols off later: the manifest holds the hash of what is linked.
  target_link_options(${target} PRIVATE $<$<CONFIG:Release>:-s>)
  if(NOT SKW_SANITIZE)
    # Sanitizers resolve their runtime from the program, so only a plain build can promise this.
    target_link_options(${target} PRIVATE -Wl,--no-undefined)
  endif()
  # The manifest holds the hash of what is linked, so installing must not rewrite a run path.
  set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME ${ARG_NAME} LINK_DEPENDS ${script}
                        BUILD_WITH_INSTALL_RPATH ON
                        LIBRARY_OUTPUT_DIRECTORY ${folder})
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND ${CMAKE_COMMAND} -D TEMPLATE=${CMAKE_CURRENT_SOURCE_DIR}/skw-plugin.json.in
      -D LIBRARY=$<TARGET_FILE:${target}> -D OUTPUT=${folder}/skw-plugin.json
      -D VERSION=${PROJECT_VERSION} -D ID=${ARG_ID} -D ARCH=${CMAKE_SYSTEM_PROCESSOR}
      -P ${PROJECT_SOURCE_DIR}/sdk/cmake/WriteManifest.cmake
    VERBATIM)
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/skw-plugin.json.in)
  install(FILES $<TARGET_FILE:${target}> ${folder}/skw-plugin.json
          DESTINATION ${SKW_PLUGIN_DIR}/${ARG_ID})
endfunction()
