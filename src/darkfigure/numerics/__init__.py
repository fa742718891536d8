"""Arrays in, small frozen results out; NumPy and SciPy, with numba kernels in `kernels`."""
