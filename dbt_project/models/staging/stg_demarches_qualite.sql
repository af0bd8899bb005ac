{{ preparer(ref('demarches_qualite')) }}
