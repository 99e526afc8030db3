# SPDX-License-Identifier: Apache-2.0
# The .deb of the command: script/package.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME tradewind)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The tradewind authors <tradewind@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "parameter sweeps, analysis, replay and paper trading")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "Sweeps thousands of strategy variants and regime classifiers over price data, chooses
the few worth holding together, judges them on held-out data, replays them and trades on paper on prediction markets.
Apache Arrow and Parquet are brought along in /usr/lib/tradewind.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/package)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL command)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_COMMAND_PACKAGE_NAME tradewind)
set(CPACK_DEBIAN_COMMAND_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${TRADEWIND_ARROW})
set(CPACK_DEBIAN_PACKAGE_DEPENDS "tzdata, ca-certificates")

# The licences of what is compiled in from headers, in the words of the packages they come from.
configure_file(${PROJECT_SOURCE_DIR}/cmake/copyright.in ${PROJECT_BINARY_DIR}/copyright @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT command)
foreach(package nlohmann-json3-dev libcli11-dev libeigen3-dev libfmt-dev libspdlog-dev libhowardhinnant-date-dev)
  if(EXISTS /usr/share/doc/${package}/copyright)
    install(FILES /usr/share/doc/${package}/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR}/${package} COMPONENT command)
  endif()
endforeach()
include(CPack)
