{{ preparer(lac('perimetres_libelles')) }}
