-- Ce qui est publié atteint les seuils du programme : la base, brute et efficace, partout, le nombre d'organismes hors de chez l'un d'eux.
with satisfaction as (
    select * from {{ ref('int_satisfaction') }}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
)

select
    {{ prises('satisfaction', ['vague', 'perimetre_type', 'perimetre', 'axe', 'segment', 'question_code']) }},
    satisfaction.base_brute,
    satisfaction.base_efficace,
    satisfaction.nb_organismes
from satisfaction
cross join parametres
where
    satisfaction.statut = 'V'
    and (
        satisfaction.base_brute is null
        or satisfaction.base_brute < parametres.base_minimale
        or round(satisfaction.base_efficace) < parametres.base_minimale
        or (
            satisfaction.perimetre_type <> 'organisme'
            and satisfaction.nb_organismes < parametres.organismes_minimum
            and parametres.organismes_secrets
        )
    )
