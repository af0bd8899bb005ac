with organismes as (
    select
        *,
        {{ cle_organisme('organisme_code', 'valide_de') }} as organisme_cle
    from {{ ref('stg_organismes') }}
),

familles as (
    select * from {{ ref('stg_familles') }}
),

demarches as (
    select * from {{ ref('stg_demarches_qualite') }}
),

vagues as (
    select * from {{ ref('stg_vagues') }}
    where est_principale
),

-- La démarche montrée est celle de la dernière enquête que la ligne a connue, pas celle du jour du calcul.
reperes as (
    select
        organismes.organisme_cle,
        max(vagues.terrain_debut) as repere
    from organismes
    inner join vagues
        on
            {{ vaut_le('vagues.terrain_debut', 'organismes', 'valide_de', 'valide_a') }}
    group by all
),

labels as (
    select
        organismes.organisme_cle,
        demarches.type as label_type,
        demarches.intitule as label_qualite,
        demarches.debut as label_debut,
        demarches.fin as label_fin,
        row_number() over (
            partition by organismes.organisme_cle
            order by demarches.debut desc, demarches.intitule asc
        ) as rang
    from organismes
    inner join reperes
        on organismes.organisme_cle = reperes.organisme_cle
    inner join demarches
        on
            organismes.organisme_code = demarches.organisme_code
            and {{ vaut_le('reperes.repere', 'demarches') }}
),

decrits as (
    select
        organismes.*,
        familles.libelle as famille_libelle,
        organismes.valide_a is null as est_actuel,
        {{ prises('labels', ['label_qualite', 'label_type', 'label_debut', 'label_fin']) }}
    from organismes
    left join familles
        on organismes.famille = familles.famille
    left join labels
        on
            organismes.organisme_cle = labels.organisme_cle
            and labels.rang = 1
)

{{ projeter('decrits') }}
