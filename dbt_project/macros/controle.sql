{#- Ce que les contrôles de la nuit calculent de nouveau, sans lire le statut ni la raison des tables qu'ils regardent. -#}

{#-
    Les expressions `perimetres` et `cellules` : pourquoi chaque case d'un périmètre n'est pas publiée, dit des seules décisions de
    int_secret et des seuils. Une ligne par périmètre d'une méthode, vague mesurée, axe, segment et question ; `vague_precedente`
    n'est dite que pour les méthodes qui vont par paires de vagues.
-#}
{% macro cellules_jugees() -%}
parametres as (
    select * from {{ ref('stg_parametres') }}
),

perimetres as (
    select distinct
        methode,
        vague,
        vague_precedente,
        vague_mesuree,
        perimetre_type,
        perimetre,
        ensemble
    from {{ ref('int_perimetres') }}
),

cellules as (
    select
        perimetres.*,
        segments.axe,
        segments.segment,
        questions.question_code,
        bases.base_brute,
        coalesce(
            secret.motif,
            {{ motif_cellule(
                'posees.question_code is not null', 'bases.base_brute', 'bases.nb_organismes', 'bases.part_dominante',
                "case when perimetres.methode = 'reste' then 'reste' else perimetres.perimetre_type end", 'exclues.motif'
            ) }}
        ) as motif
    from perimetres
    cross join {{ ref('stg_segments') }} as segments
    cross join {{ ref('stg_questions') }} as questions
    cross join parametres
    left join {{ ref('stg_questions_vagues') }} as posees
        on
            perimetres.vague_mesuree = posees.vague
            and questions.question_code = posees.question_code
    left join {{ ref('int_estimation') }} as bases
        on
            bases.mesure = 'base'
            and perimetres.vague_mesuree = bases.vague
            and perimetres.ensemble = bases.ensemble
            and segments.axe = bases.axe
            and segments.segment = bases.segment
            and questions.question_code = bases.question_code
    left join {{ ref('int_secret') }} as secret
        on
            perimetres.perimetre_type <> 'organisme'
            and perimetres.vague_mesuree = secret.vague
            and perimetres.ensemble = secret.ensemble
            and segments.axe = secret.axe
            and segments.segment = secret.segment
            and questions.question_code = secret.question_code
    left join {{ ref('int_exclusions') }} as exclues
        on
            perimetres.vague_mesuree = exclues.vague
            and perimetres.ensemble = exclues.ensemble
            and questions.question_code = exclues.question_code
)
{%- endmacro %}
