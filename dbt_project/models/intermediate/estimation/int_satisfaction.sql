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
        estimation.ddl,
        estimation.nb_strates,
        estimation.strates_reunies,
        estimation.note_moyenne,
        estimation.note_erreur_type,
        estimation.note_effet_plan,
        estimation.note_non_ponderee,
        estimation.note_moyenne_organismes,
        estimation.note_moyenne_organismes_erreur_type,
        estimation.note_moyenne_parc,
        estimation.note_moyenne_parc_erreur_type,
        estimation.note_somme,
        estimation.note_imprimee,
        estimation.note_imprimee_erreur_type,
        estimation.taux_satisfaits,
        estimation.taux_erreur_type,
        estimation.taux_effet_plan,
        estimation.taux_non_pondere,
        estimation.taux_moyenne_organismes,
        estimation.taux_moyenne_organismes_erreur_type,
        estimation.taux_moyenne_parc,
        estimation.taux_moyenne_parc_erreur_type,
        estimation.taux_imprime,
        estimation.taux_imprime_erreur_type,
        estimation.effectif_satisfaits,
        estimation.poids_satisfaits,
        estimation.variance_limite,
        estimation.part_tres_satisfaits,
        estimation.part_tres_satisfaits_erreur_type,
        estimation.part_tres_satisfaits_non_ponderee,
        estimation.part_tres_insatisfaits,
        estimation.part_tres_insatisfaits_erreur_type,
        estimation.part_tres_insatisfaits_non_ponderee,
        estimation.part_promoteurs,
        estimation.part_passifs,
        estimation.part_detracteurs,
        estimation.nps,
        estimation.nps_erreur_type,
        estimation.nps_non_pondere,
        quantile_student(parametres.confiance, estimation.ddl) as t,
        coalesce(
            secret.motif,
            {{ motif_cellule(
                'cellules.posee', 'estimation.base_brute', 'estimation.nb_organismes',
                'estimation.part_dominante', 'cellules.perimetre_type', 'exclues.motif'
            ) }}
        ) as motif
    from cellules
    cross join parametres
    left join estimation
        on
            cellules.vague = estimation.vague
            and cellules.ensemble = estimation.ensemble
            and cellules.axe = estimation.axe
            and cellules.segment = estimation.segment
            and cellules.question_code = estimation.question_code
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

-- t²/n équivalent de chacun des deux taux
intervalles as (
    select
        *,
        {{ statut_motif('motif') }} as statut,
        {{ c_wilson('t', 'taux_satisfaits', 'taux_erreur_type', 'variance_limite') }} as c,
        {{ c_wilson('t', 'taux_imprime', 'taux_imprime_erreur_type', 'variance_limite') }} as c_imprime
    from jugees
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
    {{ si_publie('ddl') }} as ddl,
    {{ si_publie('nb_strates') }} as nb_strates,
    {{ si_publie('strates_reunies') }} as strates_reunies,
    {{ si_publie('note_moyenne') }} as note_moyenne,
    {{ si_publie('note_erreur_type') }} as note_erreur_type,
    {{ si_publie('note_moyenne - t * note_erreur_type') }} as note_ic_bas,
    {{ si_publie('note_moyenne + t * note_erreur_type') }} as note_ic_haut,
    {{ si_publie('note_effet_plan') }} as note_effet_plan,
    {{ si_publie('taux_satisfaits') }} as taux_satisfaits,
    {{ si_publie('taux_erreur_type') }} as taux_erreur_type,
    {{ si_publie(borne_wilson('taux_satisfaits', 'c', -1)) }} as taux_ic_bas,
    {{ si_publie(borne_wilson('taux_satisfaits', 'c', 1)) }} as taux_ic_haut,
    {{ si_publie('taux_effet_plan') }} as taux_effet_plan,
    {{ si_publie('note_non_ponderee') }} as note_non_ponderee,
    {{ si_publie('note_moyenne_organismes') }} as note_moyenne_organismes,
    {{ si_publie('note_moyenne_organismes_erreur_type') }} as note_moyenne_organismes_erreur_type,
    {{ si_publie('note_moyenne_parc') }} as note_moyenne_parc,
    {{ si_publie('note_moyenne_parc_erreur_type') }} as note_moyenne_parc_erreur_type,
    {{ si_publie('taux_non_pondere') }} as taux_non_pondere,
    {{ si_publie('taux_moyenne_organismes') }} as taux_moyenne_organismes,
    {{ si_publie('taux_moyenne_organismes_erreur_type') }} as taux_moyenne_organismes_erreur_type,
    {{ si_publie('taux_moyenne_parc') }} as taux_moyenne_parc,
    {{ si_publie('taux_moyenne_parc_erreur_type') }} as taux_moyenne_parc_erreur_type,
    {{ si_publie('note_imprimee') }} as note_imprimee,
    {{ si_publie('note_imprimee_erreur_type') }} as note_imprimee_erreur_type,
    {{ si_publie('note_imprimee - t * note_imprimee_erreur_type') }} as note_imprimee_ic_bas,
    {{ si_publie('note_imprimee + t * note_imprimee_erreur_type') }} as note_imprimee_ic_haut,
    {{ si_publie('taux_imprime') }} as taux_imprime,
    {{ si_publie('taux_imprime_erreur_type') }} as taux_imprime_erreur_type,
    {{ si_publie(borne_wilson('taux_imprime', 'c_imprime', -1)) }} as taux_imprime_ic_bas,
    {{ si_publie(borne_wilson('taux_imprime', 'c_imprime', 1)) }} as taux_imprime_ic_haut,
    {{ si_publie('part_tres_satisfaits') }} as part_tres_satisfaits,
    {{ si_publie('part_tres_satisfaits_erreur_type') }} as part_tres_satisfaits_erreur_type,
    {{ si_publie('part_tres_satisfaits_non_ponderee') }} as part_tres_satisfaits_non_ponderee,
    {{ si_publie('part_tres_insatisfaits') }} as part_tres_insatisfaits,
    {{ si_publie('part_tres_insatisfaits_erreur_type') }} as part_tres_insatisfaits_erreur_type,
    {{ si_publie('part_tres_insatisfaits_non_ponderee') }} as part_tres_insatisfaits_non_ponderee,
    {{ si_publie('part_promoteurs') }} as part_promoteurs,
    {{ si_publie('part_passifs') }} as part_passifs,
    {{ si_publie('part_detracteurs') }} as part_detracteurs,
    {{ si_publie('nps') }} as nps,
    {{ si_publie('nps_erreur_type') }} as nps_erreur_type,
    {{ si_publie('nps - t * nps_erreur_type') }} as nps_ic_bas,
    {{ si_publie('nps + t * nps_erreur_type') }} as nps_ic_haut,
    {{ si_publie('nps_non_pondere') }} as nps_non_pondere,
    {{ si_publie('effectif_satisfaits') }} as effectif_satisfaits,
    {{ si_publie('poids_satisfaits') }} as poids_satisfaits,
    {{ si_publie('note_somme') }} as note_somme,
    statut,
    {{ colonnes_motif('motif') }}
from intervalles
