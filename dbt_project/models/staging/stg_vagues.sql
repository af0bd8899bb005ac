{{ preparer(ref('vagues')) }}
