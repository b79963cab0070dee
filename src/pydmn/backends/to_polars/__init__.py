"""A plan to columns: the backend for a frame of many records.

A column is *codes*: a number a row, and the few values that those numbers stand for. What a
decision concludes is worked out once for each value, or for each combination of values, that
occurs, by the functions of `pydmn.backends.to_python`; rows are only looked up. So a frame's
answers are the record's answers by construction, whatever is asked.

Where those are too many, a literal expression is worked out for all rows at once, by an expression
of polars that is proved to mean the same: of known kinds, and of numbers with known bounds.

- `coding`: a column of a frame to codes, and the rows' combinations of several columns;
- `shapes`, `constants`: what is proved of a column, and of a value;
- `columns`, `known`: either form of a column, made from the other;
- `arithmetic`, `rounding`, `comparison`, `testing`, `members`, `calls`: FEEL on proved columns;
- `translator`: a FEEL tree to an expression of polars;
- `inputs`: what a frame must have to be read;
- `masks`: sets of rules as machine words, for tables with more combinations than rows;
- `tables`, `logic`: one decision over columns;
- `budget`: the limit of steps;
- `decisions`: a graph of them, and what refuses;
- `answers`: FEEL values to columns.

polars and numpy are imported here, so this package is imported when a frame is handed in.
"""
