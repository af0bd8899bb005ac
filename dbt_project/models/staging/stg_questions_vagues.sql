{{ preparer(ref('questions_vagues')) }}
