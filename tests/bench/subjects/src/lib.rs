//! Programs the functions are measured beside; they are this package's examples.
