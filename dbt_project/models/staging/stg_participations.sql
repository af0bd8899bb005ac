{{ preparer(ref('participations')) }}
