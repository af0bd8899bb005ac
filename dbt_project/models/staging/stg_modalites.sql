{{ preparer(ref('modalites')) }}
