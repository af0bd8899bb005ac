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
),

-- La démarche montrée est celle de la dernière enquête que la ligne a connue, pas celle du jour du calcul.
reperes as (
    select
        organismes.organisme_cle,
        max(vagues.terrain_debut) as repere
    from organismes
    inner join vagues
        on
            vagues.terrain_debut >= organismes.valide_de
            and (vagues.terrain_debut <= organismes.valide_a or organismes.valide_a is null)
    group by organismes.organisme_cle
),

labels as (
    select
        organismes.organisme_cle,
        demarches.type,
        demarches.intitule,
        demarches.debut,
        demarches.fin,
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
            and reperes.repere >= demarches.debut
            and (reperes.repere <= demarches.fin or demarches.fin is null)
)

select
    organismes.organisme_cle,
    organismes.organisme_code,
    organismes.nom,
    organismes.famille,
    familles.libelle as famille_libelle,
    organismes.departement,
    organismes.siren,
    organismes.valide_de,
    organismes.valide_a,
    organismes.valide_a is null as est_actuel,
    organismes.sans_locataire,
    labels.intitule as label_qualite,
    labels.type as label_type,
    labels.debut as label_debut,
    labels.fin as label_fin
from organismes
left join familles
    on organismes.famille = familles.famille
left join labels
    on
        organismes.organisme_cle = labels.organisme_cle
        and labels.rang = 1
