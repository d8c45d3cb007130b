# `cmake --preset package && cmake --build build/package --target package`: Debian packages
# libehrgrid0, libehrgrid-dev and ehrgrid, one for each component of cmake/install.cmake.
# scripts/test-package installs them into a clean system.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME ehrgrid)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each package has its own
set(CPACK_PACKAGE_CONTACT "EHRGrid maintainers <maintainers@ehrgrid.invalid>")
set(CPACK_PACKAGING_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL library development runtime)
set(CPACK_VERBATIM_VARIABLES ON)
# What Debian wants beside what is installed everywhere.
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_SOURCE_DIR}/cmake/debian_stage.cmake)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# where the command's own library is found meanwhile; the dependency on its package stands below
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_BINARY_DIR})
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
set(ehr_deb_version "${PROJECT_VERSION}-1")
set(ehr_deb_about
"EHRGrid simulates a two-tier blockchain for electronic health records on
SimGrid: every hospital has a private chain, all hospitals share an alliance
chain. Cryptography and consensus are executed; time and network are
simulated.
.
")

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libehrgrid${PROJECT_VERSION_MAJOR})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${CMAKE_SOURCE_DIR}/cmake/debian/triggers)
set(CPACK_DEBIAN_LIBRARY_DESCRIPTION "simulator of exchange of health records, shared library
${ehr_deb_about}This package has the library that the command and SimGrid programs load.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libehrgrid-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)
# of the static library as well; the last two for what pkg-config --static says of libxml2
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "libehrgrid${PROJECT_VERSION_MAJOR} (= ${ehr_deb_version}), libsimgrid-dev, libsodium-dev, libcjson-dev, libxml2-dev, libutf8proc-dev, zlib1g-dev, liblzma-dev")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "simulator of exchange of health records, development files
${ehr_deb_about}This package has the header, the static library, and files for pkg-config and
CMake.")

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME ehrgrid)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION science)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_DEPENDS
    "libehrgrid${PROJECT_VERSION_MAJOR} (= ${ehr_deb_version})")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_RECOMMENDS "gnuplot-nox | gnuplot, fonts-dejavu-core, parallel, libjs-chart.js")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SUGGESTS "slurm-client, bash-completion")
set(CPACK_DEBIAN_RUNTIME_DESCRIPTION "simulator of exchange of health records, command
${ehr_deb_about}This package has the command, scenarios, platforms and the documentation.")

include(CPack)
