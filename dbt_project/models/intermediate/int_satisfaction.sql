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

-- Un périmètre dont tous les organismes ont la question exclue n'a pas de résultat ; un seul de moins est un organisme de moins.
exclues as (
    select
        perimetres.vague,
        perimetres.ensemble,
        exclusions.question_code,
        max(exclusions.motif) as motif
    from perimetres
    inner join {{ ref('stg_exclusions') }} as exclusions
        on
            perimetres.vague_mesuree = exclusions.vague
            and perimetres.organisme_code = exclusions.organisme_code
    where perimetres.methode = 'publie'
    group by perimetres.vague, perimetres.ensemble, exclusions.question_code
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
        cellules.axe,
        cellules.segment,
        cellules.question_code,
        estimation.nb_organismes,
        estimation.base_brute,
        estimation.base_ponderee,
        estimation.base_efficace,
        estimation.note_moyenne,
        estimation.note_erreur_type,
        estimation.note_non_ponderee,
        estimation.note_moyenne_organismes,
        estimation.note_moyenne_parc,
        estimation.note_moyenne_parc_erreur_type,
        estimation.note_somme,
        estimation.taux_satisfaits,
        estimation.taux_erreur_type,
        estimation.taux_non_pondere,
        estimation.taux_moyenne_organismes,
        estimation.taux_moyenne_parc,
        estimation.taux_moyenne_parc_erreur_type,
        estimation.effectif_satisfaits,
        estimation.poids_satisfaits,
        parametres.quantile_confiance,
        case
            when cellules.posee and estimation.base_brute is null and exclues.question_code is not null then 'E'
            else
                {{ statut_cellule(
                    'cellules.posee', 'estimation.base_brute', 'estimation.nb_organismes',
                    'estimation.part_dominante', 'cellules.perimetre_type'
                ) }}
        end as statut,
        case
            when cellules.posee and estimation.base_brute is null and exclues.question_code is not null
                then 'question exclue : ' || exclues.motif
            else
                {{ motif_cellule(
                    'cellules.posee', 'estimation.base_brute', 'estimation.nb_organismes',
                    'estimation.part_dominante', 'cellules.perimetre_type'
                ) }}
        end as motif_statut
    from cellules
    cross join parametres
    left join estimation
        on
            cellules.vague = estimation.vague
            and cellules.ensemble = estimation.ensemble
            and cellules.axe = estimation.axe
            and cellules.segment = estimation.segment
            and cellules.question_code = estimation.question_code
    left join exclues
        on
            cellules.vague = exclues.vague
            and cellules.ensemble = exclues.ensemble
            and cellules.question_code = exclues.question_code
)

select
    vague,
    perimetre_type,
    perimetre,
    axe,
    segment,
    question_code,
    {{ si_publie('nb_organismes') }} as nb_organismes,
    {{ si_publie('base_brute') }} as base_brute,
    {{ si_publie('base_ponderee') }} as base_ponderee,
    {{ si_publie('base_efficace') }} as base_efficace,
    {{ si_publie('note_moyenne') }} as note_moyenne,
    {{ si_publie('note_erreur_type') }} as note_erreur_type,
    {{ si_publie('note_moyenne - quantile_confiance * note_erreur_type') }} as note_ic_bas,
    {{ si_publie('note_moyenne + quantile_confiance * note_erreur_type') }} as note_ic_haut,
    {{ si_publie('taux_satisfaits') }} as taux_satisfaits,
    {{ si_publie('taux_erreur_type') }} as taux_erreur_type,
    {{ si_publie(borne_taux('taux_satisfaits', '- quantile_confiance * taux_erreur_type')) }} as taux_ic_bas,
    {{ si_publie(borne_taux('taux_satisfaits', '+ quantile_confiance * taux_erreur_type')) }} as taux_ic_haut,
    {{ si_publie('note_non_ponderee') }} as note_non_ponderee,
    {{ si_publie('note_moyenne_organismes') }} as note_moyenne_organismes,
    {{ si_publie('note_moyenne_parc') }} as note_moyenne_parc,
    {{ si_publie('note_moyenne_parc_erreur_type') }} as note_moyenne_parc_erreur_type,
    {{ si_publie('taux_non_pondere') }} as taux_non_pondere,
    {{ si_publie('taux_moyenne_organismes') }} as taux_moyenne_organismes,
    {{ si_publie('taux_moyenne_parc') }} as taux_moyenne_parc,
    {{ si_publie('taux_moyenne_parc_erreur_type') }} as taux_moyenne_parc_erreur_type,
    {{ si_publie('effectif_satisfaits') }} as effectif_satisfaits,
    {{ si_publie('poids_satisfaits') }} as poids_satisfaits,
    {{ si_publie('note_somme') }} as note_somme,
    statut,
    motif_statut
from jugees
