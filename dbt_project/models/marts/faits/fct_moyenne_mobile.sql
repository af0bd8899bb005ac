{{ publier('int_moyennes_mobiles') }}
