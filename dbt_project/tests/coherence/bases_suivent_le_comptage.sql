{%- set assez = 'least(bases.n, round(bases.w * bases.w / bases.w2)) >= parametres.base_minimale' -%}
{%- set cle = ['vague', 'organisme_code', 'axe', 'segment', 'question_code'] -%}
-- Les cases de chaque organisme sont là, toutes et seules, avec la base que donne le comptage : des lignes supprimées, ajoutées, ou
-- échangées entre deux organismes s'y voient.
with segments as (
    select * from {{ ref('stg_segments') }}
),

questions_vagues as (
    select * from {{ ref('stg_questions_vagues') }}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

-- La base d'une question à plusieurs réponses est comptée à part, sous « * ».
comptees as (
    select distinct
        question_code,
        case when type = 'unique' then modalite_code else '*' end as modalite_code
    from {{ ref('int_modalites') }}
    where statut_reponse = 'exprime'
),

bases as (
    select
        {{ prises('comptage', cle) }},
        round({{ somme('comptage.n') }}) as n,
        {{ somme('comptage.w') }} as w,
        {{ somme('comptage.w2') }} as w2
    from {{ ref('int_comptage_extrapole') }} as comptage
    inner join comptees
        on {{ memes('comptage', 'comptees', ['question_code', 'modalite_code']) }}
    group by all
),

attendues as (
    select
        participants.vague,
        participants.organisme_code,
        segments.axe,
        segments.segment,
        questions_vagues.question_code,
        case when {{ assez }} then bases.n end as n,
        case when {{ assez }} then bases.w end as w
    from {{ ref('int_participants') }} as participants
    cross join segments
    cross join parametres
    inner join questions_vagues
        on participants.vague = questions_vagues.vague
    left join bases
        on
            {{ memes('participants', 'bases', ['vague', 'organisme_code']) }}
            and {{ memes('segments', 'bases', ['axe', 'segment']) }}
            and questions_vagues.question_code = bases.question_code
),

lignes as (
    select
        *,
        perimetre as organisme_code
    from {{ ref('int_satisfaction') }}
    where perimetre_type = 'organisme' and statut <> 'Z'
)

select
    {%- for colonne in cle %}
    coalesce(attendues.{{ colonne }}, lignes.{{ colonne }}) as {{ colonne }},
    {%- endfor %}
    attendues.n,
    lignes.base_brute,
    attendues.w,
    lignes.base_ponderee
from attendues
full outer join lignes
    on {{ memes('attendues', 'lignes', cle) }}
where
    attendues.vague is null
    or lignes.vague is null
    or coalesce(attendues.n, 0) <> coalesce(lignes.base_brute, 0)
    or abs(coalesce(attendues.w, 0) - coalesce(lignes.base_ponderee, 0)) > 1e-9 * coalesce(attendues.w, 1)
