{{ preparer(ref('baremes')) }}
