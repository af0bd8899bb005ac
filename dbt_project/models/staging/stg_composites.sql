{{ preparer(lac('composites')) }}
