"""How much a Parquet file unfolds to, found out before memory is taken.

A column that holds the same in each row takes next to nothing in the file: a text of a dictionary stands
there once however many rows show it, and one told by its difference from the text before it hardly at all.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from geo import file_limits
from geo.sources import require_number

__all__ = ["require_few_values", "require_parquet_size", "unfolded_bytes"]

_MOST_PER_BYTE: Final = 20
"""Values for each byte of the file."""
_DIFFERENCES: Final = "DELTA_BYTE_ARRAY"
_DICTIONARIES: Final = frozenset(("RLE_DICTIONARY", "PLAIN_DICTIONARY"))
_TEXTS: Final = (
    pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary
)  # fmt: skip
_ROWS: Final = 65_536
_BATCH_BYTES: Final = 2**27
_LEAST_ROWS: Final = 64


def require_parquet_size(path: Path) -> None:
    """Check that the values, texts and shapes of a file are no more than is taken in.

    Raises
    ------
    FileError
        There are more.
    ValueError, OSError, ArrowException
        The file is damaged or no Parquet.
    """
    about = pq.read_metadata(path)
    size = path.stat().st_size
    chunks = [
        about.row_group(i).column(j) for i in range(about.num_row_groups) for j in range(about.num_columns)
    ]
    n_values = max(about.num_rows * about.num_columns, sum(chunk.num_values for chunk in chunks))
    require_few_values(path.name, n_values, size)
    columns: dict[int, list[Any]] = {}
    for k, chunk in enumerate(chunks):
        columns.setdefault(k % about.num_columns, []).append(chunk)
    most_bytes, n_bytes = max(file_limits.SMALL_LETTERS, file_limits.MOST_LETTERS_PER_BYTE * size), 0
    for j, held in columns.items():
        n_bytes += _n_bytes(path, held, about.schema.column(j).length, most_bytes - n_bytes)
        require_number(path.name, n_bytes, "bytes", most_bytes)


def require_few_values(file: str, n_values: int, size: int) -> None:
    """Check that a file of so many bytes does not hold more values than is taken in.

    Raises
    ------
    FileError
        There are more.
    """
    most = min(file_limits.MOST_VALUES, max(file_limits.SMALL_CELLS, _MOST_PER_BYTE * size))
    require_number(file, n_values, "values", most)


def _n_bytes(path: Path, chunks: list[Any], width: int, most: int) -> int:
    """Give what the texts or shapes of a column unfold to, at least so far that they are too many."""
    kind, n = chunks[0].physical_type, sum(chunk.num_values for chunk in chunks)
    if kind == "FIXED_LEN_BYTE_ARRAY":
        return int(n * width)
    if kind != "BYTE_ARRAY":
        return 0
    stated = sum(chunk.total_uncompressed_size for chunk in chunks)
    ways = {way for chunk in chunks for way in chunk.encodings}
    # None is longer than all that the column holds; what is kept plainly unfolds to no more than that.
    if stated * n <= most or not ways & {*_DICTIONARIES, _DIFFERENCES}:
        return int(stated)
    name = chunks[0].path_in_schema
    is_whole = _DIFFERENCES in ways
    rows = max(min(_ROWS, _BATCH_BYTES // max(stated, 1)), _LEAST_ROWS) if is_whole else _ROWS
    file = pq.ParquetFile(path, read_dictionary=[] if is_whole else [name])
    n_bytes = 0
    with file:
        for batch in file.iter_batches(batch_size=rows, columns=[name]):
            n_bytes += sum(unfolded_bytes(column) for column in batch.columns)
            if n_bytes > most:
                break
    return n_bytes


def unfolded_bytes(values: Any) -> int:
    """Give the bytes of all texts in an array, also those in its lists and structures."""
    kind = values.type
    if isinstance(kind, pa.BaseExtensionType):
        return unfolded_bytes(values.storage)
    if pa.types.is_dictionary(kind):
        if not any(is_of(kind.value_type) for is_of in _TEXTS):
            return 0
        lengths = pc.binary_length(values.dictionary)
        return pc.sum(lengths.take(values.indices.drop_null())).as_py() or 0
    if pa.types.is_struct(kind) or pa.types.is_list(kind) or pa.types.is_large_list(kind):
        inner = values.flatten()
        return sum(map(unfolded_bytes, inner)) if isinstance(inner, list) else unfolded_bytes(inner)
    if pa.types.is_map(kind):
        return unfolded_bytes(values.keys) + unfolded_bytes(values.items)
    if pa.types.is_string_view(kind) or pa.types.is_binary_view(kind):
        return unfolded_bytes(values.cast(pa.large_binary()))
    if not any(is_of(kind) for is_of in _TEXTS):
        return 0
    return pc.sum(pc.binary_length(values)).as_py() or 0
