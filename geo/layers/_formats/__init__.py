"""Readers of the formats, one module a family; :mod:`geo.layers._formats.table` lists them."""
