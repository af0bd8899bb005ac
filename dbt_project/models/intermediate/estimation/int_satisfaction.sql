{%- set cle = ['vague', 'ensemble', 'axe', 'segment', 'question_code'] -%}
with estimation as (
    select * from {{ ref('int_estimation') }}
),

perimetres as (
    select * from {{ ref('int_perimetres') }}
),

segments as (
    select * from {{ ref('stg_segments') }}
),

questions as (
    select * from {{ ref('stg_questions') }}
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

publies as (
    select distinct
        vague,
        perimetre_type,
        perimetre,
        ensemble
    from perimetres
    where methode = 'publie'
),

ensembles as (
    select distinct
        vague,
        ensemble
    from publies
),

-- Une ligne par cellule : les statistiques de chaque mesure, côte à côte.
cote_a_cote as (
    select
        {%- for colonne in cle %}
        estimation.{{ colonne }},
        {%- endfor %}
        {%- for m in fromyaml(mesures()) %}
        {%- for statistique in statistiques(m).split(',') %}
        max(case when estimation.mesure = '{{ m.nom }}' then estimation.{{ statistique }} end)
            as {{ m.nom }}__{{ statistique }},
        {%- endfor %}
        {%- endfor %}
        max(case when estimation.mesure = 'base' then estimation.part_dominante end) as part_dominante,
        max(case when estimation.mesure = 'base' then estimation.variance_limite end) as variance_limite
    from estimation
    inner join ensembles
        on
            estimation.vague = ensembles.vague
            and estimation.ensemble = ensembles.ensemble
    where {{ est_declaree('estimation.mesure') }}
    group by
        estimation.vague,
        estimation.ensemble,
        estimation.axe,
        estimation.segment,
        estimation.question_code
),

cellules as (
    select
        publies.vague,
        publies.perimetre_type,
        publies.perimetre,
        publies.ensemble,
        segments.axe,
        segments.segment,
        questions.question_code,
        questions_vagues.question_code is not null as posee
    from publies
    cross join segments
    cross join questions
    left join questions_vagues
        on
            publies.vague = questions_vagues.vague
            and questions.question_code = questions_vagues.question_code
),

jugees as (
    select
        cellules.vague,
        cellules.perimetre_type,
        cellules.perimetre,
        cellules.ensemble,
        cellules.axe,
        cellules.segment,
        cellules.question_code,
        {%- for m in fromyaml(mesures()) %}
        {%- for statistique in statistiques(m).split(',') %}
        cote_a_cote.{{ m.nom }}__{{ statistique }},
        {%- endfor %}
        {%- endfor %}
        cote_a_cote.variance_limite,
        quantile_student(parametres.confiance, cote_a_cote.base__ddl) as t,
        coalesce(
            secret.motif,
            {{ motif_cellule(
                'cellules.posee', 'cote_a_cote.base__base_brute', 'cote_a_cote.base__nb_organismes',
                'cote_a_cote.part_dominante', 'cellules.perimetre_type', 'exclues.motif'
            ) }}
        ) as motif
    from cellules
    cross join parametres
    left join cote_a_cote
        on
            cellules.vague = cote_a_cote.vague
            and cellules.ensemble = cote_a_cote.ensemble
            and cellules.axe = cote_a_cote.axe
            and cellules.segment = cote_a_cote.segment
            and cellules.question_code = cote_a_cote.question_code
    left join secret
        on
            cellules.perimetre_type <> 'organisme'
            and cellules.vague = secret.vague
            and cellules.ensemble = secret.ensemble
            and cellules.axe = secret.axe
            and cellules.segment = secret.segment
            and cellules.question_code = secret.question_code
    left join exclues
        on
            cellules.vague = exclues.vague
            and cellules.ensemble = exclues.ensemble
            and cellules.question_code = exclues.question_code
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

{{ masquer('nommees', pour='fct_satisfaction', aussi=['nb_strates'], cles=['ensemble']) }}
