with controles as (
    select * from {{ ref('stg_qualite') }}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

-- Une règle qui dit ce que les répondants d'un organisme ont répondu en dit le chiffre, tenue ou non.
juges as (
    select
        controles.*,
        not controles.confidentielle or not parametres.organismes_secrets as est_public
    from controles
    cross join parametres
)

{{ projeter('juges') }}
