"""Files that have to be read as a whole, XLSX and Parquet, as frames of texts. Everything here runs in a process of its own, whose memory
and time the kernel bounds, and is imported by none of the service's.

    program        the process and its limits
    saying         what it is asked, and what it says on stdout
    parquet_rows   Parquet, batch by batch
    xlsx_rows      XLSX: one sheet, slice by slice
    xlsx_dates     which numbers of a workbook are days

What must not break: nothing of a file is held that is not bounded; what is said of a broken file holds none of its values.
"""
