{{ preparer(ref('familles')) }}
