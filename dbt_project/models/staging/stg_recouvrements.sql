{{ preparer(lac('recouvrements')) }}
