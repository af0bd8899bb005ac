{{ preparer(ref('questions')) }}
