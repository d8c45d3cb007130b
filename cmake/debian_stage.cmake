# Run by CPack between installing and packing: for each package its copyright and changelog, manual
# pages compressed, shared object stripped and not executable, as Debian's policy has it.
set(top ${CPACK_TEMPORARY_DIRECTORY})
set(source ${CMAKE_CURRENT_LIST_DIR}/..)
find_program(GZIP gzip REQUIRED)
find_program(STRIP strip REQUIRED)

foreach(component ${CPACK_COMPONENTS_ALL})
    string(TOUPPER ${component} upper)
    set(package ${CPACK_DEBIAN_${upper}_PACKAGE_NAME})
    set(root ${top}/${component}${CPACK_PACKAGING_INSTALL_PREFIX})
    set(doc ${root}/share/doc/${package})
    file(READ ${source}/LICENSE licence)
    string(REGEX REPLACE "^MIT License\n\n(Copyright[^\n]*)\n\n" "" licence "${licence}")
    string(STRIP "${licence}" licence)
    string(REPLACE "\n\n" "\n.\n" licence "${licence}")
    string(REPLACE "\n" "\n " licence "${licence}")
    file(WRITE ${doc}/copyright
"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: ehrgrid

Files: *
Copyright: 2026 the EHRGrid authors
License: Expat
 ${licence}
")
    file(WRITE ${doc}/changelog.Debian
"ehrgrid (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium

  * Built by the target `package` of the source tree; changes: CHANGELOG.md.

 -- ${CPACK_PACKAGE_CONTACT}  Sun, 22 Nov 2026 12:00:00 +0000
")
    file(REMOVE ${root}/share/doc/ehrgrid/LICENSE) # the same text as copyright
    if(EXISTS ${doc}/CHANGELOG.md)
        file(RENAME ${doc}/CHANGELOG.md ${doc}/changelog)
    endif()
    file(GLOB_RECURSE compressed ${root}/share/man/*.[0-9] ${doc}/changelog*)
    foreach(path ${compressed})
        execute_process(COMMAND ${GZIP} -9n ${path} COMMAND_ERROR_IS_FATAL ANY)
    endforeach()
    file(GLOB_RECURSE objects ${root}/lib/libehrgrid.so.*)
    foreach(path ${objects})
        if(NOT IS_SYMLINK ${path})
            execute_process(COMMAND ${STRIP} --strip-unneeded --remove-section=.comment
                                    --remove-section=.note ${path} COMMAND_ERROR_IS_FATAL ANY)
            file(CHMOD ${path} PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
        endif()
    endforeach()
    file(GLOB_RECURSE archives ${root}/lib/libehrgrid.a)
    foreach(path ${archives})
        execute_process(COMMAND ${STRIP} --strip-debug --enable-deterministic-archives ${path}
                        COMMAND_ERROR_IS_FATAL ANY)
    endforeach()
endforeach()
