# SPDX-License-Identifier: GPL-3.0-or-later
# The Debian packages: `cmake --preset package && cmake --build --preset package && cpack --preset package`.
execute_process(COMMAND date -u -d ${NEUME_DATE} "+%a, %d %b %Y" OUTPUT_VARIABLE NEUME_DATE_RFC
                OUTPUT_STRIP_TRAILING_WHITESPACE)
configure_file(changelog.in changelog @ONLY)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME neume)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT ${NEUME_MAINTAINER})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION sound)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_BINARY_DIR})
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_SOURCE_DIR}/debian_staged.cmake)
set(CPACK_NM_CHANGELOG ${CMAKE_CURRENT_BINARY_DIR}/changelog)
set(CPACK_NM_COPYRIGHT ${CMAKE_CURRENT_SOURCE_DIR}/copyright)

# nm_debian_package(COMPONENT NAME SUMMARY TEXT DEPENDS): the package of one component.
set(CPACK_COMPONENTS_ALL)
macro(nm_debian_package COMPONENT NAME SUMMARY TEXT DEPENDS)
  string(TOUPPER ${COMPONENT} UPPER)
  list(APPEND CPACK_COMPONENTS_ALL ${COMPONENT})
  set(CPACK_DEBIAN_${UPPER}_PACKAGE_NAME ${NAME})
  set(CPACK_COMPONENT_${UPPER}_DESCRIPTION "${SUMMARY}\n${TEXT}")
  set(CPACK_DEBIAN_${UPPER}_DESCRIPTION "${SUMMARY}\n${TEXT}")
  set(CPACK_DEBIAN_${UPPER}_PACKAGE_DEPENDS "${DEPENDS}")
endmacro()

set(ABOUT "Neume speaks text with a neural voice, sets words to music, finds words for a
melody, sings songs, and hears how music feels: offline, on an ordinary
processor, faster than you can listen.")

nm_debian_package(program neume "speech, songs and the feelings of music" "${ABOUT}

It writes sound (WAV, FLAC, Ogg, Opus), timings (Praat, subtitles, karaoke) and
scores (MusicXML, MIDI, ABC); each syllable knows its notes. Works on one file
or on ten thousand." "neume-data (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS "libfluidsynth3, timgm6mb-soundfont | fluid-soundfont-gm")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS "neume-studio")

nm_debian_package(data neume-data "speech, songs and the feelings of music (weights)" "${ABOUT}

This package has the weights of its networks and its dictionaries." "")
set(CPACK_DEBIAN_DATA_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_DATA_PACKAGE_SHLIBDEPS OFF)

if(NEUME_STUDIO)
  nm_debian_package(studio neume-studio "speech, songs and the feelings of music (studio)" "${ABOUT}

This package has the window in which a song is written, heard, seen and bent." "neume (= ${PROJECT_VERSION})")
endif()

nm_debian_package(library libneume0 "speech, songs and the feelings of music (library)" "${ABOUT}

This package has the library by which other programs do the same."
  "neume-data (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_GENERATE_SHLIBS ON)

nm_debian_package(develop libneume-dev "speech, songs and the feelings of music (development files)" "${ABOUT}

This package has the header of the library and what the linker wants."
  "libneume0 (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_DEVELOP_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOP_PACKAGE_SHLIBDEPS OFF)

nm_debian_package(speechd speech-dispatcher-neume "speech, songs and the feelings of music (for screen readers)"
  "${ABOUT}

This package has the output module by which speech-dispatcher, and so Orca and
other screen readers, speak with its voice." "speech-dispatcher, libneume0 (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_SPEECHD_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_SOURCE_DIR}/conffiles)

if(VAMP_INCLUDE_DIR)
  nm_debian_package(vamp neume-vamp-plugin "speech, songs and the feelings of music (Vamp plug-in)" "${ABOUT}

This package has the plug-in by which Sonic Visualiser, Audacity and other
hosts of Vamp show how music feels." "libneume0 (= ${PROJECT_VERSION})")
endif()
include(CPack)
