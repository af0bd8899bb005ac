{{ preparer(ref('instituts')) }}
