{{ publier('int_motif') }}
