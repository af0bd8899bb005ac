{{ preparer(ref('references_nationales')) }}
