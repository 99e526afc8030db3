# SPDX-License-Identifier: Apache-2.0
# Third-party libraries, each behind one imported target.
macro(tradewind_find)
  find_package(${ARGV} REQUIRED)
endmacro()
include(ThirdParty)
if(NOT TARGET tradewind_nats)
  message(FATAL_ERROR "libnats not found (on Debian: apt-get install libnats-dev)")
endif()
# Ours alone: headers that only our sources include, and the tests' TLS servers.
find_package(Eigen3 REQUIRED NO_MODULE)
if(TRADEWIND_APPS)
  find_package(CLI11 REQUIRED)
endif()
if(TRADEWIND_TESTS)
  find_package(OpenSSL REQUIRED COMPONENTS Crypto SSL)
endif()

# Arrow: a system package if there is one, else the headers inside the pyarrow wheel that script/bootstrap put into .venv, and not the
# wheel's own libraries but copies of which nothing but Arrow can be seen (script/private_arrow.py says why).
find_package(Parquet CONFIG QUIET)
if(Parquet_FOUND)
  add_library(tradewind_arrow INTERFACE IMPORTED)
  target_link_libraries(tradewind_arrow INTERFACE Arrow::arrow_shared Parquet::parquet_shared)
  message(STATUS "Arrow: system package")
else()
  file(GLOB TRADEWIND_PYARROW ${TRADEWIND_VENV}/lib/python3*/site-packages/pyarrow)
  set(TRADEWIND_ARROW ${TRADEWIND_VENV}/arrow)
  if(NOT TRADEWIND_PYARROW OR NOT EXISTS ${TRADEWIND_ARROW}/libarrow.so.2600)
    message(FATAL_ERROR "Arrow not found: there is no system package of it (Parquet's CMake files), and none in ${TRADEWIND_VENV}.\n"
      "Run ${PROJECT_SOURCE_DIR}/script/bootstrap, or give -DTRADEWIND_VENV=FOLDER, the .venv of a copy of tradewind where it has run.")
  endif()
  list(GET TRADEWIND_PYARROW 0 TRADEWIND_PYARROW)
  tradewind_import_arrow(${TRADEWIND_ARROW})
  target_include_directories(tradewind_arrow SYSTEM INTERFACE ${TRADEWIND_PYARROW}/include)
  message(STATUS "Arrow: ${TRADEWIND_ARROW}")
endif()
