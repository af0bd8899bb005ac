{{ preparer(lac('livraisons')) }}
