# Compiler and output settings that hold for every target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# The build tree has the shape of the install tree, so that a program finds its plugins and its
# catalog by the same relative path in both.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(SKW_PLUGIN_DIR lib/skulk-weights/plugins)
set(SKW_DATA_DIR share/skulk-weights)
set(SKW_DOC_DIR share/doc/skulk-weights)
# What is installed belongs to the program unless it says that it is for authors of plugins (COMPONENT dev).
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME runtime)

find_program(SKW_CCACHE ccache)
if(SKW_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${SKW_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${SKW_CCACHE})
endif()

set(SKW_SANITIZE "" CACHE STRING "Value for -fsanitize=, empty for none")
option(SKW_WERROR "Treat warnings as errors" ON)

# What every one of our targets is compiled with. Third-party headers come in as SYSTEM.
add_library(skw_flags INTERFACE)
target_compile_options(skw_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  $<$<BOOL:${SKW_WERROR}>:-Werror>
  -ffp-contract=off -fstack-protector-strong)
target_compile_definitions(skw_flags INTERFACE
  $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
if(SKW_SANITIZE)
  target_compile_options(skw_flags INTERFACE
    -fsanitize=${SKW_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(skw_flags INTERFACE -fsanitize=${SKW_SANITIZE})
  if(SKW_SANITIZE MATCHES "thread")
    # Asio orders with fences, which ThreadSanitizer does not model.
    target_compile_options(skw_flags INTERFACE -Wno-tsan)
  endif()
endif()
# GCC 12 reports these inside Boost's and the library's own templates once they are inlined into ours.
target_compile_options(skw_flags INTERFACE
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized -Wno-restrict>)
