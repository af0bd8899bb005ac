{#- Ce que les contrôles de la nuit calculent de nouveau, sans lire le statut ni la raison des tables qu'ils regardent. -#}

{#-
    Les expressions `cases` et `publiees` : pourquoi chaque case n'est pas publiée, dit des seules décisions de int_secret et des seuils.
    `cases` a une ligne par vague, ensemble d'organismes, nature (un organisme chez lui, le reste de la région, ou un périmètre
    régional), axe, segment et question ; `perimetres` dit l'ensemble et la nature de chaque périmètre d'une méthode ; `publiees` est la
    même chose par périmètre publié.
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
        ensemble,
        case
            when methode = 'reste' then 'reste'
            when perimetre_type = 'organisme' then 'organisme'
            else 'regional'
        end as nature
    from {{ ref('int_perimetres') }}
),

natures as (
    select distinct
        vague_mesuree as vague,
        ensemble,
        nature
    from perimetres
),

cases as (
    select
        natures.vague,
        natures.ensemble,
        natures.nature,
        segments.axe,
        segments.segment,
        questions.question_code,
        bases.base_brute,
        coalesce(
            secret.motif,
            {{ motif_cellule(
                'posees.question_code is not null', 'bases.base_brute', 'bases.nb_organismes', 'bases.part_dominante',
                'natures.nature', 'exclues.motif', 'bases.base_efficace'
            ) }}
        ) as motif
    from natures
    cross join {{ ref('stg_segments') }} as segments
    cross join {{ ref('stg_questions') }} as questions
    cross join parametres
    left join {{ ref('stg_questions_vagues') }} as posees
        on
            natures.vague = posees.vague
            and questions.question_code = posees.question_code
    left join {{ ref('int_estimation') }} as bases
        on
            bases.mesure = 'base'
            and {{ memes('natures', 'bases', ['vague', 'ensemble']) }}
            and {{ memes('segments', 'bases', ['axe', 'segment']) }}
            and questions.question_code = bases.question_code
    left join {{ ref('int_secret') }} as secret
        on
            natures.nature = 'regional'
            and {{ memes('natures', 'secret', ['vague', 'ensemble']) }}
            and {{ memes('segments', 'secret', ['axe', 'segment']) }}
            and questions.question_code = secret.question_code
    left join {{ ref('int_exclusions') }} as exclues
        on
            {{ memes('natures', 'exclues', ['vague', 'ensemble']) }}
            and questions.question_code = exclues.question_code
),

publiees as (
    {{ cases_de('publie') }}
)
{%- endmacro %}

{#- Les cases de chaque périmètre d'une méthode, tirées de `perimetres` et de `cases`. -#}
{% macro cases_de(methode) -%}
    select
        perimetres.perimetre_type,
        perimetres.perimetre,
        cases.*
    from perimetres
    inner join cases
        on
            perimetres.methode = '{{ methode }}'
            and {{ memes('perimetres', 'cases', ['vague', 'ensemble', 'nature']) }}
{%- endmacro %}
