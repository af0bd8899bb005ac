{{ preparer(lac('exclusions')) }}
