"""A decision over a Spark DataFrame: the frame plan inside `mapInArrow`.

Each task takes its partition's rows in Arrow batches, puts small ones together, and asks the plan
of `pydmn.backends.to_polars`; so a row's answer is the one that a frame gives. The model travels
once, as a broadcast variable, and is compiled once in each of Python's worker processes.

- `types`: what the model declares as a type of Spark, since Spark must know it before;
- `holding`: answers in exactly that type, or a refusal;
- `tasks`: what runs in a worker;
- `job`: what is checked before, on the driver.

pyspark is imported here, so this package is imported when a Spark DataFrame is handed in.
"""
