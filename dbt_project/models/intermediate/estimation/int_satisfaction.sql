{%- set cle = ['vague', 'ensemble', 'axe', 'segment', 'question_code'] -%}
{%- set ensemble = ['vague', 'ensemble'] -%}
{%- set perimetre = ['vague', 'perimetre_type', 'perimetre', 'ensemble'] -%}
with estimation as (
    select * from {{ ref('int_estimation') }}
),

perimetres as (
    select * from {{ ref('int_perimetres') }}
),

segments as (
    select * from {{ ref('stg_segments') }}
),

questionnaires as (
    select * from {{ ref('int_questionnaires') }}
),

questions_vagues as (
    select * from {{ ref('stg_questions_vagues') }}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

exclues as (
    select * from {{ ref('int_exclusions') }}
),

secret as (
    select * from {{ ref('int_secret') }}
),

strates as (
    select * from {{ ref('int_strates') }}
),

interroges as (
    select * from {{ ref('int_interroges') }}
),

publies as (
    select distinct {{ perimetre | join(', ') }}
    from perimetres
    where methode = 'publie'
),

ensembles as (
    select distinct {{ ensemble | join(', ') }}
    from publies
),

-- Ce que chacun sait du plan : ce qu'un entretien représente de la population d'un ensemble d'organismes, quoi qu'on y ait répondu.
plans as (
    select
        membres.vague,
        membres.ensemble,
        cast(sum(strates.population_representee) as double) / sum(strates.nb_entretiens) as population_par_entretien
    from (
        select distinct {{ (ensemble + ['organisme_code']) | join(', ') }}
        from perimetres
        where methode = 'publie'
    ) as membres
    inner join strates
        on {{ memes('membres', 'strates', ['vague', 'organisme_code']) }}
    group by membres.vague, membres.ensemble
),

-- Une ligne par cellule : les statistiques de chaque mesure, côte à côte.
cote_a_cote as (
    select
        {{ prises('estimation', cle) }},
        {%- for m in fromyaml(mesures()) %}
        {%- for statistique in statistiques(m).split(',') %}
        max(case when estimation.mesure = '{{ m.nom }}' then estimation.{{ statistique }} end)
            as {{ m.nom }}__{{ statistique }},
        {%- endfor %}
        {%- endfor %}
        max(case when estimation.mesure = 'base' then estimation.part_dominante end) as part_dominante,
        max(case when estimation.mesure = 'base' then estimation.variance_limite end) as variance_limite,
        max(case when estimation.mesure = 'base' then estimation.variance_base end) as variance_base,
        max(case when estimation.mesure = 'base' then estimation.base_verdict end) as base_verdict
    from estimation
    inner join ensembles
        on {{ memes('estimation', 'ensembles', ensemble) }}
    where {{ est_declaree('estimation.mesure') }}
    group by all
),

cellules as (
    select
        publies.*,
        segments.axe,
        segments.segment,
        questionnaires.question_code,
        questions_vagues.question_code is not null as posee
    from publies
    cross join segments
    inner join questionnaires
        on publies.vague = questionnaires.vague
    left join questions_vagues
        on
            publies.vague = questions_vagues.vague
            and questionnaires.question_code = questions_vagues.question_code
    where {{ axe_sort('publies.perimetre_type', 'segments.axe') }}
),

jugees as (
    select
        cellules.*,
        {%- for m in fromyaml(mesures()) %}
        {%- for statistique in statistiques(m).split(',') %}
        cote_a_cote.{{ m.nom }}__{{ statistique }},
        {%- endfor %}
        {%- endfor %}
        cote_a_cote.variance_limite,
        cote_a_cote.variance_base,
        cote_a_cote.base_verdict,
        cote_a_cote.base_verdict < parametres.base_fragile as intervalle_indicatif,
        plans.population_par_entretien,
        interroges.organismes_interroges,
        quantile_student(parametres.confiance, cote_a_cote.base__ddl) as t,
        coalesce(
            secret.motif,
            {{ motif_cellule(
                'cellules.posee', 'cote_a_cote.base__base_brute', 'cote_a_cote.base__nb_organismes',
                'cote_a_cote.part_dominante', 'cellules.perimetre_type', 'exclues.motif', 'cote_a_cote.base__base_efficace'
            ) }}
        ) as motif
    from cellules
    cross join parametres
    left join cote_a_cote
        on {{ memes('cellules', 'cote_a_cote', cle) }}
    left join plans
        on {{ memes('cellules', 'plans', ensemble) }}
    left join interroges
        on {{ memes('cellules', 'interroges', cle) }}
    left join secret
        on
            cellules.perimetre_type <> 'organisme'
            and {{ memes('cellules', 'secret', cle) }}
    left join exclues
        on {{ memes('cellules', 'exclues', ensemble + ['question_code']) }}
),

nommees as (
    select
        {%- for m in fromyaml(mesures()) %}
        {%- for colonne, statistique in m.colonnes.items() %}
        {{ colonne_publiee(m, statistique) }} as {{ colonne }},
        {%- endfor %}
        {%- endfor %}
        {{ statut_motif('motif') }} as statut,
        {{ colonnes_motif('motif') }},
        *
    from jugees
)

{{ masquer(
    'nommees', pour='fct_satisfaction', cles=['ensemble'],
    aussi=['nb_strates', 'base_verdict', 'variance_limite', 'variance_base', 'population_par_entretien', 'organismes_interroges']
) }}
