"""Opens each table of a Parquet export in DuckDB and pandas and compares it with the database.

Arguments: the Parquet export, the CSV export, the database, and a JSON object of table names to
SQL names. Prints the number of tables and rows compared and the bytes of both exports.
"""
import glob
import gzip
import json
import os
import sqlite3
import sys

import duckdb
import pandas

parquet, csv, database, names = sys.argv[1:5]
db = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
compared = rows = 0
for table, sql_name in json.loads(names).items():
    if not os.path.isdir(f"{parquet}/{table}"):
        continue
    frame = pandas.read_parquet(f"{parquet}/{table}")
    files = f"'{parquet}/{table}/*.parquet'"
    numbers = [name for name in frame.columns if pandas.api.types.is_integer_dtype(frame[name])]
    texts = [name for name in frame.columns if name not in numbers]
    asked = ["count(*)"]
    asked += [f'CAST(sum("{name}") AS BIGINT)' for name in numbers]
    asked += [f'CAST(sum(length("{name}")) AS BIGINT)' for name in texts]
    asked = ", ".join(asked)
    duck = duckdb.execute(f"SELECT {asked} FROM {files}").fetchone()
    stored = db.execute(f"SELECT {asked} FROM {sql_name}".replace("BIGINT", "INTEGER")).fetchone()
    panda = (len(frame),)
    panda += tuple(int(frame[name].sum()) for name in numbers)
    panda += tuple(int(frame[name].str.len().sum()) for name in texts)
    if len(frame) == 0:
        sys.exit(f"table {table} is empty: nothing is compared")
    if not (tuple(duck) == tuple(stored) == panda):
        sys.exit(f"table {table} differs: DuckDB {duck}, pandas {panda}, the database {stored}")
    compared += 1
    rows += len(frame)
packed = sum(len(gzip.compress(open(path, "rb").read(), 6)) for path in glob.glob(f"{csv}/*.csv"))
typed = sum(os.path.getsize(path) for path in glob.glob(f"{parquet}/*/*.parquet"))
print(compared, rows, typed, packed)
