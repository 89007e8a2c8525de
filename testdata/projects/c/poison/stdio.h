/* Stands for a header of the host, which a host compiler's environment variable names. */
#error "a header of the host was found"
