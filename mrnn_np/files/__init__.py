"""How files are read and written here, whatever they hold.

reading      open, find and read files: bytes, lines of text, archives of NumPy arrays
writing      replace a file as a whole, make a folder
locks        one writer at a time
npy_objects  `.npy` files of Python objects, as the authors' are
pickles      the reader of pickles under them, which builds plain data only
safetensors  `.safetensors` files
"""

from mrnn_np.files.locks import lock, locked, require_unlocked
from mrnn_np.files.reading import (
    errors_in_one_line,
    find_files,
    is_hidden,
    open_file,
    open_without_waiting,
    read_archive,
    read_bytes,
    read_lines,
)
from mrnn_np.files.writing import always, atomic_write, csv_text, make_folder, new_file, write_text

__all__ = [
    "always",
    "atomic_write",
    "csv_text",
    "errors_in_one_line",
    "find_files",
    "is_hidden",
    "lock",
    "locked",
    "make_folder",
    "new_file",
    "open_file",
    "open_without_waiting",
    "read_archive",
    "read_bytes",
    "read_lines",
    "require_unlocked",
    "write_text",
]
