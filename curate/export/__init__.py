"""What a dataset becomes for others: the formats of libraries that read datasets, and Croissant, which describes it.

One module a format (`huggingface`, `webdataset`, `tfrecord`, `imagefolder`, `frictionless`), found by its file's name;
`rights` says of which images copies may be passed on, `rows` reads a dataset batch by batch, `shards` writes a part of
it, in any process, and `export` all of it.
"""
