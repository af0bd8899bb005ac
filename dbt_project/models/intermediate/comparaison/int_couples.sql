{%- set paire = ['vague', 'vague_precedente'] -%}
{%- set perimetre = ['methode', 'perimetre_type', 'perimetre'] -%}
{%- set couple = paire + perimetre -%}
{%- set mesure = perimetre + ['vague_mesuree', 'ensemble', 'organisme_code', 'organisme_actuel'] -%}
with perimetres as (
    select * from {{ ref('int_perimetres') }}
),

participants as (
    select
        vague,
        organisme_code,
        bareme || ' ' || bareme_version as bareme,
        mode_collecte,
        institut
    from {{ ref('int_participants') }}
),

paires as (
    select distinct {{ paire | join(', ') }}
    from {{ ref('int_comparabilite') }}
),

-- À périmètre publié, chaque vague garde le sien ; les deux autres méthodes apportent un périmètre par vague.
cotes as (
    select
        paires.*,
        {{ prises('perimetres', mesure) }}
    from paires
    inner join perimetres
        on
            perimetres.methode = 'publie'
            and perimetres.vague in (paires.vague, paires.vague_precedente)
    union all
    select
        {{ (paire + mesure) | join(', ') }}
    from perimetres
    where
        methode = 'pro_forma'
        -- Seul, un organisme est à panel constant ce qu'il est publié.
        or (methode = 'panel_constant' and perimetre_type <> 'organisme')
),

decrits as (
    select
        cotes.*,
        cotes.vague_mesuree = cotes.vague as actuel,
        coalesce(participants.bareme, '') as bareme,
        coalesce(participants.mode_collecte, '') as mode_collecte,
        coalesce(participants.institut, '') as institut
    from cotes
    inner join participants
        on
            cotes.vague_mesuree = participants.vague
            and cotes.organisme_code = participants.organisme_code
),

-- Un organisme et ceux dont il est issu : ce qui change de l'un aux autres, quand il est mesuré aux deux vagues.
par_organisme as (
    select
        {{ couple | join(', ') }},
        organisme_actuel,
        max(case when actuel then 1 else 0 end) + max(case when actuel then 0 else 1 end) = 2 as suivi,
        min(bareme) <> max(bareme) as change_bareme,
        min(mode_collecte) <> max(mode_collecte) as change_mode,
        min(institut) <> max(institut) as change_institut
    from decrits
    group by all
),

changements as (
    select
        {{ couple | join(', ') }},
        max(case when suivi and change_bareme then 1 else 0 end) = 1 as change_bareme,
        max(case when suivi and change_mode then 1 else 0 end) = 1 as change_mode,
        max(case when suivi and change_institut then 1 else 0 end) = 1 as change_institut
    from par_organisme
    group by all
),

couples as (
    select
        {{ couple | join(', ') }},
        max(case when actuel then ensemble end) as ensemble,
        max(case when not actuel then ensemble end) as ensemble_precedent,
        {{ liste_triee('case when actuel then bareme end') }} as bareme_actuel,
        {{ liste_triee('case when not actuel then bareme end') }} as bareme_precedent,
        {{ liste_triee('case when actuel then mode_collecte end') }} as mode_actuel,
        {{ liste_triee('case when not actuel then mode_collecte end') }} as mode_precedent,
        {{ liste_triee('case when actuel then institut end') }} as institut_actuel,
        {{ liste_triee('case when not actuel then institut end') }} as institut_precedent
    from decrits
    group by all
)

-- Les mêmes modes dans l'ensemble ne suffisent pas : deux organismes peuvent avoir échangé les leurs.
select
    {{ prises('couples', couple) }},
    couples.ensemble,
    couples.ensemble_precedent,
    couples.bareme_actuel = couples.bareme_precedent and not changements.change_bareme as meme_bareme,
    couples.mode_actuel = couples.mode_precedent and not changements.change_mode as meme_mode,
    couples.institut_actuel = couples.institut_precedent and not changements.change_institut as meme_institut
from couples
inner join changements
    on {{ memes('couples', 'changements', couple) }}
where
    couples.ensemble is not null
    and couples.ensemble_precedent is not null
