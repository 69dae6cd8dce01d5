# `cpack -G DEB`: the packages skulk-weights, and skulk-weights-dev for authors of plugins.
set(SKW_PACKAGE_MAINTAINER "The skulk-weights developers <skulk-weights@packages.invalid>" CACHE STRING
  "Maintainer of the Debian packages: Name <address>")
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME skulk-weights)
set(CPACK_PACKAGE_CONTACT ${SKW_PACKAGE_MAINTAINER})
set(CPACK_PACKAGE_VENDOR skulk-weights)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each package has its own, in the first line of its description
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL runtime dev)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_STRIP_FILES ON) # programs; a plugin is a file to the installer, since its manifest holds its hash
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME skulk-weights)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_DEPENDS "ca-certificates")
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "publish model weights to the Hugging Face Hub
A catalog entry says what to publish. A plugin for each kind of artifact
checks, plans and makes it; the program does the rest: it reads the catalog,
talks to the Hub, makes one commit with a self-describing card, and files the
repository into a collection. A local Hub to rehearse on is included.")

set(CPACK_DEBIAN_DEV_PACKAGE_NAME skulk-weights-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "skulk-weights (>= ${PROJECT_VERSION})")
set(CPACK_COMPONENT_DEV_DESCRIPTION "interface for plugins of skulk-weights
The C header that a plugin is written against, a C++ wrapper around it, and a
CMake package that builds a plugin with its manifest.")

set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/debian/finish.cmake)
include(CPack)
