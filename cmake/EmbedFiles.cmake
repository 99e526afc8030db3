# SPDX-License-Identifier: Apache-2.0
# tradewind_embed(MODULE NAME FILE NAME FILE …)
#   puts the bytes of each file into the module's library, between the symbols tradewind_NAME_begin and tradewind_NAME_end.
function(tradewind_embed MODULE)
  set(source ${PROJECT_BINARY_DIR}/embedded/${MODULE}.c)
  set(text "/* Made by tradewind_embed. */\n")
  set(files)
  set(pairs ${ARGN})
  while(pairs)
    list(POP_FRONT pairs name file)
    if(NOT EXISTS ${file})
      message(FATAL_ERROR "${file} not found: run script/bootstrap first")
    endif()
    list(APPEND files ${file})
    string(APPEND text "__asm__(\".section .rodata\\n.hidden tradewind_${name}_begin\\n.hidden tradewind_${name}_end\\n"
      ".global tradewind_${name}_begin\\n.global tradewind_${name}_end\\n"
      "tradewind_${name}_begin:\\n.incbin \\\"${file}\\\"\\ntradewind_${name}_end:\\n.byte 0\\n.previous\");\n")
  endwhile()
  string(APPEND text "typedef int tradewind_embedded_${MODULE};\n")
  file(CONFIGURE OUTPUT ${source} CONTENT "${text}" @ONLY)
  # The assembler reads the files behind the compiler's back, so neither dependency scan nor compiler cache can see them.
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS "${files}" COMPILE_OPTIONS "-w")
  add_library(tradewind_${MODULE}_embedded OBJECT ${source})
  set_target_properties(tradewind_${MODULE}_embedded PROPERTIES POSITION_INDEPENDENT_CODE ON C_COMPILER_LAUNCHER "")
  target_sources(tradewind_${MODULE} PRIVATE $<TARGET_OBJECTS:tradewind_${MODULE}_embedded>)
endfunction()
