{%- set case = ['axe', 'segment', 'question_code'] -%}
{%- set cle = ['methode', 'vague', 'vague_precedente', 'perimetre_type', 'perimetre'] + case -%}
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
        {{ prises('cellules', cle) }},
        cellules.ddl,
        actuelles.mesure,
        actuelles.imprimee as valeur,
        precedentes.imprimee as valeur_precedente,
        actuelles.imprimee_erreur_type as erreur_type,
        precedentes.imprimee_erreur_type as erreur_type_precedente,
        cellules.taux_comparable and (actuelles.mesure <> 'note' or cellules.bareme_comparable) as comparable
    from cellules
    inner join actuelles
        on
            {{ memes('cellules', 'actuelles', case) }}
            and cellules.vague = actuelles.vague
            and cellules.ensemble = actuelles.ensemble
    inner join precedentes
        on
            {{ memes('cellules', 'precedentes', case) }}
            and actuelles.mesure = precedentes.mesure
            and cellules.vague_precedente = precedentes.vague
            and cellules.ensemble_precedent = precedentes.ensemble
    where {{ est_declaree('actuelles.mesure') }} or (cellules.statut = 'V' and cellules.taux_comparable)
),

-- Deux vagues sont deux échantillons : leurs variances s'ajoutent.
ecarts as (
    select
        *,
        case when comparable then valeur - valeur_precedente end as ecart,
        case
            when comparable
                then sqrt(erreur_type * erreur_type + erreur_type_precedente * erreur_type_precedente)
        end as erreur
    from apparies
)

select
    {{ cle | join(', ') }},
    mesure,
    valeur,
    valeur_precedente,
    comparable,
    ecart,
    erreur as erreur_type,
    {{ p_ecart('ecart', 'erreur') }} as p_valeur
from ecarts
