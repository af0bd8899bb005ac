{%- set couple = ['vague', 'vague_precedente', 'ensemble', 'ensemble_precedent'] -%}
{%- set case = ['axe', 'segment', 'question_code'] -%}
with cellules as (
    select * from {{ ref('int_ecarts_cellules') }}
    where statut = 'V'
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

recouvrements as (
    select * from {{ ref('int_recouvrements') }}
),

-- Les chiffres que le programme imprime. Un même barème pour tous se compare toujours ; il n'est lu que là où l'écart est publié.
apparies as (
    select
        cellules.*,
        actuelles.mesure,
        actuelles.imprimee as valeur,
        precedentes.imprimee as valeur_precedente,
        actuelles.imprimee_erreur_type as erreur_type_actuelle,
        precedentes.imprimee_erreur_type as erreur_type_precedente,
        coalesce(recouvrements.covariance, 0) as covariance,
        cellules.taux_comparable and (actuelles.mesure <> 'note' or cellules.bareme_comparable) as comparable
    from cellules
    inner join actuelles
        on {{ memes('cellules', 'actuelles', ['vague', 'ensemble'] + case) }}
    inner join precedentes
        on
            {{ memes('cellules', 'precedentes', case) }}
            and actuelles.mesure = precedentes.mesure
            and cellules.vague_precedente = precedentes.vague
            and cellules.ensemble_precedent = precedentes.ensemble
    left join recouvrements
        on
            {{ memes('cellules', 'recouvrements', couple + case) }}
            and actuelles.mesure = recouvrements.mesure
    where {{ est_declaree('actuelles.mesure') }} or (cellules.statut = 'V' and cellules.taux_comparable)
),

-- Deux vagues sont deux échantillons : leurs variances s'ajoutent, moins deux fois ce qu'ont en commun ceux qui ont répondu aux deux.
ecarts as (
    select
        *,
        case when comparable then valeur - valeur_precedente end as ecart,
        case
            when comparable
                then {{ erreur_ecart(
                    '(erreur_type_actuelle * erreur_type_actuelle + erreur_type_precedente * erreur_type_precedente)',
                    '(-2 * covariance)'
                ) }}
        end as erreur_type
    from apparies
),

tests as (
    select
        *,
        {{ p_ecart('ecart', 'erreur_type') }} as p_valeur
    from ecarts
)

{{ projeter('tests') }}
