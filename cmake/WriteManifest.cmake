# Fills @VERSION@, @ID@, @ARCH@, @SIZE@ and @SHA256@ of a plugin manifest for a linked LIBRARY.
file(SHA256 ${LIBRARY} SHA256)
file(SIZE ${LIBRARY} SIZE)
configure_file(${TEMPLATE} ${OUTPUT} @ONLY NEWLINE_STYLE UNIX)
