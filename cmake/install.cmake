# What is installed, in three components: runtime (the command and its data), library, development.
# Nothing of it knows the prefix: the tree may be moved. The Debian packages: cmake/debian.cmake.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# The command finds its library beside it; packagers set CMAKE_SKIP_INSTALL_RPATH.
file(RELATIVE_PATH ehr_bin_to_lib ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
set_target_properties(ehrgrid PROPERTIES INSTALL_RPATH "\$ORIGIN/${ehr_bin_to_lib}")

install(TARGETS ehrgrid RUNTIME COMPONENT runtime)
install(TARGETS ehrgrid_library EXPORT ehrgrid_shared
        LIBRARY COMPONENT library NAMELINK_COMPONENT development
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES ${EHR_HEADER} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)

# find_package(ehrgrid)
set(ehr_config_folder ${CMAKE_INSTALL_LIBDIR}/cmake/ehrgrid)
set(ehr_made ${CMAKE_BINARY_DIR}/install)
configure_package_config_file(cmake/ehrgridConfig.cmake.in ${ehr_made}/ehrgridConfig.cmake
                              INSTALL_DESTINATION ${ehr_config_folder}
                              NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${ehr_made}/ehrgridConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${ehr_made}/ehrgridConfig.cmake ${ehr_made}/ehrgridConfigVersion.cmake
        DESTINATION ${ehr_config_folder} COMPONENT development)
install(EXPORT ehrgrid_shared FILE ehrgridTargets.cmake NAMESPACE ehrgrid::
        DESTINATION ${ehr_config_folder} COMPONENT development)
if(EHR_STATIC)
    install(TARGETS ehrgrid_static EXPORT ehrgrid_static
            ARCHIVE COMPONENT development
            INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
    install(EXPORT ehrgrid_static FILE ehrgridStaticTargets.cmake NAMESPACE ehrgrid::
            DESTINATION ${ehr_config_folder} COMPONENT development)
endif()

# pkg-config. Folders that were given absolutely stay so.
file(RELATIVE_PATH ehr_pc_to_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" ehr_pc_to_prefix "${ehr_pc_to_prefix}")
cmake_path(APPEND ehr_pc_libdir "\${prefix}" ${CMAKE_INSTALL_LIBDIR})
cmake_path(APPEND ehr_pc_includedir "\${prefix}" ${CMAKE_INSTALL_INCLUDEDIR})
set(ehr_pc ehrgrid)
if(EHR_STATIC)
    list(APPEND ehr_pc ehrgrid-static)
endif()
foreach(name ${ehr_pc})
    configure_file(cmake/${name}.pc.in ${ehr_made}/${name}.pc @ONLY)
    install(FILES ${ehr_made}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
            COMPONENT development)
endforeach()

# Scenarios name their platforms relatively: the two folders stay neighbours.
install(DIRECTORY platforms scenarios DESTINATION ${CMAKE_INSTALL_DATADIR}/ehrgrid
        COMPONENT runtime)
install(FILES README.md CHANGELOG.md LICENSE CITATION.cff DESTINATION ${CMAKE_INSTALL_DOCDIR}
        COMPONENT runtime)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime
        PATTERN man EXCLUDE PATTERN gallery.in.md EXCLUDE)
# A project of their own, against what is installed.
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT development)

install(FILES completions/ehrgrid DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
        COMPONENT runtime)
foreach(page ehrgrid.1 ehrgrid-scenario.5 ehrgrid-deployment.5)
    string(REGEX REPLACE "^.*\\." "" section ${page})
    install(FILES docs/man/${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section}
            COMPONENT runtime)
endforeach()
install(FILES docs/man/libehrgrid.3 DESTINATION ${CMAKE_INSTALL_MANDIR}/man3
        COMPONENT development)
