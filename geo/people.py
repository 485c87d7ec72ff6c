"""The people of a study, from any of its demand layers, as one table of points."""
