/* page_bytes.h - the report page without its data, as the build made it of web/ (see cmake/web.cmake). */
#ifndef FQPI_PAGE_BYTES_H
#define FQPI_PAGE_BYTES_H

extern const char fqpi_page_begin[] __attribute__((visibility("hidden")));
extern const char fqpi_page_end[] __attribute__((visibility("hidden")));

#endif
