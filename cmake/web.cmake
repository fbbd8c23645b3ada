# The report page: template, style, script and Plotly embedded into the library as bytes.
add_library(fqp_page INTERFACE)
