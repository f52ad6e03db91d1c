# SPDX-License-Identifier: GPL-3.0-or-later
# What Debian wants otherwise than `cmake --install` has it; run by CPack on the staged files of the components.
foreach(COMPONENT ${CPACK_COMPONENTS_ALL})
  string(TOUPPER ${COMPONENT} UPPER)
  set(USR ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/${COMPONENT}/usr)
  set(DOC ${USR}/share/doc/${CPACK_DEBIAN_${UPPER}_PACKAGE_NAME})
  file(REMOVE ${DOC}/COPYING) # /usr/share/common-licenses has it
  if(EXISTS ${USR}/share/zsh/site-functions)
    file(RENAME ${USR}/share/zsh/site-functions ${USR}/share/zsh/vendor-completions)
  endif()
  if(EXISTS ${USR}/etc)
    file(RENAME ${USR}/etc ${USR}/../etc)
  endif()
  file(MAKE_DIRECTORY ${DOC})
  file(COPY_FILE ${CPACK_NM_CHANGELOG} ${DOC}/changelog)
  file(COPY_FILE ${CPACK_NM_COPYRIGHT} ${DOC}/copyright)
  file(GLOB PAGES ${USR}/share/man/man*/*.[1-9])
  execute_process(COMMAND gzip -9n ${DOC}/changelog ${PAGES} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
