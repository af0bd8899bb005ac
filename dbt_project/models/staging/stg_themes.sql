{{ preparer(ref('themes')) }}
