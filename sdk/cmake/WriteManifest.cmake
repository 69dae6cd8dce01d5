# Fills @SIZE@, @SHA256@ and @LIBRARY_NAME@ of a plugin manifest for a linked LIBRARY, and whatever else of the
# TEMPLATE is given with -D.
get_filename_component(LIBRARY_NAME ${LIBRARY} NAME)
file(SHA256 ${LIBRARY} SHA256)
file(SIZE ${LIBRARY} SIZE)
configure_file(${TEMPLATE} ${OUTPUT} @ONLY NEWLINE_STYLE UNIX)
