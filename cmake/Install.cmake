# SPDX-License-Identifier: Apache-2.0
# cmake --install DIR [--component lib|command]
#   lib      the modules (lib/libtradewind_NAME.a), their headers, lib/cmake/tradewind, lib/pkgconfig/tradewind.pc
#   command  bin/tradewind
# Both bring Arrow along in lib/tradewind unless it is the system's, and the licences of what is brought along.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(private_dir ${CMAKE_INSTALL_LIBDIR}/tradewind)
set(cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/tradewind)
set(TRADEWIND_OWN_ARROW ON)
if(Parquet_FOUND)
  set(TRADEWIND_OWN_ARROW OFF)
endif()

# ---- what both need
set(components lib)
if(TRADEWIND_APPS)
  list(APPEND components command)
endif()
foreach(component ${components})
  install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT ${component})
  if(TRADEWIND_OWN_ARROW)
    install(FILES ${TRADEWIND_ARROW}/libarrow.so.2600 ${TRADEWIND_ARROW}/libparquet.so.2600 DESTINATION ${private_dir} COMPONENT ${component})
    install(FILES ${TRADEWIND_ARROW}/LICENSE.txt ${TRADEWIND_ARROW}/NOTICE.txt DESTINATION ${CMAKE_INSTALL_DOCDIR}/arrow COMPONENT ${component})
  endif()
  if(TARGET tradewind_figures)
    install(FILES ${PROJECT_SOURCE_DIR}/script/web/node_modules/plotly.js-cartesian-dist-min/LICENSE
      DESTINATION ${CMAKE_INSTALL_DOCDIR}/plotly.js COMPONENT ${component})
  endif()
endforeach()

# ---- the command
if(TRADEWIND_APPS)
  file(RELATIVE_PATH to_private /${CMAKE_INSTALL_BINDIR} /${private_dir})
  set_target_properties(tradewind PROPERTIES INSTALL_RPATH "$ORIGIN/${to_private}")
  install(TARGETS tradewind RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT command)
endif()

# ---- the library
get_property(modules GLOBAL PROPERTY TRADEWIND_MODULES)
list(TRANSFORM modules PREPEND tradewind_ OUTPUT_VARIABLE targets)
install(TARGETS ${targets} tradewind_all EXPORT tradewindTargets COMPONENT lib
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT lib
  FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT lib)
install(EXPORT tradewindTargets NAMESPACE tradewind:: DESTINATION ${cmake_dir} COMPONENT lib)
configure_package_config_file(cmake/tradewindConfig.cmake.in ${PROJECT_BINARY_DIR}/tradewindConfig.cmake
  INSTALL_DESTINATION ${cmake_dir} PATH_VARS private_dir)
# No promise about the next minor version while the first number is 0.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/tradewindConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/tradewindConfig.cmake ${PROJECT_BINARY_DIR}/tradewindConfigVersion.cmake cmake/ThirdParty.cmake
  DESTINATION ${cmake_dir} COMPONENT lib)

# For pkg-config: users before what they use, as the linker reads archives once.
list(REVERSE targets)
list(TRANSFORM targets PREPEND -l OUTPUT_VARIABLE pc_modules)
list(JOIN pc_modules " " TRADEWIND_PC_MODULES)
set(TRADEWIND_PC_ARROW "-L\${libdir}/tradewind -Wl,-rpath,\${libdir}/tradewind -l:libparquet.so.2600 -l:libarrow.so.2600")
if(NOT TRADEWIND_OWN_ARROW)
  set(TRADEWIND_PC_ARROW "-lparquet -larrow")
endif()
configure_file(cmake/tradewind.pc.in ${PROJECT_BINARY_DIR}/tradewind.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/tradewind.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT lib)

if(PROJECT_IS_TOP_LEVEL AND TRADEWIND_APPS)
  include(Package)
endif()
