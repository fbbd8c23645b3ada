# The report page: template, style, script and Plotly made into one file (web/build.mjs) and embedded as bytes.
find_program(FQP_NODE NAMES node nodejs)
if(NOT FQP_NODE)
  message(FATAL_ERROR "node is needed to build the report page: run tools/install-deps")
endif()

set(page ${CMAKE_BINARY_DIR}/web/page.html)
file(GLOB page_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/web/src/*.js)
add_custom_command(
  OUTPUT ${page}
  COMMAND ${FQP_NODE} ${CMAKE_SOURCE_DIR}/web/build.mjs ${page}
  DEPENDS ${page_sources} ${CMAKE_SOURCE_DIR}/web/build.mjs ${CMAKE_SOURCE_DIR}/web/page.html
          ${CMAKE_SOURCE_DIR}/web/page.css ${CMAKE_SOURCE_DIR}/web/package-lock.json
  COMMENT "Building the report page"
  VERBATIM)

# The assembler takes the file in whole: no array of a million numbers for the compiler, the same on every processor.
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/web/page_bytes.S @ONLY CONTENT [[
        .section .rodata
        .balign 64
        .global fqpi_page_begin, fqpi_page_end
        .hidden fqpi_page_begin, fqpi_page_end
fqpi_page_begin:
        .incbin "@page@"
fqpi_page_end:
        .byte 0
        .section .note.GNU-stack, "", %progbits
]])
set_source_files_properties(${CMAKE_BINARY_DIR}/web/page_bytes.S PROPERTIES OBJECT_DEPENDS ${page})
add_library(fqp_page OBJECT ${CMAKE_BINARY_DIR}/web/page_bytes.S ${page})
set_target_properties(fqp_page PROPERTIES COMPILE_OPTIONS "") # the flags of flags.cmake speak of C
