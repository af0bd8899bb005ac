{{ publier('int_profil') }}
