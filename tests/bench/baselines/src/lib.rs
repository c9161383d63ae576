//! Baseline programs of the benchmarks; they are this package's examples.
