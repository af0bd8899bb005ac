{{ preparer(lac('composantes')) }}
