# SPDX-License-Identifier: Apache-2.0
# Warnings, sanitizers and the compiler cache, gathered in one interface target that our own sources alone are compiled with: no module
# hands it on to a program that uses the library.
add_library(tradewind_options INTERFACE)
target_compile_options(tradewind_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-align -Woverloaded-virtual
  -Wnull-dereference -Wdouble-promotion -Wformat=2 $<$<BOOL:${TRADEWIND_WERROR}>:-Werror>
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>  # GCC 12 reports false overlaps in std::string (GCC bug 105329)
  # A fused multiply-add on one machine and not on another would change the last bit of a result:
  # equal input must give equal bytes everywhere.
  -ffp-contract=off)
target_include_directories(tradewind_options INTERFACE ${PROJECT_SOURCE_DIR}/src ${PROJECT_BINARY_DIR}/generated)

if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  # Clang 16 knows concepts but says so with a number for which libstdc++ 12 leaves std::expected out.
  target_compile_definitions(tradewind_options INTERFACE __cpp_concepts=202002L)
  target_compile_options(tradewind_options INTERFACE -Wno-macro-redefined -Wno-double-promotion)  # INFINITY and NAN are floats to it
endif()

# A shared library or a plugin that links ours does not hand our names on.
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_CXX_FLAGS_RELEASE "-O3 -DNDEBUG")
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")
endif()
set(TRADEWIND_COLD $<$<CONFIG:Release>:-O1>$<$<CONFIG:RelWithDebInfo>:-O0>)  # for code where building takes longer than it will ever run
if(TRADEWIND_FUZZ)
  set(TRADEWIND_COLD)  # all of it runs for as long as there is time
endif()
set(TRADEWIND_LONG_LOOPS metrics regimes discovery ensemble sweep)  # optimised under sanitizers too: their tests compute for long

# Most of the time goes into reading headers, so several sources are compiled as one; a debug build compiles each alone.
set(CMAKE_UNITY_BUILD ${TRADEWIND_UNITY})
set(CMAKE_UNITY_BUILD_BATCH_SIZE 8)
if(TRADEWIND_UNITY)
  # The first takes the sources of a batch for headers; the second sees paths in inlined library code that are none (GCC 12).
  target_compile_options(tradewind_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage> -Wno-null-dereference)
endif()

if(TRADEWIND_SANITIZE)
  # GCC 12 reports false null-dereference and maybe-uninitialized paths in instrumented code.
  target_compile_options(tradewind_options INTERFACE
    -fsanitize=${TRADEWIND_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all
    -Wno-null-dereference $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  if(TRADEWIND_SANITIZE MATCHES undefined)
    # A test before every access to memory makes the build half as long again, for what the address sanitizer stops as well or x86 allows.
    target_compile_options(tradewind_options INTERFACE -fno-sanitize=null,alignment,object-size,vptr)
  endif()
  target_link_options(tradewind_options INTERFACE -fsanitize=${TRADEWIND_SANITIZE})
endif()

# The cache is shared by every clone of this tree, wherever it lies: paths below the tree count relative to it, and the folder that is
# compiled in does not count.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND PROJECT_IS_TOP_LEVEL)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
endif()
