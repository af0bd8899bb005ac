{%- set couple = ['methode', 'vague', 'vague_precedente', 'perimetre_type', 'perimetre'] -%}
{%- set case = ['axe', 'segment', 'question_code'] -%}
with bases as (
    select * from {{ ref('int_estimation') }}
    where mesure = 'base'
),

couples as (
    select * from {{ ref('int_couples') }}
),

comparabilite as (
    select * from {{ ref('int_comparabilite') }}
),

segments as (
    select *
    from {{ ref('stg_segments') }}
    where segment <> 'NR'
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

secret as (
    select * from {{ ref('int_secret') }}
),

exclues as (
    select * from {{ ref('int_exclusions') }}
),

inegales as (
    select * from {{ ref('int_exclusions_inegales') }}
),

cellules as (
    select
        couples.*,
        segments.axe,
        segments.segment,
        {{ prises('comparabilite', ['question_code', 'posee', 'posee_avant', 'nouvelle', 'rupture']) }},
        inegales.question_code is null as memes_organismes,
        exclue.motif as exclusion,
        exclue_avant.motif as exclusion_precedente,
        actuelle.nb_organismes,
        actuelle.base_brute,
        actuelle.base_efficace,
        actuelle.part_dominante,
        least(actuelle.base_verdict, precedente.base_verdict) as base_verdict,
        {{ ddl_ecart(
            'actuelle.variance_limite', 'actuelle.ddl', 'precedente.variance_limite', 'precedente.ddl'
        ) }} as ddl,
        precedente.nb_organismes as nb_organismes_precedent,
        precedente.base_brute as base_brute_precedente,
        precedente.base_efficace as base_efficace_precedente,
        precedente.part_dominante as part_dominante_precedente
    from couples
    cross join segments
    inner join comparabilite
        on {{ memes('couples', 'comparabilite', ['vague', 'vague_precedente']) }}
    left join bases as actuelle
        on
            {{ memes('couples', 'actuelle', ['vague', 'ensemble']) }}
            and {{ memes('segments', 'actuelle', ['axe', 'segment']) }}
            and comparabilite.question_code = actuelle.question_code
    left join bases as precedente
        on
            couples.vague_precedente = precedente.vague
            and couples.ensemble_precedent = precedente.ensemble
            and {{ memes('segments', 'precedente', ['axe', 'segment']) }}
            and comparabilite.question_code = precedente.question_code
    left join inegales
        on
            {{ memes('couples', 'inegales', couple) }}
            and comparabilite.question_code = inegales.question_code
    left join exclues as exclue
        on
            {{ memes('couples', 'exclue', ['vague', 'ensemble']) }}
            and comparabilite.question_code = exclue.question_code
    left join exclues as exclue_avant
        on
            couples.vague_precedente = exclue_avant.vague
            and couples.ensemble_precedent = exclue_avant.ensemble
            and comparabilite.question_code = exclue_avant.question_code
    where {{ axe_sort('couples.perimetre_type', 'segments.axe') }}
),

jugees as (
    select
        cellules.*,
        quantile_student(parametres.confiance, cellules.ddl) as t,
        not cellules.rupture
        and cellules.memes_organismes
        and (cellules.meme_mode or not parametres.meme_mode_exige)
        and (cellules.meme_institut or not parametres.meme_institut_exige) as taux_comparable,
        cellules.meme_bareme or not parametres.meme_bareme_exige as bareme_comparable,
        coalesce(
            secret.motif,
            {{ motif_cellule(
                'cellules.posee', 'cellules.base_brute', 'cellules.nb_organismes',
                'cellules.part_dominante', 'cellules.perimetre_type', 'cellules.exclusion', 'cellules.base_efficace'
            ) }}
        ) as motif_actuel,
        coalesce(
            secret_avant.motif,
            {{ motif_cellule(
                'cellules.posee_avant', 'cellules.base_brute_precedente', 'cellules.nb_organismes_precedent',
                'cellules.part_dominante_precedente', 'cellules.perimetre_type',
                'cellules.exclusion_precedente', 'cellules.base_efficace_precedente'
            ) }}
        ) as motif_precedent
    from cellules
    cross join parametres
    left join secret
        on
            cellules.perimetre_type <> 'organisme'
            and {{ memes('cellules', 'secret', ['vague', 'ensemble'] + case) }}
    left join secret as secret_avant
        on
            cellules.perimetre_type <> 'organisme'
            and {{ memes('cellules', 'secret_avant', case) }}
            and cellules.vague_precedente = secret_avant.vague
            and cellules.ensemble_precedent = secret_avant.ensemble
),

motivees as (
    select
        *,
        {{ motif_le_plus_grave('motif_actuel', motif_d_une_autre('vague_precedente', 'motif_precedent')) }} as motif
    from jugees
),

statuees as (
    select
        *,
        {{ statut_motif('motif') }} as statut
    from motivees
)

{{ projeter('statuees') }}
