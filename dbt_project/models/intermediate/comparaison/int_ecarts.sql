with cellules as (
    select * from {{ ref('int_ecarts_cellules') }}
    where statut in ('V', 'D')
),

actuelles as (
    select * from {{ ref('int_estimation') }}
    where {{ a_des_colonnes('mesure', 'evolution') }} or not {{ est_declaree('mesure') }}
),

-- Lues à part : un moteur garderait en mémoire une table qu'il lirait deux fois sous le même nom.
precedentes as (
    select * from {{ ref('int_estimation') }}
    where {{ a_des_colonnes('mesure', 'evolution') }} or not {{ est_declaree('mesure') }}
),

-- Les chiffres que le programme imprime. Un même barème pour tous se compare toujours ; il n'est lu que là où l'écart est publié.
apparies as (
    select
        cellules.methode,
        cellules.vague,
        cellules.vague_precedente,
        cellules.perimetre_type,
        cellules.perimetre,
        cellules.axe,
        cellules.segment,
        cellules.question_code,
        actuelles.mesure,
        actuelles.imprimee as valeur,
        precedentes.imprimee as valeur_precedente,
        actuelles.imprimee_erreur_type as erreur_type,
        precedentes.imprimee_erreur_type as erreur_type_precedente,
        cellules.taux_comparable and (actuelles.mesure <> 'note' or cellules.bareme_comparable) as comparable
    from cellules
    inner join actuelles
        on
            cellules.vague = actuelles.vague
            and cellules.ensemble = actuelles.ensemble
            and cellules.axe = actuelles.axe
            and cellules.segment = actuelles.segment
            and cellules.question_code = actuelles.question_code
    inner join precedentes
        on
            cellules.vague_precedente = precedentes.vague
            and cellules.ensemble_precedent = precedentes.ensemble
            and cellules.axe = precedentes.axe
            and cellules.segment = precedentes.segment
            and cellules.question_code = precedentes.question_code
            and actuelles.mesure = precedentes.mesure
    where {{ est_declaree('actuelles.mesure') }} or (cellules.statut = 'V' and cellules.taux_comparable)
)

-- Deux vagues sont deux échantillons : leurs variances s'ajoutent.
select
    methode,
    vague,
    vague_precedente,
    perimetre_type,
    perimetre,
    axe,
    segment,
    question_code,
    mesure,
    valeur,
    valeur_precedente,
    comparable,
    case when comparable then valeur - valeur_precedente end as ecart,
    case
        when comparable
            then sqrt(erreur_type * erreur_type + erreur_type_precedente * erreur_type_precedente)
    end as erreur_type
from apparies
