{{ preparer(lac('perimetres')) }}
