{%- set lot = ['vague', 'organisme_code'] -%}
with participations as (
    select * from {{ ref('stg_participations') }}
),

lots as (
    select * from {{ ref('stg_lots') }}
),

livraisons as (
    select * from {{ ref('stg_livraisons') }}
),

plan_sondage as (
    select * from {{ ref('stg_plan_sondage') }}
),

vagues as (
    select * from {{ ref('stg_vagues') }}
),

organismes as (
    select * from {{ ref('stg_organismes') }}
),

-- Une vague qui n'a que des scores est couverte par eux.
scores as (
    select
        {{ lot | join(', ') }},
        max(institut) as institut
    from {{ ref('stg_scores_livres') }}
    where seuls
    group by all
),

concernes as (
    select {{ lot | join(', ') }}
    from participations
    union
    select {{ lot | join(', ') }}
    from lots
    union
    select {{ lot | join(', ') }}
    from scores
),

plans as (
    select
        {{ lot | join(', ') }},
        cast(sum(population) as bigint) as parc,
        cast(sum(entretiens_vises) as bigint) as entretiens_vises
    from plan_sondage
    group by all
),

-- Le parc d'un organisme à la vague, à défaut celui de la dernière vague d'avant, du même dispositif, qui le connaît : un absent n'a pas
-- livré le sien.
parcs_connus as (
    select
        concernes.*,
        max_by(plans.parc, avant.ordre) as parc_connu
    from concernes
    inner join vagues
        on concernes.vague = vagues.vague
    inner join plans
        on concernes.organisme_code = plans.organisme_code
    inner join vagues as avant
        on
            plans.vague = avant.vague
            and vagues.dispositif_code = avant.dispositif_code
            and vagues.ordre >= avant.ordre
    group by all
),

-- La livraison qui explique l'état : la retenue, sinon la dernière reçue.
dernieres as (
    select
        *,
        row_number() over (
            partition by vague, organisme_code
            order by case when retenue then 0 else 1 end asc, recue_le desc, livraison asc
        ) as rang
    from livraisons
    -- des scores ne disent rien des réponses attendues, là où il en est attendu
    where
        organisme_code is not null
        and (coalesce(nature, '') <> 'scores' or vague in (select scores.vague from scores))
),

etats as (
    select
        concernes.*,
        case
            when
                coalesce(lots.organisme_code, scores.organisme_code) is not null
                and dernieres.statut = 'accepte_avec_reserve'
                then 'reserve'
            when coalesce(lots.organisme_code, scores.organisme_code) is not null then 'inclus'
            when participations.statut = 'non_concerne' then 'non_concerne'
            when dernieres.statut = 'rejete' then 'rejete'
            else 'attendu'
        end as statut,
        dernieres.motif as motif_livraison,
        participations.commentaire,
        participations.organisme_code is null as hors_liste,
        scores.organisme_code is not null as scores_seuls,
        coalesce(lots.institut, scores.institut, participations.institut) as institut,
        coalesce(lots.livraison, dernieres.livraison) as livraison,
        coalesce(lots.nb_entretiens, 0) as nb_entretiens,
        plans.entretiens_vises,
        dernieres.lignes_rejetees,
        plans.parc,
        parcs_connus.parc_connu
    from concernes
    left join participations
        on {{ memes('concernes', 'participations', lot) }}
    left join lots
        on {{ memes('concernes', 'lots', lot) }}
    left join scores
        on {{ memes('concernes', 'scores', lot) }}
    left join dernieres
        on
            {{ memes('concernes', 'dernieres', lot) }}
            and dernieres.rang = 1
    left join plans
        on {{ memes('concernes', 'plans', lot) }}
    left join parcs_connus
        on {{ memes('concernes', 'parcs_connus', lot) }}
),

motives as (
    select
        *,
        case
            when statut = 'non_concerne' and commentaire is not null then {{ motif('participation', 'commentaire') }}
            when statut = 'non_concerne' then {{ motif('non_concerne') }}
            when motif_livraison is not null then {{ motif('constat', 'motif_livraison') }}
            when statut = 'attendu' and commentaire is not null then {{ motif('participation', 'commentaire') }}
            when statut = 'attendu' then {{ motif('livraison_non_recue') }}
            when scores_seuls then {{ motif('scores_seuls') }}
            when hors_liste then {{ motif('livraison_non_attendue') }}
            else {{ motif('livraison_acceptee') }}
        end as raison
    from etats
),

-- Un parc que personne ne connaît pèse celui d'un organisme moyen : jamais rien, sans quoi les absents ne manqueraient pas.
peses as (
    select
        *,
        case
            when statut <> 'non_concerne'
                then
                    coalesce(
                        cast(parc_connu as double),
                        avg(case when statut <> 'non_concerne' then parc_connu end) over (partition by vague),
                        1.0
                    )
        end as poids
    from motives
),

couvertures as (
    select
        etats.*,
        {{ cle_organisme('organismes.organisme_code', 'organismes.valide_de') }} as organisme_cle,
        {{ prises('organismes', ['nom', 'famille', 'departement']) }},
        {{ colonnes_motif('etats.raison', 'motif') }},
        etats.poids / sum(etats.poids) over (partition by etats.vague) as part_parc
    from peses as etats
    inner join vagues
        on etats.vague = vagues.vague
    left join organismes
        on
            etats.organisme_code = organismes.organisme_code
            and vagues.terrain_debut >= organismes.valide_de
            and (vagues.terrain_debut <= organismes.valide_a or organismes.valide_a is null)
)

{{ projeter('couvertures') }}
