{{ preparer(ref('organismes')) }}
