# SPDX-License-Identifier: GPL-3.0-or-later
# The Debian package: `cmake --preset package && cmake --build --preset package && cpack --preset package`.
execute_process(COMMAND date -u -d ${NEUME_DATE} "+%a, %d %b %Y" OUTPUT_VARIABLE NEUME_DATE_RFC
                OUTPUT_STRIP_TRAILING_WHITESPACE)
configure_file(changelog.in changelog @ONLY)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME neume)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT ${NEUME_MAINTAINER})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "speech, songs and the feelings of music")
set(CPACK_PACKAGE_DESCRIPTION
"Neume speaks text with a neural voice, sets words to music, finds words for a
melody, sings songs, and hears how music feels: offline, on an ordinary
processor, faster than you can listen.

It writes sound (WAV, FLAC, Ogg, Opus), timings (Praat, subtitles, karaoke) and
scores (MusicXML, MIDI, ABC); each syllable knows its notes. Works on one file
or on ten thousand.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_THREADS 1)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION sound)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_SOURCE_DIR}/debian_staged.cmake)
set(CPACK_NM_CHANGELOG ${CMAKE_CURRENT_BINARY_DIR}/changelog)
include(CPack)
