"""How much is taken in of a file that somebody else made: every limit in one place, with its reason.

Each is far above what planners have, and far below what stops a machine. What lies above is told before
memory is taken, with the number and the way out; nothing is cut off without a word.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "MOST_BLOCK_BYTES_PER_BYTE",
    "MOST_CELLS",
    "MOST_COLUMNS",
    "MOST_DENSE_CELLS",
    "MOST_DEPTH",
    "MOST_EDITED_OBJECTS",
    "MOST_ELEMENTS",
    "MOST_ELEMENTS_PER_BYTE",
    "MOST_FILES",
    "MOST_FILLED",
    "MOST_JSON_VALUES",
    "MOST_LETTERS",
    "MOST_LETTERS_OF_TABLE",
    "MOST_LETTERS_PER_BYTE",
    "MOST_LONG_WAY_PAIRS",
    "MOST_NESTED",
    "MOST_OBJECTS_PER_BYTE",
    "MOST_OSM_HEAD_BYTES",
    "MOST_PEOPLED_CELLS",
    "MOST_RASTER_BLOCK_BYTES",
    "MOST_RASTER_CELLS",
    "MOST_RATIO",
    "MOST_ROWS",
    "MOST_SETTINGS_BYTES",
    "MOST_STYLES",
    "MOST_TEXT_BYTES",
    "MOST_UNPACKED_BYTES",
    "MOST_VALUES",
    "MOST_VIEW_STEPS",
    "MOST_WHOLE_SHEET_BYTES",
    "SMALL_BLOCK_BYTES",
    "SMALL_BYTES",
    "SMALL_CELLS",
    "SMALL_DENSE_CELLS",
    "SMALL_ELEMENTS",
    "SMALL_LETTERS",
    "SMALL_OBJECTS",
]

MOST_CELLS: Final = 100_000_000
"""Cells of a table: two million rows of fifty columns. Each takes some ten bytes even where it is blank."""

MOST_DENSE_CELLS: Final = 25_000_000
"""Cells from the first to the last of a sheet of .xls, .xlsb or .ods, blank ones too: each takes 70 bytes."""

MOST_ROWS: Final = 1_048_576
"""Rows of a sheet: what Excel has at most. A row may state any number, and those before it are blank."""

SMALL_CELLS: Final = 10_000_000
"""Cells that a table may have in any case; beyond, it may have only so many more than it fills."""

SMALL_DENSE_CELLS: Final = 4_000_000
"""Cells that an .xls, .xlsb or .ods may have in any case, and beyond those four for each byte of the file."""

MOST_COLUMNS: Final = 16_384
"""Columns of a table: what a sheet of Excel has at most."""

MOST_LETTERS: Final = 1_000
"""Letters of a cell of text, of which the rest is cut and told: the longest names of places have sixty."""

MOST_LETTERS_OF_TABLE: Final = 1_000_000_000
"""Letters of a table: cells may share one text in a file, and each has its own once they are read."""

SMALL_LETTERS: Final = 100_000_000
"""Letters that a table may have in any case: a million rows with remarks of a hundred letters."""

MOST_LETTERS_PER_BYTE: Final = 40
"""Letters of a table for each byte of its file beyond those: a remark said again in each row has some ten."""

MOST_VALUES: Final = 600_000_000
"""Values of a layer that GDAL reads: ten million buildings with sixty columns."""

MOST_VIEW_STEPS: Final = 200_000_000
"""Steps that SQLite takes for a view: five seconds at most, or a million rows of twenty columns."""

MOST_FILLED: Final = 5_000_000
"""Cells that merged areas of a sheet are filled into; a million rows are merged in a few columns at most."""

MOST_TEXT_BYTES: Final = 2 * 2**30
"""Bytes of a file of text that is held in memory as a whole: tables, JSON, XML, drawings."""

MOST_SETTINGS_BYTES: Final = 16 * 2**20
"""Bytes of a study file, plan, profile or standard: they are written by hand."""

MOST_JSON_VALUES: Final = 200_000_000
"""Values of a JSON file: each takes thirty bytes in memory. A province's villages have some ten million."""

MOST_ELEMENTS: Final = 20_000_000
"""Elements of an XML file that is held as a tree: a track of three million places has nine million."""

MOST_DEPTH: Final = 200
"""Levels of XML inside each other: folders of folders in a KML have ten; each takes some of the stack."""

MOST_NESTED: Final = 500
"""Shapes inside each other: each takes some of the stack, and ten thousand all of it."""

MOST_UNPACKED_BYTES: Final = 4 * 2**30
"""Bytes that an archive unpacks to: a province's layers as shapefiles have less than one GB."""

MOST_FILES: Final = 10_000
"""Files in an archive: a large geodatabase has a thousand."""

MOST_RATIO: Final = 200
"""Bytes that come out for each packed one: text gives 5-30, repeated digits 100, a bomb a thousand."""

SMALL_BYTES: Final = 50 * 2**20
"""What unpacks to less may be packed as tightly as it likes: a raster without people is nearly nothing."""

SMALL_ELEMENTS: Final = 500_000
"""Elements that a workbook may have in any case: reading them takes ten seconds at most."""

MOST_ELEMENTS_PER_BYTE: Final = 20
"""Elements of a workbook for each packed byte beyond those: real ones have one to three, a bomb hundreds."""

MOST_STYLES: Final = 1_000_000
"""Elements of the styles of a workbook: the 64,000 formats that Excel allows have 200,000."""

MOST_WHOLE_SHEET_BYTES: Final = 600 * 2**20
"""Bytes of the contents of an .ods or .xlsb, which is held as a whole: half a million rows have less."""

MOST_RASTER_CELLS: Final = 4_000_000_000
"""Cells of a raster that are looked through: 100 m cells of the whole country are 3.1 thousand million."""

MOST_PEOPLED_CELLS: Final = 20_000_000
"""Cells with people: each becomes a point, of 200 bytes. A province at 100 m has three million."""

MOST_RASTER_BLOCK_BYTES: Final = 2**30
"""Bytes of a block of a raster, which is unpacked as a whole however little of it is wanted."""

MOST_EDITED_OBJECTS: Final = 5_000_000
"""Objects of an OpenStreetMap file that must be put in order in memory: what an editor can hold has less."""

SMALL_OBJECTS: Final = 500_000
"""Objects that a PBF file of OpenStreetMap may have in any case: reading them takes five seconds."""

MOST_OBJECTS_PER_BYTE: Final = 2
"""Objects of a PBF file for each byte beyond those: real ones have one in seven bytes."""

SMALL_BLOCK_BYTES: Final = 32 * 2**20
"""Bytes in memory that a block of a PBF file may take in any case: real ones take five MB, twenty at once."""

MOST_BLOCK_BYTES_PER_BYTE: Final = 100
"""Bytes in memory for each packed one of a block beyond those: real ones have twenty, a bomb a million."""

MOST_OSM_HEAD_BYTES: Final = 2**20
"""Bytes of the first block of a PBF file, which says what is in it: real ones have two hundred."""

MOST_LONG_WAY_PAIRS: Final = 2_500_000_000
"""Pairs of vertices of ways longer than the 2,000 of OpenStreetMap: areas are made of them in ten seconds."""

MOST_TEMPLATE_BYTES: Final = 64 * 2**20
"""Bytes of a template of a report: one in Word with pictures of a crest and a cover has five million."""
