with satisfaction as (
    select *
    from {{ ref('int_satisfaction') }}
    where axe = 'ensemble'
),

references_nationales as (
    select * from {{ ref('stg_references_nationales') }}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

-- La mesure régionale dans l'unité de la source : jamais l'inverse, la valeur publiée reste telle quelle.
rapproches as (
    select
        satisfaction.vague,
        satisfaction.perimetre_type,
        satisfaction.perimetre,
        satisfaction.question_code,
        references_nationales.source,
        references_nationales.unite,
        references_nationales.millesime,
        references_nationales.valeur as reference,
        references_nationales.demonstration as est_demonstration,
        references_nationales.comparable as source_comparable,
        references_nationales.motif_non_comparable,
        references_nationales.base_effectif,
        satisfaction.base_brute,
        satisfaction.statut,
        satisfaction.motif_statut,
        case references_nationales.unite
            when 'note_10' then satisfaction.note_moyenne
            when 'pourcentage_satisfaits' then 100 * satisfaction.taux_satisfaits
        end as valeur,
        case references_nationales.unite
            when 'note_10' then satisfaction.note_erreur_type
            when 'pourcentage_satisfaits' then 100 * satisfaction.taux_erreur_type
        end as erreur_type_valeur,
        case
            when references_nationales.unite = 'pourcentage_satisfaits'
                then
                    sqrt(
                        references_nationales.valeur * (100 - references_nationales.valeur)
                        / references_nationales.base_effectif
                    )
        end as erreur_type_reference,
        case references_nationales.unite
            when 'note_10' then parametres.materialite_note
            when 'pourcentage_satisfaits' then 100 * parametres.materialite_taux
        end as materialite,
        parametres.alpha,
        parametres.quantile_confiance,
        parametres.base_fragile
    from satisfaction
    inner join references_nationales
        on
            satisfaction.vague = references_nationales.vague
            and satisfaction.question_code = references_nationales.question_code
    cross join parametres
),

ecarts as (
    select
        *,
        coalesce(source_comparable, false) and (statut <> 'V' or valeur is not null) as est_comparable,
        case when statut = 'V' and source_comparable then valeur - reference end as ecart,
        case
            when statut = 'V' and source_comparable
                then
                    sqrt(
                        erreur_type_valeur * erreur_type_valeur
                        + coalesce(erreur_type_reference * erreur_type_reference, 0)
                    )
        end as erreur
    from rapproches
)

select
    vague,
    perimetre_type,
    perimetre,
    question_code,
    source,
    unite,
    millesime,
    valeur,
    reference,
    ecart,
    erreur as erreur_type,
    case when erreur_type_reference is not null then {{ p_ecart('ecart', 'erreur') }} end as p_valeur,
    {{ verdict_reference() }} as verdict,
    {{ motif_verdict_reference() }} as motif_verdict,
    est_comparable,
    case
        when not coalesce(source_comparable, false)
            then coalesce(motif_non_comparable, 'la source n''est pas déclarée comparable')
        when not est_comparable then 'la question n''a pas de mesure dans l''unité de la source'
    end as motif_non_comparable,
    est_demonstration,
    statut,
    motif_statut
from ecarts
