with edition as (
    select * from {{ ref('stg_edition') }}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

participants as (
    select * from {{ ref('int_participants') }}
),

totaux as (
    select
        cast(count(distinct participants.vague) as bigint) as nb_vagues,
        cast(coalesce(sum(participants.nb_entretiens), 0) as bigint) as nb_entretiens,
        cast(
            sum(case when participants.vague = parametres.vague_courante then participants.nb_entretiens else 0 end)
            as bigint
        ) as nb_entretiens_vague_courante,
        cast(
            sum(case when participants.vague = parametres.vague_courante then 1 else 0 end) as bigint
        ) as nb_organismes_vague_courante
    from parametres
    left join participants
        on true
)

select
    edition.edition,
    edition.publiee_le,
    edition.revision,
    edition.empreinte,
    parametres.vague_courante,
    totaux.nb_vagues,
    totaux.nb_entretiens,
    totaux.nb_entretiens_vague_courante,
    totaux.nb_organismes_vague_courante,
    parametres.demonstration as est_demonstration,
    parametres.reference_imprimee,
    parametres.alpha,
    parametres.confiance,
    parametres.materialite_note,
    parametres.materialite_taux,
    parametres.base_minimale,
    parametres.base_fragile,
    parametres.organismes_minimum,
    parametres.dominance_maximum,
    parametres.couverture_minimum,
    parametres.protection,
    parametres.plancher,
    parametres.organismes_plein_chiffre
from edition
cross join parametres
cross join totaux
