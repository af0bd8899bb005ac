{{ preparer(ref('axes')) }}
