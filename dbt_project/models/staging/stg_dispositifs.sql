{{ preparer(lac('dispositifs')) }}
