with comptage as (
    select * from {{ ref('int_comptage_extrapole') }}
),

modalites as (
    select * from {{ ref('int_modalites') }}
),

perimetres as (
    select * from {{ ref('int_perimetres') }}
),

membres as (
    select distinct
        vague_mesuree as vague,
        ensemble,
        organisme_code
    from perimetres
    where perimetre_type <> 'organisme'
),

-- Passée par son filtre ou restée sans réponse, la question a été posée : seul son institut peut ne pas l'avoir posée.
interroges as (
    select distinct
        {{ prises('comptage', ['vague', 'organisme_code', 'axe', 'segment', 'question_code']) }}
    from comptage
    inner join modalites
        on {{ memes('comptage', 'modalites', ['question_code', 'modalite_code']) }}
    where modalites.statut_reponse <> 'non_pose'
),

par_ensemble as (
    select
        {{ prises('membres', ['vague', 'ensemble']) }},
        {{ prises('interroges', ['axe', 'segment', 'question_code']) }},
        count(*) as organismes_interroges
    from interroges
    inner join membres
        on {{ memes('interroges', 'membres', ['vague', 'organisme_code']) }}
    group by all
)

{{ projeter('par_ensemble') }}
