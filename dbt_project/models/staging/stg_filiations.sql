{{ preparer(ref('filiations')) }}
