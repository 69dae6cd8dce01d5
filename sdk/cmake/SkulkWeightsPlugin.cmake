# skulk_weights_add_plugin(NAME hello ID com.example.hello KINDS hello SOURCES hello.c
#                          [VERSION 1.2.3] [LICENSE MIT] [TARGET_MINOR 0] [MANIFEST file.in] [STATIC_RUNTIME])
#
# Makes the module library NAME, which exports skw_plugin_entry_v1 and nothing else, and writes its manifest
# skw-plugin.json beside it once it is linked: the manifest holds the library's size and SHA-256, so neither
# building nor installing may change the file afterwards (no stripping, no rewritten run path). Both are
# installed to lib/skulk-weights/plugins/<ID>/. Sources get SKW_PLUGIN_ID, SKW_PLUGIN_VERSION and
# SKW_TARGET_MINOR as macros.
#   KINDS           names of the artifact kinds; the manifest says no more about them
#   VERSION         semantic version, else the project's
#   LICENSE         SPDX expression, else NOASSERTION
#   TARGET_MINOR    lowest minor of the host interface that the plugin runs in, else 0
#   MANIFEST        a manifest of your own instead of KINDS, with titles, vendor, collections, tools; it may
#                   use each @WORD@ of skw-plugin.json.in, which lies beside this file
#   STATIC_RUNTIME  links the compiler's runtime libraries into the plugin
include_guard(GLOBAL)
include(CheckCXXSymbolExists)
include(CheckSymbolExists)

# Which C library the platform has, in the manifest's words.
function(_skulk_weights_libc out)
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if("C" IN_LIST languages)
    check_symbol_exists(__GLIBC__ features.h SKULK_WEIGHTS_HAS_GLIBC)
  else()
    check_cxx_symbol_exists(__GLIBC__ features.h SKULK_WEIGHTS_HAS_GLIBC)
  endif()
  if(SKULK_WEIGHTS_HAS_GLIBC)
    set(${out} glibc PARENT_SCOPE)
  else()
    set(${out} musl PARENT_SCOPE)
  endif()
endfunction()

# What goes into the manifest is checked here: there it would be found only when a host reads it.
function(_skulk_weights_check what value pattern hint)
  string(LENGTH "${value}" length)
  if(length GREATER 128 OR NOT value MATCHES "^(${pattern})$")
    message(FATAL_ERROR "skulk_weights_add_plugin: ${what} '${value}' must be ${hint}")
  endif()
endfunction()

function(skulk_weights_add_plugin)
  cmake_parse_arguments(PARSE_ARGV 0 ARG "STATIC_RUNTIME" "NAME;ID;VERSION;LICENSE;TARGET_MINOR;MANIFEST"
                        "KINDS;SOURCES")
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "skulk_weights_add_plugin: what is '${ARG_UNPARSED_ARGUMENTS}'?")
  endif()
  if(NOT ARG_SOURCES)
    message(FATAL_ERROR "skulk_weights_add_plugin: SOURCES is missing")
  endif()
  if((ARG_KINDS AND ARG_MANIFEST) OR NOT (ARG_KINDS OR ARG_MANIFEST))
    message(FATAL_ERROR "skulk_weights_add_plugin: give either KINDS or MANIFEST")
  endif()
  if(NOT CMAKE_SYSTEM_NAME STREQUAL "Linux")
    message(FATAL_ERROR "skulk_weights_add_plugin: plugins are built for Linux only, not ${CMAKE_SYSTEM_NAME}")
  endif()
  get_target_property(ABI_MAJOR skulk_weights::plugin_c SKW_ABI_MAJOR)
  get_target_property(ABI_MINOR skulk_weights::plugin_c SKW_ABI_MINOR)
  set(VERSION "${PROJECT_VERSION}")
  set(LICENSE NOASSERTION)
  set(TARGET_MINOR 0)
  foreach(word NAME ID VERSION LICENSE TARGET_MINOR)
    if(DEFINED ARG_${word})
      set(${word} "${ARG_${word}}")
    endif()
  endforeach()
  _skulk_weights_check(NAME "${NAME}" "[A-Za-z0-9_][A-Za-z0-9_.-]*"
                       "a file name of letters, digits and _ . -")
  _skulk_weights_check(ID "${ID}" "[a-z0-9_][a-z0-9_-]*(\\.[a-z0-9_-]+)+"
                       "a reverse domain name in lower case, such as com.example.hello")
  if(ID MATCHES "^skw\\.")
    message(FATAL_ERROR "skulk_weights_add_plugin: ID '${ID}': skw. belongs to the built-in plugins")
  endif()
  _skulk_weights_check(VERSION "${VERSION}" "[0-9]+\\.[0-9]+\\.[0-9]+([-+][0-9A-Za-z.+-]+)?"
                       "a semantic version such as 1.2.3")
  _skulk_weights_check(LICENSE "${LICENSE}" "[A-Za-z0-9.+() -]+" "an SPDX expression such as MIT")
  _skulk_weights_check(TARGET_MINOR "${TARGET_MINOR}" "[0-9]+" "a number")
  if(TARGET_MINOR GREATER ABI_MINOR)
    message(FATAL_ERROR "skulk_weights_add_plugin: TARGET_MINOR ${TARGET_MINOR} is above ${ABI_MINOR}, the "
                        "minor of this SDK")
  endif()
  foreach(kind IN LISTS ARG_KINDS)
    _skulk_weights_check(KINDS "${kind}" "[a-z][a-z0-9-]*" "lower-case letters, digits and -")
    list(APPEND KINDS "{\"name\": \"${kind}\", \"title\": \"${kind}\"}")
  endforeach()
  list(JOIN KINDS ", " KINDS)

  set(here ${CMAKE_CURRENT_FUNCTION_LIST_DIR})
  add_library(${NAME} MODULE ${ARG_SOURCES})
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if("CXX" IN_LIST languages)
    target_link_libraries(${NAME} PRIVATE skulk_weights::plugin_cpp)
  else()
    target_link_libraries(${NAME} PRIVATE skulk_weights::plugin_c)
  endif()
  target_compile_definitions(${NAME} PRIVATE SKW_PLUGIN_ID="${ID}" SKW_PLUGIN_VERSION="${VERSION}"
                                                 SKW_TARGET_MINOR=${TARGET_MINOR})
  target_link_options(${NAME} PRIVATE LINKER:--version-script=${here}/one-symbol.map LINKER:--no-undefined)
  if(ARG_STATIC_RUNTIME)
    target_link_options(${NAME} PRIVATE -static-libgcc $<$<LINK_LANGUAGE:CXX>:-static-libstdc++>)
  endif()
  set_target_properties(${NAME} PROPERTIES PREFIX "" C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden
                        VISIBILITY_INLINES_HIDDEN ON BUILD_WITH_INSTALL_RPATH ON
                        LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/plugins/${ID})

  # The manifest in two steps: what the project knows now, what only the linked file tells afterwards.
  if(NOT ARG_MANIFEST)
    set(ARG_MANIFEST ${here}/skw-plugin.json.in)
  endif()
  foreach(word LIBRARY_NAME SIZE SHA256)
    set(${word} "@${word}@")
  endforeach()
  set(ARCH ${CMAKE_SYSTEM_PROCESSOR})
  _skulk_weights_libc(LIBC)
  set(template ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.skw-plugin.json.in)
  configure_file(${ARG_MANIFEST} ${template} @ONLY)
  set_property(TARGET ${NAME} APPEND PROPERTY LINK_DEPENDS ${here}/one-symbol.map ${template})
  set(manifest $<TARGET_FILE_DIR:${NAME}>/skw-plugin.json)
  add_custom_command(TARGET ${NAME} POST_BUILD
    COMMAND ${CMAKE_COMMAND} -D TEMPLATE=${template} -D LIBRARY=$<TARGET_FILE:${NAME}> -D OUTPUT=${manifest}
      -P ${here}/WriteManifest.cmake
    VERBATIM)
  install(FILES $<TARGET_FILE:${NAME}> ${manifest} DESTINATION lib/skulk-weights/plugins/${ID})
endfunction()
