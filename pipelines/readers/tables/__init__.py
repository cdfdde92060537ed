"""Tables with a header: CSV and Parquet, long or wide, of interval reads, register reads or meter events."""
