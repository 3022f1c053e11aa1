"""What is known of Orthanc, its Authorization plugin, its auth service and its images: facts as typed tables.

Each module is a group of tables with its loaders; a table is read from its data file when it is first asked for.
Each row says its source: the repository, the file and the version that were read.
"""
